"""Diagnostic data/IA (annexe 3): a few days of expertise, paid by the Region."""
