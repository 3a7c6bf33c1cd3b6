"""What every scheme's dossier shares, and the registry of schemes."""
