"""The pages of an edition, by audience."""
