"""Gestures of the experts room: the directory and the opinions."""
