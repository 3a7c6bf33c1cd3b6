"""Official open data sets and their catalogue."""
