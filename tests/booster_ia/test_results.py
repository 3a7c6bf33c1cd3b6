"""The grants as everybody reads them: the lines of the open data, the euros of the account, nobody who is a person."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia import opendata, results
from booster_ia.awards import Award
from booster_ia.models import BoosterApplication
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.bulletin.results import PAGE, Asked, Part
from normandata.committee.models import Session
from normandata.opendata import checks, rules
from normandata.opendata.definitions import Line
from normandata.opendata.subsidies import FIELDS
from normandata.organisations.models import Organisation
from normandata.regulation.formats import NBSP
from tests.factories.booster_after import make_award

pytestmark = pytest.mark.django_db
TODAY = date(2027, 6, 30)


def make(**fields: Any) -> Award:
    """Make a notified grant of 14/12/2026, executory on the 16th, committed on the envelope of 2026."""
    award = make_award(**fields)
    Session.objects.update(executory_on=date(2026, 12, 16))
    Organisation.objects.filter(legal_category="").update(legal_category="5710")
    budgets.commit(award.envelope, award, award.amount, key=f"award:{award.pk}:commit", by=None, act="CP")
    return award


def read(*words: str, **fields: Any) -> Part:
    return results.read(Asked(TODAY, words=words, **fields))


def amounts(part: Part) -> list[Decimal]:
    return [one.cells[2] for one in part.table.lines]  # type: ignore[misc]


def published() -> list[tuple[Any, ...]]:
    """Read (amount, beneficiary) of the lines that the open data publish."""
    lines = [one for one in opendata.rows(TODAY) if isinstance(one, Line)]
    sound = [one for one in lines if not (*one.faults, *checks.faults(FIELDS, one.cells))]
    named = [dict(zip((field.name for field in FIELDS), one.cells, strict=True)) for one in sound]
    return sorted((one["montant"], one["nomBeneficiaire"]) for one in named)


def make_each() -> dict[str, Award]:
    """Make a grant of each case that a reader may or may not see."""
    found = {
        name: make(amount=amount)
        for name, amount in (
            ("shown", "1000.50"), ("paid", "2000.00"), ("person", "3000.00"), ("discreet", "4000.00"),
            ("unknown", "5000.00"), ("authority", "6000.00"), ("unnotified", "7000.00"), ("undone", "8000.00"),
        )
    }  # fmt: skip
    people = {name: Organisation.objects.filter(pk=award.organisation_id) for name, award in found.items()}
    people["person"].update(legal_category="1000")
    people["discreet"].update(is_diffusible=False)
    people["unknown"].update(legal_category="")
    people["authority"].update(legal_category="")
    BoosterApplication.objects.filter(pk=found["authority"].dossier_id).update(applicant_type="local_authority")
    Award.objects.filter(pk=found["unnotified"].pk).update(notified_on=None)
    envelope = found["shown"].envelope
    undone = found["undone"]
    budgets.release(envelope, undone, key="r", by=None, reason="Essai.")
    Award.objects.filter(pk=undone.pk).update(undone_at="2027-05-01T10:00Z", undone_reason="Essai.")
    budgets.pay(envelope, found["paid"], Decimal("1500.00"), key="p", by=None, act="M-1", is_last=True)
    return found


def test_the_lines_are_those_of_the_open_data() -> None:
    make_each()
    part = read()
    assert sorted((one.cells[2], one.cells[0]) for one in part.table.lines) == published()
    assert sorted(amounts(part)) == [Decimal("1000.50"), Decimal("2000.00"), Decimal("6000.00")]
    assert part.table.caption.replace(NBSP, " ") == "3 subventions publiées, 9 000,50 €"
    assert part.data_set == "subventions"


def test_the_totals_are_those_of_the_envelope() -> None:
    make_each()
    part, envelope = read(), Envelope.objects.get()
    # 1000.50 + 2000 + 3000 + 4000 + 5000 + 6000 + 7000 ; 500 of the second are given back with its last payment
    assert part.finding.replace(NBSP, " ") == "7 subventions votées, 28 000,50 € accordés"
    assert part.accounts is not None
    (line,) = part.accounts.lines
    assert line.cells == ("Booster IA 2026", Decimal("28000.50"), Decimal("500.00"), Decimal("26000.50"), Decimal(1500))
    assert (envelope.committed, envelope.paid) == (Decimal("26000.50"), Decimal("1500.00"))
    freed = sum(one.freed for one in envelope.entries.exclude(about_key=str(Award.objects.get(amount=8000).pk)))
    assert freed == line.cells[2]
    (note,) = part.notes
    assert note.replace(NBSP, " ").startswith("4 autres subventions votées (19 000,00 €) ne sont pas nommées ici")


def test_the_amount_of_a_grant_that_alone_is_not_named_is_not_told() -> None:
    make()
    Award.objects.filter(pk=make().pk).update(notified_on=None)
    (note,) = read().notes
    assert note.replace(NBSP, " ").startswith("1 autre subvention votée n’est pas nommée ici")


def test_a_person_is_never_named() -> None:
    person = make_each()["person"]
    assert person.organisation.name not in str(read())
    assert amounts(read(person.organisation.name)) == []


def test_under_the_yearly_amount_nothing_is_shown_where_the_region_chooses_so(monkeypatch: pytest.MonkeyPatch) -> None:
    big, small = make(amount="12000.00"), make(amount="9000.00")
    make(amount="12000.00", organisation=big.organisation)
    policy = rules.Policy(threshold=Decimal(23000), below_too=False, persons_too=False)
    monkeypatch.setattr(rules, "policy", lambda on: policy)
    assert amounts(read()) == [Decimal("12000.00"), Decimal("12000.00")]
    assert [amount for amount, _ in published()] == [Decimal("12000.00"), Decimal("12000.00")]
    assert small.organisation.name not in str(read())


@pytest.mark.parametrize(
    ("words", "count"),
    [(("crues",), 2), (("BOCAGE", "crues"), 2), (("26-12-1",), 2), (("absent",), 0), (("crues", "absent"), 0)],
)
def test_words_are_all_found(words: tuple[str, ...], count: int) -> None:
    make()
    make()
    part = read(*words)
    assert len(part.table.lines) == count
    assert part.notes == ()


def test_a_beneficiary_is_found_by_name_and_by_siret() -> None:
    award = make(amount="4321.00")
    make()
    assert amounts(read(award.organisation.name)) == amounts(read(award.organisation.siret)) == [Decimal("4321.00")]


def test_a_year_is_that_of_the_envelope() -> None:
    make()
    assert len(read(year=2026).table.lines) == 1
    part = read(year=2025)
    assert (part.finding, part.accounts, list(part.table.lines)) == (
        "Aucune subvention votée sur l’enveloppe 2025 pour le moment",
        None,
        [],
    )


def test_pages_follow_one_another_and_cost_the_same() -> None:
    costs, seen = [], []
    for number in (1, PAGE + 4):
        for _ in range(number):
            make(amount=f"{1000 + Award.objects.count()}.00")
        with CaptureQueriesContext(connection) as queries:
            first = read()
        costs.append(len(queries))
    assert costs == [5, 5]
    with CaptureQueriesContext(connection) as queries:
        second = read(after=first.next)
    assert len(queries) == 5
    seen = amounts(first) + amounts(second)
    assert len(amounts(first)) == PAGE
    assert second.next == ""
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == PAGE + 5


@pytest.mark.parametrize("after", ["x", "20261214", "20261399-1", "20261214-", "²0261214-1", "20261214-" + "9" * 20])
def test_a_key_that_is_none_starts_from_the_top(after: str) -> None:
    make()
    assert len(read(after=after).table.lines) == 1
