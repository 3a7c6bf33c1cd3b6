"""Booster IA before its marks: the waves, the directory of experts, and the gestures of a project's story.

Partners answer as they would by the link of their mail; experts, by the space that their address opens.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from django.db import transaction

from booster_ia.partners import Partner
from booster_ia.project_forms import PartnersForm
from booster_ia.regimes import DE_MINIMIS
from booster_ia.services import meetings, partners, waves
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.experts.models import Agreement, Expert, Opinion
from normandata.experts.services import directory, opinions
from normandata.organisations.models import Organisation
from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State

from . import clock
from .script import DOMAIN, Script, Story
from .tale import NO_AID, Step, Tale

SCHEME = "booster_ia"
DAYS = ("opens_on", "closing_on", "instruction_from", "instruction_to", "scoring_closes_on", "committee_on")
ACCEPTED = ("regularite", "indicateurs", "exact")
ASSOCIATION = ("republicain",)
STAFF = "personnel"
STARTS = 75
"""Days from today to the first day of a project, unless its story says."""
LASTS = 150


# --------------------------------------------------------------------------------------------- before the first story
@transaction.atomic
def settle(told: Mapping[str, Any], people: Mapping[str, User], *, with_past: bool = True) -> None:
    """Write the waves and the experts that are missing, each on its day; waves that somebody wrote are left alone.

    Without the past, a wave whose committee met before today is left out.
    """
    if not Wave.objects.exists():
        for one in told["wave"]:
            if with_past or one["committee_on"] > 0:
                _open_wave(one, people[told["agents"]["lead"]])
    settle_experts(told["expert"], people[told["agents"]["first"]], people)


def settle_experts(told: Iterable[Mapping[str, Any]], agent: User, people: Mapping[str, User]) -> None:
    """Write the experts that are missing, each on its day."""
    for one in told:
        if not Expert.objects.filter(email=address(one["slug"])).exists():
            _add_expert(one, agent, people.get(one["slug"]))


def _open_wave(told: Mapping[str, Any], lead: User) -> None:
    days = {name: clock.today() + timedelta(days=told[name]) for name in DAYS}
    closing = days["closing_on"]
    with clock.travel(clock.ago(told["days"])):
        waves.open_wave(by=lead, year=closing.year, number=1 if closing.month <= 6 else 2, **days)


def _add_expert(told: Mapping[str, Any], agent: User, account: User | None) -> None:
    """Add an expert who agreed to be asked, and open the space of one who has an account."""
    fields = {name: told[name] for name in ("name", "organisation", "skills")}
    with clock.travel(clock.ago(told["days"])):
        expert = directory.add(email=address(told["slug"]), by=agent, **fields)
        given_on = clock.working_day(told["days"] + 3)
        for kind in told["agrees"]:
            directory.record_agreement(expert, Agreement.Kind(kind), given_on=given_on, proof=told["proof"], by=agent)
    if account:
        with clock.travel(clock.ago(told["days"] - 2)):
            directory.join(account)


def address(slug: str) -> str:
    return f"{slug}@{DOMAIN}"


# ---------------------------------------------------------------------------------------------------------- the project
class Project(Tale):
    """The story of an application to Booster IA."""

    def __init__(self, story: Story, people: Mapping[str, User], organisation: Organisation, told: Script) -> None:
        super().__init__(story, people, organisation, told)
        self.texts = told.booster["texts"]

    @property
    def told(self) -> Mapping[str, Any]:
        return self.story.project

    @property
    def commitments(self) -> tuple[str, ...]:
        return ACCEPTED + (ASSOCIATION if self.told["type"] == "association" else ())

    def sent(self) -> None:
        """Write the mails of the partners that a deposit names."""
        waiting = Message.objects.filter(handler=partners.HANDLER, state=State.PENDING)
        for pk in list(waiting.order_by("created_at").values_list("pk", flat=True)):
            outbox.work(pk)

    def answers(self) -> dict[str, dict[str, Any]]:
        """Return what is typed in each section; what the directory knows is there already."""
        told, said = self.told, self.texts[self.told["theme"]]
        titled: dict[str, Any] = {"titre": told["title"], "resume": told["pitch"], "ia": told.get("ia", "oui")}
        answers: dict[str, dict[str, Any]] = {
            "structure": {"type": told["type"], "tva": told.get("tva", "oui"), "activite": told["activity"]},
            "projet": {**titled, "domaine": told.get("domain", ""), **{name: said[name] for name in TEXTS}},
            "partenaires": dict(PartnersForm.completed(self.named(), {})),
            "communs": {"apports": told.get("commons", ["feedback"]), "detail": said["communs"]},
            "calendrier": self.calendar(said["indicateurs"]),
            "budget": budget(told["spent"], told.get("public_aids", ()), told.get("tva", "oui")),
            "regime": {"regime": told["regime"], "justification": told.get("justification", "")},
            "personnes": self.contacts(),
        }
        if told["regime"] == DE_MINIMIS:
            answers["aides"] = {name: value for name, value in NO_AID.items() if name != "autre_regime"}
        return answers

    def named(self) -> dict[str, str]:
        """Return the partners as typed: a SIRET, whom to write to; the directory gives the rest."""
        typed = {"avec": "oui" if self.told["partners"] else "non"}
        for rank, one in enumerate(self.told["partners"], start=1):
            typed[f"partenaire{rank}_siret"] = one["siret"]
            typed[f"partenaire{rank}_contact"] = one["contact"]
            typed[f"partenaire{rank}_courriel"] = f"partenaire{rank}.{self.story.slug}@{DOMAIN}"
        return typed

    def calendar(self, indicators: Iterable[tuple[str, str, str]]) -> dict[str, str]:
        first = clock.today() + timedelta(days=self.told.get("starts", STARTS))
        last = first + timedelta(days=self.told.get("lasts", LASTS))
        typed = {"debut": f"{first:%d/%m/%Y}", "fin": f"{last:%d/%m/%Y}"}
        rows = (dict(zip(("nom", "cible", "unite"), row, strict=True)) for row in indicators)
        return typed | _rows("indicateur", rows)


TEXTS = ("usage_ia", "besoin", "faisabilite", "responsable", "securite", "reproductibilite")
"""What each theme says, by field of the form."""


def budget(spent: Iterable[Sequence[str]], aids: Iterable[Sequence[str]], vat: str) -> dict[str, str]:
    """Return a budget as typed: rows of category, label and amount; for a person, function, job and days besides."""
    rows = []
    for category, label, amount, *more in spent:
        row = {"categorie": category, "libelle": label, "montant": amount, "base": "HT" if vat == "oui" else "TTC"}
        names = ("fonction", "statut", "jours") if category == STAFF else ("base", "tva")
        rows.append(row | dict(zip(names, more, strict=False)))
    granted = [dict(zip(("financeur", "montant"), one, strict=True)) for one in aids]
    typed = _rows("depense", rows) | _rows("aidepub", granted)
    return typed | {"autres": "oui" if granted else "non"}


def _rows(table: str, rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    numbered = enumerate(rows, start=1)
    return {f"{table}{rank}_{part}": value for rank, row in numbered for part, value in row.items()}


# ------------------------------------------------------------------------------------------------- those who are asked
def confirm(tale: Tale, step: Step) -> None:
    partner = _partner(tale, step)
    partners.confirm(partner, by_name=partner.contact)


def decline(tale: Tale, step: Step) -> None:
    partner = _partner(tale, step)
    partners.decline(partner, by_name=partner.contact, reason=step["reason"])


def _partner(tale: Tale, step: Step) -> Partner:
    siret = tale.story.project["partners"][step["partner"] - 1]["siret"]
    return Partner.objects.select_related("dossier").get(dossier=tale.dossier, siret=siret)


def ask_expert(tale: Tale, step: Step) -> None:
    """Ask an expert about all that was deposited; `due` is in days from today."""
    deposit = tale.dossier.deposits.latest("version")
    opinions.ask(
        tale.dossier,
        expert=Expert.objects.get(email=address(step["expert"])),
        question=step["question"],
        version=deposit.version,
        pieces=[piece["attachment"] for piece in deposit.pieces],
        due_on=clock.today() + timedelta(days=step["due"]),
        is_confidential=step.get("is_confidential", True),
        by=tale.by(step),
    )


def opine(tale: Tale, step: Step) -> None:
    """Have the expert declare, write and give the opinion that waits on this dossier."""
    opinion = Opinion.objects.open().get(dossier=tale.dossier, expert__email=address(step["by"]))
    expert = tale.by(step)
    opinions.declare_no_conflict(opinion, by=expert)
    opinion = opinions.save_draft(opinion, step["text"], version=opinion.draft_version, by=expert)
    opinions.give(opinion, version=opinion.draft_version, by=expert)


def meet(tale: Tale, step: Step) -> None:
    """Fix a meeting `in` so many days from today, or on a working day so many days ago."""
    away = int(step["in"])
    day = clock.working_day(-away) if away < 0 else clock.today() + timedelta(days=away)
    fields = {name: step[name] for name in ("place", "link", "who") if name in step}
    meetings.arrange(tale.dossier, by=tale.by(step), day=day, hour=time.fromisoformat(step["hour"]), **fields)


def minute(tale: Tale, step: Step) -> None:
    [held] = meetings.meetings_of(tale.dossier)
    meetings.change(held, by=tale.by(step), revision=held.revision, notes=step["text"])


GESTURES: dict[str, Callable[[Tale, Step], object]] = {
    "confirm": confirm,
    "decline": decline,
    "ask_expert": ask_expert,
    "opine": opine,
    "meet": meet,
    "minute": minute,
}
