"""Organisations, their members, and the territories of Normandie."""
