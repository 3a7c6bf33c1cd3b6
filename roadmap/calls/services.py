"""What a pilot does to a call, and an agent to a proposal: each gesture holds its row and compares what was shown."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import spaced

from ..models import Chantier, Deliberation
from . import conduct, permissions, workflow
from .conduct import CHANGED
from .history import past_calls
from .models import Call, Option

COLUMNS = ("title", "summary", "text", "opens_on", "closes_on", "names_carriers", "contact", "email", "phone")
"""The columns of a call that its pilot writes while nothing is open."""
ALWAYS = ("contact", "email", "phone")
"""Those that may still change afterwards: whom to ask."""
SCALES = (
    "Communale",
    "Intercommunale",
    "Infradépartementale",
    "Départementale",
    "Régionale",
    "Nationale ou européenne",
)
"""The scales a call begins with, close to those of the assessment of « Données et Territoires »."""
LONGEST_SLUG = 80
RESERVED = ("nouveau",)


ALREADY = "Cette page a déjà commencé l’appel « {title} ». Pour en commencer un autre, envoyez-la à nouveau."


class Begun(NotNow):
    """The key of a page that began a call came back with another title or another chantier; nothing was written."""


class Changed(NotNow):
    """Somebody else wrote on this call since the page was shown; nothing was written."""


@transaction.atomic
def create(chantier: Chantier, title: str, *, by: User, key: uuid.UUID | None = None) -> Call:
    """Begin a call of a chantier, with the usual scales; nobody else reads it until it is announced or opened.

    The same `key` twice begins one call. Raises NotAllowed, Begun, ValidationError by column.
    """
    call = Call(chantier=chantier, title=title, updated_at=timezone.now(), **({"key": key} if key else {}))
    if not permissions.pilots(by, call):
        raise NotAllowed(procedure.FORBIDDEN)
    User.objects.select_for_update().get(pk=by.pk)  # two clicks, one after the other
    if key and (known := Call.objects.filter(key=key).first()):
        return _again(known, call, by)
    call.full_clean(exclude=["slug"], validate_unique=False)
    _save_at_a_free_address(call)
    _write_options(call, Option.Kind.SCALE, SCALES)
    procedure.record(call, "create_call", by=by, data={"title": call.title})
    return call


def _again(known: Call, asked: Call, by: User) -> Call:
    """Return the call that a page began already, if it is the one that it asks for again."""
    if not permissions.pilots(by, known):  # somebody else's key: never ours to read
        raise NotAllowed(procedure.FORBIDDEN)
    if (known.title, known.chantier_id) != (asked.title, asked.chantier_id):
        raise Begun(spaced(ALREADY.format(title=known.title)))
    return known


@transaction.atomic
def describe(call: Call, values: Mapping[str, Any], *, by: User, seen: int | None = None) -> None:
    """Write a call; once it is open, only whom to ask and what it rests on. What it said before is in the journal.

    What everybody reads stays whole, and what is announced stays to come. Raises NotAllowed, Changed, ValidationError
    by column.
    """
    hold(call, by=by, seen=seen)
    names = ALWAYS if call.is_frozen else COLUMNS
    before = {name: getattr(call, name) for name in names}
    for name in names:
        setattr(call, name, values[name])
    _check_public(call, values)
    call.full_clean()
    was = {name: str(value) for name, value in before.items() if value != getattr(call, name)}
    _touch(call, *names)
    _write_lists(call, values)
    procedure.record(call, "describe", by=by, data={"before": was})


def fire(call: Call, name: str, *, by: User | None, reason: str = "", seen: int | None = None, **data: Any) -> Event:
    """Move a call to another state; raises what `procedure.fire` raises."""
    return procedure.fire(call, name, by=by, reason=reason, seen=seen, **data)


def extend(call: Call, closes_on: date, *, by: User, reason: str, seen: int | None = None) -> Event:
    """Give more time to answer, with the reason that everybody reads; raises what `procedure.fire` raises."""
    journal = {"title": f"jusqu’au {closes_on:%d/%m/%Y}"}
    return procedure.fire(call, "extend", by=by, reason=reason, seen=seen, closes_on=closes_on, journal=journal)


def conclude(dossier: Dossier, *, outcome: str, answer: str, by: User) -> Event:
    """Answer the carrier of a proposal; raises NotAllowed, NotNow, Unmet."""
    return procedure.fire(
        dossier, "conclude", by=by, outcome=outcome, answer=answer, journal={"outcome": outcome, "answer": answer}
    )


def hold(call: Call, *, by: User, seen: int | None) -> None:
    """Lock a call for its pilot as the page showed it; raises NotAllowed, Changed."""
    procedure.lock(call)
    if not permissions.pilots(by, call):
        raise NotAllowed(procedure.FORBIDDEN)
    if seen is not None and seen != call.revision:
        raise Changed(spaced(CHANGED))


def _check_public(call: Call, values: Mapping[str, Any]) -> None:
    """Raise ValidationError for what a call that is read, and neither cancelled nor in preparation, may not lack."""
    if not call.is_public or call.state == workflow.CANCELLED:
        return
    lists = {"themes": call.themes, "scales": call.scales} if call.is_frozen else values
    said = conduct.wanting(call, themes=len(lists["themes"]), scales=len(lists["scales"]))
    if call.state == workflow.ANNOUNCED:
        said += conduct.over(call, timezone.localdate())
    if said:
        raise ValidationError({getattr(one, "field", NON_FIELD_ERRORS): str(one) for one in said})


def _write_lists(call: Call, values: Mapping[str, Any]) -> None:
    """Write what a call rests on and, while nothing is open, its themes and its scales."""
    allowed = Deliberation.objects.of_chantier(call.chantier)
    call.deliberations.set(allowed.filter(pk__in=[one.pk for one in values["deliberations"]]))
    if not call.is_frozen:
        call.options.all().delete()
        for kind, name in ((Option.Kind.THEME, "themes"), (Option.Kind.SCALE, "scales")):
            _write_options(call, kind, values[name])
    vars(call).pop("_prefetched_objects_cache", None)


def _write_options(call: Call, kind: str, labels: Sequence[str]) -> None:
    Option.objects.bulk_create(
        Option(call=call, kind=kind, rank=rank, label=label) for rank, label in enumerate(labels, start=1)
    )


def _save_at_a_free_address(call: Call) -> None:
    """Save a new call; an address that another one took at the same instant is left to it."""
    while not call.pk:
        call.slug = _free_slug(call.title)
        try:
            with transaction.atomic():
                call.save(force_insert=True)
        except IntegrityError:
            if not Call.objects.filter(slug=call.slug).exists():
                raise


def _free_slug(title: str) -> str:
    """Make an address that no other call has, past ones included."""
    base = slugify(title)[: LONGEST_SLUG - 4] or "appel"
    taken = {*Call.objects.filter(slug__startswith=base).values_list("slug", flat=True), *past_calls(), *RESERVED}
    found = next((one for one in (base, *(f"{base}-{rank}" for rank in range(2, 100))) if one not in taken), None)
    if found is None:
        raise ValidationError({"title": "Trop d’appels portent cet intitulé : donnez-lui un autre nom."})
    return found


def _touch(call: Call, *fields: str) -> None:
    """Save columns of a call, and let every page that shows it know that it changed."""
    call.revision += 1
    call.updated_at = timezone.now()
    call.save(update_fields=["revision", "updated_at", *fields])
