"""All the deposited requests of the scheme in one table: facts, verdict, decision, order, dates, money, follow-up."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.states import STATES, Turn
from normandata.indicators import parts
from normandata.indicators.definitions import Cell, Unit
from normandata.indicators.parts import CONCLUSIONS, Part, day, label, yes
from normandata.organisations.siret import written as written_siret
from normandata.regulation.territory import NORMAN_NAMES

from .evaluation import FollowUp
from .orders import Order, Proposal
from .readings import TYPES
from .rules import ACTIVITIES
from .sharing import HALF_DAYS_A_DAY

DECISIONS = {Proposal.Kind.SELECT: "Sélection", Proposal.Kind.REFUSE: "Refus"}


def _days(value: int | None) -> Cell:
    return Decimal(value) / HALF_DAYS_A_DAY if value is not None else None


PARTS = (
    Part("Structure", "organisation__name"),
    Part("SIRET", "organisation__siret", written_siret),
    Part("Commune", "organisation__city"),
    Part("Département", "department", label(NORMAN_NAMES)),
    Part("Numéro", "number"),
    Part("État", "state", label({slug: state.label for slug, state in STATES.items()})),
    Part("À qui le tour", "turn", label(dict(Turn.choices))),
    Part("Déposé le", "submitted_at", day),
    Part("Version", "version", unit=Unit.COUNT),
    Part("Complet le", "complete_on"),
    Part("Type de structure", "diagnostic__structure_type", label(TYPES)),
    Part("Effectif (ETP)", "diagnostic__fte", unit=Unit.NUMBER),
    Part("Population", "diagnostic__population", unit=Unit.COUNT),
    Part("Création de la structure", "diagnostic__created_on"),
    Part("Activité", "diagnostic__activity", label({**ACTIVITIES, "": ""})),
    Part("Aides de minimis déclarées (euros)", "diagnostic__de_minimis_declared", unit=Unit.EUROS),
    Part("Constats", "verdict__conclusion", label(CONCLUSIONS)),
    Part("Décision", "decided_kind", label(DECISIONS)),
    Part("Décidé le", "decided_at", day),
    Part("Prestataire", "placed__company__name"),
    Part("Marché", "placed__market__reference"),
    Part("Bon de commande", "placed__number"),
    Part("Sélectionné le", "placed__selected_at", day),
    Part("Commandé le", "placed__ordered_on"),
    Part("Notifié le", "placed__notified_on"),
    Part("À commencer au plus tard le", "placed__start_by"),
    Part("Commencé le", "placed__started_on"),
    Part("Jours commandés", "placed__half_days", _days, Unit.DAYS),
    Part("Jours faits", "placed__half_days_done", _days, Unit.DAYS),
    Part("Présenté le", "placed__presented_on"),
    Part("Rapport remis le", "placed__delivered_on"),
    Part("Service fait le", "placed__service_done_on"),
    Part("Prix TTC (euros)", "placed__amount", unit=Unit.EUROS),
    Part("Facture", "placed__invoice"),
    Part("Facturé le", "placed__invoiced_on"),
    Part("Payé TTC (euros)", "placed__invoiced", unit=Unit.EUROS),
    Part("Mandat", "placed__mandate"),
    Part("Questionnaire envoyé le", "placed__evaluation__sent_at", day),
    Part("Actions nouvelles à six mois", "has_acted", yes),
    Part("Suivi répondu le", "followed_at", day),
)
COLUMNS = parts.columns(PARTS)


def rows(user: User) -> Iterator[Sequence[Cell]]:
    """Write the cells of every request that this person reads, the oldest deposit first."""
    # A proposal sent back was closed, not decided: a selection stands by its order, a refusal by the state.
    ordered = Order.objects.active().filter(dossier=OuterRef("dossier"))
    stands = Q(kind="refuse", dossier__state="refused") | Q(Exists(ordered), kind="select")
    decided = Proposal.objects.filter(stands, dossier=OuterRef("pk"), decided_at__isnull=False)
    decided = decided.order_by("-decided_at", "-pk")
    answered = FollowUp.objects.filter(order=OuterRef("placed__pk")).order_by("-number")
    found = (
        Dossier.objects.for_region(user)
        .filter(scheme="diagnostic")
        .annotate(
            placed=FilteredRelation("diagnostic_orders", condition=Q(diagnostic_orders__cancelled_at=None)),
            decided_kind=Subquery(decided.values("kind")[:1]),
            decided_at=Subquery(decided.values("decided_at")[:1]),
            has_acted=Subquery(answered.values("has_acted")[:1]),
            followed_at=Subquery(answered.values("at")[:1]),
        )
        .order_by("submitted_at", "pk")
    )
    return parts.rows(found, PARTS)
