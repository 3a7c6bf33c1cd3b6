"""The gestures of scoring, by topic: grids, panels, mark sheets, conflicts of interest."""
