"""The gestures on dossiers, by topic: drafts, deposits, corrections, the thread, the desk."""
