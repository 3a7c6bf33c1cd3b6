"""Files: PDF rendering, stored documents with their hash, checked uploads."""
