"""Experts of the tests and the opinions asked of them, brought to a state by the gestures that people would make."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.experts.models import Agreement, Expert, Opinion
from normandata.experts.services import opinions
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.dossiers import make_dossier

_numbers = count(1)
TEXT = "Le projet est faisable en six mois, si les données sont prêtes."
AGREED = date(2026, 1, 15)


def make_expert(*, is_joined: bool = True, agrees: tuple[str, ...] = ("asked",), **fields: Any) -> Expert:
    """Make an expert of the directory, with an account of that role unless said."""
    number, agent = next(_numbers), make_agent()
    name = fields.setdefault("name", f"Expert {number}")
    fields.setdefault("email", f"expert{number}@exemple.invalid")
    if is_joined:
        fields["user"] = make_user_with(Role.EXPERT, email=fields["email"], name=name)
    values = {"organisation": "Laboratoire d’essai", "skills": "vision par ordinateur, santé", "added_by": agent}
    expert = Expert.objects.create(**{**values, **fields})
    for kind in agrees:
        Agreement.objects.create(
            expert=expert, kind=kind, given_on=AGREED, proof="Courriel du 15 janvier 2026", recorded_by=agent
        )
    return expert


def person_of(expert: Expert) -> User:
    """Return the account of an expert, read again."""
    if expert.user_id is None:
        raise LookupError("this expert has no account")
    return User.objects.get(pk=expert.user_id)


def make_opinion(
    dossier: Dossier | None = None,
    *,
    expert: Expert | None = None,
    agent: User | None = None,
    pieces: tuple[int, ...] = (),
    is_confidential: bool = True,
    due_on: date | None = None,
    question: str = "Les données suffisent-elles ?",
) -> Opinion:
    """Ask an expert for an opinion, due in two weeks unless said."""
    dossier = dossier or make_dossier()
    return opinions.ask(
        dossier,
        expert=expert or make_expert(),
        question=question,
        version=dossier.version,
        pieces=pieces,
        due_on=due_on or timezone.localdate() + timedelta(days=15),
        is_confidential=is_confidential,
        by=agent or make_agent(dossier.scheme),
    )


def open_for(opinion: Opinion) -> Opinion:
    """Declare that the expert has no conflict of interest."""
    opinions.declare_no_conflict(opinion, by=person_of(opinion.expert))
    return opinion


def write_draft(opinion: Opinion, text: str = TEXT) -> Opinion:
    """Declare, then write."""
    if opinion.no_conflict_at is None:
        open_for(opinion)
    return opinions.save_draft(opinion, text, version=opinion.draft_version, by=person_of(opinion.expert))


def make_given(dossier: Dossier | None = None, *, text: str = TEXT, **fields: Any) -> Opinion:
    """Ask for an opinion that its expert gives."""
    opinion = write_draft(make_opinion(dossier, **fields), text)
    opinions.give(opinion, version=opinion.draft_version, by=person_of(opinion.expert))
    return Opinion.objects.select_related("dossier", "expert", "answer").get(pk=opinion.pk)


__all__ = ["AGREED", "TEXT", "make_expert", "make_given", "make_opinion", "open_for", "person_of", "write_draft"]
