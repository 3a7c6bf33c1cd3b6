"""The roadmap's calls in the demonstration: one open with proposals at several states, one assessed and published.

They are told by the gestures of pilots, carriers and agents, each on its day.
"""

import tomllib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import corrections, deposits, drafts
from normandata.dossiers.services.corrections import Asked
from normandata.dossiers.services.deposits import Signatory
from normandata.organisations import services as organisations
from normandata.organisations.models import Membership, Organisation
from normandata.procedure import services as procedure
from roadmap.calls import services
from roadmap.calls.models import Call
from roadmap.models import Chantier
from roadmap.permissions import SCHEME
from roadmap.rules import FIRST_DAY, LAST_DAY

from . import clock
from .script import DATA

FILE = DATA / "demonstration_calls.toml"
PILOT, AGENT, CARRIER = "pilote", "agent-appels", "porteuse-appels"
SIGNED = Signatory("Camille Exemple", "Dirigeante d’essai", in_person=True, accepted=("exact", "publication"))
PEOPLE = {
    "projet_nom": "Camille Exemple",
    "projet_fonction": "Responsable d’essai",
    "projet_courriel": "camille.exemple@demo.invalid",
    "projet_telephone": "02 31 00 00 00",
    "habilite_nom": "Camille Exemple",
    "habilite_fonction": "Dirigeante d’essai",
    "habilite_courriel": "camille.exemple@demo.invalid",
    "habilite_telephone": "02 31 00 00 00",
}
SUMMARY = (
    "Exemple fictif. Les données existent dans plusieurs services ; le projet les rassemble, les vérifie et les ouvre."
)
CLIMATE = "Exemple fictif. Le projet réutilise des données qui existent et mesure ce qu’il évite."
THANKS = "Exemple fictif. La Région a lu le projet avec intérêt ; un référent du chantier vous écrit sous peu."


@cache
def read() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["call"]
    return found


@transaction.atomic
def settle(people: Mapping[str, User]) -> int:
    """Tell the calls that nobody wrote yet, outside the years of the roadmap none; returns how many were told."""
    if not FIRST_DAY < clock.today() <= LAST_DAY:
        return 0
    known = set(Call.objects.values_list("title", flat=True))
    untold = [one for one in read() if one["title"] not in known]
    for one in untold:
        _tell(one, people)
    return len(untold)


def _tell(told: dict[str, Any], people: Mapping[str, User]) -> None:
    call = _open(told, people[PILOT])
    for rank, one in enumerate(told["proposals"]):
        _propose(call, one, rank, people)
    for one in told.get("drafts", ()):
        with clock.travel(clock.ago(1)):
            _draft(call, one, people)
    if "published" not in told:
        return
    with clock.travel(clock.ago(-told["closes"] - 4)):
        procedure.fire(call, "close_in_time", by=None)
    with clock.travel(clock.ago(-told["published"])):
        services.fire(call, "publish", by=people[PILOT])


def _open(told: dict[str, Any], pilot: User) -> Call:
    """Write a call the week before, then open it on its first day."""
    annex, number = told["chantier"]
    chantier = Chantier.objects.get(axis__number=annex, number=number)
    opens_on = clock.working_day(-told["opens"])
    with clock.travel(clock.ago(7 - told["opens"])):
        call = services.create(chantier, told["title"], by=pilot)
        values = {
            "title": told["title"],
            "summary": told["summary"],
            "text": told["text"].strip(),
            "opens_on": opens_on,
            "closes_on": clock.today() + timedelta(days=told["closes"]),
            "names_carriers": told["names"],
            "contact": "Service fictif des données",
            "email": "appels@demo.invalid",
            "phone": "02 31 00 00 00",
            "themes": told["themes"],
            "scales": list(services.SCALES),
            "deliberations": (),
        }
        services.describe(call, values, by=pilot)
    with clock.travel(clock.ago(-told["opened"])):
        services.fire(call, "open", by=pilot)
    return Call.objects.whole().get(pk=call.pk)


def _propose(call: Call, told: dict[str, Any], rank: int, people: Mapping[str, User]) -> None:
    agent, day = people[AGENT], -told["on"]
    with clock.travel(clock.ago(day, rank % 6, 6)):
        dossier, by = _draft(call, told, people)
        deposits.deposit(dossier, key=uuid.uuid4(), signatory=SIGNED, by=by)
    if "withdrawn" in told:
        with clock.travel(clock.ago(-told["withdrawn"])):
            procedure.fire(dossier, "withdraw", by=by, reason="Exemple fictif. Le projet change de forme.")
    reviewed = told.get("review", told["on"] + 3 if "outcome" in told else None)
    if reviewed is None:
        return
    with clock.travel(clock.ago(-reviewed, rank % 6, 6)):
        procedure.fire(dossier, "start_review", by=agent)
    if "asks" in told:
        with clock.travel(clock.ago(max(-reviewed - 1, 0))):
            items, due_on = [Asked("section:projet", told["asks"])], timezone.localdate() + timedelta(days=15)
            corrections.ask(dossier, items, due_on=due_on, text="Exemple fictif. Une précision.", by=agent)
    if "outcome" in told:
        with clock.travel(clock.ago(-told.get("answered", reviewed + 20), rank % 6, 6)):
            answer = told.get("answer", THANKS)
            services.conclude(dossier, outcome=told["outcome"], answer=answer, by=agent)


def _draft(call: Call, told: dict[str, Any], people: Mapping[str, User]) -> tuple[Dossier, User]:
    """Type a whole proposal, by a member of the organisation that carries it."""
    organisation, by = _carrier(told["siret"], people[CARRIER])
    dossier = drafts.begin(SCHEME, organisation, QueryDict(f"appel={call.slug}"), by=by)
    place = ", ".join(filter(None, (organisation.street, f"{organisation.postal_code} {organisation.city}".strip())))
    typed: dict[str, Mapping[str, Any]] = {
        "structure": {
            "nom": organisation.name,
            "adresse": place or "Adresse fictive",
            "publique": "oui" if told.get("public") else "non",
        },
        "appel": {"appel": call.slug},
        "projet": {
            "titre": told["title"],
            "echelle": str(call.scales[told["scale"]].pk),
            "theme": str(call.themes[told["theme"]].pk),
            "lieux": told["places"],
            "resume": SUMMARY,
            "climat": CLIMATE,
        },
        "personnes": PEOPLE,
    }
    versions = dict(dossier.sections.values_list("slug", "version"))
    for slug, said in typed.items():
        drafts.save_section(dossier, slug, said, version=versions.get(slug, 0), by=by)
    return dossier, by


def _carrier(siret: str, otherwise: User) -> tuple[Organisation, User]:
    """Return an organisation with somebody of it; who is not of the demonstration yet enters it."""
    held = Membership.objects.filter(organisation__siret=siret, state=Membership.State.ACTIVE, user__is_active=True)
    found = held.select_related("organisation", "user").order_by("pk").first()
    if found is not None:
        return found.organisation, found.user
    return organisations.register(siret, by=otherwise).organisation, otherwise
