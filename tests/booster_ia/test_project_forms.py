"""The tables of the project: partners by SIRET, calendar and indicators."""

from datetime import date
from typing import Any

import pytest

from booster_ia.project_forms import CalendarForm, PartnersForm
from booster_ia.services.partners import Declared
from normandata.dossiers.forms import Context, as_data
from normandata.organisations import directory
from normandata.organisations.directory import DirectoryDown
from normandata.organisations.models import DirectoryState, Organisation
from tests.factories.booster import CALENDAR, NORMAN, OUTSIDE, PARTNERS

FIRM = Organisation(siret="99900001100018", siren="999000011", department="14", directory_state=DirectoryState.FOUND)
CONTEXT = Context(FIRM, {}, date(2026, 10, 1))


def errors(form: Any) -> dict[str, list[str]]:
    return {name: [str(one).replace("\u00a0", " ") for one in said] for name, said in form.errors.items()}


def partners(**typed: str) -> PartnersForm:
    return PartnersForm(as_data({**PARTNERS, **typed}), context=CONTEXT)


def second(siret: str, **typed: str) -> dict[str, str]:
    given = {"siret": siret, "nom": "Essai", "courriel": "essai@exemple.invalid"} | typed
    return {f"partenaire2_{part}": value for part, value in given.items()}


def calendar(**typed: str) -> CalendarForm:
    form = CalendarForm(as_data({**CALENDAR, **typed}), context=CONTEXT)
    form.full_clean()
    return form


# -------------------------------------------------------------------------------------------------------- partners
def test_partners_are_read_with_where_they_are() -> None:
    form = partners(**second(OUTSIDE, lieu="35"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["partners"] == [
        Declared(NORMAN, "Fonderie imaginaire du Bocage", "fonderie@exemple.invalid", "Dominique Exemple", "61"),
        Declared(OUTSIDE, "Essai", "essai@exemple.invalid", "", "35"),
    ]
    assert [(number, tone) for number, tone, _ in form.places] == [(1, "met"), (2, "na")]
    assert form.places[1][2].replace("\u00a0", " ") == (
        "Établie hors de Normandie (35) : elle peut participer, mais ne compte pas parmi les structures normandes "
        "qu’il faut réunir."
    )


def test_a_partner_that_the_directory_did_not_place_blocks_nothing() -> None:
    form = partners(partenaire1_lieu="")
    assert form.is_valid()
    assert form.places[0][2].replace("\u00a0", " ") == "L’annuaire n’a pas répondu : un agent vérifiera où elle est."


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        (second("99900001100018"), "partenaire2_siret",
         "C’est le SIREN de votre propre structure : un partenaire est une autre structure."),
        (second(NORMAN), "partenaire2_siret",
         "Cette structure est déjà le partenaire 1 (même SIREN) : nommez-la une seule fois."),
        (second("99900010200016"), "partenaire2_siret",
         "Un chiffre ne va pas : la clé de contrôle de ce SIRET n’est pas juste. Relisez-le chiffre par chiffre ; deux "
         "chiffres sont souvent inversés."),
        (second("9990001020001"), "partenaire2_siret", "Il manque 1 chiffre : un SIRET en compte 14."),
        (second("", nom="Seule"), "partenaire2_siret", "Indiquez son SIRET, 14 chiffres."),
        (second(OUTSIDE, courriel=""), "partenaire2_courriel",
         "Indiquez une adresse : le partenaire y confirmera sa participation."),
        (second(OUTSIDE, courriel="essai"), "partenaire2_courriel",
         "Écrivez une adresse complète, par exemple prenom.nom@exemple.fr."),
        (second(OUTSIDE, nom=""), "partenaire2_nom", "Indiquez le nom de cette structure."),
    ],
)  # fmt: skip
def test_a_partner_that_cannot_be_taken_is_said_beside_its_field(typed: dict[str, str], name: str, said: str) -> None:
    form = partners(**typed)
    assert errors(form) == {name: [said]}
    assert form["partenaire2_siret"].value() == typed["partenaire2_siret"]


def test_another_establishment_of_the_carrier_is_the_carrier() -> None:
    own = Organisation(siret="99900030000015", siren="999000300", department="14")
    form = PartnersForm(
        as_data(PARTNERS | {"partenaire1_siret": "999 000 300 00023"}), context=Context(own, {}, date(2026, 10, 1))
    )
    assert list(errors(form)) == ["partenaire1_siret"]


def test_a_project_led_alone_may_be_told() -> None:
    alone = partners(avec="non")
    assert alone.is_valid()
    assert (alone.cleaned_data["partners"], [line.name for line in alone.lines()]) == ([], ["avec"])
    none = PartnersForm(as_data({"avec": "oui"}), context=CONTEXT)
    assert errors(none) == {"partenaire1_siret": ["Indiquez le SIRET d’un partenaire, ou répondez « Non »."]}


@pytest.mark.usefixtures("quiet")
def test_the_directory_says_where_a_partner_is_and_its_name_when_it_is_not_typed() -> None:
    typed = {
        "avec": "oui",
        "partenaire1_siret": "999 000 102 00015",
        "partenaire1_nom": "",
        "partenaire2_siret": OUTSIDE,
    }
    found = PartnersForm.completed(typed | {"partenaire2_nom": "Notre nom"}, {})
    assert (found["partenaire1_lieu"], found["partenaire1_nom"]) == ("61", "Fonderie imaginaire du Bocage")
    assert (found["partenaire2_lieu"], found["partenaire2_nom"]) == ("35", "Notre nom")


@pytest.mark.usefixtures("quiet")
def test_a_place_sent_by_the_page_is_not_believed() -> None:
    typed = {"partenaire1_siret": OUTSIDE, "partenaire1_lieu": "14", "partenaire2_siret": "1", "partenaire2_lieu": "14"}
    found = PartnersForm.completed(typed, {})
    assert (found["partenaire1_lieu"], "partenaire2_lieu" in found) == ("35", False)


def test_the_directory_down_keeps_what_it_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(siret: str) -> None:
        raise DirectoryDown(siret)

    monkeypatch.setattr(directory, "find", down)
    known = {"partenaire1_siret": NORMAN, "partenaire1_lieu": "61"}
    typed = {"partenaire1_siret": OUTSIDE, "partenaire2_siret": NORMAN}
    found = PartnersForm.completed(typed, known)
    assert (found["partenaire1_lieu"], found["partenaire2_lieu"]) == ("", "61")


def test_a_partner_placed_and_named_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(directory, "find", asked.append)
    PartnersForm.completed(PARTNERS, PARTNERS)
    assert asked == []


# -------------------------------------------------------------------------------------------------------- calendar
@pytest.mark.parametrize(
    ("start", "end", "outcome"),
    [
        ("01/09/2026", "28/02/2027", "met"),
        ("01/09/2026", "01/03/2027", "unmet"),
        ("1er septembre 2026", "31 mars 2027", "unmet"),
    ],
)
def test_a_duration_is_judged_by_the_rule_and_never_blocks(start: str, end: str, outcome: str) -> None:
    form = calendar(debut=start, fin=end)
    assert form.is_valid(), form.errors
    assert form.duration is not None
    assert form.duration.outcome.value == outcome


def test_seven_months_are_said_in_the_words_of_the_rule() -> None:
    found = calendar(debut="01/09/2026", fin="31/03/2027").duration
    assert found is not None
    assert found.message.replace("\u00a0", " ") == (
        "Avec un début le 1er septembre 2026, la fin est possible jusqu’au 28 février 2027 ; elle est prévue le "
        "31 mars 2027."
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"fin": "30/11/2026"},
         {"fin": ["La fin précède le début, le 1er décembre 2026 : relisez les deux dates."]}),
        ({"fin": "31/02/2027"}, {"fin": ["Cette date n’existe pas dans le calendrier."]}),
        ({"debut": ""}, {"debut": ["Indiquez le jour où le projet commence."]}),
        ({"indicateur1_cible": ""}, {"indicateur1_cible": ["Indiquez la valeur visée, en chiffres."]}),
        ({"indicateur1_nom": ""}, {"indicateur1_nom": ["Dites ce que mesure cet indicateur."]}),
        ({"indicateur1_nom": "", "indicateur1_cible": "", "indicateur1_unite": ""},
         {"indicateur1_nom": ["Donnez au moins un indicateur d’avancée."]}),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_read_is_said_beside_its_cause(
    typed: dict[str, str], wanted: dict[str, list[str]]
) -> None:
    form = calendar(**typed)
    assert errors(form) == wanted
    assert all(form[name].value() == value for name, value in typed.items())


def test_a_single_day_is_a_calendar() -> None:
    assert calendar(fin="01/12/2026").is_valid()


def test_indicators_are_read_and_written_in_clear() -> None:
    form = calendar(indicateur2_nom="Température", indicateur2_cible="-1,5", indicateur2_unite="°C")
    assert form.is_valid(), form.errors
    assert [line.value.replace("\u00a0", " ") for line in form.lines()][2:] == [
        "Crues prévues à 24 heures : 95 %",
        "Température : -1,5 °C",
    ]
