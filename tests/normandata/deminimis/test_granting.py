"""Granting under the ceiling, to the cent; reversing; adjusting."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from normandata.accounts.models import User
from normandata.deminimis import granting
from normandata.deminimis.account import assess_for, read
from normandata.deminimis.errors import CeilingExceeded, DeclarationMissing, KeyTaken
from normandata.deminimis.models import Aid
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration, make_group
from tests.factories.organisations import OrganisationFactory, PersonFactory
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 15)


@pytest.fixture
def firm() -> Organisation:
    """An enterprise that declared that it received nothing."""
    organisation: Organisation = OrganisationFactory()
    make_declaration(organisation)
    return organisation


@pytest.fixture
def agent() -> User:
    return make_agent()


def give(firm: Organisation, amount: str | int, *, on: date = ON, key: str = "octroi", **fields: Any) -> Aid:
    about = fields.pop("about", None) or firm
    return granting.grant(firm, on=on, amount=Decimal(amount), about=about, key=key, by=None, **fields)


def test_exactly_the_ceiling_is_granted(firm: Organisation) -> None:
    make_aid(firm, "2025-01-10", "287500.00")
    aid = give(firm, "12500.00")
    assert (aid.amount, aid.on, aid.source, aid.regime) == (Decimal("12500.00"), ON, "portal", "DM-2831")
    assert (aid.authority, aid.sector, aid.instrument) == (
        "Région Normandie", "C.25.62", "Prestation gratuite (services subventionnés)",
    )  # fmt: skip
    assert assess_for(firm, on=ON, amount=None).room == 0


def test_one_cent_above_refuses_the_whole_aid_and_says_the_room(firm: Organisation) -> None:
    make_aid(firm, "2025-01-10", "287500.00")
    with pytest.raises(CeilingExceeded) as refused:
        give(firm, "12500.01")
    assert refused.value.room == Decimal("12500.00")
    assert refused.value.messages[0].replace("\u00a0", " ") == (
        "Déjà reçu entre le 15 juin 2023 et le 15 juin 2026 : 287 500,00 €. Cette aide de 12 500,01 € dépasserait le "
        "plafond de 300 000 € : il reste 12 500,00 €, qui pourraient être accordés par une autre décision."
    )
    assert Aid.objects.filter(source="portal").count() == 0
    assert not Event.objects.filter(name="de_minimis_granted").exists()


def test_the_expired_reading_never_refuses(firm: Organisation) -> None:
    make_aid(firm, "2025-01-10", 195_000)
    aid = give(firm, "5000.01")
    event = Event.objects.get(name="de_minimis_granted")
    assert event.data["cited_differs"] is True
    readings = {
        number: (one["used"], one["remaining"], one["outcome"]) for number, one in event.data["readings"].items()
    }
    assert readings == {
        "2023/2831": ("195000.00", "105000.00", "met"), "1407/2013": ("195000.00", "5000.00", "unmet"),
    }  # fmt: skip
    assert aid.pk


def test_the_window_of_a_leap_day(firm: Organisation) -> None:
    # Three years before 29 February 2028 there is no 29: the window opens on 28 February 2025, included.
    leap = date(2028, 2, 29)
    make_aid(firm, "2025-02-28", 300_000)
    with pytest.raises(CeilingExceeded):
        give(firm, "0.01", on=leap)
    assert give(firm, 300_000, on=date(2028, 3, 1)).amount == 300_000


def test_both_bounds_count(firm: Organisation) -> None:
    make_aid(firm, "2023-06-15", 300_000)
    with pytest.raises(CeilingExceeded):
        give(firm, "0.01")
    assert give(firm, 300_000, on=date(2026, 6, 16), key="lendemain").pk


def test_a_retroactive_grant_is_tested_in_later_windows(firm: Organisation) -> None:
    make_aid(firm, "2026-02-01", 295_000)
    with pytest.raises(CeilingExceeded) as refused:
        give(firm, "5000.01", on=date(2024, 3, 1))
    assert refused.value.room == Decimal(5_000)
    assert give(firm, 5_000, on=date(2024, 3, 1)).pk


def test_the_whole_undertaking_counts() -> None:
    first, second = make_group(2)
    make_declaration(first)
    make_aid(second, "2025-01-10", 290_000)
    with pytest.raises(CeilingExceeded) as refused:
        give(first, "10000.01")
    assert refused.value.room == 10_000
    assert give(first, 10_000).member.siren == first.siren


def test_what_is_not_declared_is_never_zero() -> None:
    firm = OrganisationFactory()
    with pytest.raises(DeclarationMissing, match="ne sont pas déclarées"):
        give(firm, 1)
    # From 2029 on the register covers three years.
    assert give(firm, 1, on=date(2029, 1, 1)).pk
    with pytest.raises(DeclarationMissing):
        give(firm, 1, on=date(2028, 12, 31), key="avant")


def test_a_dossier_answers_for_itself(firm: Organisation) -> None:
    other: Dossier = make_row(organisation=firm)
    with pytest.raises(DeclarationMissing):
        give(firm, 1, dossier=other)
    make_declaration(firm, dossier=other)
    assert give(firm, 1, dossier=other, about=other).about_key == str(other.pk)


def test_the_journal_keeps_the_verdict_and_every_line(firm: Organisation, agent: User) -> None:
    listed = make_aid(firm, "2025-01-10", 1_000)
    granting.grant(firm, on=ON, amount=Decimal("4320.00"), about=firm, key="k", by=agent, reason=" Sélection. ")
    event = Event.objects.about(firm.undertaking).get(name="de_minimis_granted")
    assert (event.by, event.reason) == (agent, "Sélection.")
    kept = event.data
    assert (kept["key"], kept["about"], kept["entry"]) == ("k", f"organisations.organisation:{firm.pk}", "4320.00")
    assert (kept["on"], kept["amount"], kept["sirens"]) == ("2026-06-15", "4320.00", [firm.siren])
    assert kept["verdict"]["conclusion"] == "eligible"
    assert [(one["key"], one["amount"], one["counts"]) for one in kept["aids"]] == [(listed.key, "1000.00", True)]
    assert kept["readings"]["2023/2831"]["ceiling"] == "300000"


def test_the_same_key_is_the_same_grant(firm: Organisation) -> None:
    aid = give(firm, 300_000)
    assert give(firm, 300_000) == aid
    assert Event.objects.filter(name="de_minimis_granted").count() == 1
    for changed in ({"amount": 1}, {"on": date(2026, 6, 16)}, {"about": make_row(organisation=firm)}):
        with pytest.raises(KeyTaken):
            give(firm, **({"amount": 300_000} | changed))
    with pytest.raises(KeyTaken):
        give(OrganisationFactory(), 300_000)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_an_amount_is_positive_and_to_the_cent(firm: Organisation, amount: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        give(firm, amount)


def test_before_the_regime_nothing_is_granted(firm: Organisation) -> None:
    with pytest.raises(ValueError, match="before the regime"):
        give(firm, 1, on=date(2023, 12, 31))


def test_a_reversed_aid_leaves_its_room(firm: Organisation, agent: User) -> None:
    aid = give(firm, 300_000)
    back = granting.reverse(aid, by=agent, reason="Diagnostic annulé.", key="retour")
    assert (back.amount, back.on, back.reverses, back.source) == (Decimal(-300_000), ON, aid, "portal")
    assert [line.counts for line in read(firm).lines] == [False, False]
    assert assess_for(firm, on=ON, amount=None).room == 300_000
    event = Event.objects.about(firm.undertaking).get(name="de_minimis_reversed")
    assert (event.reason, event.data["reverses"]) == ("Diagnostic annulé.", "octroi")
    assert granting.reverse(aid, by=agent, reason="Diagnostic annulé.", key="retour") == back
    with pytest.raises(NotNow):
        granting.reverse(aid, by=agent, reason="Encore.", key="autre")
    with pytest.raises(NotDone, match="retire déjà"):
        granting.reverse(back, by=agent, reason="Retour du retour.", key="encore")
    # The key that granted tells the same grant, reversed or not; a new decision has a key of its own.
    assert give(firm, 300_000) == aid
    assert give(firm, 300_000, key="nouvel octroi").pk != aid.pk


def test_a_reversal_says_why_and_its_key_is_its_own(firm: Organisation, agent: User) -> None:
    aid, other = give(firm, 100), give(firm, 100, key="second")
    with pytest.raises(ReasonMissing):
        granting.reverse(aid, by=agent, reason=" ", key="retour")
    with pytest.raises(KeyTaken):
        granting.reverse(aid, by=agent, reason="Erreur.", key="second")
    granting.reverse(aid, by=agent, reason="Erreur.", key="retour")
    with pytest.raises(KeyTaken):
        granting.reverse(other, by=agent, reason="Erreur.", key="retour")


def test_a_declared_aid_is_replaced_not_reversed(firm: Organisation, agent: User) -> None:
    declared = make_declaration(firm, ("2025-01-10", 100)).aids.get()
    with pytest.raises(NotDone, match="nouvelle déclaration"):
        granting.reverse(declared, by=agent, reason="Erreur.", key="retour")


def test_an_agent_counts_an_aid_that_was_taken_for_another(firm: Organisation, agent: User) -> None:
    make_aid(firm, "2025-01-10", 1_000)
    make_declaration(firm, ("2025-01-10", 1_000))
    assert assess_for(firm, on=ON, amount=None).room == 299_000
    gesture: dict[str, Any] = {"on": date(2025, 1, 10), "amount": Decimal(1_000), "key": "a"}
    aid = granting.adjust(firm.siren, by=agent, reason="Deux aides du même jour.", **gesture)
    assert granting.adjust(firm.siren, by=agent, reason="Deux aides du même jour.", **gesture) == aid
    assert assess_for(firm, on=ON, amount=None).room == 298_000
    with pytest.raises(NotAllowed):
        granting.adjust(firm.siren, by=PersonFactory(), reason="Motif.", **gesture)
    with pytest.raises(ReasonMissing):
        granting.adjust(firm.siren, by=agent, reason="", **gesture)
    with pytest.raises(ValueError, match="no amount"):
        granting.adjust(firm.siren, by=agent, reason="Motif.", on=ON, amount=Decimal(0), key="b")


def test_an_adjustment_may_exceed_the_ceiling_it_is_a_fact(firm: Organisation, agent: User) -> None:
    granting.adjust(firm.siren, on=ON, amount=Decimal(400_000), by=agent, reason="Aide retrouvée.", key="a")
    with pytest.raises(CeilingExceeded) as refused:
        give(firm, "0.01")
    assert refused.value.room == 0
