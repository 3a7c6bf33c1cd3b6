"""The proposal to a call: its sections, its pieces, what is known beforehand, how it is judged, kept and shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from normandata.accounts.models import User
from normandata.documents.limits import Limits
from normandata.dossiers import permissions, sheets, states
from normandata.dossiers.applications import Application, Commitment, FormSection, Panel, Piece, Service
from normandata.dossiers.forms import Context
from normandata.dossiers.models import Dossier
from normandata.dossiers.people import PeopleForm
from normandata.dossiers.schemes import Scheme
from normandata.regulation.formats import spaced

from ..permissions import SCHEME as SLUG
from . import rules
from .models import CallProposal
from .proposals import PROCEDURE, judge, keep, prefill, windows
from .sections import CALL, PEOPLE, PROJECT, STRUCTURE, CallForm, ProjectForm, StructureForm, call_of

SHEET = sheets.load(Path(__file__).with_name("sheet.toml"))


def never(context: Context) -> bool:
    return False


def is_named(context: Context) -> bool:
    """Tell whether the règlement of the call names carriers: they accept it with their signature."""
    call = call_of(context)
    return call is not None and call.names_carriers


def proposal_of(dossier: Dossier) -> CallProposal | None:
    """Return a proposal with its call, its choices and its places; two queries."""
    found = CallProposal.objects.filter(dossier=dossier).select_related("call__chantier__axis", "scale", "theme")
    return found.prefetch_related("places").first()


def desk_panel(dossier: Dossier, user: User) -> Panel | None:
    """Show the agents which call is answered, what the assessment will count, and what was answered."""
    proposal = proposal_of(dossier)
    if proposal is None:
        return None
    content = {"proposal": proposal, "can_examine": permissions.can_examine(user, dossier)}
    return Panel("roadmap/calls/desk_panel.html", content)


def space_panel(dossier: Dossier, user: User) -> Panel | None:
    """Show the carrier which call is answered, and what was answered once it was."""
    proposal = proposal_of(dossier)
    return Panel("roadmap/calls/space_panel.html", {"proposal": proposal}) if proposal else None


def sentence(dossier: Dossier) -> str:
    """Say what became of a proposal whose examination is over."""
    proposal: CallProposal | None = getattr(dossier, "call_proposal", None)
    if proposal is None or not proposal.outcome:
        return "Examen terminé."
    return f"Examen terminé : votre proposition est {proposal.get_outcome_display().lower()}."


def notes(dossiers: Sequence[Dossier]) -> Mapping[int, str]:
    """Name on the cards the call that each deposited proposal answers; one query."""
    found = CallProposal.objects.filter(dossier__in=dossiers).values_list("dossier", "call__title")
    return {dossier: spaced(f"Appel : {title}") for dossier, title in found}


APPLICATION = Application(
    prefix="AMI",
    sections=(
        FormSection(STRUCTURE, "Votre structure", StructureForm),
        FormSection(CALL, "L’appel", CallForm),
        FormSection(PROJECT, "Votre projet", ProjectForm),
        FormSection(PEOPLE, "Les personnes", PeopleForm),
    ),
    pieces=(
        Piece(
            "signature",
            "Proposition signée",
            "Seulement si vous ne pouvez pas engager la structure vous-même : la proposition imprimée et signée par la "
            "personne habilitée, ou le pouvoir qu’elle vous donne.",
            Limits(formats=frozenset({"pdf", "png", "jpeg"}), most_files=2),
            never,
        ),
        Piece(
            "complement",
            "Documents utiles",
            "Ce qui aide à comprendre le projet : présentation, plan, lettre d’un partenaire.",
            Limits(most_files=5),
            never,
        ),
    ),
    procedure=PROCEDURE,
    signatory=(PEOPLE, "habilite_nom", "habilite_fonction"),
    commitments=(
        Commitment("exact", "Les renseignements donnés dans cette proposition sont exacts et complets."),
        Commitment(
            "publication",
            "Le règlement de l’appel prévoit que le bilan nomme les porteurs et les titres des projets : la structure "
            "l’accepte.",
            is_named,
        ),
    ),
    service=Service(
        name=f"Région Normandie, {SHEET.department}",
        address="Abbaye-aux-Dames, place Reine-Mathilde, 14000 Caen",
        email="",
        phone=SHEET.phone,
    ),
    judge=judge,
    keep=keep,
    prefill=prefill,
    windows=windows,
    desk_panel=desk_panel,
    space_panel=space_panel,
    sentences={states.CLOSED: sentence},
    card_notes=notes,
    card_rows=("call_proposal",),
    pages={"conclude": "roadmap:conclude"},
    next_steps=(
        "Un agent vérifie votre proposition. S’il manque une pièce, vous recevez un courriel et une date limite.",
        "Chaque proposition est examinée et reçoit une réponse : retenue, orientée vers un dispositif, ou prise en "
        "compte. Une manifestation d’intérêt ne vaut pas demande de subvention.",
        "La Région publie ensuite le bilan de l’appel : combien de propositions, à quelle échelle, sur quels thèmes, "
        "dans quels départements.",
    ),
)
SCHEME = Scheme(
    slug=SLUG,
    url_slug="appels",
    rank=4,
    nickname="Appels",
    reglement=rules.REGLEMENT,
    sheet=SHEET,
    application=APPLICATION,
    is_aid=False,
    start_route="roadmap:calls",
)
