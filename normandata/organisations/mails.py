"""The mails of the room: plain texts, through the outbox, at most three an hour for one address."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from normandata.outbox import mail

from . import conf
from .models import MailAllowance, MemberInvitation, Membership, Organisation

WINDOW = 3600
"""Seconds during which a mail counts."""
SUBJECTS = {
    "requested": "{label} : une personne demande à rejoindre votre structure",
    "accepted": "{label} : vous faites partie de la structure",
    "refused": "{label} : votre demande n’est pas retenue",
    "removed": "{label} : vous ne faites plus partie de la structure",
    "manager": "{label} : vous êtes maintenant référent",
    "invitation": "{label} vous invite sur NormanDATA",
}


def allow(email: str) -> bool:
    """Count one more mail for this address, in the caller's transaction; False when the hour is full."""
    digest = salted_hmac("organisations.allowance", email.strip().lower(), algorithm="sha256").hexdigest()
    row, _ = MailAllowance.objects.select_for_update().get_or_create(digest=digest)
    now = timezone.now().timestamp()
    recent = [instant for instant in row.sent if instant > now - WINDOW]
    if len(recent) >= conf.MAILS_AN_HOUR:
        return False
    row.sent = [*recent, now]
    row.save()
    return True


def forget_allowances(at: datetime) -> int:
    """Erase the counts whose hour is over for every mail; returns how many. Each row is looked at again once locked."""
    before = at.timestamp() - WINDOW
    over = [row.pk for row in MailAllowance.objects.iterator(chunk_size=500) if _is_over(row, before)]
    erased = 0
    for pk in over:
        with transaction.atomic():
            row = MailAllowance.objects.select_for_update().filter(pk=pk).first()
            if row is not None and _is_over(row, before):
                row.delete()
                erased += 1
    return erased


def _is_over(row: MailAllowance, before: float) -> bool:
    return all(instant <= before for instant in row.sent)


def tell_managers(membership: Membership) -> None:
    """Tell every manager that somebody asks to join."""
    organisation = membership.organisation
    managers = Membership.objects.managers().filter(organisation=organisation).select_related("user")
    # Always in the same order: each address is locked while it is counted.
    for email in sorted(manager.user.email for manager in managers):
        _write("requested", email, organisation, person=membership.user)


def tell(name: str, membership: Membership, **context: Any) -> None:
    """Write one of the mails of SUBJECTS to a member."""
    _write(name, membership.user.email, membership.organisation, membership=membership, **context)


def invite(invitation: MemberInvitation, token: str) -> None:
    """Send the link of an invitation, whose mail the caller has already counted."""
    link = _absolute(reverse("organisations:invitation", args=[token]))
    text = _text("invitation", invitation.organisation, invitation=invitation, link=link)
    mail.send(invitation.email, _subject("invitation", invitation.organisation), text, is_secret=True)


def _write(name: str, email: str, organisation: Organisation, **context: Any) -> None:
    if allow(email):
        mail.send(email, _subject(name, organisation), _text(name, organisation, **context))


def _subject(name: str, organisation: Organisation) -> str:
    return SUBJECTS[name].format(label=organisation.label)


def _text(name: str, organisation: Organisation, **context: Any) -> str:
    link = _absolute(reverse("organisations:detail", args=[organisation.siret]))
    contact = _absolute(reverse("portal:contact"))
    context = {"organisation": organisation, "link": link, "contact": contact, **context}
    return render_to_string(f"email/organisations/{name}.txt", context).strip() + "\n"


def _absolute(address: str) -> str:
    return f"{settings.SITE_URL}{address}"
