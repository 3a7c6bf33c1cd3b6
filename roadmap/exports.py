"""The roadmap as two tables: its actions, and their milestones. The same figures as the pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from normandata.dossiers import schemes
from normandata.ui.tables import Cell, Column, Unit

from .models import Action, Call, CallLink, Deliberation

FOUNDING = "AP D 25-12-5"
"""The deliberation that voted the roadmap."""
ACTIONS = (
    Column("Action"),
    Column("Annexe", Unit.COUNT),
    Column("Axe"),
    Column("Chantier", Unit.COUNT),
    Column("Intitulé du chantier"),
    Column("Direction pilote"),
    Column("Partenaires"),
    Column("État"),
    Column("Motif"),
    Column("Début"),
    Column("Fin"),
    Column("Jalons", Unit.COUNT),
    Column("Jalons tenus", Unit.COUNT),
    Column("Jalons en retard", Unit.COUNT),
    Column("Avancement (%)", Unit.COUNT),
    Column("Objectifs"),
    Column("Risques"),
    Column("Climat, biodiversité, ressources naturelles"),
    Column("Dispositifs"),
    Column("Appels du chantier"),
    Column("Appels liés"),
    Column("Délibérations"),
    Column("Identifiant"),
)
MILESTONES = (
    Column("Action"),
    Column("Identifiant de l’action"),
    Column("Jalon"),
    Column("Échéance"),
    Column("Poids", Unit.COUNT),
    Column("Tenu le"),
    Column("En retard"),
)


def actions(found: "QuerySet[Action]", today: date) -> Iterator[Sequence[Cell]]:
    """Write a row for each action; seven queries, whatever their number."""
    rows = list(found)
    later, opened, linked = _later(rows), _opened(rows), _linked(rows)
    names = {slug: one.sheet.short_title for slug, one in schemes.by_slug().items()}
    for one in rows:
        chantier, steps = one.chantier, one.steps
        numbers = [FOUNDING, *later.get(("action", one.pk), ()), *later.get(("chantier", chantier.pk), ())]
        yield (
            one.title,
            chantier.axis.number,
            chantier.axis.title,
            chantier.number,
            chantier.title,
            one.pilot_direction,
            _joined(one.partners.splitlines()),
            one.standing.label,
            one.state_reason,
            one.starts_on,
            one.ends_on,
            len(steps),
            sum(step.done_on is not None for step in steps),
            len(one.late(today)),
            one.progress,
            one.objectives,
            one.risks,
            one.climate,
            _joined(names[link.scheme] for link in one.scheme_links.all()),
            _joined(opened.get(chantier.pk, ())),
            _joined(linked.get(one.pk, ())),
            _joined(numbers),
            one.slug,
        )


def milestones(found: "QuerySet[Action]", today: date) -> Iterator[Sequence[Cell]]:
    """Write a row for each milestone, action by action."""
    for action in found:
        late = action.late(today)
        for one in action.milestones.all():
            is_late = "Oui" if one in late else "Non"
            yield (action.title, action.slug, one.title, one.due_on, one.weight, one.done_on, is_late)


def _later(rows: Iterable[Action]) -> Mapping[tuple[str, int], list[str]]:
    """Read the later deliberations of these actions and of their chantiers, by what they are about: one query."""
    found: dict[tuple[str, int], list[str]] = {}
    keys = [one.pk for one in rows]
    for one in Deliberation.objects.filter(action__in=keys) | Deliberation.objects.filter(chantier__actions__in=keys):
        about = ("action", one.action_id) if one.action_id else ("chantier", one.chantier_id or 0)
        known = found.setdefault(about, [])
        known += [one.number] if one.number not in known else []
    return found


def _opened(rows: Iterable[Action]) -> Mapping[int, list[str]]:
    """Write the public calls of these actions' chantiers, by chantier: title, state, dates, address; one query."""
    found: dict[int, list[str]] = {}
    for one in Call.objects.public().filter(chantier__in={row.chantier_id for row in rows}):
        parts = [one.title, one.standing.public_label.lower()]
        if one.opens_on and one.closes_on:
            parts.append(f"du {one.opens_on} au {one.closes_on}")
        parts.append(f"{settings.SITE_URL}{reverse('roadmap:call', args=[one.slug])}")
        found.setdefault(one.chantier_id, []).append(", ".join(parts))
    return found


def _linked(rows: Iterable[Action]) -> Mapping[int, list[str]]:
    """Write the calls that pilots linked to these actions, by action: title and address; one query."""
    found: dict[int, list[str]] = {}
    for one in CallLink.objects.filter(action__in=[row.pk for row in rows]):
        found.setdefault(one.action_id, []).append(", ".join(part for part in (one.title, one.url) if part))
    return found


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part.strip() for part in parts if part.strip())


Write = Callable[["QuerySet[Action]", date], Iterator[Sequence[Cell]]]
TABLES: Mapping[str, tuple[str, Sequence[Column], Write]] = {
    "actions": ("Actions", ACTIONS, actions),
    "jalons": ("Jalons", MILESTONES, milestones),
}
"""Title, columns and rows of each table, by its name in the address."""
