"""Effects leaving the house: rows written with their cause, carried by Celery, never lost."""
