"""The gestures of the rights of people, by topic."""
