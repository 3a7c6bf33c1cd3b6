"""Pure: citations, dated parameters, findings and verdicts, and the reader of reglement.toml."""
