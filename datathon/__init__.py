"""Datathon Normandie (annexe 5): editions, teams, a sovereign jury and its prizes."""
