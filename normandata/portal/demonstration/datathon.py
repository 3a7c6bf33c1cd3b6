"""Three editions of the Datathon: one that is over, one whose jury deliberates, one open for registration.

They are told by the gestures of organisers, participants and jurors, each on its day.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from datathon.editions import DataSet, Edition, Theme
from datathon.rules import REGLEMENT
from datathon.services import (
    after,
    contents,
    deliberations,
    deliverables,
    editions,
    help_requests,
    juries,
    meetings,
    mentors,
    opening,
    publication,
    registrations,
)
from datathon.services import scoring as jury
from datathon.services import teams as teaming
from datathon.teams import Team
from normandata.accounts import services as accounts
from normandata.accounts.models import Role, User
from normandata.documents import services as documents
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Signatory
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts, sheets
from normandata.scoring.services.sheets import Typed

from . import clock
from .script import DATA, DOMAIN, PASSWORD

FILE = DATA / "demonstration_datathon.toml"
SCHEME = "datathon"
PAST, JURY, OPEN = "past", "jury", "open"
BENT = ("0.4", "-0.6", "0.2", "0", "-0.4", "0.5", "-0.1")
"""How far a juror's marks are from a team's strength; each criterion begins elsewhere in this list."""
LEANS = ("0.3", "-0.4", "0", "0.6", "-0.7", "0.2", "-0.1")
"""How far a juror is from the others on a team."""


@cache
def read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def settle(people: Mapping[str, User]) -> int:
    """Tell the editions that are not there; returns how many were told.

    An edition that would begin before the scheme opened is left out.
    """
    told, count = read(), 0
    _designate(told["signatory"])
    for one in told["edition"]:
        began = clock.working_day(one["days"]["created"])
        if Edition.objects.filter(slug=one["slug"]).exists() or began < REGLEMENT.on(began).date("opening"):
            continue
        with transaction.atomic():
            Telling(told, one, people).tell()
        count += 1
    return count


def _designate(told: Mapping[str, Any]) -> None:
    """Say who signs the letters of refusal; a signatory that somebody chose since is left alone."""
    if not Signatory.objects.filter(scheme__in=("", SCHEME)).exists():
        fields = {name: told[name] for name in ("name", "quality", "delegation")}
        Signatory.objects.create(scheme=SCHEME, since=clock.working_day(told["days"]), **fields)


def crowd(told: Mapping[str, Any], count: int) -> list[User]:
    """Return so many fictitious participants, made once for all editions."""
    pairs = [(first, last) for last in told["last_names"] for first in told["first_names"]][:count]
    emails = [f"participant-{rank:03d}@{DOMAIN}" for rank in range(1, count + 1)]
    known = {user.email: user for user in User.objects.filter(email__in=emails)}
    hashed = make_password(PASSWORD) if len(known) < count else ""
    for email, (first, last) in zip(emails, pairs, strict=True):
        if email not in known:
            user = User.objects.create(email=email, name=f"{first} {last}", password=hashed)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
            known[email] = user
    return [known[email] for email in emails]


@dataclass
class Telling:
    """One edition as it is told; `said` is its part of the file."""

    told: Mapping[str, Any]
    said: Mapping[str, Any]
    people: Mapping[str, User]

    @property
    def days(self) -> Mapping[str, int]:
        days: Mapping[str, int] = self.said["days"]
        return days

    @property
    def organiser(self) -> User:
        return self.people[self.told["organiser"]]

    def at(self, name: str, hour: int = 12) -> datetime:
        """Return an hour of a day of the edition."""
        return datetime.combine(clock.working_day(self.days[name]), time(hour), tzinfo=PARIS)

    def tell(self) -> None:
        with clock.travel(clock.ago(self.days["created"])):
            edition = self._prepare()
        with clock.travel(clock.ago(self.days["opens"])):
            opening.open_registration(edition, by=self.organiser)
        made = self._register(edition)
        if self.said["key"] == OPEN:
            self._accompany(edition, made)
            return
        with clock.travel(clock.ago(self.days["starts"])):
            opening.start_challenge(edition, by=self.organiser)
        self._deliver(made)
        self._judge(edition, made)
        if self.said["key"] == PAST:
            self._publish(edition, made)

    def _prepare(self) -> Edition:
        """Create the edition with its days, its themes, its data sets, its prizes and its rules."""
        by = self.organiser
        edition = editions.create(title=self.said["title"], year=self.at("closing").year, slug=self.said["slug"], by=by)
        day = {name: clock.working_day(self.days[name]) for name in ("opens", "closes", "starts", "locks")}
        editions.change(
            edition,
            by=by,
            summary=self.said["summary"],
            opens_on=day["opens"],
            registration_closes_on=day["closes"],
            starts_on=day["starts"],
            teams_lock_on=day["locks"],
            deliverables_due_at=self.at("due"),
            closing_at=self.at("closing", 14),
            closing_place=self.said["place"],
        )
        for rank, title in enumerate(self.said["themes"], start=1):
            contents.put(Theme(edition=edition, rank=rank, title=title), by=by)
        for rank, one in enumerate(self.told["data_set"], start=1):
            contents.put(DataSet(edition=edition, rank=rank, **one), by=by)
        editions.set_prizes(edition, [Decimal(one) for one in self.said["prizes"]], by=by)
        contents.publish_rules(edition, text=self.told["rules"], by=by)
        return edition

    def _register(self, edition: Edition) -> list[Team]:
        """Register people, team by team, and a few who look for a team."""
        themes, made = list(edition.themes.all()), []
        sizes = self.told["members"]
        wanted = [sizes[rank % len(sizes)] for rank in range(self.said["teams"])]
        everybody = crowd(self.told, sum(wanted) + 4)
        among = iter(enumerate(everybody))
        days = range(self.days["opens"] - 1, max(self.days["closes"], 0), -1)
        for rank, (size, one) in enumerate(zip(wanted, self.told["team"], strict=False)):
            with clock.travel(clock.ago(days[rank % len(days)], rank, len(wanted))):
                members = [self._enter(edition, *next(among)) for _ in range(size)]
                said = {name: one[name] for name in ("name", "project", "summary")}
                values = said | {"theme": themes[rank % len(themes)], "territory": "Normandie"}
                team = teaming.create(members[0], values, by=members[0].person)
                for member in members[1:]:
                    teaming.join_by_code(member, team.code, by=member.person)
                made.append(team)
        with clock.travel(clock.ago(days[-1])):
            for place, person in among:
                self._enter(edition, place, person, looks=True)
        return made

    def _enter(self, edition: Edition, place: int, person: User, *, looks: bool = False) -> Any:
        profiles, skills = self.told["profiles"], self.told["skills"]
        said = registrations.Said(
            profile=profiles[place % len(profiles)],
            wants_team=looks,
            skills=skills[place % len(skills)],
            pitch="Je cherche une équipe qui manque de bras." if looks else "",
        )
        consents = ("image",) if place % 3 else ()
        return registrations.register(edition, said, rules=1, consents=consents, by=person)

    def _accompany(self, edition: Edition, made: Sequence[Team]) -> None:
        """Have a mentor accepted, help one team, leave another's question waiting, and fix a meeting to come."""
        said = self.told["mentor"]
        mentor = self.people[said["slug"]]
        with clock.travel(clock.ago(self.days["opens"] - 2)):
            offered = {name: said[name] for name in ("skills", "about", "availability")}
            mentors.accept(mentors.offer(edition, **offered, by=mentor), by=self.organiser)
            vars(mentor).pop("assignments", None)
        with clock.travel(clock.ago(1)):
            asked = [
                help_requests.ask(team, question=said[name], by=self._referent(team))
                for team, name in zip(made, ("taken", "waits"), strict=False)
            ]
            help_requests.take(asked[0], by=mentor)
            help_requests.write_note(made[0], text=said["note"], is_shared=True, by=mentor)
            starts = self.at("starts", 18) + timedelta(days=7)
            ends = starts + timedelta(hours=1)
            given = {"title": said["meeting"], "place": said["place"], "starts_at": starts, "ends_at": ends}
            meetings.arrange(edition, **given, by=self.organiser)

    def _referent(self, team: Team) -> User:
        team.refresh_from_db()
        found = team.referent.registration.person if team.referent else None
        if found is None:
            raise LookupError(f"{team} has no referent")
        return found

    def _deliver(self, made: Sequence[Team]) -> None:
        """Hand in what each team has to, the last ones an hour before the deadline."""
        for rank, team in enumerate(made):
            due = self.at("due") - timedelta(hours=1 + rank % 30, minutes=7 * rank)
            by = self._referent(team)
            with clock.travel(due):
                address = f"https://exemple.invalid/{team.pk}"
                said = "Dépôt public (exemple)."
                deliverables.hand_in_address(team, "code", url=f"{address}/code", text=said, by=by)
                items = [{name: one[name] for name in ("title", "url", "licence")} for one in self.told["data_set"]]
                deliverables.hand_in_data(team, items[: 1 + rank % 2], by=by)
                deliverables.hand_in_address(team, "presentation", url=f"{address}/support", by=by)

    # --------------------------------------------------------------------------------------------------------- the jury
    def _judge(self, edition: Edition, made: Sequence[Team]) -> None:
        """Compose the jury, open the scoring, write the ballots, and open the deliberation."""
        wanted = self.told["juror"][: 7 if self.said["key"] == JURY else 5]
        with clock.travel(clock.ago(self.days["locks"])):
            persons = [self._seat(edition, one) for one in wanted]
        with clock.travel(clock.ago(self.days["closing"], 0, 12)):
            panel = jury.open_scoring(edition, by=self.organiser)
            edition.refresh_from_db()
        subjects = {one.key: one for one in panel.subjects.select_related("panel__grid")}
        for rank, team in enumerate(made):
            with clock.travel(clock.ago(self.days["closing"], 1 + rank % 8, 12)):
                for place, person in enumerate(persons):
                    self._ballot(panel, subjects[str(team.pk)], team, place, person)
        with clock.travel(clock.ago(self.days["closing"], 10, 12)):
            there = [one.pk for one in edition.jurors.sitting()]
            juries.tick_presence(edition, there, by=self.organiser)
            deliberations.open_deliberation(edition, by=self.organiser)

    def _seat(self, edition: Edition, one: Mapping[str, str]) -> User:
        person = self.people[one["slug"]]
        accounts.grant_role(person, Role.JUROR, SCHEME, edition.slug, by=None)
        vars(person).pop("assignments", None)
        juror = juries.add(
            edition,
            name=one["name"],
            email=person.email,
            quality=one["quality"],
            title=one["title"],
            is_chair=one["slug"] == self.told["chair"],
            by=self.organiser,
        )
        juries.accept(juror, by=person)
        return person

    def _ballot(self, panel: Panel, subject: Subject, team: Team, place: int, person: User) -> None:
        slug = self.told["juror"][place]["slug"]
        apart = next((one for one in self._apart if (one["team"], one["juror"]) == (team.name, slug)), {})
        if apart.get("ends") == "conflict":
            conflicts.declare(person, subject, by=person, reason=apart["why"])
            return
        sheet = sheets.start(subject, by=person)
        typed = self._marks(panel, team, place)
        if apart:
            typed = dict(list(typed.items())[:2])
        saved = sheets.save(sheet, typed, by=person, revision=sheet.revision)
        if not apart:
            sheets.submit(saved.sheet, by=person, revision=saved.sheet.revision)
        elif apart["ends"] == "abstained":
            sheets.abstain(saved.sheet, by=person, revision=saved.sheet.revision)

    @property
    def _apart(self) -> Sequence[Mapping[str, str]]:
        return self.told["apart"] if self.said["key"] == JURY else ()

    def _marks(self, panel: Panel, team: Team, place: int) -> dict[str, Typed]:
        found = ((rank, one) for rank, one in enumerate(self.told["team"]) if one["name"] == team.name)
        index, said = next(found)
        strength = Decimal(str(said["strength"]))
        marks = {}
        for rank, line in enumerate(panel.grid.lines):
            lean = Decimal(LEANS[(place * 2 + index) % len(LEANS)])
            asked = strength + lean + Decimal(BENT[(rank * 2 + place * 3 + index) % len(BENT)])
            mark = min(max((asked / line.step).to_integral_value() * line.step, Decimal(0)), line.maximum)
            marks[line.slug] = Typed(f"{mark:f}".replace(".", ","))
        return marks

    # ------------------------------------------------------------------------------------------------------ the results
    def _publish(self, edition: Edition, made: Sequence[Team]) -> None:
        """Decide the ranks, with a departure and its reason, close, publish, and note what follows."""
        with clock.travel(clock.ago(self.days["closing"], 11, 12)):
            edition.refresh_from_db()
            closed = self._decide(edition)
        documents.make(closed.record_id)
        with clock.travel(clock.ago(self.days["published"])):
            edition.refresh_from_db()
            until = timezone.now() + timedelta(days=self.said["embargo_days"])
            publication.publish(edition, by=self.organiser, embargo_until=until)
        with clock.travel(clock.ago(self.days["published"] - self.said["embargo_days"] - 3)):
            publication.announce_due(timezone.now())
        first, second = made[0], made[1]
        with clock.travel(clock.ago(60)):
            on = timezone.localdate()
            after.note_follow_up(
                first, by=self.organiser, kind="reuse", actor="Communauté de communes fictive", on=on,
                text="La carte sert à choisir les prochains bâtiments à raccorder.",
            )  # fmt: skip
            after.note_follow_up(
                second, by=self.organiser, kind="accompaniment", actor="Structure fictive", on=on,
                text="Trois rendez-vous pour préparer la suite.",
            )  # fmt: skip
            after.read_audience(
                edition, by=self.organiser, source="Page de l’édition", measure="visites", count=4210, measured_on=on
            )

    def _decide(self, edition: Edition) -> Any:
        """Keep the proposed ranks, but the second and the third, which the jury exchanges after a vote."""
        found = edition.deliberation
        ranked = list(found.outcomes.exclude(proposed_rank=None).order_by("proposed_rank", "pk"))
        order = [ranked[0], ranked[2], ranked[1], *ranked[3:]]
        for one, other in pairwise(order):
            if one.proposed_rank == other.proposed_rank:
                pair, said = (one.team, other.team), "Départager deux équipes à égalité"
                deliberations.record_vote(edition, said, in_favour=3, against=2, pair=pair, by=self.organiser)
        deliberations.record_vote(
            edition, "Placer en deuxième l’équipe proposée troisième", in_favour=4, against=1, by=self.organiser
        )
        ranks = {one.team_id: str(rank) for rank, one in enumerate(order, start=1)}
        reason = "Après comparaison, le jury retient l’usage immédiat par les communes, vérifié à l’oral."
        found.refresh_from_db()
        deliberations.decide(edition, ranks, by=self.organiser, revision=found.revision, reason=reason)
        return deliberations.close_deliberation(edition, by=self.organiser)


__all__ = ["read", "settle"]
