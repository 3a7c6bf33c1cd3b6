"""The gestures of the directory: an expert added, changed, what they agreed to, their space opened."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts import services as accounts
from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import spaced

from .. import permissions
from ..models import Agreement, Expert, ListedDomain, Listing

TAKEN = "Cette adresse est déjà celle d’un expert de l’annuaire."
OWN_PROOF = "Donné par l’expert dans son espace."
SHOWN = "L’annuaire public montre cet expert par sa structure seule : changez d’abord ce qu’il montre."
JOINED = "Cet expert a ouvert son espace : son adresse est celle de son compte, il la change lui-même."


@transaction.atomic
def add(*, name: str, organisation: str, email: str, skills: str, by: User) -> Expert:
    """Write somebody in the directory; nothing may be asked of them yet. Raises NotAllowed, NotDone for an address."""
    _keep(by)
    expert = Expert(name=name, organisation=organisation, email=email.strip().lower(), skills=skills, added_by=by)
    _save(expert)
    procedure.record(expert, "expert_added", by=by)
    return expert


@transaction.atomic
def change(expert: Expert, *, name: str, organisation: str, email: str, skills: str, by: User) -> Expert:
    """Put right what the directory says.

    Raises NotAllowed, NotDone for an address taken or that is an account's, and for the structure which alone stands
    for the expert in the public directory.
    """
    _keep(by)
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    address = email.strip().lower()
    if expert.user_id is not None and address != expert.email:
        raise NotDone(spaced(JOINED))
    shown = Listing.objects.filter(agreement__expert=expert, agreement__in=Agreement.objects.standing())
    if not organisation.strip() and shown.filter(shows_name=False).exists():
        raise NotDone(spaced(SHOWN))
    expert.name, expert.organisation, expert.email, expert.skills = name, organisation, address, skills
    _save(expert)
    procedure.record(expert, "expert_changed", by=by)
    return expert


@transaction.atomic
def record_agreement(expert: Expert, kind: Agreement.Kind, *, given_on: date, proof: str, by: User) -> Agreement:
    """Record what an expert agreed to, and what proves it; raises NotAllowed, NotDone for a day to come, NotNow."""
    _keep(by)
    if given_on > timezone.localdate():
        raise NotDone("L’accord a une date passée ou du jour.")
    if not proof.strip():
        raise NotDone("Dites ce qui prouve cet accord.")
    Expert.objects.select_for_update().get(pk=expert.pk)
    if expert.agreements.standing().filter(kind=kind).exists():
        raise NotNow("Cet accord est déjà enregistré.")
    agreement = Agreement.objects.create(
        expert=expert, kind=kind, given_on=given_on, proof=proof.strip(), recorded_by=by
    )
    procedure.record(expert, "agreement_recorded", by=by, data={"kind": str(kind), "given_on": str(given_on)})
    return agreement


@transaction.atomic
def withdraw_agreement(expert: Expert, kind: Agreement.Kind, *, by: User) -> None:
    """End an agreement from today on, by the expert or by an agent whom the expert told; raises NotAllowed, NotNow.

    Nothing more is asked from now on; the questions that wait stay open, the expert may decline them.
    """
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    if expert.user_id != by.pk and not permissions.keeps_directory(by):
        raise NotAllowed(procedure.FORBIDDEN)
    standing = expert.agreements.standing().filter(kind=kind)
    Listing.objects.filter(agreement__in=standing.values("pk")).delete()  # what was shown goes with the agreement
    if not standing.update(withdrawn_on=timezone.localdate(), withdrawn_by=by):
        raise NotNow("Cet accord n’est plus enregistré.")
    procedure.record(expert, "agreement_withdrawn", by=by, data={"kind": str(kind)})


@transaction.atomic
def agree_oneself(expert: Expert, kind: Agreement.Kind, *, by: User) -> Agreement:
    """Agree from one's own space, from today on; raises NotAllowed for anybody but the expert, NotNow if it stands."""
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    _be(expert, by)
    if expert.agreements.standing().filter(kind=kind).exists():
        raise NotNow("Cet accord est déjà enregistré.")
    today = timezone.localdate()
    agreement = Agreement.objects.create(expert=expert, kind=kind, given_on=today, proof=OWN_PROOF, recorded_by=by)
    procedure.record(expert, "agreement_recorded", by=by, data={"kind": str(kind), "given_on": str(today)})
    return agreement


@transaction.atomic
def list_publicly(
    expert: Expert,
    *,
    shows_name: bool,
    shows_organisation: bool,
    domains: Sequence[str],
    presentation: str,
    by: User,
) -> Listing:
    """Choose what the public directory shows of an expert; from their own space, that is to agree to be listed.

    An agent writes what the expert chose, once their agreement is recorded. Raises NotAllowed, NotNow without an
    agreement, NotDone for an entry that names nobody or has no domain.
    """
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    is_own = expert.user_id == by.pk and by.holds(Role.EXPERT)
    if not is_own:
        _keep(by)
    if problems := _unlisted(expert, shows_name, shows_organisation, domains):
        raise NotDone(*problems)
    agreement = expert.agreements.standing().filter(kind=Agreement.Kind.LISTED).first()
    if agreement is None:
        if not is_own:
            raise NotNow("Enregistrez d’abord l’accord de cet expert pour figurer dans l’annuaire public.")
        agreement = agree_oneself(expert, Agreement.Kind.LISTED, by=by)
    shown = {"shows_name": shows_name, "shows_organisation": shows_organisation}
    text = {"presentation": presentation.strip()}  # not in the journal, which never forgets
    listing, _ = Listing.objects.update_or_create(agreement=agreement, defaults=shown | text)
    listing.domains.all().delete()
    ListedDomain.objects.bulk_create([ListedDomain(listing=listing, domain=one) for one in dict.fromkeys(domains)])
    procedure.record(expert, "listing_chosen", by=by, data={**shown, "domains": sorted(domains)})
    return listing


def _unlisted(expert: Expert, shows_name: bool, shows_organisation: bool, domains: Sequence[str]) -> list[str]:
    """Say what is wanting to an entry of the public directory."""
    found = [] if domains else ["Choisissez au moins un domaine."]
    if not shows_name and not shows_organisation:
        found.append("Montrez le nom, la structure, ou les deux.")
    elif not shows_name and not expert.organisation:
        found.append("La structure n’est pas connue : montrez le nom.")
    return found


def expecting(user: User) -> Expert | None:
    """Return the expert whom the directory knows by this person's address, who agreed to something, not joined yet."""
    agreed = Agreement.objects.standing().values("expert")
    found = Expert.objects.filter(pk__in=agreed, email=user.email, user=None)
    return found.first() if user.is_active else None


@transaction.atomic
def join(user: User) -> Expert:
    """Open the space of an expert: their account takes the role. Twice is once. Raises NotAllowed for anybody else.

    The address of an account is verified; that of the directory was written by an agent, with the expert's agreement.
    """
    joined = Expert.objects.filter(user=user).first()
    if joined is not None and user.holds(Role.EXPERT):
        return joined
    waiting = expecting(user)
    if waiting is None:
        raise NotAllowed(procedure.FORBIDDEN)
    expert = Expert.objects.select_for_update().get(pk=waiting.pk)
    expert.user = user
    expert.save(update_fields=["user"])
    accounts.grant_role(user, Role.EXPERT, by=None)
    procedure.record(expert, "expert_joined", by=user)
    return expert


def _keep(by: User) -> None:
    if not permissions.keeps_directory(by):
        raise NotAllowed(procedure.FORBIDDEN)


def _be(expert: Expert, by: User) -> None:
    if expert.user_id != by.pk or not by.holds(Role.EXPERT):
        raise NotAllowed(procedure.FORBIDDEN)


def _save(expert: Expert) -> None:
    try:
        with transaction.atomic():
            expert.full_clean(exclude=["user", "added_by"], validate_unique=False, validate_constraints=False)
            expert.save()
    except IntegrityError:
        raise NotDone(TAKEN) from None
    except ValidationError as error:
        raise NotDone(*error.messages) from None
