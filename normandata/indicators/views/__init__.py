"""Views of the indicators: the Region's readers, everybody, the sheet for the assembly, typed-in values."""
