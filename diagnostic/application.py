"""The request for a diagnostic: its sections, its pieces, what is known beforehand, how it is judged and kept."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.http import QueryDict

from normandata.accounts.models import Role
from normandata.deminimis.declarations import fiscal_year_end
from normandata.deminimis.rules import Aid
from normandata.documents.limits import Limits
from normandata.dossiers import sheets
from normandata.dossiers.applications import Application, Case, Commitment, FormSection, Piece, Service
from normandata.dossiers.forms import Context, Typed
from normandata.organisations.classify import is_primary_production
from normandata.organisations.models import Organisation, Territory
from normandata.regulation.findings import Verdict

from . import desk, space, statement
from .forms import (
    AIDS,
    PEOPLE,
    REASONS,
    SITUATION,
    STRUCTURE,
    AidsForm,
    PeopleForm,
    ReasonsForm,
    SituationForm,
    StructureForm,
    declares_aids,
    has_situation,
)
from .models import Diagnostic
from .rules import Declaration, Facts, evaluate
from .services import accounts
from .simulator import QUESTIONNAIRE, UNLISTED
from .workflow import PROCEDURE

SHEET = sheets.load(Path(__file__).with_name("sheet.toml"))


def never(context: Context) -> bool:
    return False


def prefill(organisation: Organisation, known: QueryDict) -> Mapping[str, Typed]:
    """Return what the directory and the simulator's answers already say, as it would have been typed."""
    answers = QUESTIONNAIRE.read(known).answers
    typed = {name: known.get(name, "").strip() for name in ("etp", "creation", "activite", "population")}
    place = ", ".join(filter(None, (organisation.street, f"{organisation.postal_code} {organisation.city}".strip())))
    structure = {"nom": organisation.name, "adresse": place, "etp": typed["etp"]}
    proposed = organisation.structure_type
    structure["type"] = str(answers.get("structure") or "") or (proposed.structure_type if proposed.is_certain else "")
    if not (organisation.is_confirmed and organisation.department):
        structure["departement"] = str(answers.get("departement") or organisation.department or "")
    situation = _situation(structure["type"], organisation, answers, typed)
    sections: dict[str, Typed] = {STRUCTURE: _said(structure)}
    if said := _said(situation):
        sections[SITUATION] = said
    return sections


def _situation(
    kind: str, organisation: Organisation, answers: Mapping[str, Any], typed: Mapping[str, str]
) -> dict[str, str]:
    if kind == "enterprise":
        created = organisation.created_on.strftime("%d/%m/%Y") if organisation.created_on else typed["creation"]
        return {"creation": created, "activite": typed["activite"] or organisation.activity}
    if kind == "local_authority":
        territory = Territory.objects.filter(siren=organisation.siren).first()
        chosen = answers.get("territoire")
        if territory is None and chosen not in (None, UNLISTED):
            territory = answers.get("territory")
        return {"population": str(territory.population) if territory else typed["population"]}
    if kind == "health_facility":
        return {"finess": next(iter(organisation.finess_numbers), "")}
    return {}


def _said(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if value}


def facts_of(case: Case) -> Facts:
    """Read a complete request as facts; what the directory did not confirm is left for an agent to look at."""
    structure, situation = case.answers[STRUCTURE], case.answers.get(SITUATION, {})
    organisation = case.organisation
    return Facts(
        on=case.on,
        structure_type=structure.get("type"),
        department=_department(organisation),
        population=situation.get("population"),
        fte=structure.get("etp"),
        created_on=_created_on(organisation, situation),
        activity=situation.get("activite"),
        has_norman_communes=situation.get("communes_normandes") == "oui",
        declaration=_declaration(case),
    )


def _department(organisation: Organisation) -> str | None:
    """Take the directory's department; one that is only declared is a fact from a doubtful source, left to an agent."""
    return (organisation.department or None) if organisation.is_confirmed else None


def _created_on(organisation: Organisation, situation: Mapping[str, Any]) -> date | None:
    return organisation.created_on or situation.get("creation")


def _declaration(case: Case) -> Declaration:
    aids = case.answers.get(AIDS, {})
    economic = {"oui": True, "non": False}.get(str(case.answers.get(SITUATION, {}).get("economique")))
    declared = tuple(Aid(on, amount) for on, amount, _ in aids.get("aids", ())) if aids else None
    return Declaration(
        aids=declared,
        fiscal_year_end=fiscal_year_end(aids),
        is_road_freight=aids.get("fret") == "oui",
        is_agricultural=is_primary_production(case.organisation.activity_code),
        has_other_regime=aids.get("autre_regime") == "oui",
        is_economic=economic,
    )


def judge(case: Case) -> Verdict:
    """Judge a complete request by the règlement of its day."""
    return evaluate(facts_of(case))


def keep(case: Case) -> None:
    """Write the facts of a deposit in the scheme's own row."""
    facts = facts_of(case)
    declared = facts.declaration.aids if facts.declaration else None
    kept = {
        "structure_type": facts.structure_type or "other",
        "fte": facts.fte or Decimal(0),
        "population": int(facts.population) if facts.population is not None else None,
        "created_on": facts.created_on,
        "activity": facts.activity or "",
        "de_minimis_declared": sum((aid.amount for aid in declared), Decimal(0)) if declared is not None else None,
    }
    Diagnostic.objects.bulk_create(
        [Diagnostic(dossier=case.dossier, **kept)],
        update_conflicts=True,
        unique_fields=["dossier"],
        update_fields=list(kept),
    )


APPLICATION = Application(
    prefix="DIA",
    sections=(
        FormSection(STRUCTURE, "Votre structure", StructureForm),
        FormSection(SITUATION, "Votre situation", SituationForm, has_situation),
        FormSection(AIDS, "Aides déjà reçues", AidsForm, declares_aids),
        FormSection(PEOPLE, "Les personnes", PeopleForm),
        FormSection(REASONS, "Vos motivations", ReasonsForm),
    ),
    pieces=(
        Piece(
            "signature",
            "Demande signée",
            "Seulement si vous ne pouvez pas engager la structure vous-même : la demande imprimée et signée par la "
            "personne habilitée, ou le pouvoir qu’elle vous donne.",
            Limits(formats=frozenset({"pdf", "png", "jpeg"}), most_files=2),
            never,
        ),
        Piece(
            "complement",
            "Documents utiles",
            "Ce qui aide à comprendre votre demande : organigramme, projet, liste des aides reçues.",
            Limits(most_files=5),
            never,
        ),
    ),
    signatory=(PEOPLE, "habilite_nom", "habilite_fonction"),
    commitments=(
        Commitment(
            "questionnaire",
            "La structure s’engage à compléter un questionnaire d’évaluation du diagnostic à l’issue de celui-ci et à "
            "le transmettre à la Région Normandie.",
        ),
        Commitment("exact", "Les renseignements donnés dans cette demande sont exacts et complets."),
    ),
    procedure=PROCEDURE,
    open_review=accounts.declare,
    acts={
        "confidentiality": "Engagement de confidentialité signé",
        "session": "Intervention notée",
        "session_erased": "Intervention effacée",
        "report_opened": "Rapport ouvert",
        "report_redacted": "Version expurgée du rapport demandée",
        "evaluation": "Questionnaire d’évaluation rempli",
        "evaluation_naming": "Accord pour être nommé, changé",
        "follow_up": "Suivi à six mois rempli",
    },
    pages={
        "propose": "diagnostic:propose",
        "propose_refusal": "diagnostic:propose_refusal",
        "wait": "diagnostic:wait",
        "select": "diagnostic:decide",
        "refuse": "diagnostic:decide",
        "send_back": "diagnostic:decide",
        "order": "diagnostic:order",
        "notify": "diagnostic:notify",
        "ask_report_changes": "diagnostic:ask_report_changes",
        "accept_report": "diagnostic:accept_report",
        "certify": "diagnostic:certify",
        "settle": "diagnostic:settle",
        "cancel_order": "diagnostic:cancel_order",
        "lapse": "diagnostic:lapse",
    },
    homes={Role.PROVIDER: "diagnostic:missions"},
    desk_panel=desk.panel,
    space_panel=space.panel,
    sentences=dict.fromkeys(desk.SENTENCES, desk.worded),
    card_notes=space.notes,
    money=statement.lines,
    service=Service(
        name=f"Région Normandie, {SHEET.department}",
        address="Abbaye-aux-Dames, place Reine-Mathilde, 14000 Caen",
        email=SHEET.contacts[0].email,
        phone=SHEET.phone,
    ),
    judge=judge,
    keep=keep,
    prefill=prefill,
    next_steps=(
        "Un agent vérifie votre dossier. S’il manque une pièce, vous recevez un courriel et une date limite.",
        "Les demandes sont examinées au fil de l’eau, dans l’ordre de leur complétude, tant qu’il reste des crédits.",
        "Si votre structure est sélectionnée, une notification vous donne le nom du prestataire. Le diagnostic "
        "commence dans les trois mois.",
    ),
)
