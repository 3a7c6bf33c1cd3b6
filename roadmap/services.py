"""What a pilot does to an action. Each gesture holds its row first and compares the revision that the page showed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import schemes
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import spaced

from . import permissions
from .conduct import CHANGED
from .models import Action, CallLink, Deliberation, Milestone, News, SchemeLink

DESCRIBED = ("pilot_direction", "partners", "objectives", "starts_on", "ends_on", "risks", "climate")
"""The columns of an action that its pilot writes."""
SETTLED = "Cette action est achevée ou abandonnée : rouvrez-la avant de changer ses jalons."
NOT_YET = "Un jalon n’est pas tenu dans l’avenir : indiquez une date passée, ou laissez ce champ vide."

UNKNOWN_SCHEME = "Ce dispositif n’existe pas : choisissez-le dans la liste."


class Changed(NotNow):
    """Somebody else wrote on this action since the page was shown; nothing was written."""


def hold(action: Action, *, by: User, seen: int | None) -> None:
    """Lock an action for its pilot as the page showed it; raises NotAllowed, Changed."""
    procedure.lock(action)
    if not permissions.pilots(by, action):
        raise NotAllowed(procedure.FORBIDDEN)
    if seen is not None and seen != action.revision:
        raise Changed(spaced(CHANGED))


@transaction.atomic
def describe(action: Action, values: Mapping[str, Any], *, by: User, seen: int | None = None) -> None:
    """Write the sheet of an action; what it said before is kept in the journal.

    Raises NotAllowed, Changed, ValidationError by column.
    """
    hold(action, by=by, seen=seen)
    before = {name: getattr(action, name) for name in DESCRIBED}
    for name in DESCRIBED:
        setattr(action, name, values[name])
    action.full_clean()
    _touch(action, *DESCRIBED)
    was = {name: str(value or "") for name, value in before.items() if value != getattr(action, name)}
    procedure.record(action, "describe", by=by, data={"before": was})


def fire(action: Action, name: str, *, by: User, reason: str = "", seen: int | None = None) -> Event:
    """Move an action to another state; raises what `procedure.fire` raises."""
    return procedure.fire(action, name, by=by, reason=reason, seen=seen)


@transaction.atomic
def add_milestone(
    action: Action,
    *,
    title: str,
    due_on: date,
    weight: int,
    done_on: date | None = None,
    by: User,
    seen: int | None = None,
) -> Milestone:
    """Add a milestone to an action that is not over; raises NotAllowed, Changed, NotNow, ValidationError."""
    _hold_open(action, by=by, seen=seen)
    milestone = Milestone(action=action, title=title, due_on=due_on, weight=weight, done_on=done_on)
    _check(milestone)
    milestone.save()
    _touch(action)
    procedure.record(action, "add_milestone", by=by, data=_said(milestone))
    return milestone


@transaction.atomic
def change_milestone(
    milestone: Milestone,
    *,
    title: str,
    due_on: date,
    weight: int,
    done_on: date | None,
    by: User,
    seen: int | None = None,
) -> None:
    """Change a milestone, hold it or take that back; raises NotAllowed, Changed, NotNow, ValidationError."""
    action = milestone.action
    _hold_open(action, by=by, seen=seen)
    milestone.refresh_from_db(fields=["title", "due_on", "weight", "done_on"])
    before = _said(milestone)
    milestone.title, milestone.due_on, milestone.weight, milestone.done_on = title, due_on, weight, done_on
    _check(milestone)
    milestone.save()
    _touch(action)
    is_held = not before["done_on"] and done_on is not None
    name = "hold_milestone" if is_held else "change_milestone"
    procedure.record(action, name, by=by, data=_said(milestone) | {"before": before})


@transaction.atomic
def remove_milestone(milestone: Milestone, *, reason: str, by: User, seen: int | None = None) -> None:
    """Take a milestone away, with the reason; the journal keeps what it said. Raises as `change_milestone`."""
    action = milestone.action
    _hold_open(action, by=by, seen=seen)
    _remove(milestone, action, "remove_milestone", _said(milestone), reason=reason, by=by)


@transaction.atomic
def tell(action: Action, *, text: str, on: date, by: User, seen: int | None = None) -> News:
    """Add an entry to the public journal; raises NotAllowed, Changed, ValidationError."""
    hold(action, by=by, seen=seen)
    news = News(action=action, text=text, on=on, by=by)
    if on > timezone.localdate():
        raise ValidationError({"on": "Une nouvelle ne se date pas de l’avenir."})
    news.full_clean()
    news.save()
    _touch(action)
    procedure.record(action, "tell", by=by, data={"on": str(on)})
    return news


@transaction.atomic
def link_deliberation(
    action: Action,
    *,
    number: str,
    title: str,
    adopted_on: date,
    url: str = "",
    is_for_chantier: bool = False,
    by: User,
    seen: int | None = None,
) -> Deliberation:
    """Link a later deliberation to an action or to its whole chantier; raises NotAllowed, Changed, ValidationError."""
    hold(action, by=by, seen=seen)
    about: dict[str, Any] = {"chantier": action.chantier} if is_for_chantier else {"action": action}
    deliberation = Deliberation(number=number, title=title, adopted_on=adopted_on, url=url, **about)
    deliberation.full_clean()
    deliberation.save()
    _touch(action)
    procedure.record(action, "link_deliberation", by=by, data=_linked(deliberation))
    return deliberation


@transaction.atomic
def unlink_deliberation(
    deliberation: Deliberation, action: Action, *, reason: str, by: User, seen: int | None = None
) -> None:
    """Take a deliberation away from an action or its chantier, with the reason; raises NotAllowed, Changed, NotNow."""
    hold(action, by=by, seen=seen)
    _remove(deliberation, action, "unlink_deliberation", _linked(deliberation), reason=reason, by=by)


@transaction.atomic
def link_call(action: Action, *, title: str, url: str = "", by: User, seen: int | None = None) -> CallLink:
    """Link a call to an action; raises NotAllowed, Changed, ValidationError."""
    hold(action, by=by, seen=seen)
    call = CallLink(action=action, title=title, url=url)
    call.full_clean()
    call.save()
    _touch(action)
    procedure.record(action, "link_call", by=by, data={"title": title})
    return call


@transaction.atomic
def unlink_call(call: CallLink, *, reason: str, by: User, seen: int | None = None) -> None:
    """Take a call away from an action, with the reason; raises NotAllowed, Changed, NotNow."""
    hold(call.action, by=by, seen=seen)
    _remove(call, call.action, "unlink_call", {"title": call.title}, reason=reason, by=by)


@transaction.atomic
def link_scheme(action: Action, *, scheme: str, by: User, seen: int | None = None) -> SchemeLink:
    """Link an aid of the Region to an action, by its slug; raises NotAllowed, Changed, ValidationError."""
    hold(action, by=by, seen=seen)
    if scheme not in {one.slug for one in schemes.aids()}:
        raise ValidationError({"scheme": spaced(UNKNOWN_SCHEME)})
    link = SchemeLink(action=action, scheme=scheme)
    link.full_clean()
    link.save()
    _touch(action)
    procedure.record(action, "link_scheme", by=by, data=_named(link))
    return link


@transaction.atomic
def unlink_scheme(link: SchemeLink, *, reason: str, by: User, seen: int | None = None) -> None:
    """Take a scheme away from an action, with the reason; raises NotAllowed, Changed, NotNow."""
    hold(link.action, by=by, seen=seen)
    _remove(link, link.action, "unlink_scheme", _named(link), reason=reason, by=by)


def _named(link: SchemeLink) -> dict[str, Any]:
    return {"scheme": link.scheme, "title": schemes.by_slug()[link.scheme].sheet.short_title}


def _hold_open(action: Action, *, by: User, seen: int | None) -> None:
    hold(action, by=by, seen=seen)
    if action.is_settled:
        raise NotNow(spaced(SETTLED))


def _check(milestone: Milestone) -> None:
    if milestone.done_on is not None and milestone.done_on > timezone.localdate():
        raise ValidationError({"done_on": spaced(NOT_YET)})
    milestone.full_clean()


def _remove(thing: models.Model, action: Action, name: str, said: Mapping[str, Any], *, reason: str, by: User) -> None:
    """Erase a row that hangs on an action, unless it is gone already."""
    if not type(thing)._default_manager.filter(pk=thing.pk).delete()[0]:
        raise NotNow(procedure.TOO_LATE)
    _touch(action)
    procedure.record(action, name, by=by, reason=reason, data=said)


def _touch(action: Action, *fields: str) -> None:
    """Save columns of an action, and let every page that shows it know that it changed."""
    action.revision += 1
    action.updated_at = timezone.now()
    action.save(update_fields=["revision", "updated_at", *fields])


def _said(milestone: Milestone) -> dict[str, Any]:
    """Write a milestone as the journal keeps it; past figures are read again from there."""
    return {
        "milestone": milestone.pk,
        "title": milestone.title,
        "due_on": str(milestone.due_on),
        "weight": milestone.weight,
        "done_on": str(milestone.done_on or ""),
    }


def _linked(deliberation: Deliberation) -> dict[str, Any]:
    """Write a deliberation as the journal keeps it; past figures are read again from there."""
    return {
        "deliberation": deliberation.pk,
        "number": deliberation.number,
        "adopted_on": str(deliberation.adopted_on),
        "chantier": deliberation.action_id is None,
    }
