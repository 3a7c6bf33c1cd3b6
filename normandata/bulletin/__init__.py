"""What the public is told: the dates to come, what was granted, the news."""
