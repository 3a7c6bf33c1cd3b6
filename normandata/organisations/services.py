"""Registering an organisation, learning more of it, describing it by hand.

The directory is always asked before any transaction is open; then one transaction writes everything, or nothing.
"""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox import services as outbox
from normandata.procedure.errors import NotAllowed, NotNow

from . import conf, directory, permissions
from .directory import DirectoryDown, NotListed, Record
from .hooks import refreshed
from .membership import accept_invitation as accept_invitation
from .membership import accept_member as accept_member
from .membership import cancel_invitation as cancel_invitation
from .membership import change_role as change_role
from .membership import enter
from .membership import find_invitation as find_invitation
from .membership import invite_member as invite_member
from .membership import leave as leave
from .membership import refuse_member as refuse_member
from .membership import remove_member as remove_member
from .membership import request_membership as request_membership
from .membership import resend_invitation as resend_invitation
from .models import DirectoryState, Membership, Organisation, Territory, Undertaking, UndertakingMember, searchable
from .siret import is_valid

REFRESH = "organisations.refresh"
DECLARABLE = ("name", "street", "postal_code", "city")
COPIED = (
    "sigle", "legal_category", "activity_code", "activity_nomenclature", "established_on", "created_on", "staff_band",
    "seat_siret", "seat_department", "is_seat", "association_number", "is_diffusible", "is_closed", "closed_on",
    "source",
)  # fmt: skip
CLOSED = (
    "D’après l’annuaire, cet établissement est fermé. Vérifiez le numéro : un établissement qui déménage change de "
    "SIRET."
)


@dataclass(frozen=True, slots=True)
class Registration:
    """What came of a registration; `state` is the organisation's directory state."""

    organisation: Organisation
    membership: Membership
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """An identity typed by hand."""

    name: str
    street: str
    postal_code: str
    city: str


def register(
    siret: str, *, by: User, declaration: Declaration | None = None, despite_closed: bool = False
) -> Registration:
    """Enter an organisation by its SIRET and its author in it: the first one manages it, the others ask to join.

    The directory being down or ignorant never blocks: the row is kept, with what was typed, and fetched again
    later. Raises ValueError for an impossible SIRET, NotNow for an establishment that the directory says closed, unless
    `despite_closed`: its author maintains that the directory is wrong, and an agent will look.
    """
    if not is_valid(siret):
        raise ValueError(siret)
    known = Organisation.objects.filter(siret=siret).exists()
    record, has_answered = (None, False) if known else _look_up(siret)
    if record and record.is_closed and not despite_closed:
        raise NotNow(CLOSED)
    with transaction.atomic():
        organisation, is_new = _get_or_create(siret, record, has_answered, by)
        if is_new:
            if declaration and organisation.can_be_declared:
                _describe(organisation, declaration, by)
            if not organisation.is_confirmed:
                _fetch_later(organisation, 1)
        membership = enter(organisation, by)
    return Registration(organisation, membership, organisation.directory_state)


def refresh(organisation: Organisation) -> Organisation:
    """Ask the directory again and write what it says; raises DirectoryDown, and nothing has changed then.

    An organisation once found keeps its identity if the directory forgets it.
    """
    try:
        record = directory.find(organisation.siret, fresh=True)
    except NotListed:
        record = None
    with transaction.atomic():
        locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
        before = locked.directory_state
        if record:
            _fill(locked, record)
        elif not locked.is_confirmed:
            _mark_unlisted(locked)
        locked.save()
        if record or locked.directory_state != before:
            refreshed(locked)
    return locked


def fetch_again(siret: str, attempt: int) -> None:
    """Do the planned attempt of a refresh and plan the next one, until found; doing it twice changes nothing."""
    organisation = Organisation.objects.filter(siret=siret, fetch_tries__lt=attempt).first()
    if organisation is None:
        return
    with contextlib.suppress(DirectoryDown):
        refresh(organisation)
    with transaction.atomic():
        locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if locked.fetch_tries >= attempt:
            return
        locked.fetch_tries = attempt
        locked.save()
        if not locked.is_confirmed:
            _fetch_later(locked, attempt + 1)


@transaction.atomic
def declare(
    organisation: Organisation, *, name: str, street: str, postal_code: str, city: str, by: User
) -> Organisation:
    """Describe by hand an organisation that the directory did not give; raises NotAllowed, or NotNow when it did."""
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not permissions.is_manager(by, locked):
        raise NotAllowed("Seul un référent de la structure peut la décrire.")
    if not locked.can_be_declared:
        raise NotNow("L’annuaire a répondu entre-temps : l’identité affichée est la sienne.")
    _describe(locked, Declaration(name=name, street=street, postal_code=postal_code, city=city), by)
    refreshed(locked)
    return locked


def undertaking_of(siren: str) -> Undertaking:
    """Return the single undertaking of a SIREN, made with it alone the first time; safe when several ask at once."""
    found = UndertakingMember.objects.select_related("undertaking").filter(siren=siren).first()
    if found:
        return found.undertaking
    try:
        with transaction.atomic():
            undertaking = Undertaking.objects.create()
            UndertakingMember.objects.create(undertaking=undertaking, siren=siren, reason="Inscription de la structure")
            return undertaking
    except IntegrityError:
        return UndertakingMember.objects.select_related("undertaking").get(siren=siren).undertaking


def _look_up(siret: str) -> tuple[Record | None, bool]:
    """Return what the directory says, and whether it answered at all."""
    try:
        return directory.find(siret), True
    except NotListed:
        return None, True
    except DirectoryDown:
        return None, False


def _get_or_create(siret: str, record: Record | None, has_answered: bool, by: User) -> tuple[Organisation, bool]:
    """Return the row of this SIRET, locked, and whether it is new."""
    rows = Organisation.objects.select_for_update()
    if existing := rows.filter(siret=siret).first():
        return existing, False
    organisation = Organisation(siret=siret, siren=siret[:9], undertaking=undertaking_of(siret[:9]), registered_by=by)
    if record:
        _fill(organisation, record)
    elif has_answered:
        _mark_unlisted(organisation)
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError:
        return rows.get(siret=siret), False
    undertaking = organisation.undertaking
    if not undertaking.name and organisation.name:
        undertaking.name = organisation.name
        undertaking.save(update_fields=["name"])
    return organisation, True


def _fill(organisation: Organisation, record: Record) -> None:
    """Copy a record, unsaved. What was typed stays where the directory says nothing."""
    for name in COPIED:
        setattr(organisation, name, getattr(record, name))
    for name in DECLARABLE:
        if value := getattr(record, name):
            setattr(organisation, name, value)
            organisation.declared.pop(name, None)
        else:
            setattr(organisation, name, organisation.declared.get(name, ""))
    # A hidden address may leave these unknown: what was drawn from the typed one stays.
    organisation.insee_code = record.insee_code or organisation.insee_code
    organisation.department = record.department or organisation.department
    organisation.epci_siren = record.epci_siren or organisation.epci_siren
    organisation.finess_numbers = list(record.finess_numbers)
    organisation.directory_state = DirectoryState.FOUND
    organisation.fetched_at = timezone.now()


def _mark_unlisted(organisation: Organisation) -> None:
    organisation.directory_state = DirectoryState.DECLARED if organisation.declared_at else DirectoryState.UNKNOWN
    organisation.fetched_at = timezone.now()


def _describe(organisation: Organisation, declaration: Declaration, by: User) -> None:
    for name in DECLARABLE:
        is_official = organisation.is_confirmed and getattr(organisation, name) and name not in organisation.declared
        if not is_official:
            setattr(organisation, name, getattr(declaration, name))
            organisation.declared[name] = getattr(declaration, name)
    organisation.declared_by, organisation.declared_at = by, timezone.now()
    if not organisation.is_confirmed:
        organisation.directory_state = DirectoryState.DECLARED
        organisation.source = "Déclaration de la structure"
    if not organisation.is_confirmed or not organisation.department:
        _locate(organisation)
    organisation.save()


def _locate(organisation: Organisation) -> None:
    """Draw commune, EPCI and department from a typed address."""
    code = organisation.postal_code
    communes = Territory.objects.filter(kind=Territory.Kind.COMMUNE, postal_codes__contains=f" {code}")
    names = f" {searchable(organisation.city)}"
    commune = communes.filter(search_name=names).first()
    organisation.insee_code = commune.insee_code if commune else ""
    organisation.epci_siren = (commune.epci_id or "") if commune else ""
    organisation.department = commune.department if commune else _department(code)


def _department(postal_code: str) -> str:
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    return postal_code[:3] if postal_code.startswith(("97", "98")) else postal_code[:2]


def _fetch_later(organisation: Organisation, attempt: int) -> None:
    if organisation.fetched_at and attempt > conf.NOT_LISTED_TRIES:
        return
    delay = conf.FETCH_AGAIN[min(attempt, len(conf.FETCH_AGAIN)) - 1]
    if organisation.fetched_at:
        delay = max(delay, timedelta(days=1))
    payload = {"siret": organisation.siret, "attempt": attempt}
    outbox.post(REFRESH, payload, key=f"{organisation.siret}:{attempt}", due_at=timezone.now() + delay)
