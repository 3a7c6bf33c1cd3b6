"""Booster IA (annexe 4): half of an AI proof of concept, up to 12 500 €."""
