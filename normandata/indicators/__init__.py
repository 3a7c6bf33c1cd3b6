"""Definitions and figures of the indicators each scheme declares."""
