"""The pages of the Booster IA, by reader."""
