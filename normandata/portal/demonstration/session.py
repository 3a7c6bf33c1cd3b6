"""A wave that is over: its scoring, its proposals, its session of the Commission permanente, and the session to come.

The committee's gestures are told as those of a story are, in the same order: what is decided takes money and aids on
its day. What becomes of each dossier afterwards is in the dossier's own story.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from booster_ia.docket import waiting
from booster_ia.models import BoosterApplication
from booster_ia.services import decisions, places, scoring
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.budgets.models import Basis, Envelope
from normandata.committee.models import Session
from normandata.committee.services import results, sessions
from normandata.committee.services.results import Deliberation, Result, Votes
from normandata.dossiers.models import Signatory
from normandata.scoring.arithmetic import shown
from normandata.scoring.models import Panel
from normandata.scoring.services import panels

from . import clock, marks
from .booster import SCHEME, Project
from .script import Script, Story
from .tale import Step


def is_of_session(story: Story) -> bool:
    """Tell whether a story is of the wave that is over."""
    return story.scheme == SCHEME and story.is_conducted


def past_wave(told: Script) -> Wave | None:
    """Return the wave that is over as the demonstration writes it, if it is there."""
    days = min(one["closing_on"] for one in told.booster["wave"])
    return Wave.objects.filter(closing_on=clock.today() + timedelta(days=days)).first()


def may_be_told(untold: Iterable[Story], told: Script) -> bool:
    """Tell whether the wave that is over can be told whole: it is ours, and nobody scored it or held a session."""
    wave = past_wave(told)
    wanted = {one.slug for one in told.stories if is_of_session(one)}
    is_whole = wanted <= {one.slug for one in untold}
    is_free = wave is not None and scoring.panel_of(wave) is None
    return is_whole and is_free and not Session.objects.filter(scheme=SCHEME).exists()


# --------------------------------------------------------------------------------------------- before the first story
@transaction.atomic
def settle(told: Mapping[str, Any], people: Mapping[str, User]) -> None:
    """Say who signs and vote an envelope for each year of a committee day; what somebody wrote is left alone."""
    if not Signatory.objects.filter(scheme__in=("", SCHEME)).exists():
        signs = told["signatory"]
        fields = {name: signs[name] for name in ("name", "quality", "delegation")}
        Signatory.objects.create(scheme=SCHEME, since=clock.working_day(signs["days"]), **fields)
    for year in sorted({wave.committee_on.year for wave in Wave.objects.all()}):
        if not Envelope.objects.of(SCHEME).filter(year=year).exists():
            _vote(told["envelope"], year, people[told["envelope"]["by"]])


def _vote(told: Mapping[str, Any], year: int, lead: User) -> None:
    with clock.travel(clock.ago(told["days"])):
        envelope = budgets.open_envelope(SCHEME, told["label"], basis=Basis.HT, by=lead, year=year)
        amount, day = Decimal(told["amount"]), clock.working_day(told["days"])
        budgets.vote(envelope, amount, act=told["act"], day=day, key=f"demonstration:{year}", by=lead)


# ---------------------------------------------------------------------------------------------------------- the session
@dataclass
class Sitting:
    """The story of a session, and of all that a whole wave goes through before it."""

    story: Story
    told: Script
    people: Mapping[str, User]
    projects: Sequence[Project]

    @property
    def said(self) -> Mapping[str, Any]:
        said: Mapping[str, Any] = self.told.session["sitting"]
        return said

    @property
    def panel(self) -> Panel:
        """The panel of the wave; LookupError before its scoring opened."""
        wave = past_wave(self.told)
        panel = scoring.panel_of(wave) if wave else None
        if panel is None:
            raise LookupError("the wave was not scored")
        return panel

    @property
    def session(self) -> Session:
        return Session.objects.filter(scheme=SCHEME).earliest("held_on")

    def by(self, step: Step) -> User:
        return self.people[step["by"]]


def sittings(told: Script, people: Mapping[str, User], projects: Sequence[Project]) -> list[Sitting]:
    """Return the session to tell with these projects, none without them."""
    if not projects:
        return []
    steps = tuple(told.session["sitting"]["steps"])
    story = Story(slug="seance", siret="", by="", steps=steps, head=(), scheme=SCHEME, is_conducted=True)
    return [Sitting(story, told, people, projects)]


def score(sitting: Sitting, step: Step) -> None:
    """Open the scoring and write every sheet, each on its own day."""
    dossiers = {one.story.slug: one.dossier for one in sitting.projects}
    marks.judge(sitting.told, sitting.people, dossiers, sitting.told.session["scoring"])


def close_scoring(sitting: Sitting, step: Step) -> None:
    panels.close_panel(sitting.panel, by=sitting.by(step))


def recommend(sitting: Sitting, step: Step) -> None:
    """Propose every dossier by its rank: its computed grant, or the refusal that its story gives a reason for."""
    found = {key: place.score for key, place in places.places(sitting.panel).items()}
    ranked = sorted(sitting.projects, key=lambda one: -(found[str(one.dossier.pk)] or 0))
    for rank, one in enumerate(ranked, start=1):
        one.dossier.refresh_from_db()
        score = found[str(one.dossier.pk)]
        told: dict[str, Any] = {
            "rank": rank,
            "score": shown(score) if score is not None else "",
            "by": sitting.by(step),
        }
        if reason := one.told.get("refusal"):
            decisions.propose_refusal(one.dossier, reason=reason, **told)
            continue
        grant = BoosterApplication.objects.get(pk=one.dossier.pk).grant
        if grant is None:
            raise LookupError(f"{one.story.slug} has no grant")
        decisions.propose(one.dossier, amount=grant, **told)


def second(sitting: Sitting, step: Step) -> None:
    """Have a second person validate every proposal."""
    for one in sitting.projects:
        decisions.validate(one.dossier, by=sitting.by(step))


def convene(sitting: Sitting, step: Step) -> None:
    """Create the session on a working day, and put every dossier that waits on its agenda."""
    clerk = sitting.by(step)
    day = clock.working_day(step["held"])
    made = sessions.create(SCHEME, held_on=day, place=sitting.said["place"], report_number=step["report"], by=clerk)
    sessions.put_on_agenda(made, waiting(clerk), by=clerk)


def table(sitting: Sitting, step: Step) -> None:
    sessions.table(sitting.session, by=sitting.by(step))


def record_results(sitting: Sitting, step: Step) -> None:
    """Type what was decided, as proposed where nothing is told, and send it to a second person."""
    held, clerk = sitting.session, sitting.by(step)
    said = {one.dossier.pk: one.told["result"] for one in sitting.projects if "result" in one.told}
    typed = {one.pk: _result(said[one.dossier_id]) for one in held.items.standing() if one.dossier_id in said}
    deliberation = Deliberation(
        number=sitting.said["deliberation"],
        executory_on=clock.working_day(step["executory"]),
        presided_by=sitting.said["presided_by"],
    )
    votes = Votes(*sitting.said["votes"])
    results.record_results(held, typed, deliberation=deliberation, votes=votes, by=clerk)
    results.record(held, by=clerk)


def _result(told: Mapping[str, Any]) -> Result:
    return Result(
        outcome=told.get("outcome", results.AS_PROPOSED),
        amount=Decimal(told["amount"]) if "amount" in told else None,
        reason=told.get("reason", ""),
        votes=Votes(*told["votes"]) if "votes" in told else None,
        recusals=tuple((name, why) for name, why in told.get("recusals", ())),
    )


def decide(sitting: Sitting, step: Step) -> None:
    results.validate(sitting.session, by=sitting.by(step))


def convene_next(sitting: Sitting, step: Step) -> None:
    """Create the session of the wave that is being scored; its agenda is left to the clerk."""
    coming = Wave.objects.filter(committee_on__gt=clock.today()).order_by("committee_on").first()
    if coming is None:
        raise LookupError("no session is to come")
    sessions.create(SCHEME, held_on=coming.committee_on, place=sitting.said["place"], by=sitting.by(step))


GESTURES: dict[str, Callable[[Sitting, Step], object]] = {
    "score": score,
    "close_scoring": close_scoring,
    "recommend": recommend,
    "second": second,
    "convene": convene,
    "table": table,
    "record_results": record_results,
    "decide": decide,
    "convene_next": convene_next,
}
