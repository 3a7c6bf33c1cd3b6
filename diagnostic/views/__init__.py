"""Pages of the Diagnostic: the agents’, the provider’s, the organisation’s."""
