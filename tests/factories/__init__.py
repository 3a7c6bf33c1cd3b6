"""Factories of the tests, one module a room; everybody in them is fictitious."""
