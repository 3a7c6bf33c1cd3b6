"""The demonstration: fictitious people, organisations and dossiers, and the page that opens its accounts."""
