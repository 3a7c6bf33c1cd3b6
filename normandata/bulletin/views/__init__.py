"""Pages of the bulletin: what everybody reads, and where the news are written."""
