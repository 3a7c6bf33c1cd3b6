"""The deposited applications in one table, those of one wave with their ranks, and the scheme's de minimis grants.

No score is in the table of the scheme: blindness holds in files too. That of a wave asks `scoring.reading` for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from django.db.models import CharField, Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.deminimis import registration
from normandata.deminimis.models import Aid
from normandata.dossiers.models import Deposit, Dossier
from normandata.dossiers.states import STATES, Turn
from normandata.indicators import parts
from normandata.indicators.definitions import Cell, Column, Unit
from normandata.indicators.parts import CONCLUSIONS, Part, day, label, yes
from normandata.organisations.siret import written as written_siret
from normandata.procedure.errors import NotAllowed
from normandata.procedure.models import kind_of
from normandata.regulation.territory import NORMAN_NAMES
from normandata.scoring.models import Panel

from . import score_exports, scores
from .after import Reply
from .awards import Award, Proposal
from .indicators import CARRIERS
from .partners import CONFIRMED, Partner, PartnerQuerySet
from .payments.recoveries import Recovery
from .payments.states import ISSUED
from .readings import SCHEME
from .regimes import REGIMES
from .services import scoring
from .waves import Wave


def _year(value: int | None) -> Cell:
    """Write a year, which is no number to group."""
    return None if value is None else str(value)


STATE = label({slug: state.label for slug, state in STATES.items()})
KINDS = label(dict(Proposal.Kind.choices))
DECISIONS = label(dict(Item.Outcome.choices))
VALIDATED = label({True: "Validée", False: "À valider"})
HEAD = (
    Part("Structure", "organisation__name"),
    Part("SIRET", "organisation__siret", written_siret),
    Part("Commune", "organisation__city"),
    Part("Département", "department", label(NORMAN_NAMES)),
    Part("Numéro", "number"),
    Part("Projet", "title"),
    Part("État", "state", STATE),
)
DECIDED = (
    Part("Proposition", "proposed_kind", KINDS),
    Part("Montant proposé (euros)", "proposed_amount", unit=Unit.EUROS),
    Part("Proposition validée", "proposed_validated", VALIDATED),
    Part("Décision", "outcome", DECISIONS),
    Part("Séance du", "held_on"),
    Part("Délibération", "award__deliberation"),
    Part("Subvention (euros)", "award__amount", unit=Unit.EUROS),
    Part("Base", "award__basis"),
    Part("Notifiée le", "award__notified_on"),
    Part("Payé (euros)", "award__paid", unit=Unit.EUROS),
    Part("Titres de recette (euros)", "claimed", unit=Unit.EUROS),
)
PARTS = (
    *HEAD,
    Part("À qui le tour", "turn", label(dict(Turn.choices))),
    Part("Déposé le", "submitted_at", day),
    Part("Version", "version", unit=Unit.COUNT),
    Part("Complet le", "complete_on"),
    Part("Vague, année", "booster__wave__year", _year),
    Part("Vague, numéro", "booster__wave__number", unit=Unit.COUNT),
    Part("Nature du porteur", "booster__applicant_type", label(CARRIERS)),
    Part("Récupère la TVA", "booster__recovers_vat", yes),
    Part("Partenaires", "named", unit=Unit.COUNT),
    Part("Partenaires confirmés", "confirmed", unit=Unit.COUNT),
    Part("S’appuie sur l’IA", "booster__uses_ai", yes),
    Part("Début du projet", "booster__start"),
    Part("Fin du projet", "booster__end"),
    Part("Dépenses éligibles (euros)", "booster__eligible_expenses", unit=Unit.EUROS),
    Part("Autres aides publiques (euros)", "booster__other_public_aid", unit=Unit.EUROS),
    Part("Subvention calculée (euros)", "booster__grant", unit=Unit.EUROS),
    Part("Régime d’aide", "booster__aid_regime", label(REGIMES)),
    Part("Constats", "verdict__conclusion", label(CONCLUSIONS)),
    *DECIDED,
    Part("À justifier au plus tard le", "award__justify_by"),
    Part("Bilan envoyé le", "award__outcome__sent_at", day),
    Part("Mené à son terme", "award__outcome__is_completed", yes),
    Part("Fini le", "award__outcome__finished_on"),
    Part("Échange le", "award__outcome__exchange_on"),
    Part("Revue de projets le", "award__outcome__review_on"),
    Part("Preuve de concept validée", "proof", yes),
    Part("Retour d’expérience produit", "feedback", yes),
)
COLUMNS = parts.columns(PARTS)
PLACES = (
    Column("Place", Unit.COUNT),
    Column("Moyenne", Unit.NUMBER),
    Column("Fiches", Unit.COUNT),
)
WAVE_PARTS = (
    *HEAD,
    Part("Complet le", "complete_on"),
    Part("Dépenses éligibles (euros)", "booster__eligible_expenses", unit=Unit.EUROS),
    Part("Subvention calculée (euros)", "booster__grant", unit=Unit.EUROS),
    *DECIDED,
)
KEY = Part("", "pk")
"""What joins a row to its place; never written."""
WAVE_COLUMNS = (*parts.columns(WAVE_PARTS), *PLACES)


def _applications(user: User) -> "QuerySet[Dossier]":
    """Find the applications that this person reads, with all that their rows say, in one query."""
    sent = Deposit.objects.filter(dossier=OuterRef("pk"), version=OuterRef("version"))
    proposed = Proposal.objects.filter(Q(ended_at=None) | Q(is_validated=True), dossier=OuterRef("pk"))
    proposed = proposed.order_by("-at", "-pk")
    decided = Item.objects.standing().filter(dossier=OuterRef("pk"), applied_at__isnull=False).order_by("-applied_at")
    named = Partner.objects.taking_part().filter(dossier=OuterRef("pk"))
    issued = Recovery.objects.filter(award=OuterRef("award__pk"), state=ISSUED).order_by()
    claimed = issued.values("award").annotate(total=Sum("amount")).values("total")
    answers = Reply.objects.filter(award=OuterRef("award__pk")).order_by("-number")
    return (
        Dossier.objects.for_region(user)
        .filter(scheme=SCHEME)
        .annotate(
            award=FilteredRelation("booster_awards", condition=Q(booster_awards__undone_at=None)),
            title=Subquery(sent.values(text=KT("answers__projet__titre"))[:1]),
            proposed_kind=Subquery(proposed.values("kind")[:1]),
            proposed_amount=Subquery(proposed.values("amount")[:1]),
            proposed_validated=Subquery(proposed.values("is_validated")[:1]),
            outcome=Subquery(decided.values("outcome")[:1]),
            held_on=Subquery(decided.values("session__held_on")[:1]),
            claimed=Subquery(claimed),
            named=_count(named),
            confirmed=_count(named.filter(state=CONFIRMED)),
            proof=Subquery(answers.filter(question=Reply.Question.PROOF).values("is_yes")[:1]),
            feedback=Subquery(answers.filter(question=Reply.Question.FEEDBACK).values("is_yes")[:1]),
        )
    )


def _count(rows: PartnerQuerySet) -> Coalesce:
    counted = rows.order_by().values("dossier").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def rows(user: User) -> Iterator[Sequence[Cell]]:
    """Write the cells of every application that this person reads, the oldest deposit first."""
    return parts.rows(_applications(user).order_by("submitted_at", "pk"), PARTS)


def wave_rows(wave: Wave, user: User) -> list[Sequence[Cell]]:
    """Write the applications of a wave by their places, then by date of completeness.

    Places and means are left empty to whoever may not read them, and as long as the scoring is open.
    """
    places = _places(scoring.panel_of(wave), user)
    found = _applications(user).filter(booster__wave=wave).order_by("complete_on", "number")
    lines = [tuple(line) for line in parts.rows(found, (*WAVE_PARTS, KEY))]
    placed = [(places.get(str(line[-1]), (None, None, None)), line[:-1]) for line in lines]
    placed.sort(key=lambda one: (one[0][0] is None, one[0][0] or 0))
    return [(*line, *place) for place, line in placed]


def _places(panel: Panel | None, user: User) -> Mapping[str, tuple[int | None, Decimal | None, int]]:
    """Read the place, the mean and the number of sheets of each application of a closed panel, by key."""
    if panel is None or not panel.is_closed:
        return {}
    try:
        found, _ = scores.ranked(panel, user)
    except NotAllowed:
        return {}
    listed = (*found.places, *found.reserve, *found.waiting)
    return {one.key: (one.rank, score_exports.cut(one.score), one.sheets) for one in listed}


def de_minimis(user: User) -> Iterator[str]:
    """Write the de minimis aids that the scheme granted, in the columns of the public register, line by line."""
    mine = Award.objects.filter(dossier__in=Dossier.objects.for_region(user).filter(scheme=SCHEME))
    keys = mine.annotate(key=Cast("pk", CharField())).order_by().values("key")
    aids = Aid.objects.granted_here().filter(about_kind=kind_of(Award()), about_key__in=keys)
    return registration.export(aids)
