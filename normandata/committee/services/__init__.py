"""The gestures on a session of the Commission permanente."""
