"""The application to Booster IA: its sections, its pieces, what is known beforehand, how it is judged and kept."""

from pathlib import Path

from normandata.accounts.models import Role, User
from normandata.deminimis import declarations
from normandata.documents.limits import Limits
from normandata.dossiers import sheets
from normandata.dossiers.applications import Application, Case, Commitment, FormSection, Piece, Service
from normandata.dossiers.forms import Context
from normandata.dossiers.models import Dossier
from normandata.dossiers.people import PeopleForm
from normandata.regulation.findings import Verdict

from . import conduct, desk, facts, proposals, space, statement
from .budget_forms import BudgetForm
from .forms import (
    AIDS,
    BUDGET,
    CALENDAR,
    COMMONS,
    PARTNERS,
    PEOPLE,
    PROJECT,
    REGIME,
    STRUCTURE,
    AidsForm,
    CommonsForm,
    ProjectForm,
    RegimeForm,
    StructureForm,
    declares_aids,
    is_association,
)
from .payments import acts as payments
from .prefill import prefill
from .project_forms import CalendarForm, PartnersForm
from .rules import evaluate
from .services import after, decisions, meetings, partners, programming, waves
from .workflow import PROCEDURE

PROPOSED = "proposed"
SHEET = sheets.load(Path(__file__).with_name("sheet.toml"))


def never(context: Context) -> bool:
    return False


def always(context: Context) -> bool:
    return True


def judge(case: Case) -> Verdict:
    """Judge a complete application by the règlement of its day, with its score once it is proposed."""
    if case.dossier.state == PROPOSED:
        return decisions.scored(case)
    return evaluate(facts.facts_of(case)).verdict


def keep(case: Case) -> None:
    """Write the facts of a deposit, its budget and its partners, who are asked to confirm."""
    facts.keep(case)
    partners.declare(case.dossier, case.answers[PARTNERS]["partners"], by=None)


def open_review(dossier: Dossier, by: User | None) -> None:
    """Put the dossier in its wave, and write the de minimis aids that it declares."""
    waves.place(dossier)
    declarations.declare_section(dossier, AIDS, by=by)


APPLICATION = Application(
    prefix="BIA",
    sections=(
        FormSection(STRUCTURE, "Votre structure", StructureForm),
        FormSection(PROJECT, "Votre projet", ProjectForm),
        FormSection(PARTNERS, "Partenaires", PartnersForm),
        FormSection(COMMONS, "Communs de la donnée", CommonsForm),
        FormSection(CALENDAR, "Calendrier et indicateurs", CalendarForm),
        FormSection(BUDGET, "Budget", BudgetForm),
        FormSection(REGIME, "Régime d’aide", RegimeForm),
        FormSection(AIDS, "Aides déjà reçues", AidsForm, declares_aids),
        FormSection(PEOPLE, "Les personnes", PeopleForm),
    ),
    pieces=(
        Piece(
            "presentation",
            "Support de présentation",
            "Le document qui présente le projet : il est noté avec la qualité de la proposition.",
            Limits(most_files=3),
            always,
        ),
        Piece(
            "devis",
            "Devis",
            "Les devis des prestations, licences et consommables, si vous les avez déjà.",
            Limits(most_files=10),
            never,
        ),
        Piece(
            "statuts",
            "Statuts de l’association",
            "Les statuts à jour et la liste des personnes qui dirigent l’association.",
            Limits(most_files=3),
            is_association,
            is_association,
        ),
        Piece(
            "signature",
            "Demande signée",
            "Seulement si vous ne pouvez pas engager la structure vous-même : la demande imprimée et signée par la "
            "personne habilitée, ou le pouvoir qu’elle vous donne.",
            Limits(formats=frozenset({"pdf", "png", "jpeg"}), most_files=2),
            never,
        ),
        Piece("complement", "Documents utiles", "Ce qui aide à comprendre le projet.", Limits(most_files=5), never),
    ),
    signatory=(PEOPLE, "habilite_nom", "habilite_fonction"),
    commitments=(
        Commitment("regularite", "La structure est à jour de ses obligations fiscales et sociales."),
        Commitment(
            "republicain",
            "L’association souscrit au contrat d’engagement républicain (décret n° 2021-1947 du 31 décembre 2021), en "
            "respecte les sept engagements et en informe ses membres.",
            is_association,
        ),
        Commitment(
            "indicateurs",
            "La structure s’engage à faire remonter les indicateurs d’avancée au terme du projet, à un échange avec la "
            "Région et à participer à une revue de projets collective du DataLab Normandie.",
        ),
        Commitment("exact", "Les renseignements donnés dans cette demande sont exacts et complets."),
    ),
    procedure=PROCEDURE,
    service=Service(
        name=f"Région Normandie, {SHEET.department}",
        address="Abbaye-aux-Dames, place Reine-Mathilde, 14000 Caen",
        email=SHEET.contacts[0].email if SHEET.contacts else "",
        phone=SHEET.phone,
    ),
    judge=judge,
    keep=keep,
    prefill=prefill,
    open_review=open_review,
    acts={
        **partners.ACTS,
        **meetings.ACTS,
        **proposals.ACTS,
        **after.ACTS,
        **payments.ACTS,
        "wave_placed": "Vague du dossier",
    },
    homes={Role.PAYMENTS_OFFICER: "booster_ia:payments"},
    desk_panel=desk.panel,
    space_panel=space.panel,
    card_notes=space.notes,
    next_steps=(
        "Chaque partenaire reçoit un courriel et confirme sa participation. Le dossier ne peut pas être proposé avant.",
        "Un agent vérifie votre dossier. S’il manque une pièce, vous recevez un courriel et une date limite.",
        "Les projets d’une même vague sont examinés ensemble ; la Région peut vous rencontrer. Votre page dit les "
        "dates de votre vague.",
        "La Commission permanente décide, puis le Président de la Région notifie la décision.",
    ),
    bulk=programming.BULK,
    pages={
        "propose": "booster_ia:propose",
        "propose_refusal": "booster_ia:propose_refusal",
        "validate_proposal": "booster_ia:decide",
        "send_back": "booster_ia:decide",
        **conduct.PAGES,
        "lapse": "booster_ia:payment_lapse",
    },
    sentences={**dict.fromkeys(proposals.SENTENCES, proposals.worded), **conduct.SENTENCES},
    card_rows=("agenda_items__session",),
    money=statement.lines,
    reclaims=statement.reclaims,
)
