"""The Booster IA's part of the house: its waves, what is judged in them, and the questions asked of experts."""

from datetime import date, time, timedelta
from typing import Any

from django.core import signing
from django.utils import timezone

from booster_ia.meetings import Meeting
from booster_ia.partners import Partner
from booster_ia.services import partners, scoring
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.experts.models import Expert
from normandata.organisations.models import Organisation
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.booster import make_booster
from tests.factories.booster_scoring import MARKS, deposit_again, make_lead, make_scorer, put_in
from tests.factories.experts import make_expert, make_given, make_opinion, write_draft
from tests.factories.scoring import judge
from tests.factories.waves import make_application, make_next_wave, make_wave

SAID = dict.fromkeys(MARKS, "10")
"""A mark for each criterion."""
FIRST = {
    "year": 2026,
    "number": 1,
    "opens_on": date(2026, 1, 5),
    "closing_on": date(2026, 3, 31),
    "instruction_from": date(2026, 4, 1),
    "scoring_closes_on": date(2026, 5, 7),
    "instruction_to": date(2026, 5, 15),
    "committee_on": date(2026, 6, 14),
}
"""The days of the wave whose scoring is closed."""


# ------------------------------------------------------------------------------------------------------------- experts
def asked(dossier: Dossier, other: Dossier, file: int, agent: User, expert: Expert | None = None) -> dict[str, Any]:
    """Ask about two dossiers of an organisation: declared on the first, with a piece; not yet on the other.

    On the first, somebody else gave an opinion that the organisation reads.
    """
    expert, adviser = expert or make_expert(), make_expert()
    opinion = make_opinion(dossier, expert=expert, agent=agent, pieces=(file,))
    write_draft(opinion)
    given = make_given(dossier, expert=adviser, agent=agent, is_confidential=False)
    return {
        "question": make_opinion(other, expert=expert, agent=agent).key,
        "declared": opinion.key,
        "opinion": opinion.pk,
        "given": given.pk,
        "adviser": adviser.pk,
    }


# --------------------------------------------------------------------------------------------------------------- waves
def applied(wave: Wave, organisation: Organisation, by: User) -> dict[str, Any]:
    """Make an application of an organisation in a wave, with its partner and a meeting to come."""
    dossier = put_in(wave, make_booster(organisation=organisation))
    partner = Partner.objects.get(dossier=dossier)
    day = timezone.localdate() + timedelta(days=30)
    meeting = Meeting.objects.create(dossier=dossier, day=day, hour=time(14, 30), place="Caen", who="La Région", by=by)
    return {
        "booster": dossier.key,
        "partner": partner.pk,
        "partner_token": token(partner),
        "old_token": token(partner, ago=1),
        "meeting": meeting.pk,
    }


def token(partner: Partner, *, ago: int = 0) -> str:
    """Sign the link of a partner's invitation, or of one before."""
    return signing.dumps([partner.pk, partner.round - ago], salt=partners.SALT)


def waves(ours: Organisation, elsewhere: Organisation, scorer: User, lead: User) -> tuple[dict[str, Any], ...]:
    """Make three waves, one being scored, one to come, one whose scoring is closed; return our things, and theirs.

    In the first `scorer` sits, and `lead` leads without a seat. Of its dossiers, by what `scorer` did: nothing on the
    two organisations' own, begun, scored (as somebody else did), declared a conflict of interest.
    """
    wave, planned, closed = make_wave(), make_next_wave(), make_wave(**FIRST)
    mine, theirs = applied(wave, ours, scorer), applied(wave, elsewhere, scorer)
    begun, scored, shut = (put_in(wave, make_application()) for _ in range(3))
    second = make_scorer()
    panel = scoring.open_scoring(wave, [scorer, second], by=lead)
    sheet = sheets.start(_subject(panel, begun), by=scorer)
    for person in (scorer, second):
        judge(_subject(panel, scored), person, **SAID)
    bias = conflicts.declare(second, _subject(panel, begun), by=second, reason="Un parent y travaille.")
    conflicts.declare(scorer, _subject(panel, shut), by=scorer, reason="Un ancien employeur.")
    ranked = put_in(closed, make_application())
    other = make_lead()
    before = scoring.open_scoring(closed, [scorer], by=other)
    judge(_subject(before, ranked), scorer, **SAID)
    panels.close_panel(before, by=other)
    mine |= {
        "wave": wave.pk,
        "planned_wave": planned.pk,
        "closed_wave": closed.pk,
        "begun": begun.key,
        "scored": scored.key,
        "shut": shut.key,
        "ranked": ranked.key,
        "own_sheet": sheet.pk,
        "other_sheet": sheets.start(_subject(panel, shut), by=second).pk,
        "bias": bias.pk,
        "scorer": second.pk,
    }
    return mine, theirs


def _subject(panel: Panel, dossier: Dossier) -> Subject:
    return panel.subjects.select_related("panel__grid").about(dossier).get()


def stages(wave: int, planned: int, scorer: User) -> dict[str, Any]:
    """Make what some forms wait for: a dossier given up by `scorer`, one that was deposited again since `scorer` judged
    it, one that came since, one in the wave to come.
    """
    found = Wave.objects.get(pk=wave)
    given_up = put_in(found, make_application())
    panel = scoring.panel_of(found)
    assert panel is not None
    (subject,) = [one for one in panels.add_subjects(panel, [given_up], by=None) if one.key == str(given_up.pk)]
    sheet = sheets.start(subject, by=scorer)
    sheets.abstain(sheet, by=scorer, revision=sheet.revision)
    changed = put_in(found, make_application())
    panels.add_subjects(panel, [changed], by=None)
    judge(_subject(panel, changed), scorer, **SAID)
    deposit_again(_subject(panel, changed))
    put_in(found, make_application())
    put_in(Wave.objects.get(pk=planned), make_application())
    return {"abstained": given_up.key, "changed": changed.key}


__all__ = ["applied", "asked", "stages", "waves"]
