"""The state of progress for the assembly: what its PDF is made from, and what it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.regulation.formats import day as written_day
from normandata.ui.strata import band

from . import presentation, rules
from .exports import FOUNDING
from .models import Action, Call, CallLink, Deliberation, News

REPORT = "roadmap.report"
KEPT = timedelta(days=30)
"""How long a report can be fetched again; asking for one costs a click."""


@dataclass(frozen=True, slots=True)
class Around:
    """What hangs on the actions and their chantiers, read once for all of them."""

    deliberations: Sequence[Deliberation]
    opened: Sequence[Call]
    linked: Sequence[CallLink]
    news: Mapping[int, News]

    @classmethod
    def read(cls) -> "Around":
        """Read them in four queries; of the news of each action, the latest."""
        last = News.objects.filter(action=OuterRef("action")).order_by("-on", "-pk").values("pk")[:1]
        return cls(
            list(Deliberation.objects.all()),
            list(Call.objects.public()),
            list(CallLink.objects.all()),
            {one.action_id: one for one in News.objects.filter(pk=Subquery(last))},
        )


def ask() -> Document:
    """Ask for the report of today; the one already made of the same facts is given back."""
    now, today = timezone.now(), timezone.localdate()
    return documents.request_document(
        REPORT,
        title=f"Feuille de route de la donnée et de l’IA, état d’avancement au {written_day(today)}",
        filename=f"feuille-de-route-etat-d-avancement-{today}.pdf",
        record=record(list(Action.objects.whole()), today),
        expires_at=now + KEPT,
        once=True,
    )


def record(actions: Sequence[Action], today: date) -> dict[str, Any]:
    """Gather all that the report says, as JSON: days as ISO dates."""
    cards = [presentation.card(one, today) for one in actions]
    around = Around.read()
    return {
        "on": today.isoformat(),
        "summary": presentation.summary(actions, today),
        "is_demonstration": not settings.PRODUCTION,
        "axes": [
            {
                "number": section.axis.number,
                "title": section.axis.title,
                "chantiers": [_chantier(group, around) for group in section.groups],
            }
            for section in presentation.sections(cards)
        ],
        "states": [[group.state.label, len(group.cards)] for group in presentation.by_state(cards)],
    }


def _chantier(group: presentation.Group, around: Around) -> dict[str, Any]:
    return {
        "label": str(group.chantier),
        "subtitle": group.chantier.subtitle,
        "deliberations": [_deliberation(one) for one in around.deliberations if one.chantier_id == group.chantier.pk],
        "calls": [_call(one) for one in around.opened if one.chantier_id == group.chantier.pk],
        "actions": [_action(card, around) for card in group.cards],
    }


def _action(card: presentation.Card, around: Around) -> dict[str, Any]:
    news = around.news.get(card.action.pk)
    action, late = card.action, {one.pk for one in card.late}
    return {
        "slug": action.slug,
        "title": action.title,
        "state": action.standing.label,
        "reason": action.state_reason,
        "direction": action.pilot_direction,
        "partners": [line.strip() for line in action.partners.splitlines() if line.strip()],
        "starts_on": action.starts_on.isoformat() if action.starts_on else "",
        "ends_on": action.ends_on.isoformat() if action.ends_on else "",
        "period": card.period,
        "steps": card.steps,
        "progress": action.progress,
        "objectives": action.objectives,
        "risks": action.risks,
        "climate": action.climate,
        "schemes": [way.label for way in card.ways],
        "calls": [{"title": one.title, "url": one.url} for one in around.linked if one.action_id == action.pk],
        "news": {"on": news.on.isoformat(), "text": news.text} if news else None,
        "deliberations": [_deliberation(one) for one in around.deliberations if one.action_id == action.pk],
        "milestones": [
            {
                "title": one.title,
                "due_on": one.due_on.isoformat(),
                "weight": one.weight,
                "done_on": one.done_on.isoformat() if one.done_on else "",
                "is_late": one.pk in late,
            }
            for one in action.milestones.all()
        ],
    }


def _call(one: Call) -> dict[str, Any]:
    return {
        "title": one.title,
        "state": one.standing.public_label,
        "reason": one.state_reason,
        "opens_on": one.opens_on.isoformat() if one.opens_on else "",
        "closes_on": one.closes_on.isoformat() if one.closes_on else "",
    }


def _deliberation(one: Deliberation) -> str:
    return f"{one.number} du {written_day(one.adopted_on)}, {one.title}"


def context(document: Document) -> dict[str, Any]:
    """Give the template what it shows, from the record alone."""
    said = document.record
    actions = [one for axis in said["axes"] for chantier in axis["chantiers"] for one in chantier["actions"]]
    late = [(one, step) for one in actions for step in one["milestones"] if step["is_late"]]
    stopped = [one for one in actions if one["reason"]]
    return {
        "document": document,
        "band": band(),
        "founding": FOUNDING,
        "actions": actions,
        "late": late,
        "stopped": stopped,
        "first_day": rules.FIRST_DAY,
        "last_day": rules.LAST_DAY,
        **said,
    }
