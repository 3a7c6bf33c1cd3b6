"""The calls that a chantier opens: what their règlement says, the proposals received, the assessment."""
