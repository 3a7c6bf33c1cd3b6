"""Indicators of the schemes: what each counts, in words and in code, and the figures at any date."""
