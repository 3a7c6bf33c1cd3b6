"""What each room holds of people, how long, and how it is found."""
