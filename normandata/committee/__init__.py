"""Sessions of the Commission permanente, their votes and deliberations."""
