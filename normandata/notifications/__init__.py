"""Mail texts, preferences and notices."""
