"""The demonstration's page: accounts, codes of the second factor, mails sent. It does not exist in production."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .demonstration import letters, people, script
from .demonstration.script import Account


@dataclass(frozen=True, slots=True)
class Row:
    """An account and the code it may type now, if the Region asks it for one."""

    account: Account
    code: str


@login_not_required
@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show how to sign in as anyone, and every mail; to HTMX, the accounts alone, whose codes have changed."""
    if settings.PRODUCTION:
        raise Http404
    if request.headers.get("HX-Request"):
        return render(request, "portal/demonstration_accounts.html", _accounts())
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 4 else 1
    return render(request, "portal/demonstration.html", _accounts() | {"mails": letters.read(number)})


def _accounts() -> dict[str, object]:
    told = script.read()
    codes = people.codes([one for one in told.accounts if one.has_second_factor])
    known = people.known(told.accounts)
    left = people.seconds_left()

    def rows(accounts: Iterable[Account]) -> list[Row]:
        return [Row(one, codes.get(one.email, "")) for one in accounts if one.email in known]

    groups = [
        ("Porteurs de projet", rows(told.of_applicants), False),
        ("Un compte par rôle", rows(told.of_roles), False),
        ("Les autres comptes", rows(told.others), True),
    ]
    return {
        "groups": groups if known else [],
        "password": script.PASSWORD,
        "seconds": left,
        "until": timezone.now() + timedelta(seconds=left),
    }
