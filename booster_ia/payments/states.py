"""The states of a payment request and of a repayment order, each with its words for the Region and the structure."""

from normandata.workflow.table import Editable, State

DRAFT, SUBMITTED, RETURNED, CHECKED = "draft", "submitted", "returned", "checked"
CERTIFIED, PAID, SETTLED, REFUSED, WITHDRAWN = "certified", "paid", "settled", "refused", "withdrawn"
_REQUESTS = (
    State(DRAFT, "Brouillon", "Non envoyée", "applicant", Editable.ALL, "plain", "pencil"),
    State(SUBMITTED, "À contrôler", "Envoyée, en cours de contrôle", "agent", tone="progress", icon="eye"),
    State(RETURNED, "Renvoyée à la structure", "À compléter", "applicant", Editable.ALL, "todo", "alert"),
    State(CHECKED, "Contrôlée, à certifier", "Contrôlée, à certifier", "treasury", tone="progress", icon="person"),
    State(CERTIFIED, "Certifiée, à mandater", "Certifiée, transmise à la paierie", "treasury", tone="done", icon="met"),
    State(PAID, "Mandatée", "Mandatée, virement en route", "nobody", tone="done", icon="met"),
    State(SETTLED, "Soldée sans versement", "Soldée sans versement", "nobody", tone="done", icon="met"),
    State(REFUSED, "Refusée", "Refusée", "nobody", tone="no", icon="unmet"),
    State(WITHDRAWN, "Abandonnée", "Abandonnée", "nobody", icon="close"),
)
REQUESTS = {state.slug: state for state in _REQUESTS}
OPEN = (DRAFT, SUBMITTED, RETURNED, CHECKED)
"""While a request is in one of these, its grant takes no other."""
FROZEN = (CERTIFIED, PAID, SETTLED)
"""Once there, nothing of its lines changes."""
OVER = (REFUSED, WITHDRAWN)
"""A request that ended so leaves its place to another of its kind."""
FILLED = (DRAFT, RETURNED)
DEPOSITED = tuple(slug for slug in REQUESTS if slug not in (DRAFT, WITHDRAWN))
"""What the Region sees: a draft is its author's alone."""

OPENED, NOTIFIED, ORDERED, ISSUED, WAIVED = "opened", "notified", "ordered", "issued", "waived"
_RECOVERIES = (
    State(OPENED, "Courrier contradictoire à envoyer", "En préparation", "agent", tone="todo", icon="send"),
    State(
        NOTIFIED, "Observations attendues", "Vos observations sont attendues", "applicant", tone="todo", icon="clock"
    ),
    State(ORDERED, "Ordre de reversement signé", "Reversement demandé", "treasury", tone="no", icon="euro"),
    State(ISSUED, "Titre émis", "Titre de recette émis", "nobody", tone="done", icon="met"),
    State(WAIVED, "Abandonné", "Sans suite", "nobody", icon="close"),
)
RECOVERIES = {state.slug: state for state in _RECOVERIES}
PENDING = (OPENED, NOTIFIED, ORDERED)
"""A dossier does not close while a repayment is in one of these."""
