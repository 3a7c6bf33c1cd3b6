"""What Booster IA needs before its first story, and what is typed in a project; the whole is read in test_services."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.experts.models import Agreement, Expert
from normandata.portal.demonstration import booster, people, script
from normandata.procedure.models import Event


@pytest.fixture
def persons(db: None) -> dict[str, User]:
    return people.settle(script.read().accounts)


def counts() -> list[int]:
    return [model._default_manager.count() for model in (Wave, Expert, Agreement, Event)]


def test_waves_and_experts_are_written_once(persons: dict[str, User]) -> None:
    told = script.read().booster
    booster.settle(told, persons)
    assert Wave.objects.count() == 3
    agreed = {(one.expert.name, one.kind) for one in Agreement.objects.select_related("expert")}
    assert agreed == {
        ("Delphine d’Essai", "asked"), ("Delphine d’Essai", "listed"), ("Mahaut Fictive", "asked"),
    }  # fmt: skip
    assert persons["expert"].role_assignments.count() == 1
    before = counts()
    booster.settle(told, persons)
    assert counts() == before


def test_waves_that_somebody_wrote_are_left_alone(persons: dict[str, User]) -> None:
    booster.settle(script.read().booster, persons)
    Wave.objects.exclude(pk=Wave.objects.latest("closing_on").pk).delete()
    left = Wave.objects.get()
    booster.settle(script.read().booster, persons)
    assert Wave.objects.get() == left


def test_the_wave_that_is_over_is_left_out_where_it_cannot_be_told(persons: dict[str, User]) -> None:
    booster.settle(script.read().booster, persons, with_past=False)
    assert [one.committee_on > timezone.localdate() for one in Wave.objects.all()] == [True, True]


def test_the_waves_have_different_names_on_any_day() -> None:
    closings = sorted(one["closing_on"] for one in script.read().booster["wave"])
    # more than the 184 days of a half-year, so that no two of them close in the same one
    assert [after - before for before, after in pairwise(closings)] == [186, 186]
    for number in range(1461):
        today = date(2026, 1, 1) + timedelta(days=number)
        days = [today + timedelta(days=one) for one in closings]
        assert len({(day.year, day.month <= 6) for day in days}) == 3, today


def test_a_budget_is_typed_row_by_row() -> None:
    spent = [
        ["personnel", "Ingénieure", "9 000", "Ingénieure données", "recrute", "45,5"],
        ["services", "Essais", "1 200", "TTC", "20"],
        ["licences", "Licence", "960,40"],
    ]
    assert booster.budget(spent, [["Agence fictive", "500"]], "oui") == {
        "depense1_categorie": "personnel",
        "depense1_libelle": "Ingénieure",
        "depense1_montant": "9 000",
        "depense1_base": "HT",
        "depense1_fonction": "Ingénieure données",
        "depense1_statut": "recrute",
        "depense1_jours": "45,5",
        "depense2_categorie": "services",
        "depense2_libelle": "Essais",
        "depense2_montant": "1 200",
        "depense2_base": "TTC",
        "depense2_tva": "20",
        "depense3_categorie": "licences",
        "depense3_libelle": "Licence",
        "depense3_montant": "960,40",
        "depense3_base": "HT",
        "aidepub1_financeur": "Agence fictive",
        "aidepub1_montant": "500",
        "autres": "oui",
    }
    assert booster.budget(spent[2:], [], "non") == {
        "depense1_categorie": "licences",
        "depense1_libelle": "Licence",
        "depense1_montant": "960,40",
        "depense1_base": "TTC",
        "autres": "non",
    }
