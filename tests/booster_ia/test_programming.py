"""What programming reads: the most of each dossier as one decision counts it, the envelope, who is kept apart."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from booster_ia import programme, programming, scores
from booster_ia.models import BoosterApplication
from booster_ia.programme import Choice
from booster_ia.services import decisions, places
from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.dossiers.models import Dossier
from tests.factories.booster_scoring import make_lead, make_scorer
from tests.factories.committee import SessionFactory, make_brief, make_envelope
from tests.factories.deminimis import make_aid, make_declaration
from tests.factories.programming import make_ranked
from tests.factories.waves import make_next_wave

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def lead() -> User:
    return make_lead()


def test_the_most_of_several_is_that_of_each() -> None:
    _, panel, dossiers = make_ranked(["12500.00", "12500.00", "12500.00", "0.00", "9000.00"], full=False)
    first, second, third, fourth, _ = dossiers
    minimis = BoosterApplication.objects.filter(pk__in=[one.pk for one in (first, second, third, fourth)])
    minimis.update(aid_regime="de_minimis")
    make_aid(first.organisation, "2025-01-10", 295_000)
    make_aid(second.organisation, "2025-01-10", 300_000)
    for dossier in (first, second):
        make_declaration(dossier.organisation, dossier=dossier)
    found = {one.pk: one.most for one in programming.scored(panel, make_lead()).candidates}
    assert [found[one.pk] for one in dossiers] == [
        Decimal("5000.00"), Decimal("0.00"), None, Decimal("0.00"), Decimal("9000.00"),
    ]  # fmt: skip
    assert found == {one.pk: decisions.most(one, timezone.localdate()) for one in dossiers}


def test_a_dossier_without_room_is_refused_and_one_unknown_waits(lead: User) -> None:
    _, panel, [full, unknown] = make_ranked(["12500.00", "12500.00"], full=False)
    BoosterApplication.objects.update(aid_regime="de_minimis")
    make_aid(full.organisation, "2025-01-10", 300_000)
    make_declaration(full.organisation, dossier=full)
    chosen = programming.scored(panel, lead).foreseen(None)
    assert [(chosen[one.pk].kind, chosen[one.pk].reason) for one in (full, unknown)] == [
        ("refuse", programming.NO_ROOM),
        ("later", ""),
    ]


@pytest.mark.parametrize("years", [(2026, None), (None,)])
def test_the_envelope_is_that_of_the_year_of_the_committee(years: tuple[int | None, ...], lead: User) -> None:
    for year in years:
        make_envelope("30000.00" if year == years[0] else "1.00", year=year)
    wave, _, _ = make_ranked(["9000.00"], full=False)
    assert programming.money_of(wave).available == Decimal("30000.00")


@pytest.mark.usefixtures("media")
def test_what_is_proposed_in_another_year_takes_nothing_of_this_one(lead: User) -> None:
    make_envelope("30000.00", year=2026)
    make_envelope("20000.00", year=2027)
    wave, _, [dossier] = make_ranked(["9000.00"])
    decisions.propose(dossier, amount=Decimal("9000.00"), by=make_scorer())
    assert programming.money_of(wave).available == Decimal("21000.00")
    assert programming.money_of(make_next_wave()).available == Decimal("20000.00")
    envelope = decisions.envelope_on(date(2026, 12, 14))
    assert programming.spoken_for(envelope, but=dossier.pk) == Decimal("0.00")


def test_the_true_places_are_those_that_a_lead_reads(lead: User) -> None:
    _, panel, dossiers = make_ranked(["9000.00"] * 3, totals=[60, 70, 48], full=False)
    ranked, _ = scores.ranked(panel, lead)
    found = places.places(panel)
    assert [found[str(one.pk)].rank for one in dossiers] == [2, 1, None]
    assert found == {place.key: place for place in (*ranked.places, *ranked.reserve, *ranked.waiting)}


def test_the_reason_under_the_floor_is_cut_and_never_rounded() -> None:
    said = programming.under("48,20 sur 100", "50").replace("\u00a0", " ")
    assert said == "Note de 48,20 sur 100, inférieure au plancher de 50."


def test_what_was_decided_is_shown_and_takes_nothing_more(lead: User) -> None:
    """The first was granted less than it could be, the second refused, the third adjourned: its proposal stands."""
    _, panel, dossiers = make_ranked(["12500.00", "9000.00", "8000.00", "7000.00"], full=False)
    session = SessionFactory()
    decided = (("granted", "7000.00", ""), ("refused", None, "Hors sujet."), ("adjourned", None, "À revoir."))
    for dossier, (outcome, amount, reason) in zip(dossiers, decided, strict=False):
        Item.objects.create(
            session=session, dossier=dossier, rank=1, is_grant=True, proposed_amount=Decimal(8000), basis="HT",
            brief=make_brief(Decimal(8000)), added_by=lead, outcome=outcome, reason=reason, applied_at=timezone.now(),
            decided_amount=None if amount is None else Decimal(amount),
        )  # fmt: skip
        Dossier.objects.filter(pk=dossier.pk).update(state=outcome)
    found = programming.scored(panel, lead)
    assert [(one.number, one.proposed) for one in found.candidates] == [
        (dossiers[0].number, Choice("grant", Decimal("7000.00"), "")),
        (dossiers[1].number, Choice("refuse", None, "Hors sujet.")),
        (dossiers[2].number, None),
        (dossiers[3].number, None),
    ]
    drawn = programme.drawn(found.candidates, found.foreseen(Decimal(50000)), Decimal(50000))
    assert [row.choice.written.replace("\u00a0", " ") for row in drawn.rows] == [
        "7 000,00 €", "Refus", "Rien pour l’instant", "7 000,00 €",
    ]  # fmt: skip
    assert (drawn.total, drawn.left) == (Decimal(7000), Decimal(43000))
