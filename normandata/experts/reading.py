"""What the pages of a dossier show of the opinions asked on it: for its agents, for its organisation.

A scheme gives `opinions_of(dossier, user)` to its panels and includes `experts/opinions.html` with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import permissions, schemes
from normandata.dossiers.models import Dossier
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural, spaced
from normandata.workflow.table import State

from .models import Opinion
from .workflow import ASKED, CANCELLED, DECLINED, GIVEN, LATE


@dataclass(frozen=True, slots=True)
class Shown:
    """One opinion as it is drawn: where it stands, one sentence, and its text once given."""

    opinion: Opinion
    state: State
    sentence: str
    text: str
    can_manage: bool


@dataclass(frozen=True, slots=True)
class Opinions:
    """The opinions of a dossier that somebody reads; the addresses are empty for whoever has no use of them."""

    shown: list[Shown]
    ask_url: str = ""
    page_url: str = ""

    def __bool__(self) -> bool:
        return bool(self.shown or self.ask_url)


def opinions_of(dossier: Dossier, user: User) -> Opinions:
    """Return the opinions on a dossier that this person reads, the newest first; one query.

    The organisation gets the shared ones once given, and nothing tells it of the others.
    """
    read = Opinion.objects.filter(dossier=dossier).visible_to(user)
    rows = read.select_related("expert", "answer", "asked_by", "deposit").order_by("-asked_at", "-pk")
    is_desk = permissions.can_read_as_region(user, dossier)
    can_manage = is_desk and permissions.can_examine(user, dossier)
    return Opinions(
        shown(rows, can_manage=can_manage),
        reverse("experts:ask", args=[dossier.key]) if can_manage and dossier.is_open else "",
        reverse("experts:opinions", args=[dossier.key]) if is_desk else "",
    )


def shown(rows: Iterable[Opinion], *, can_manage: bool = False) -> list[Shown]:
    """Prepare opinions read with their expert and answer; no query."""
    return [Shown(one, one.standing, spaced(sentence(one)), answer_of(one), can_manage and one.is_open) for one in rows]


def answer_of(opinion: Opinion) -> str:
    """Return the text that was given, or nothing."""
    answer = getattr(opinion, "answer", None)
    return answer.text if answer else ""


def sentence(opinion: Opinion) -> str:
    """Say where an opinion stands, as the agents read it."""
    closed = written_day(timezone.localdate(opinion.closed_at)) if opinion.closed_at else ""
    match opinion.state:
        case "given":
            return f"Rendu le {closed}."
        case "declined":
            return f"{'Lien d’intérêts déclaré' if opinion.is_conflict else 'Décliné'} le {closed}."
        case "cancelled":
            return f"Demande annulée le {closed}."
        case "late":
            return f"Attendu le {written_day(opinion.due_on)}, en retard. L’expert peut encore répondre."
    return f"Attendu le {written_day(opinion.due_on)}, {in_days(opinion)}."


def in_days(opinion: Opinion) -> str:
    """Write how long is left: « aujourd’hui », « dans 3 jours »."""
    left = opinion.days_left(timezone.localdate())
    return f"dans {plural(left, 'jour')}" if left > 0 else "aujourd’hui"


# ------------------------------------------------------------------------------------------------ the expert's space
def scheme_of(opinion: Opinion) -> str:
    """Name the scheme of the dossier that a question is about."""
    return schemes.by_slug()[opinion.dossier.scheme].sheet.short_title


@dataclass(frozen=True, slots=True)
class Card:
    """A question as its expert finds it in the list."""

    opinion: Opinion
    state: State
    sentence: str
    link: str


def cards(rows: Iterable[Opinion]) -> list[Card]:
    """Write the cards of an expert's questions, read with their dossier and organisation; no query."""
    return [Card(one, one.standing, spaced(expected(one)), reverse("experts:question", args=[one.key])) for one in rows]


def expected(opinion: Opinion) -> str:
    """Say what is expected of the expert, and by when."""
    closed = written_day(timezone.localdate(opinion.closed_at)) if opinion.closed_at else ""
    last = written_day(opinion.due_on)
    said = {
        ASKED: f"Votre avis est attendu le {last} au plus tard, {in_days(opinion)}.",
        LATE: f"Votre avis était attendu le {last}. Vous pouvez encore le rendre, ou décliner.",
        GIVEN: f"Vous avez rendu votre avis le {closed}.",
        DECLINED: f"Vous avez {'déclaré un lien d’intérêts' if opinion.is_conflict else 'décliné'} le {closed}.",
        CANCELLED: f"La Région a annulé sa demande le {closed}.",
    }
    return said[opinion.state]
