"""One dossier's story: the gestures that people would make, from the first line typed to a request examined."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Attachment, Dossier, Reading
from normandata.dossiers.services import corrections, deposits, desk, drafts, thread
from normandata.dossiers.services.corrections import Asked
from normandata.dossiers.services.deposits import Signatory
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.regulation.findings import Outcome

from . import clock, samples
from .script import Script, Story

NAMES = uuid.UUID("6f1c1d7a-64d0-5c0f-9a56-0c1d5e4b9d11")
SITUATION = ("population", "communes_normandes", "creation", "activite", "finess", "economique")
NO_AID = {"recues": "non", "groupe": "", "cloture": "31/12", "fret": "non", "autre_regime": "non"}
COMMITMENTS = ("questionnaire", "exact")
Step = Mapping[str, Any]


class Tale:
    """One story being told: `people` by slug, the organisation already entered."""

    def __init__(self, story: Story, people: Mapping[str, User], organisation: Organisation, told: Script) -> None:
        self.story, self.people, self.organisation = story, people, organisation
        self.motives, self.reports = told.motives.get(story.motives, {}), told.reports
        self.author = people[story.by]
        self.dossier = Dossier()

    def by(self, step: Step) -> User:
        return self.people[step["by"]] if "by" in step else self.author

    # ------------------------------------------------------------------------------------------------ the applicant
    def begin(self, step: Step) -> None:
        self.dossier = drafts.begin(self.story.scheme, self.organisation, QueryDict(), by=self.author)

    def fill(self, step: Step) -> None:
        for slug, typed in self.answers().items():
            if slug in step.get("only", (slug,)):
                self.save(slug, typed)

    def change(self, step: Step) -> None:
        self.save(step["section"], step["typed"])

    def save(self, slug: str, typed: Mapping[str, Any]) -> None:
        row = self.dossier.sections.filter(slug=slug).first()
        before = row.answers if row else {}
        drafts.save_section(self.dossier, slug, before | dict(typed), version=row.version if row else 0, by=self.author)

    def attach(self, step: Step) -> None:
        upload = samples.receive(step["file"], step["title"], by=self.author)
        drafts.attach(self.dossier, step["piece"], upload, by=self.author)

    def deposit(self, step: Step) -> None:
        name, role = self.story.head
        signatory = Signatory(name, role, in_person=step.get("in_person", True), accepted=self.commitments)
        deposits.deposit(self.dossier, key=self.key(), signatory=signatory, by=self.author)
        self.sent()

    @property
    def commitments(self) -> tuple[str, ...]:
        """What the form asks to tick."""
        return COMMITMENTS

    def sent(self) -> None:
        """Do at once what the worker does of a deposit in a moment, where the story needs it."""

    def answer(self, step: Step) -> None:
        deposits.answer(self.dossier, key=self.key(), by=self.author)

    def withdraw(self, step: Step) -> None:
        procedure.fire(self.dossier, "withdraw", by=self.author, reason=step["reason"])

    # ----------------------------------------------------------------------------------------------------- both sides
    def write(self, step: Step) -> None:
        by = self.by(step)
        uploads = [samples.receive(name, title, by=by) for name, title in step.get("files", ())]
        thread.write(self.dossier, step["text"], by=by, uploads=uploads)

    # ----------------------------------------------------------------------------------------------------- the Region
    def note(self, step: Step) -> None:
        thread.write(self.dossier, step["text"], by=self.by(step), is_internal=True)

    def assign(self, step: Step) -> None:
        backup = self.people[step["backup"]] if "backup" in step else None
        desk.assign(self.dossier, self.people[step["owner"]], by=self.by(step), backup=backup)

    def review(self, step: Step) -> None:
        procedure.fire(self.dossier, "start_review", by=self.by(step))

    def ask(self, step: Step) -> None:
        items = [Asked(target, reason) for target, reason in step["items"]]
        due_on = clock.today() + timedelta(days=step["due"])
        corrections.ask(self.dossier, items, due_on=due_on, text=step["text"], by=self.by(step))

    def cancel(self, step: Step) -> None:
        corrections.cancel(self.dossier.corrections.open().get(), by=self.by(step), reason=step["reason"])
        self.dossier.refresh_from_db()

    def expire(self, step: Step) -> None:
        corrections.expire(self.dossier.corrections.open().get())
        self.dossier.refresh_from_db()

    def accept(self, step: Step) -> None:
        attachment = self.dossier.attachments.get(upload__name=step["file"])
        corrections.review_attachment(attachment, Attachment.Status.ACCEPTED, by=self.by(step))

    def read(self, step: Step) -> Reading:
        outcome = Outcome(step["outcome"])
        return desk.read_finding(self.dossier, step["rule"], outcome, reason=step["reason"], by=self.by(step))

    # ------------------------------------------------------------------------------------------------------- answers
    def answers(self) -> dict[str, dict[str, Any]]:
        """Return what is typed in each section of this request; what the directory knows is there already."""
        given = self.story.given
        structure = {name: value for name, value in given.items() if name not in SITUATION}
        kind = given.get("type") or self.organisation.structure_type.structure_type
        answers: dict[str, dict[str, Any]] = {"structure": {"type": kind, **structure}}
        if kind in ("enterprise", "local_authority", "health_facility"):
            answers["situation"] = {name: given[name] for name in SITUATION if name in given}
        if kind == "enterprise" or given.get("economique") == "oui":
            answers["aides"] = NO_AID | {name: _typed(said) for name, said in self.story.aids.items()}
        return answers | {"personnes": self.contacts(), "motivations": dict(self.motives)}

    def contacts(self) -> dict[str, str]:
        name, role = self.story.head
        return {
            "projet_nom": self.author.name,
            "projet_fonction": "Responsable du projet",
            "projet_courriel": self.author.email,
            "projet_telephone": "02 99 00 00 01",
            "habilite_nom": name,
            "habilite_fonction": role,
            "habilite_courriel": f"direction.{self.organisation.siret}@demo.invalid",
            "habilite_telephone": "02 99 00 00 02",
        }

    def key(self) -> uuid.UUID:
        """Name a deposit, the same whenever the story is told."""
        return uuid.uuid5(NAMES, f"{self.story.slug} {timezone.now():%Y%m%d%H%M} {self.dossier.version}")


def _typed(said: str | int) -> str:
    """Write an answer as it is typed; a number of days is the day so many days ago."""
    return f"{clock.working_day(said):%d/%m/%Y}" if isinstance(said, int) else said


GESTURES: dict[str, Callable[[Tale, Step], object]] = {
    "begin": Tale.begin,
    "fill": Tale.fill,
    "change": Tale.change,
    "attach": Tale.attach,
    "deposit": Tale.deposit,
    "answer": Tale.answer,
    "withdraw": Tale.withdraw,
    "write": Tale.write,
    "note": Tale.note,
    "assign": Tale.assign,
    "review": Tale.review,
    "ask": Tale.ask,
    "cancel": Tale.cancel,
    "expire": Tale.expire,
    "accept": Tale.accept,
    "read": Tale.read,
}
