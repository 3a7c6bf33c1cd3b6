"""Envelopes and their append-only entries."""
