"""De minimis regimes, declarations and the ledger of each undertaking."""
