"""Grids, panels and blind mark sheets, for agents and jurors alike."""
