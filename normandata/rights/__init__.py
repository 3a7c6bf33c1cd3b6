"""People’s rights over their data, erasures, and what is kept too long."""
