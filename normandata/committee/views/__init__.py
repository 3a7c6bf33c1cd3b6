"""Pages of the committee room: the agenda, the results, the files."""
