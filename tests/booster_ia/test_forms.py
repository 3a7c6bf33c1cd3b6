"""The form of annexe 4: what each section asks of whom, and what it says of an answer that is wanting."""

from typing import Any

import pytest

from booster_ia.forms import (
    S3_DOMAINS,
    AidsForm,
    CommonsForm,
    ProjectForm,
    RegimeForm,
    StructureForm,
    declares_aids,
    is_association,
    recovers_vat,
)
from booster_ia.regimes import REGIMES
from normandata.dossiers.forms import Context, as_data
from normandata.dossiers.sheets import Block
from normandata.organisations.models import DirectoryState, Organisation
from tests.factories.booster import COMMONS, NO_AID, PROJECT, REGIME, STRUCTURE

FIRM = Organisation(siret="99900001100018", siren="999000011", department="14", directory_state=DirectoryState.FOUND)
UNKNOWN = Organisation(siret="99900001100018", siren="999000011", directory_state=DirectoryState.PENDING)


def context(organisation: Organisation = FIRM, **answers: Any) -> Context:
    return Context(organisation, answers)


def errors(form: Any) -> dict[str, list[str]]:
    return {name: [str(one).replace("\u00a0", " ") for one in said] for name, said in form.errors.items()}


def test_the_department_is_asked_only_when_the_directory_did_not_say() -> None:
    assert "departement" not in StructureForm(context=context()).fields
    assert "departement" in StructureForm(context=context(UNKNOWN)).fields


def test_a_carrier_whole_is_read() -> None:
    form = StructureForm(as_data(STRUCTURE), context=context())
    assert form.is_valid(), form.errors
    assert [line.name for line in form.lines()] == ["siret", "nom", "adresse", "type", "activite", "tva"]


def test_an_empty_carrier_is_asked_for_field_by_field() -> None:
    assert errors(StructureForm({}, context=context())) == {
        "nom": ["Indiquez le nom de la structure."],
        "adresse": ["Indiquez l’adresse de l’établissement."],
        "type": ["Choisissez le type de porteur."],
        "activite": ["Décrivez l’activité de la structure, même en une phrase."],
        "tva": ["Indiquez si le porteur récupère la TVA."],
    }


def test_the_six_domains_are_those_of_the_voted_text() -> None:
    from booster_ia.application import SHEET

    listed = next(one for one in SHEET.characteristics if isinstance(one, Block) and len(one.items) == 6)
    assert list(listed.items) == list(S3_DOMAINS.values())


@pytest.mark.parametrize("domain", ["", *S3_DOMAINS])
def test_a_domain_is_optional(domain: str) -> None:
    assert ProjectForm(as_data(PROJECT | {"domaine": domain}), context=context()).is_valid()


def test_a_domain_of_ones_own_is_refused() -> None:
    assert list(errors(ProjectForm(as_data(PROJECT | {"domaine": "espace"}), context=context()))) == ["domaine"]


@pytest.mark.parametrize(
    "criterion", ["resume", "besoin", "faisabilite", "responsable", "securite", "reproductibilite"]
)
def test_every_criterion_of_the_grid_has_its_evidence(criterion: str) -> None:
    form = ProjectForm(as_data(PROJECT | {criterion: ""}), context=context())
    assert errors(form) == {criterion: ["Répondez à cette question, même en une phrase."]}
    assert "Critère «" in ProjectForm(context=context()).fields[criterion].help_text.replace("\u00a0", " ")


@pytest.mark.parametrize(("length", "said"), [(3000, []), (3001, ["projet"])])
def test_a_long_text_is_counted_and_kept_whole(length: int, said: list[str]) -> None:
    form = ProjectForm(as_data(PROJECT | {"resume": "é" * length}), context=context())
    assert bool(form.errors) is bool(said)
    assert "maxlength" not in form.fields["resume"].widget.attrs
    if said:
        assert errors(form)["resume"] == ["Cette réponse compte 3001 signes ; la limite est de 3000."]


def test_every_project_gives_something_to_the_commons() -> None:
    assert CommonsForm(as_data(COMMONS), context=context()).is_valid()
    none = errors(CommonsForm(as_data(COMMONS | {"apports": []}), context=context()))
    assert none == {"apports": ["Cochez au moins une contribution : elle est attendue de chaque projet."]}


@pytest.mark.parametrize("regime", list(REGIMES))
def test_outside_state_aid_one_says_why(regime: str) -> None:
    form = RegimeForm(as_data(REGIME | {"regime": regime}), context=context())
    why = {"justification": ["Expliquez en une phrase pourquoi l’activité n’est pas économique."]}
    assert errors(form) == (why if regime == "hors_aide" else {})


def test_a_reason_typed_for_another_regime_is_not_read_back() -> None:
    form = RegimeForm(as_data({"regime": "pme", "justification": "Un reste."}), context=context())
    assert form.is_valid()
    assert [line.name for line in form.lines()] == ["regime"]


@pytest.mark.parametrize("regime", list(REGIMES))
def test_only_de_minimis_declares_the_aids_received(regime: str) -> None:
    assert declares_aids(context(regime={"regime": regime})) is (regime == "de_minimis")


@pytest.mark.parametrize(("other", "expected"), [("oui", "oui"), ("non", "non"), ("", "non")])
def test_other_public_aid_is_not_asked_twice(other: str, expected: str) -> None:
    form = AidsForm(as_data(NO_AID), context=context(budget={"autres": other}))
    assert form.is_valid(), form.errors
    assert "autre_regime" not in form.fields
    assert form.cleaned_data["autre_regime"] == expected


def test_the_carrier_decides_what_is_asked() -> None:
    assert is_association(context(structure={"type": "association"}))
    assert not is_association(context(structure={"type": "enterprise"}))
    assert [recovers_vat(context(structure={"tva": said})) for said in ("oui", "", "non")] == [True, True, False]
