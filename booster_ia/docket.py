"""What Booster IA tells the Commission permanente of its dossiers: briefs, the most of each, the money, who waits."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F

from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.committee.dockets import Brief, Docket, Funds
from normandata.committee.models import Item
from normandata.dossiers.models import Deposit, Dossier
from normandata.dossiers.services import thread
from normandata.procedure.errors import NotNow
from normandata.regulation.formats import euros, percent

from .awards import Proposal
from .models import BoosterApplication
from .partners import Partner
from .regimes import REGIMES
from .rules import APPLICANTS, REGLEMENT
from .services import decisions

SCHEME = "booster_ia"
UNTITLED = "Projet sans titre"


def briefs(dossiers: Sequence[Dossier]) -> Mapping[int, Brief]:
    """Say of each dossier what was proposed and what it is about, in four queries whatever their number."""
    keys = [one.pk for one in dossiers]
    proposals = {one.dossier_id: one for one in Proposal.objects.filter(dossier__in=keys, ended_at=None)}
    applications = BoosterApplication.objects.in_bulk(keys)
    sent = Deposit.objects.filter(dossier__in=keys, version=F("dossier__version"))
    titles = dict(sent.values_list("dossier", "answers__projet__titre"))
    partners: dict[int, list[str]] = {}
    for pk, name in Partner.objects.filter(dossier__in=keys).taking_part().values_list("dossier", "name"):
        partners.setdefault(pk, []).append(name)
    return {
        one.pk: _brief(proposals[one.pk], applications[one.pk], titles.get(one.pk), partners.get(one.pk, []))
        for one in dossiers
        if one.pk in proposals and one.pk in applications
    }


def _brief(proposal: Proposal, application: BoosterApplication, title: str | None, partners: list[str]) -> Brief:
    figures = REGLEMENT.on(proposal.at.date())
    basis = proposal.basis or "HT"
    return Brief(
        title=title or UNTITLED,
        is_grant=proposal.kind == Proposal.Kind.GRANT,
        amount=proposal.amount,
        basis=proposal.basis,
        reason=proposal.reason,
        rank=proposal.rank,
        score=proposal.score,
        base=application.eligible_expenses,
        rate=percent(figures.number("rate")),
        partners=tuple(partners),
        lines=(
            ("Porteur", APPLICANTS[application.applicant_type]),
            ("Dépenses éligibles", f"{euros(application.eligible_expenses)} {basis}"),
            ("Autres aides publiques", euros(application.other_public_aid)),
            ("Régime d’aide", REGIMES[application.aid_regime]),
        ),
    )


def funds(day: date) -> Funds | None:
    """Read the envelope of the year of a day."""
    try:
        envelope = decisions.envelope_on(day)
    except NotNow:
        return None
    return Funds(str(envelope), envelope.voted, envelope.reserved, envelope.committed, envelope.paid, envelope.unit)


def waiting(user: User) -> Sequence[Dossier]:
    """List the dossiers that an agenda may take up: validated and not decided, or adjourned; by rank, then number.

    The committee's clerks read them by their role; the wave's order is that of its ranking.
    """
    standing = Proposal.objects.standing().filter(dossier__state__in=("proposed", "adjourned"), dossier__scheme=SCHEME)
    rows = standing.select_related("dossier__organisation").order_by(F("rank").asc(nulls_last=True), "dossier__number")
    return [one.dossier for one in rows]


def most(dossier: Dossier, on: date) -> Decimal | None:
    """Return the most that may be granted on a day, in euros."""
    return decisions.most(dossier, on)


def hold(day: date) -> None:
    """Lock the envelope of the year of a day; nothing where there is none, which the decision itself refuses."""
    try:
        budgets.hold(decisions.envelope_on(day))
    except NotNow:
        return


def moved(item: Item) -> None:
    """Tell the organisation the new day of its session."""
    thread.tell(item.dossier, "booster_ia.rescheduled", also={"seance": str(item.session)})


DOCKET = Docket(SCHEME, briefs, most, funds, waiting, hold, moved)
