"""Pages on dossiers: the applicant's, the queue, the agent's dossier."""
