"""The gestures on applications, by topic."""
