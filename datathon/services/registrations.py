"""The gestures of a participant on a registration: register, change, consent, withdraw, come back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .. import openings, permissions, workflow
from ..editions import Edition, RulesText
from ..registrations import CONSENTS, IMAGE, Consent, Registration
from ..teams import Seat
from . import guardians, telling

TWICE = "Vous êtes déjà inscrit à cette édition."
STALE = "Votre inscription a changé depuis que vous avez ouvert cette page. Relisez-la, puis recommencez."
BY_PARENT = "Vous êtes mineur : c’est un parent qui donne cet accord, sur la page de son lien."


class NewerRules(NotDone):
    """Another version of the rules was published since the form was drawn; `rules` is the one to show."""

    def __init__(self, rules: RulesText) -> None:
        super().__init__(
            spaced(
                f"Le règlement a changé le {written_day(timezone.localdate(rules.published_at))} : voici la version "
                f"{rules.version}. Relisez-la, puis cochez de nouveau la case."
            )
        )
        self.rules = rules


@dataclass(frozen=True, slots=True)
class Said:
    """What a participant says of themselves; a guardian is kept of a minor only."""

    profile: str
    is_minor: bool = False
    guardian_name: str = ""
    guardian_email: str = ""
    wants_team: bool = False
    skills: Sequence[str] = ()
    pitch: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "wants_team": self.wants_team,
            "skills": list(self.skills),
            "pitch": self.pitch.strip(),
        }


def register(
    edition: Edition, said: Said, *, rules: int, consents: Collection[str] = (), by: User, at: datetime | None = None
) -> Registration:
    """Register a person, who accepts the version of the rules that was shown; a minor then waits for a parent.

    Whoever withdrew comes back by the same gesture. `at` is when the request arrived. Raises NotNow (window, already
    registered, refused), NewerRules, NotDone (the guardian's address).
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            window = openings.registration(edition, by, at)
            if not window.is_open:
                raise NotNow(window.sentence)
            check_apart(edition, by)
            accepted = accepted_rules(edition, rules)
            known = Registration.objects.select_for_update().filter(edition=edition, person=by).first()
            if known is not None:
                return _come_back(known, said, accepted, consents, by, now)
            return _begin(edition, said, accepted, consents, by, now)
    except IntegrityError as error:
        if not Registration.objects.filter(edition=edition, person=by).exists():
            raise
        raise NotNow(TWICE) from error


def check_apart(edition: Edition, user: User) -> None:
    """Raise NotDone for whoever organises, judges or mentors an edition, and takes no part in it but for a trial."""
    if edition.is_rehearsing:
        return
    if permissions.organises(user, edition):
        raise NotDone("Vous organisez cette édition : vous n’y participez pas.")
    if edition.jurors.sitting().filter(person=user).exists():
        raise NotDone("Vous siégez au jury de cette édition : vous n’y participez pas.")
    if edition.mentors.filter(person=user, ended_at=None).exists():
        raise NotDone("Vous êtes mentor de cette édition, ou vous vous êtes proposé : un participant ne l’est pas.")


def accepted_rules(edition: Edition, version: int) -> RulesText:
    """Return the version of the rules that is accepted: the last one, and the one that was shown."""
    last = edition.rules_texts.first()
    if last is None:
        raise NotNow("Le règlement de cette édition n’est pas encore publié : l’inscription n’est pas possible.")
    if last.version != version:
        raise NewerRules(last)
    return last


def _begin(
    edition: Edition, said: Said, rules: RulesText, consents: Collection[str], by: User, now: datetime
) -> Registration:
    registration = Registration(
        edition=edition,
        person=by,
        state=workflow.AWAITING if said.is_minor else workflow.REGISTERED,
        is_minor=said.is_minor,
        rules=rules,
        rules_accepted_at=now,
        registered_at=now,
        rehearsal=edition.is_rehearsing,
        **said.columns(),
    )
    registration.save(force_insert=True)
    procedure.record(registration, "register", by=by, data={"rules": rules.version})
    _settle(registration, said, consents, by)
    return registration


def _come_back(
    registration: Registration, said: Said, rules: RulesText, consents: Collection[str], by: User, now: datetime
) -> Registration:
    if registration.state == workflow.REFUSED:
        raise NotNow("La Région a refusé votre participation à cette édition : sa lettre dit pourquoi.")
    if registration.state != workflow.WITHDRAWN:
        raise NotNow(TWICE)
    is_minor = said.is_minor or registration.guardian_refused_at is not None
    if not is_minor or registration.guardian_email != said.guardian_email:
        registration.guardian_agreed_at = None
    registration.is_minor = is_minor
    registration.rules, registration.rules_accepted_at = rules, now
    for name, value in said.columns().items():
        setattr(registration, name, value)
    waits = is_minor and registration.guardian_agreed_at is None
    if not is_minor:
        guardians.forget(registration)
    name = "wait_again" if waits else "come_back"
    procedure.fire_held(registration, name, by=by, journal={"rules": rules.version})
    _settle(registration, said, consents, by)
    return registration


def _settle(registration: Registration, said: Said, consents: Collection[str], by: User) -> None:
    """Keep the consents, ask the guardian, write the mail."""
    for kind in consents:
        if not (registration.is_minor and kind == IMAGE):
            _give(registration, kind, by)
    if registration.state == workflow.AWAITING:
        guardians.ask(registration, said.guardian_name, said.guardian_email, by=by)
    telling.tell("registered", [registration], etat=_standing(registration))


def _standing(registration: Registration) -> str:
    if registration.state == workflow.AWAITING:
        return (
            "Un courriel est parti vers votre parent. Vous rejoindrez une équipe dès qu’il aura donné son accord, par "
            "le lien de ce courriel."
        )
    return "Votre inscription est complète. Vous pouvez créer une équipe, ou en rejoindre une."


# ----------------------------------------------------------------------------------------------------------- changes
@transaction.atomic
def change(registration: Registration, said: Said, *, revision: int, by: User) -> Registration:
    """Change what the registration says; another guardian's address sends another link.

    Raises NotAllowed, NotNow for a page out of date or a registration that is over.
    """
    hold(registration, by)
    if registration.revision != revision:
        raise NotNow(STALE)
    if registration.state not in (workflow.AWAITING, workflow.REGISTERED):
        raise NotNow(procedure.TOO_LATE)
    for name, value in said.columns().items():
        setattr(registration, name, value)
    registration.revision += 1
    registration.save()
    procedure.record(registration, "change", by=by)
    is_moved = (registration.guardian_name, registration.guardian_email) != (said.guardian_name, said.guardian_email)
    if registration.state == workflow.AWAITING and is_moved:
        guardians.ask(registration, said.guardian_name, said.guardian_email, by=by)
    return registration


@transaction.atomic
def accept_rules(registration: Registration, version: int, *, by: User) -> None:
    """Accept a newer version of the rules; raises NotAllowed, NotNow, NewerRules."""
    hold(registration, by)
    rules = accepted_rules(registration.edition, version)
    if registration.rules_id == rules.pk:
        return
    registration.rules, registration.rules_accepted_at = rules, timezone.now()
    registration.save(update_fields=["rules", "rules_accepted_at"])
    procedure.record(registration, "accept_rules", by=by, data={"rules": rules.version})


@transaction.atomic
def consent(registration: Registration, kind: str, *, given: bool, by: User) -> None:
    """Give or withdraw an optional consent, dated; doing it twice changes nothing. Raises NotAllowed, NotDone."""
    hold(registration, by)
    if kind not in dict(CONSENTS):
        raise NotDone("Ce consentement n’existe pas.")
    if not given:
        current = registration.consents.filter(kind=kind, withdrawn_at=None)
        if current.update(withdrawn_at=timezone.now()):
            procedure.record(registration, "withdraw_consent", by=by, data={"kind": kind})
        return
    if registration.is_minor and kind == IMAGE:
        raise NotDone(spaced(BY_PARENT))
    _give(registration, kind, by)


def _give(registration: Registration, kind: str, by: User | None) -> None:
    if registration.consents.filter(kind=kind, withdrawn_at=None).exists():
        return
    Consent.objects.create(registration=registration, kind=kind)
    procedure.record(registration, "give_consent", by=by, data={"kind": kind})


@transaction.atomic
def withdraw(registration: Registration, *, by: User) -> Event:
    """Withdraw from an edition; whoever has a seat leaves it first. Raises what `fire` raises."""
    hold(registration, by)
    event = procedure.fire_held(registration, "withdraw", by=by, team=team_name(registration))
    close_requests(registration)
    telling.tell("withdrawn", [registration])
    return event


def close_requests(registration: Registration) -> None:
    """Close what a person asked and was asked, without an answer: it has lost its object."""
    registration.join_requests.filter(answered_at=None).update(answered_at=timezone.now(), is_accepted=False)


def team_name(registration: Registration) -> str:
    """Name the team in which somebody has a seat, or nothing."""
    names = Seat.objects.filter(registration=registration).values_list("team__name", flat=True)
    return names.first() or ""


def hold(registration: Registration, by: User) -> None:
    """Lock a registration for its own person; raises NotAllowed for anybody else."""
    procedure.lock(registration)
    if not workflow.is_own(by, registration):
        raise NotAllowed(procedure.FORBIDDEN)
