"""At most three mails an hour for one address, whoever asks and from wherever: a mailbox is not bombed from here."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from normandata.accounts import conf
from normandata.accounts.models import MailSlot


def take_slot(address: str) -> bool:
    """Count one mail to this address; False when it had its three in the hour that ends now.

    Three rows an address, each used once an hour at most by one conditional UPDATE: true of any sliding hour and of
    simultaneous requests, on both databases.
    """
    digest = hashlib.sha256(address.strip().lower().encode()).hexdigest()
    now = timezone.now()
    for number in range(conf.MAILS_PER_HOUR):
        _, is_new = MailSlot.objects.get_or_create(address_hash=digest, number=number, defaults={"used_at": now})
        if is_new:
            return True
        free = MailSlot.objects.filter(address_hash=digest, number=number, used_at__lte=now - timedelta(hours=1))
        if free.update(used_at=now):
            return True
    return False
