"""The application to Booster IA: prefilled, judged, deposited and kept; its pages at 1 and 30 rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booster_ia import application
from booster_ia.models import BoosterApplication, BudgetLine, Partner
from booster_ia.prefill import prefill
from normandata.deminimis.models import Declaration
from normandata.dossiers.models import Dossier, Section
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from tests.factories.accounts import make_agent
from tests.factories.booster import (
    ACCEPTED,
    BUDGET,
    CALENDAR,
    NO_AID,
    NORMAN,
    OUTSIDE,
    PARTNERS,
    STRUCTURE,
    expenses,
    make_booster,
    make_booster_deposit,
    make_booster_draft,
    staff,
)
from tests.factories.organisations import OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)
SIMULATED = {
    "porteur": "enterprise", "departement": "14", "partenaires": ["61", "ailleurs"], "ia": "oui",
    "debut": "1er décembre 2026", "fin": "31/05/2027", "tva": "non", "personnel": "8 000,50", "permanent": "3 000",
    "licences": "1 200", "equipement": "4 000", "autres_aides": "5 000,10", "dm_date_2": "12/03/2025",
    "dm_montant_2": "12 500,50",
}  # fmt: skip


def known(**changes: Any) -> QueryDict:
    return QueryDict(urlencode(SIMULATED | changes, doseq=True))


def outcomes(dossier: Dossier) -> dict[str, str]:
    return {one["rule"].removeprefix("booster_ia."): one["outcome"] for one in dossier.verdict["findings"]}


def deposited(**answers: Any) -> Dossier:
    return make_booster(at=AT, answers=answers)


# ------------------------------------------------------------------------------------------------------- prefilled
def test_the_simulators_answers_are_carried_and_never_asked_again() -> None:
    firm = OrganisationFactory(name="Ateliers d’essai")
    plain = {
        slug: {k: v.replace("\u00a0", " ") for k, v in said.items()} for slug, said in prefill(firm, known()).items()
    }
    assert plain == {
        "structure": {
            "nom": "Ateliers d’essai", "adresse": "1 rue de l’Exemple, 14000 Caen", "type": "enterprise", "tva": "non",
        },
        "projet": {"ia": "oui"},
        "partenaires": {"avec": "oui"},
        "calendrier": {"debut": "1er décembre 2026", "fin": "31/05/2027"},
        "budget": {
            "depense1_categorie": "personnel", "depense1_libelle": "Personnel employé pour le projet",
            "depense1_montant": "5 000,5", "depense1_base": "TTC", "depense1_statut": "recrute",
            "depense2_categorie": "personnel", "depense2_libelle": "Personnel permanent",
            "depense2_montant": "3 000", "depense2_base": "TTC", "depense2_statut": "permanent",
            "depense3_categorie": "licences", "depense3_libelle": "Licences d’utilisation",
            "depense3_montant": "1 200", "depense3_base": "TTC",
            "depense4_categorie": "equipment", "depense4_libelle": "Équipement, matériel",
            "depense4_montant": "4 000", "depense4_base": "TTC",
            "autres": "oui", "aidepub1_montant": "5 000,1",
        },
        "aides": {"recues": "oui", "aide1_jour": "12/03/2025", "aide1_montant": "12 500,50"},
    }  # fmt: skip


def test_without_simulation_the_directory_alone_speaks() -> None:
    found = prefill(OrganisationFactory(name="Ateliers d’essai"), QueryDict())
    assert found == {
        "structure": {"nom": "Ateliers d’essai", "adresse": "1 rue de l’Exemple, 14000 Caen", "type": "enterprise"}
    }


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("5710", "enterprise"), ("9220", "association"), ("7210", "local_authority"), ("7383", "public_establishment"),
        ("7364", "public_establishment"), ("9300", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_type_of_carrier_is_proposed_when_it_is_certain(category: str, kind: str) -> None:
    found = prefill(OrganisationFactory(legal_category=category), QueryDict())
    assert found["structure"].get("type", "") == kind


def test_the_directory_down_leaves_what_was_answered() -> None:
    found = prefill(OrganisationFactory(pending=True), known(departement="61", partenaires=["aucun"]))
    assert found["structure"] == {"type": "enterprise", "tva": "non", "departement": "61"}
    assert found["partenaires"] == {"avec": "non"}


# ---------------------------------------------------------------------------------------------------------- judged
def test_a_whole_application_is_eligible_and_kept_to_the_cent() -> None:
    dossier = deposited()
    kept = BoosterApplication.objects.get()
    assert (dossier.number, dossier.verdict["conclusion"]) == ("BIA-2026-0001", "eligible")
    assert (kept.eligible_expenses, kept.grant, kept.other_public_aid) == (
        Decimal("24999.97"), Decimal("12499.99"), Decimal(0),
    )  # fmt: skip
    assert (kept.applicant_type, kept.recovers_vat, kept.start, kept.end, kept.uses_ai) == (
        "enterprise", True, date(2026, 12, 1), date(2027, 5, 31), True,
    )  # fmt: skip
    assert (kept.s3_domain, kept.aid_regime, kept.wave, kept.wave_reason) == ("resilience", "rdi", None, "")
    assert (dossier.amount, dossier.amount_basis) == (Decimal("12499.99"), "HT")
    assert list(Partner.objects.values_list("siret", "department", "state")) == [(NORMAN, "61", "invited")]


def test_the_lines_of_the_budget_are_kept_with_what_becomes_of_each() -> None:
    rows = expenses(
        staff("8 000", "permanent"), {"montant": "12 000", "base": "TTC", "tva": "20"}, {"categorie": "equipment"}
    )
    deposited(structure=STRUCTURE | {"type": "public_establishment"}, budget={**rows, "autres": "non"})
    found = BudgetLine.objects.values_list("rank", "category", "amount", "basis", "vat_rate", "days", "kept", "refusal")
    assert list(found) == [
        (1, "personnel", 8000, "HT", None, Decimal("45.5"), 0,
         "personnel permanent d’un établissement public, exclu par le texte"),
        (2, "services", 12000, "TTC", 20, None, 10000, ""),
        (3, "equipment", 1000, "HT", None, None, 0, "hors des catégories de dépenses éligibles"),
    ]  # fmt: skip
    assert BoosterApplication.objects.get().grant == 5000


def test_a_new_deposit_takes_the_place_of_the_lines_before() -> None:
    dossier = deposited(budget={**expenses({}, {}, {}), "autres": "non"})
    Section.objects.filter(dossier=dossier, slug="budget").update(answers=dict(BUDGET))
    make_booster_deposit(dossier)
    assert list(BudgetLine.objects.values_list("rank", "amount")) == [(1, Decimal("24999.97"))]
    assert Dossier.objects.get().amount == Decimal("12499.99")


def test_a_carrier_that_does_not_recover_vat_is_counted_with_it() -> None:
    rows = expenses({"montant": "12 000", "base": "TTC"})
    dossier = deposited(structure=STRUCTURE | {"tva": "non"}, budget={**rows, "autres": "non"})
    assert (dossier.amount, dossier.amount_basis) == (Decimal(6000), "TTC")


def test_permanent_staff_of_a_local_authority_is_accepted_with_an_alert() -> None:
    rows = {**expenses(staff("8 000", "permanent")), "autres": "non"}
    dossier = deposited(structure=STRUCTURE | {"type": "local_authority"}, budget=rows)
    assert BoosterApplication.objects.get().grant == 4000
    assert BudgetLine.objects.get().alert.startswith("Personnel permanent d’une collectivité")
    assert dossier.verdict["conclusion"] == "eligible"


@pytest.mark.parametrize(
    ("answers", "rule", "outcome"),
    [
        ({"calendrier": CALENDAR | {"fin": "30/06/2027"}}, "duration", "unmet"),
        ({"partenaires": {"avec": "non"}}, "partnership", "unmet"),
        ({"partenaires": PARTNERS | {"partenaire1_siret": OUTSIDE, "partenaire1_lieu": "35"}}, "partnership", "unmet"),
        ({"partenaires": PARTNERS | {"partenaire1_lieu": ""}}, "partnership", "to_review"),
        ({"budget": {**expenses({"categorie": "equipment"}), "autres": "non"}}, "expenses", "unmet"),
        ({"regime": {"regime": "de_minimis"}, "aides": NO_AID}, "de_minimis", "met"),
        ({"regime": {"regime": "de_minimis"},
          "aides": NO_AID | {"recues": "oui", "aide1_jour": "12/03/2025", "aide1_montant": "287 500,02"}},
         "de_minimis", "unmet"),
        ({"regime": {"regime": "de_minimis"},
          "aides": NO_AID | {"recues": "oui", "aide1_jour": "12/03/2025", "aide1_montant": "287 500,01"}},
         "de_minimis", "met"),
        ({"regime": {"regime": "hors_aide", "justification": "Service public."}}, "de_minimis", "not_applicable"),
    ],
)  # fmt: skip
def test_what_is_not_eligible_is_deposited_all_the_same(answers: dict[str, Any], rule: str, outcome: str) -> None:
    """24 999,97 € give 12 499,99 €: 287 500,01 € before reach the ceiling, one cent more passes it."""
    dossier = deposited(**answers)
    assert (dossier.state, outcomes(dossier)[rule]) == ("submitted", outcome)


def test_a_carrier_that_the_directory_did_not_place_is_looked_at() -> None:
    firm = OrganisationFactory(pending=True)
    dossier = make_booster(at=AT, organisation=firm, answers={"structure": STRUCTURE | {"departement": "61"}})
    assert outcomes(dossier)["normandy"] == "to_review"


# -------------------------------------------------------------------------------------------------------- deposited
def test_without_its_presentation_an_application_is_not_whole() -> None:
    with pytest.raises(NotDone, match="« Support de présentation »"):
        make_booster_deposit(make_booster_draft(pieces=()))


def test_an_association_signs_the_republican_contract_and_joins_its_statutes() -> None:
    draft = make_booster_draft(answers={"structure": STRUCTURE | {"type": "association"}}, pieces=("presentation",))
    with pytest.raises(NotDone, match="« Statuts de l’association »"):
        make_booster_deposit(draft)
    whole = make_booster_draft(
        answers={"structure": STRUCTURE | {"type": "association"}}, pieces=("presentation", "statuts")
    )
    with pytest.raises(NotDone, match="Cochez chaque engagement"):
        make_booster_deposit(whole)
    sent = make_booster_deposit(whole, accepted=(*ACCEPTED, "republicain"))
    assert "accepte_republicain" in [line[0] for line in sent.recap[-1]["lines"]]


def test_an_enterprise_is_not_asked_for_the_republican_contract() -> None:
    sent = make_booster_deposit()
    assert [line[0] for line in sent.recap[-1]["lines"]] == [*(f"accepte_{one}" for one in ACCEPTED), "signataire"]


def test_the_receipt_names_its_service_by_post_and_telephone() -> None:
    record = make_booster_deposit().receipt.record
    assert record["service"] == {
        "name": "Région Normandie, Direction de l’Aménagement Numérique",
        "address": "Abbaye-aux-Dames, place Reine-Mathilde, 14000 Caen",
        "email": "non indiqué, écrivez à l’adresse ci-dessus",
        "phone": "02\u00a031\u00a006\u00a079\u00a000",
    }


@pytest.mark.parametrize(("regime", "declared"), [("rdi", 0), ("de_minimis", 1)])
def test_the_declaration_is_written_when_the_review_begins(regime: str, declared: int) -> None:
    aids = NO_AID | {"recues": "oui", "aide1_jour": "12/03/2025", "aide1_montant": "1 000"}
    dossier = deposited(regime={"regime": regime}, aides=aids)
    procedure.fire(dossier, "start_review", by=make_agent("booster_ia"))
    assert Declaration.objects.filter(dossier=dossier).count() == declared
    assert BoosterApplication.objects.get().wave_reason.startswith("Complet le 1er")


def test_every_gesture_of_the_kernel_is_there() -> None:
    names = {row.name for row in application.APPLICATION.procedure.workflow.transitions}
    assert {"submit", "answer", "start_review", "ask_correction", "withdraw"} <= names


# ------------------------------------------------------------------------------------------------------------ pages
@pytest.fixture
def page(client: Client) -> Callable[..., Any]:
    draft = make_booster_draft()
    client.force_login(draft.created_by)

    def at(slug: str, data: dict[str, str] | None = None, **headers: str) -> Any:
        path = f"/dossiers/{draft.key}/sections/{slug}/"
        return client.get(path, headers=headers) if data is None else client.post(path, data, headers=headers)

    return at


def text(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ")


def test_the_grant_is_on_the_page_without_a_script(page: Callable[..., Any]) -> None:
    shown = text(page("budget"))
    assert '<p class="nd-grant__amount">12 499,99 €</p>' in shown
    rows = expenses({"montant": "10 000"}, {"categorie": "equipment"})
    answer = page("budget", {"version": "1", **rows, "autres": "non", "garder": "depense"})
    assert answer["Location"].endswith("/sections/budget/#depense")
    assert '<p class="nd-grant__amount">5 000,00 €</p>' in text(page("budget"))


def test_a_script_asks_for_the_grant_alone(page: Callable[..., Any]) -> None:
    live = text(page("budget", **{"HX-Request": "true"}))
    assert live.lstrip().startswith('<section class="nd-sheet nd-grant" id="montants"')
    assert "<html" not in live
    assert '<div id="etat-1" hx-swap-oob="true">' in live
    assert "Éligible : 24 999,97 € HT." in live
    assert "<html" in text(page("projet", **{"HX-Request": "true"}))


def test_what_is_wrong_is_said_and_kept(page: Callable[..., Any]) -> None:
    rows = expenses({"montant": "-12"}, {"montant": "douze mille"})
    shown = text(page("budget", {"version": "1", **rows, "autres": "non", "suite": "1"}))
    assert "Dépense 1 : montant : ce nombre ne peut pas être inférieur à 0." in shown
    assert 'value="douze mille"' in shown
    assert 'aria-invalid="true"' in shown


def test_the_directory_is_asked_on_saving(page: Callable[..., Any]) -> None:
    typed = {"version": "1", "avec": "oui", "partenaire1_siret": OUTSIDE, "partenaire1_courriel": "a@exemple.invalid"}
    page("partenaires", typed)
    kept = Section.objects.get(slug="partenaires").answers
    assert (kept["partenaire1_lieu"], kept["partenaire1_nom"]) == ("35", "Entreprise d’essai hors de Normandie")
    shown = text(page("partenaires"))
    assert "Établie hors de Normandie (35)" in shown
    assert "partenaire1_lieu" not in shown


def measured(page: Callable[..., Any], rows: int) -> int:
    """Count the queries when the budget is shown with `rows` lines, which make no row of the database."""
    Section.objects.filter(slug="budget").update(answers={**expenses(*[{}] * rows), "autres": "non"})
    with CaptureQueriesContext(connection) as queries:
        page("budget")
    return len(queries)


def test_the_budget_costs_the_same_at_one_and_thirty_rows(page: Callable[..., Any]) -> None:
    measured(page, 1)
    assert measured(page, 1) == measured(page, 30) <= 12


def kept_in(rows: int) -> int:
    draft = make_booster_draft(
        organisation=OrganisationFactory(), answers={"budget": {**expenses(*[{}] * rows), "autres": "non"}}
    )
    with CaptureQueriesContext(connection) as queries:
        make_booster_deposit(draft)
    return len(queries)


def test_a_deposit_costs_the_same_at_one_and_thirty_rows() -> None:
    kept_in(1)
    assert kept_in(1) == kept_in(30)
