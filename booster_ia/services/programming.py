"""The gestures of programming: scenarios kept apart, then proposals made and validated by several dossiers at once.

A scenario changes no dossier. Its proposals are one gesture a dossier, in a job that says what became of each.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.applications import Bulk
from normandata.dossiers.models import INSTRUCTORS, BulkJob, Dossier
from normandata.dossiers.services import bulk
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import euros, spaced
from normandata.scoring import reading
from normandata.scoring.models import Panel

from ..programme import LATER, PROPOSABLE, Choice, Programme
from ..programming import chosen_in
from ..scenarios import Scenario, ScenarioLine
from ..waves import Wave
from . import decisions
from . import places as ranks

SCHEME = "booster_ia"
PROPOSE, VALIDATE = f"{SCHEME}.propose", f"{SCHEME}.validate"
OVERTAKEN = "Une autre page a enregistré ce scénario entre-temps : rien n’a été écrasé."
NAME_TAKEN = "Un scénario de cette vague porte déjà ce nom."
NOTHING = "Ce scénario ne propose rien : donnez un montant ou un motif de refus à un dossier au moins."
CHANGED = "La proposition a changé depuis que vous l’avez lue : relisez-la avant de la valider."


class Overtaken(NotNow):
    """The scenario was changed by another page since this one was drawn."""


class NameTaken(NotDone):
    """Another scenario of the wave has this name."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page says of a scenario: its name, a note, what is foreseen by key of dossier, the revision it showed."""

    name: str
    note: str
    choices: Mapping[int, Choice]
    revision: int


# --------------------------------------------------------------------------------------------------------- permission
def may_read(user: User, panel: Panel) -> bool:
    """Tell whether somebody reads the programming of a wave: its panel is closed, its ranking open to the reader."""
    return panel.is_closed and reading.sight(panel, user).reads_all


def may_program(user: User, panel: Panel) -> bool:
    """Tell whether somebody writes scenarios and proposes: an agent or a lead agent who reads the ranking."""
    return user.holds(*INSTRUCTORS, scheme=SCHEME) and may_read(user, panel)


def _check(user: User, panel: Panel) -> None:
    if not may_program(user, panel):
        raise NotAllowed(procedure.FORBIDDEN)


# ---------------------------------------------------------------------------------------------------------- scenarios
@transaction.atomic
def open_scenario(
    wave: Wave, panel: Panel, choices: Mapping[int, Choice], *, key: uuid.UUID, by: User, name: str = ""
) -> Scenario:
    """Write a new scenario; the same key again is the same one. Raises NotAllowed."""
    _check(by, panel)
    return _open(wave, choices, name, "", "open_scenario", key=key, by=by)


@transaction.atomic
def copy_scenario(scenario: Scenario, panel: Panel, *, key: uuid.UUID, by: User) -> Scenario:
    """Copy a scenario under another name; the same key again is the same copy. Raises NotAllowed."""
    _check(by, panel)
    name = f"{scenario.name[:48]} (copie)"
    return _open(scenario.wave, chosen_in(scenario), name, scenario.note, "copy_scenario", key=key, by=by)


def _open(
    wave: Wave, choices: Mapping[int, Choice], name: str, note: str, act: str, *, key: uuid.UUID, by: User
) -> Scenario:
    held = Wave.objects.select_for_update().get(pk=wave.pk)
    if (found := held.scenarios.filter(key=key).first()) is not None:
        return found
    made = Scenario.objects.create(key=key, wave=held, name=_free(held, name), note=note, by=by)
    ScenarioLine.objects.bulk_create(_line(made, pk, choice) for pk, choice in choices.items())
    procedure.record(held, act, by=by, data={"scenario": made.pk, "name": made.name})
    return made


def _free(wave: Wave, wanted: str) -> str:
    """Return a name that no scenario of the wave has: the one wanted, else with the first number that makes it so."""
    taken = set(wave.scenarios.values_list("name", flat=True))
    if wanted and wanted not in taken:
        return wanted
    stem, number = wanted or "Scénario", len(taken) + 1 if not wanted else 2
    while f"{stem} {number}" in taken:
        number += 1
    return f"{stem} {number}"


def _line(scenario: Scenario, pk: int, choice: Choice) -> ScenarioLine:
    return ScenarioLine(
        scenario=scenario, dossier_id=pk, kind=choice.kind, amount=choice.amount, reason=choice.reason.strip()
    )


@transaction.atomic
def save_scenario(scenario: Scenario, panel: Panel, typed: Typed, *, by: User) -> Scenario:
    """Keep what a page says of a scenario; the lines of dossiers that it does not name stay as they are.

    What is kept already is not written again. Raises NotAllowed, Overtaken, NameTaken.
    """
    _check(by, panel)
    held = Scenario.objects.select_for_update().get(pk=scenario.pk)
    kept = chosen_in(held)
    changed = {pk: choice for pk, choice in typed.choices.items() if kept.get(pk) != choice}
    if not changed and (held.name, held.note) == (typed.name, typed.note):
        return held
    if held.revision != typed.revision:
        raise Overtaken(OVERTAKEN)
    if Scenario.objects.filter(wave=held.wave_id, name=typed.name).exclude(pk=held.pk).exists():
        raise NameTaken(NAME_TAKEN)
    held.lines.filter(dossier__in=list(changed)).delete()
    ScenarioLine.objects.bulk_create(_line(held, pk, choice) for pk, choice in changed.items())
    held.name, held.note, held.revision, held.changed_at = typed.name, typed.note, held.revision + 1, timezone.now()
    held.save(update_fields=["name", "note", "revision", "changed_at"])
    return held


@transaction.atomic
def delete_scenario(scenario: Scenario, panel: Panel, *, by: User) -> None:
    """Delete a scenario; the journal of the wave keeps what it foresaw. Raises NotAllowed."""
    _check(by, panel)
    held = Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if held is None:
        return
    lines = [[pk, one.kind, str(one.amount or ""), one.reason] for pk, one in sorted(chosen_in(held).items())]
    procedure.record(held.wave, "delete_scenario", by=by, data={"scenario": held.pk, "name": held.name, "lines": lines})
    held.delete()


# ---------------------------------------------------------------------------------------------------------- proposing
@transaction.atomic
def propose(scenario: Scenario, panel: Panel, programme: Programme, *, key: uuid.UUID, by: User) -> BulkJob:
    """Post the proposals of a scenario, one gesture a dossier; the same key again is the same job.

    What each proposal says is frozen in the job, with the place and the score that the report will give.
    Raises NotAllowed, NotDone (nothing to propose, or more than the envelope pays), KeyTaken.
    """
    _check(by, panel)
    if (posted := BulkJob.objects.filter(key=key, action=PROPOSE, by=by).first()) is not None:
        if posted.values.get("scenario") != scenario.pk:
            raise bulk.KeyTaken(bulk.TAKEN)
        return posted
    rows = {row.candidate.pk: row.choice for row in programme.rows if row.candidate.is_open}
    rows = {pk: choice for pk, choice in rows.items() if choice.kind != LATER}
    if not rows:
        raise NotDone(NOTHING)
    if programme.left is not None and programme.left < 0:
        raise NotDone(spaced(f"Ce scénario dépasse de {euros(-programme.left)} ce que l’enveloppe peut encore payer."))
    places = ranks.places(panel)
    values = {
        "wave": scenario.wave_id,
        "scenario": scenario.pk,
        "rows": {
            str(pk): {
                "amount": None if choice.amount is None else str(choice.amount),
                "reason": choice.reason,
                "rank": places[str(pk)].rank,
                "score": places[str(pk)].shown,
            }
            for pk, choice in rows.items()
        },
    }
    order = {pk: place for place, pk in enumerate(rows)}
    dossiers = sorted(Dossier.objects.filter(pk__in=rows), key=lambda one: order[one.pk])
    job = bulk.begin(PROPOSE, dossiers, values, key=key, by=by)
    procedure.record(
        scenario.wave, "propose_scenario", by=by, data={"scenario": scenario.pk, "name": scenario.name, "job": job.pk}
    )
    return job


def propose_row(job: BulkJob, dossier: Dossier) -> None:
    """Propose what a job says of one dossier; raises Already, and as `decisions.propose`."""
    row = job.values["rows"][str(dossier.pk)]
    if dossier.state != PROPOSABLE and decisions.open_proposal(dossier) is not None:
        raise bulk.Already("Une proposition est déjà faite sur ce dossier.")
    if row["amount"] is None:
        decisions.propose_refusal(dossier, reason=row["reason"], rank=row["rank"], score=row["score"], by=job.by)
    else:
        amount = Decimal(row["amount"])
        decisions.propose(dossier, amount=amount, rank=row["rank"], score=row["score"], by=job.by)


# --------------------------------------------------------------------------------------------------------- validating
def validate(wave: Wave, panel: Panel, read: Mapping[int, int], *, key: uuid.UUID, by: User) -> BulkJob:
    """Post the validation of proposals that a person has read: their keys, by key of dossier.

    The same key again is the same job. Raises NotAllowed, NotDone (none), KeyTaken.
    """
    _check(by, panel)
    values = {"wave": wave.pk, "proposals": {str(dossier): pk for dossier, pk in sorted(read.items())}}
    dossiers = list(Dossier.objects.filter(pk__in=read, booster__wave=wave).order_by("number"))
    return bulk.begin(VALIDATE, dossiers, values, key=key, by=by)


def validate_row(job: BulkJob, dossier: Dossier) -> None:
    """Validate the proposal that a person has read on one dossier; raises Already, and as `decisions.validate`."""
    standing = decisions.open_proposal(dossier)
    if standing is None or standing.pk != job.values["proposals"][str(dossier.pk)]:
        raise NotNow(CHANGED)
    if standing.is_validated:
        raise bulk.Already("Cette proposition est déjà validée.")
    decisions.validate(dossier, by=job.by)


def _back(job: BulkJob) -> tuple[str, str]:
    return "Revenir à la programmation", reverse("booster_ia:programming", args=[job.values["wave"]])


BULK = {
    "propose": Bulk("Proposer à la Commission permanente", propose_row, _back),
    "validate": Bulk("Valider les propositions", validate_row, _back),
}
"""What the scheme does on several dossiers at once, as `Application.bulk` declares it."""
