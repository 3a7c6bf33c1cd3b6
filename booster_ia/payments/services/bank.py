"""The gestures on bank details: declared by the organisation, checked by a payments officer."""

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Upload
from normandata.dossiers import permissions as dossiers
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.regulation.formats import spaced
from normandata.ui.templatetags.nd import hour

from .. import people, permissions
from ..bank import BankDetails

TOO_LATE = "Ces coordonnées ont changé entre-temps : rechargez la page."
PAID = ("notified", "in_progress", "delivered")
"""States in which an organisation may give its bank details."""


def current(organisation: Organisation) -> BankDetails | None:
    """Return the bank details that an organisation has now."""
    return BankDetails.objects.current().filter(organisation=organisation).first()


@transaction.atomic
def declare(
    dossier: Dossier, upload: Upload, *, holder: str, iban: str, bic: str, by: User, seen: str | None = None
) -> BankDetails:
    """Write new bank details, which replace those before and wait for a check; the officers are told.

    `iban` and `bic` are compact; `seen` is the key of the details that their author read, empty for none. Raises
    NotAllowed, NotNow (a colleague gave others since), ValidationError.
    """
    procedure.lock(dossier)
    if not dossiers.is_applicant(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if dossier.state not in PAID:
        raise NotNow("Les coordonnées bancaires se donnent une fois la subvention notifiée.")
    organisation = Organisation.objects.select_for_update().get(pk=dossier.organisation_id)
    before = current(organisation)
    if before is not None and seen not in (None, str(before.pk)):
        raise NotNow(_overtaken(before))
    details = BankDetails(
        organisation=organisation, holder=holder.strip(), iban=iban, bic=bic, proof=upload, declared_by=by
    )
    details.full_clean(validate_constraints=False)
    BankDetails.objects.current().filter(organisation=organisation).update(replaced_at=timezone.now())
    details.save(force_insert=True)
    name = "bank_changed" if before else "bank_declared"
    procedure.record(dossier, name, by=by, data={"account": details.pk})
    filled = thread.values(dossier, for_region=True)
    notifications.notify(f"booster_ia.{name}", to=people.officers(dossier), values=filled, about=dossier)
    thread.tell(dossier, "booster_ia.bank_received", also={"compte": details.masked})
    return details


def _overtaken(before: BankDetails) -> str:
    said = f"{before.declared_by} a donné d’autres coordonnées à {hour(before.declared_at)} : {before.masked}."
    return spaced(f"{said} Envoyez les vôtres de nouveau, avec leur relevé, si elles doivent les remplacer.")


@transaction.atomic
def check(details: BankDetails, dossier: Dossier, *, by: User) -> None:
    """Write that holder, IBAN and paper agree. Raises NotAllowed, NotNow."""
    _decide(details, dossier, BankDetails.State.CHECKED, by=by)
    thread.tell(dossier, "booster_ia.bank_checked", also={"compte": details.masked})


@transaction.atomic
def refuse(details: BankDetails, dossier: Dossier, *, reason: str, by: User) -> None:
    """Write that they do not, and why; the organisation gives others. Raises NotAllowed, NotNow, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing("Dites ce qui ne va pas : la structure lit ce motif.")
    _decide(details, dossier, BankDetails.State.REFUSED, by=by, reason=reason.strip())
    also = {"compte": details.masked, "motif": reason.strip()}
    thread.tell(dossier, "booster_ia.bank_refused", also=also)


def _decide(details: BankDetails, dossier: Dossier, state: BankDetails.State, *, by: User, reason: str = "") -> None:
    if not permissions.is_officer(by, dossier) or details.organisation_id != dossier.organisation_id:
        raise NotAllowed(procedure.FORBIDDEN)
    details.refresh_from_db(from_queryset=BankDetails.objects.select_for_update())
    if details.replaced_at or details.state != BankDetails.State.DECLARED:
        raise NotNow(TOO_LATE)
    details.state, details.reason = state, reason
    details.decided_by, details.decided_at = by, timezone.now()
    details.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    procedure.record(dossier, f"bank_{state.value}", by=by, reason=reason, data={"account": details.pk})
