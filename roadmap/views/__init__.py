"""Pages of the roadmap: what everybody reads, what pilots write, the files."""
