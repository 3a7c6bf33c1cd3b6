"""All that the Region reads of one organisation, across schemes."""
