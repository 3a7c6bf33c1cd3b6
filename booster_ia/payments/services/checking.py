"""The agent's gestures: decide each line, then accept, send back or refuse the request."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import euros, spaced
from normandata.regulation.money import ZERO
from normandata.ui.templatetags.nd import hour

from .. import permissions, reckoning, states
from ..lines import ExpenseLine
from ..reckoning import Judged
from ..requests import PaymentRequest
from .holding import hold
from .requests import fire

NOT_SUBMITTED = "Cette demande n’est plus à contrôler : rechargez la page."


@transaction.atomic
def decide(line: ExpenseLine, *, accepted: Decimal, reason: str, by: User, seen: str | None = None) -> None:
    """Write what is accepted of a line, in euros on its own basis; `seen` is the mark of the decision that was shown.

    Raises NotAllowed, NotNow (somebody else decided it since), NotDone for an amount that is not within the line's,
    ReasonMissing for a cut, or for a line accepted against a finding.
    """
    request = line.request
    _hold_submitted(request, by)
    found = next((one for one in reckoning.judged(request) if one.line.pk == line.pk), None)
    if found is None:
        raise NotNow(NOT_SUBMITTED)
    if seen not in (None, found.line.mark):
        raise NotNow(_overtaken(found.line))
    _check(found, accepted, reason.strip())
    _write(found.line, accepted, reason.strip(), by)


@transaction.atomic
def decide_as_proposed(request: PaymentRequest, *, by: User) -> int:
    """Accept whole every line in which nothing is found against, and that nobody decided; returns how many.

    Raises NotAllowed, NotNow.
    """
    _hold_submitted(request, by)
    return sum(_accept_plain(reckoning.judged(request), by))


def _accept_plain(rows: Iterable[Judged], by: User) -> Iterable[bool]:
    for one in rows:
        is_plain = not one.line.is_decided and one.tone == "met"
        if is_plain:
            _write(one.line, one.line.amount, "", by)
        yield is_plain


def check(
    request: PaymentRequest, *, accepted: Decimal | None = None, reason: str = "", by: User, seen: str | None = None
) -> Event:
    """Accept a request: an advance for `accepted` euros, a balance for its decided lines, as `seen` marks them.

    Raises what `fire` raises.
    """
    return fire(request, "check", by=by, reason=reason, accepted=accepted, seen=seen)


def send_back(request: PaymentRequest, *, reason: str, by: User) -> Event:
    """Send a request back to the organisation, with what is wanting. Raises what `fire` raises."""
    return fire(request, "send_back", by=by, reason=reason)


def refuse(request: PaymentRequest, *, reason: str, by: User) -> Event:
    """Refuse a request, with a reason; the organisation may make another. Raises what `fire` raises."""
    return fire(request, "refuse", by=by, reason=reason)


def reopen(request: PaymentRequest, *, reason: str, by: User) -> Event:
    """Open again a check that is not certified: another person than its author, with a reason.

    Raises what `fire` raises.
    """
    return fire(request, "reopen", by=by, reason=reason)


def _hold_submitted(request: PaymentRequest, by: User) -> None:
    hold(request)
    if not permissions.examine(by, request):
        raise NotAllowed(procedure.FORBIDDEN)
    if request.state != states.SUBMITTED:
        raise NotNow(NOT_SUBMITTED)


def _overtaken(line: ExpenseLine) -> str:
    """Say who decided a line meanwhile, and that what was typed is still there."""
    at = f" à {hour(line.decided_at)}" if line.decided_at else ""
    said = f"{line.decided_by} a décidé cette dépense{at} : {euros(line.accepted or ZERO)} {line.basis} acceptés."
    return spaced(f"{said} Votre saisie est ci-dessous : enregistrez-la de nouveau pour la mettre à la place.")


def _check(found: Judged, accepted: Decimal, reason: str) -> None:
    if not ZERO <= accepted <= found.line.amount:
        most = f"{euros(found.line.amount)} {found.line.basis}"
        raise NotDone(spaced(f"Acceptez un montant entre 0 et {most}, celui de la dépense."))
    if accepted and found.is_barred:
        raise NotDone(spaced(f"Rien ne peut être accepté ici : {found.findings[0].sentence}"))
    if accepted < found.line.amount and not reason:
        raise ReasonMissing("Dites pourquoi la dépense est réduite ou refusée : la structure lit ce motif.")
    if accepted > found.proposed and not reason:
        raise ReasonMissing("Le portail propose un refus : dites pourquoi vous acceptez cette dépense.")


def _write(line: ExpenseLine, accepted: Decimal, reason: str, by: User) -> None:
    line.accepted, line.reason, line.decided_by, line.decided_at = accepted, reason, by, timezone.now()
    line.save(update_fields=["accepted", "reason", "decided_by", "decided_at"])
    data = {"line": line.pk, "label": line.label, "accepted": str(accepted), "amount": str(line.amount)}
    procedure.record(line.request, "line_decided", by=by, reason=reason, data=data)
