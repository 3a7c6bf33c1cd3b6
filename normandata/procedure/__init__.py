"""The one door through which a state changes, and the journal of what went through it."""
