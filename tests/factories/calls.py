"""Calls of the tests and the proposals that answer them, brought to a state by the gestures that people would make."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier, Section
from normandata.dossiers.services import deposits, drafts
from normandata.dossiers.services.deposits import Signatory
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from roadmap.calls import services
from roadmap.calls.models import Call, CallProposal, Option, Place
from roadmap.models import Chantier
from tests.factories.accounts import make_agent
from tests.factories.dossiers import PEOPLE
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.factories.roadmap import ChantierFactory

THEMES = ("Mobilité", "Santé", "Énergie")
SIGNED = Signatory("Dominique Exemple", "Gérante", in_person=True, accepted=("exact",))
_numbers = count(1)


def make_call(
    state: str = "open",
    *,
    chantier: Chantier | None = None,
    themes: Sequence[str] = THEMES,
    opens_on: date | None = None,
    closes_on: date | None = None,
    **fields: Any,
) -> Call:
    """Make a whole call in a state; it is open from ten days ago to ten days from now unless dates are given."""
    number, today = next(_numbers), timezone.localdate()
    given = {
        "slug": f"appel-{number}",
        "title": f"Données d’essai {number}",
        "summary": "Proposez un projet.",
        "text": "Qui peut répondre :\n- les communes\n- les entreprises",
        "email": "appel@exemple.invalid",
        "updated_at": timezone.now(),
    }
    call = Call.objects.create(
        chantier=chantier or ChantierFactory.create(),
        state=state,
        opens_on=opens_on or today - timedelta(days=10),
        closes_on=closes_on or today + timedelta(days=10),
        **{**given, **fields},
    )
    listed = ((Option.Kind.THEME, themes), (Option.Kind.SCALE, services.SCALES))
    Option.objects.bulk_create(
        Option(call=call, kind=kind, rank=rank, label=label)
        for kind, labels in listed
        for rank, label in enumerate(labels, start=1)
    )
    return Call.objects.whole().get(pk=call.pk)


def answers(
    call: Call,
    *,
    theme: int = 0,
    scale: int = 0,
    places: Sequence[str] = ("14",),
    public: bool = False,
    title: str = "Un compteur ouvert",
) -> dict[str, dict[str, Any]]:
    """Type a whole proposal to a call."""
    return {
        "structure": {"nom": "Mairie d’essai", "adresse": "1 rue des Essais", "publique": "oui" if public else "non"},
        "appel": {"appel": call.slug},
        "projet": {
            "titre": title,
            "echelle": str(call.scales[scale].pk),
            "theme": str(call.themes[theme].pk),
            "lieux": list(places),
            "resume": "Compter, puis publier.",
            "climat": "Moins de déplacements.",
        },
        "personnes": PEOPLE,
    }


def make_proposal_draft(
    call: Call, *, by: User | None = None, organisation: Organisation | None = None, **said: Any
) -> Dossier:
    """Begin a proposal to a call and type everything in it."""
    if by is None:
        membership = MembershipFactory(**({"organisation": organisation} if organisation else {}))
        by, organisation = membership.user, membership.organisation
    dossier = drafts.begin("roadmap", organisation, QueryDict(), by=by)  # type: ignore[arg-type]
    dossier.sections.all().delete()
    Section.objects.bulk_create(
        Section(dossier=dossier, slug=slug, answers=typed) for slug, typed in answers(call, **said).items()
    )
    return dossier


def deposit(dossier: Dossier, *, at: datetime | None = None, accepted: Sequence[str] = ("exact",)) -> Dossier:
    """Deposit a proposal as it stands."""
    signed = Signatory(SIGNED.name, SIGNED.role, in_person=True, accepted=tuple(accepted))
    deposits.deposit(dossier, key=uuid.uuid4(), signatory=signed, by=dossier.created_by, at=at)
    return dossier


def make_proposal(call: Call, *, at: datetime | None = None, **said: Any) -> CallProposal:
    """Make a deposited proposal."""
    accepted = ("exact", "publication") if call.names_carriers else ("exact",)
    dossier = deposit(make_proposal_draft(call, **said), at=at, accepted=accepted)
    return CallProposal.objects.get(pk=dossier.pk)


def copies(proposal: CallProposal, count: int) -> None:
    """Add proposals like one, each of its own organisation: rows alone, for what is counted."""
    dossier, places = proposal.dossier, list(proposal.places.all())
    for rank in range(count):
        dossier.pk, dossier.key, dossier.number = None, uuid.uuid4(), f"AMI-2025-{rank + 1:04d}"
        dossier.organisation = OrganisationFactory.create()
        dossier._state.adding = True
        dossier.save()
        proposal.pk, proposal.dossier = dossier.pk, dossier
        proposal._state.adding = True
        proposal.save()
        Place.objects.bulk_create(Place(proposal_id=dossier.pk, department=one.department) for one in places)


def make_answered(call: Call, outcome: str = "noted", *, agent: User | None = None, **said: Any) -> CallProposal:
    """Make a proposal that was examined and answered."""
    proposal, agent = make_proposal(call, **said), agent or make_agent("roadmap")
    procedure.fire(proposal.dossier, "start_review", by=agent)
    services.conclude(proposal.dossier, outcome=outcome, answer="Merci.", by=agent)
    return CallProposal.objects.get(pk=proposal.pk)
