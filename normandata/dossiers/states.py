"""The states that every scheme draws from, and whose turn it is in each. Slugs are stored, labels never."""

from django.db import models

from normandata.workflow.table import Editable, State

DRAFT, SUBMITTED, INCOMPLETE, REVIEW = "draft", "submitted", "incomplete", "review"
WITHDRAWN, LAPSED, CLOSED, REFUSED = "withdrawn", "lapsed", "closed", "refused"


class Turn(models.TextChoices):
    """Who is awaited."""

    APPLICANT = "applicant", "Structure"
    AGENT = "agent", "Agent"
    VALIDATOR = "validator", "Validateur"
    COMMITTEE = "committee", "Commission"
    PROVIDER = "provider", "Prestataire"
    TREASURY = "treasury", "Paierie"
    NOBODY = "nobody", "Personne"


_EXAMINED = "En cours d’examen"
_ALL = (
    State(DRAFT, "Brouillon", "Non déposé", Turn.APPLICANT, Editable.ALL, "plain", "pencil"),
    State(SUBMITTED, "Déposé", "Déposé, encore modifiable", Turn.AGENT, Editable.ALL, "plain", "send"),
    State(
        INCOMPLETE, "À compléter", "Des pièces vous sont demandées", Turn.APPLICANT, Editable.PIECES, "todo", "alert"
    ),
    State(REVIEW, "En instruction", _EXAMINED, Turn.AGENT, tone="progress", icon="eye"),
    State("waiting_list", "Liste d’attente", "En liste d’attente", Turn.NOBODY, icon="hourglass"),
    State("proposed", "Proposé", _EXAMINED, Turn.VALIDATOR, tone="progress", icon="person"),
    State(
        "scheduled",
        "Inscrit à une séance",
        "Présenté en Commission permanente",
        Turn.COMMITTEE,
        tone="progress",
        icon="hourglass",
    ),
    State("adjourned", "Ajourné", "Examen reporté", Turn.COMMITTEE, icon="hourglass"),
    State("granted", "Accordé, à notifier", _EXAMINED, Turn.AGENT, tone="progress", icon="met"),
    State(REFUSED, "Refusé", "Refusé", Turn.NOBODY, tone="no", icon="unmet"),
    State("notified", "Notifié", "Accordé", Turn.APPLICANT, tone="done", icon="met"),
    State("in_progress", "En cours", "En cours", Turn.APPLICANT, tone="progress", icon="clock"),
    State("delivered", "Restitué / justifié", "Terminé, à évaluer", Turn.AGENT, tone="progress", icon="file"),
    State(CLOSED, "Clos", "Clos", Turn.NOBODY, tone="done", icon="met"),
    State(WITHDRAWN, "Retiré", "Retiré par vous", Turn.NOBODY, icon="close"),
    State(LAPSED, "Caduc", "Caduc", Turn.NOBODY, icon="na"),
)
STATES = {state.slug: state for state in _ALL}
FINAL = (REFUSED, CLOSED, WITHDRAWN, LAPSED)
OPEN = tuple(slug for slug in STATES if slug not in (DRAFT, *FINAL))
SILENCE_RUNS = (SUBMITTED, REVIEW, "waiting_list", "proposed")
"""States in which the Region's silence becomes a refusal when its day comes."""
SILENCE_COUNTS = (*SILENCE_RUNS, INCOMPLETE)
"""The same, and the state in which that delay is suspended (CRPA, art. L114-5)."""
UNDECIDED = SILENCE_COUNTS
"""States in which a request is still judged; afterwards the verdict is that of a decision."""
STATE_CHOICES = [(state.slug, state.label) for state in _ALL]
EDITABLE_CHOICES = [(value.value, value.value) for value in Editable]
