"""The tests mirror the code path by path."""
