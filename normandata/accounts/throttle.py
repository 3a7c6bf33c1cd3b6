"""At most three mails an hour for one address, whoever asks and from wherever: a mailbox is not bombed from here.

And, for pages open to all, how often one visitor may ask for them.
"""

import hashlib
import ipaddress
import logging
import math
import time
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from normandata.accounts import conf
from normandata.accounts.models import MailSlot

logger = logging.getLogger(__name__)
HOUSEHOLD = 64
"""Bits of an IPv6 address that stand for one subscriber."""


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


def is_crowded(address: str | None, action: str, *, most: int, seconds: int = 60) -> bool:
    """Count one request of a visitor's address; True beyond `most` in the window of time that runs.

    A cache that is down counts nothing: the page stays open, what it does is guarded elsewhere.
    """
    return wait(address, action, most=most, seconds=seconds) > 0


def wait(address: str | None, action: str, *, most: int, seconds: int = 60) -> int:
    """Count one request as `is_crowded` does; the seconds to wait until the next window, none when it is admitted."""
    digest = hashlib.sha256(_subscriber(address or "").encode()).hexdigest()
    now = time.time()
    key = f"accounts.throttle.{action}.{digest}.{int(now // seconds)}"
    try:
        cache.add(key, 0, timeout=seconds)
        return math.ceil(seconds - now % seconds) if cache.incr(key) > most else 0
    except Exception:
        logger.warning("The cache did not count the requests of %s.", action)
        return 0


def _subscriber(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network(f"{found}/{HOUSEHOLD}", strict=False))
