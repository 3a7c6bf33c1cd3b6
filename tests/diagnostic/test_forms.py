"""The form of annexe 3: what each section refuses, in which words, and what it makes of what was typed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from diagnostic.forms import (
    QUESTIONS,
    AidsForm,
    PeopleForm,
    ReasonsForm,
    SituationForm,
    StructureForm,
    declares_aids,
)
from normandata.dossiers.forms import Context, as_data
from normandata.organisations.models import DirectoryState, Organisation
from tests.factories.dossiers import NO_AID, PEOPLE, REASONS

CONFIRMED = Organisation(siret="99900001100018", department="14", directory_state=DirectoryState.FOUND)
UNKNOWN = Organisation(siret="99900001100018", directory_state=DirectoryState.PENDING)


def context(kind: str = "enterprise", organisation: Organisation = CONFIRMED, place: str = "") -> Context:
    return Context(organisation, {"structure": {"type": kind, "departement": place}})


def errors(form: Any) -> dict[str, list[str]]:
    return {name: [str(one).replace("\u00a0", " ") for one in said] for name, said in form.errors.items()}


def aids(**typed: str) -> AidsForm:
    return AidsForm(as_data({**NO_AID, **typed}), context=context())


def test_the_department_is_asked_only_when_the_directory_did_not_say() -> None:
    assert "departement" not in StructureForm(context=context()).fields
    assert "departement" in StructureForm(context=context(organisation=UNKNOWN)).fields


@pytest.mark.parametrize(
    ("etp", "said"),
    [
        ("douze mille", "Écrivez ce nombre en chiffres, par exemple 45,5."),
        ("-1", "Ce nombre ne peut pas être inférieur à 0."),
        ("45,555", "Deux décimales au plus ; les milliers se séparent par une espace."),
        ("1000001", "Ce nombre est trop grand. Relisez-le : les chiffres s’écrivent sans répéter de zéros."),
        ("", "Indiquez l’effectif en équivalents temps plein."),
    ],
)
def test_a_staff_that_cannot_be_read_is_said(etp: str, said: str) -> None:
    form = StructureForm(QueryDict(mutable=True) | {"etp": etp}, context=context())
    assert errors(form)["etp"] == [said]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("local_authority", ["population"]),
        ("enterprise", ["creation", "activite"]),
        ("health_facility", ["finess", "economique"]),
        ("association", []),
    ],
)
def test_each_type_of_structure_has_its_questions(kind: str, asked: list[str]) -> None:
    assert list(SituationForm(context=context(kind)).fields) == asked


@pytest.mark.parametrize(("place", "is_asked"), [("14", False), ("autre", True), ("", False)])
def test_a_group_seated_elsewhere_is_asked_for_its_norman_communes(place: str, is_asked: bool) -> None:
    form = SituationForm(context=context("local_authority", UNKNOWN, place))
    assert ("communes_normandes" in form.fields) is is_asked


@pytest.mark.parametrize(("typed", "kept"), [("14 000 000 1", "140000001"), ("2a0000012", "2A0000012"), ("", "")])
def test_a_finess_number_is_read_as_people_write_it(typed: str, kept: str) -> None:
    form = SituationForm(as_data({"finess": typed, "economique": "non"}), context=context("health_facility"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["finess"] == kept


def test_a_finess_number_of_another_length_is_said() -> None:
    form = SituationForm(as_data({"finess": "1400", "economique": "non"}), context=context("health_facility"))
    assert errors(form) == {"finess": ["Un numéro FINESS compte 9 caractères ; celui-ci en compte 4."]}


def test_no_aid_is_an_answer() -> None:
    form = aids()
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["aids"], len(form.aids)) == ([], 3)


def test_aids_are_read_row_by_row_and_written_in_clear() -> None:
    form = aids(recues="oui", aide2_jour="12 mars 2025", aide2_montant="12 500,50 €", aide2_origine="Bpifrance")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["aids"] == [(date(2025, 3, 12), Decimal("12500.50"), "Bpifrance")]
    assert list(form.lines())[-1].value.replace("\u00a0", " ") == "12 500,50 € le 12 mars 2025, Bpifrance"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, {"aide1_jour": ["Décrivez au moins une aide, ou répondez « Non » à la première question."]}),
        ({"aide1_montant": "10"}, {"aide1_jour": ["Aide 1 : indiquez le jour où elle a été accordée."]}),
        ({"aide3_jour": "01/02/2025"}, {"aide3_montant": ["Aide 3 : indiquez son montant en euros."]}),
        ({"aide1_jour": "31/02/2025", "aide1_montant": "10"}, {"aide1_jour": None}),
    ],
)
def test_an_aid_half_written_is_said_in_its_row(typed: dict[str, str], said: dict[str, Any]) -> None:
    found = errors(aids(recues="oui", **typed))
    assert list(found) == list(said)
    assert all(words is None or found[name] == words for name, words in said.items())


def test_the_table_keeps_one_empty_row_and_stops_at_forty() -> None:
    assert len(aids(aide3_montant="10").aids) == 4
    assert len(aids(aide12_montant="10").aids) == 13
    assert len(aids(aide40_montant="10").aids) == 40
    assert len(aids(aide999999_montant="10").aids) == 40


@pytest.mark.parametrize(("typed", "is_read"), [("31/12", True), ("30/6", True), ("28/02", True), ("29/02", False)])
def test_a_fiscal_year_ends_on_a_day_of_every_year(typed: str, is_read: bool) -> None:
    assert aids(cloture=typed).is_valid() is is_read


@pytest.mark.parametrize("typed", ["31/02", "31/04", "00/12", "12/31", "décembre"])
def test_a_day_that_is_not_one_is_said(typed: str) -> None:
    assert list(aids(cloture=typed).errors) == ["cloture"]


def test_the_sirens_of_a_group_are_checked_one_by_one() -> None:
    form = aids(groupe="999 000 011, 999000102")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["groupe"] == ["999000011", "999000102"]
    assert errors(aids(groupe="999000011, 12"))["groupe"] == ["« 12 » n’est pas un SIREN : il en faut neuf chiffres."]


def test_people_are_named_with_an_address_and_a_telephone() -> None:
    assert PeopleForm(as_data(PEOPLE), context=context()).is_valid()
    wrong = PEOPLE | {"projet_courriel": "camille", "habilite_telephone": "02"}
    found = errors(PeopleForm(as_data(wrong), context=context()))
    assert found == {
        "projet_courriel": ["Écrivez une adresse complète, par exemple prenom.nom@mairie.fr."],
        "habilite_telephone": ["Écrivez un numéro à dix chiffres, par exemple 02 31 00 00 00, ou +33 2 31 00 00 00."],
    }
    empty = errors(PeopleForm({}, context=context()))
    assert empty["projet_nom"] == ["Indiquez un nom."]
    assert empty["habilite_courriel"] == ["Indiquez une adresse électronique."]


def test_the_four_questions_are_those_of_the_voted_form() -> None:
    form = ReasonsForm(as_data(REASONS), context=context())
    assert form.is_valid()
    assert [str(field.label).replace("\u00a0", " ") for field in form.fields.values()] == list(QUESTIONS.values())


@pytest.mark.parametrize(("length", "is_taken"), [(3000, True), (3001, False)])
def test_a_reason_takes_three_thousand_signs(length: int, is_taken: bool) -> None:
    assert ReasonsForm(as_data(REASONS | {"projet": "é" * length}), context=context()).is_valid() is is_taken


@pytest.mark.parametrize(
    ("kind", "economic", "is_asked"),
    [
        ("enterprise", "", True),
        ("health_facility", "oui", True),
        ("health_facility", "non", False),
        ("local_authority", "oui", False),
    ],
)
def test_every_undertaking_declares_its_aids(kind: str, economic: str, is_asked: bool) -> None:
    """A health facility with an economic activity is an undertaking too."""
    answers = {"structure": {"type": kind}, "situation": {"economique": economic}}
    assert declares_aids(Context(CONFIRMED, answers)) is is_asked
