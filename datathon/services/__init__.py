"""The gestures of an edition, by topic."""
