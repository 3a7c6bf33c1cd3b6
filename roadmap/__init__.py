"""The data and AI roadmap 2026-2028: chantiers, their 21 actions and the calls they open."""
