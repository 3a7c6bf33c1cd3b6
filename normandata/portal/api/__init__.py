"""The public API, read-only: what the pages say, for programs."""
