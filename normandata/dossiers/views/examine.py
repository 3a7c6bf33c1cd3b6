"""The agents' pages of a dossier: what was asked, what was found, who wrote, what was done."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from normandata.notifications import tracking
from normandata.organisations import presentation as organisations

from .. import conversation, examination, findings, joining, journal
from ..examine_forms import ReadingForm
from ..models import Deposit, Dossier
from ..services import deposits
from .access import person
from .desk_access import readers

MOST_OTHERS = 50
"""Other dossiers listed for an organisation."""


@require_safe
@readers
def examine(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the request as it was deposited on one side, what is found of it on the other."""
    user = person(request)
    deposit, panel = _version(dossier, dossier.version), examination.panel_of(dossier, user)
    made = examination.asked(dossier, deposit)
    context = examination.head(request, dossier, user, "dossiers:examine") | {
        "deposit": deposit,
        "recap": examination.recap(dossier, deposit),
        "pieces": examination.pieces(dossier, deposit),
        "asked": examination.request_of(dossier, made, deposit),
        "received": examination.received(dossier, made),
        "completeness": examination.completeness(dossier),
        "latest": conversation.shown_messages(dossier, conversation.messages(dossier)[: examination.LATEST]),
        "silence": examination.silence(dossier),
        "buttons": examination.buttons(dossier, user, examination.suffix(request), panel),
        "reading_form": ReadingForm(),
        "panel": panel,
    }
    return render(request, "dossiers/examine/examine.html", context | findings.of(dossier))


@require_safe
@readers
def organisation(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the organisation: its identity with its sources, its people, its other dossiers."""
    user = person(request)
    found = findings.of(dossier)
    context = examination.head(request, dossier, user, "dossiers:organisation") | {
        "identity": organisations.identity(dossier.organisation),
        "people": joining.people(dossier, user),
        "others": examination.others(dossier, user)[:MOST_OTHERS],
        "most": MOST_OTHERS,
        "aids": [one for one in (*found["looked"], *found["settled"]) if one.rule.endswith(".de_minimis")],
    }
    return render(request, "dossiers/examine/organisation.html", context)


@require_safe
@readers
def events(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the journal, the newest first."""
    page = examination.paged(journal.events(dossier), request)
    context = examination.head(request, dossier, person(request), "dossiers:journal") | {
        "page": page,
        "entries": [journal.entry(dossier, event) for event in page],
    }
    return render(request, "dossiers/examine/journal.html", context)


@require_safe
@readers
def deliveries(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show where each mail and document of the dossier stands."""
    receipts = dossier.deposits.filter(receipt__isnull=False).values_list("receipt", flat=True)
    page = examination.paged(tracking.tracked(dossier, documents=receipts), request)
    context = examination.head(request, dossier, person(request), "dossiers:deliveries") | {
        "page": page,
        "lines": list(page),
    }
    return render(request, "dossiers/examine/deliveries.html", context)


@require_safe
@readers
def version(request: HttpRequest, dossier: Dossier, number: int) -> HttpResponse:
    """Show a deposit as it was frozen."""
    deposit = _version(dossier, number)
    context = examination.head(request, dossier, person(request), "") | {
        "deposit": deposit,
        "recap": examination.recap(dossier, deposit),
        "pieces": examination.pieces(dossier, deposit),
        "versions": dossier.deposits.order_by("-version").only("version", "at", "dossier_id")[:MOST_OTHERS],
    }
    return render(request, "dossiers/examine/version.html", context)


@require_safe
@readers
def changes(request: HttpRequest, dossier: Dossier, before: int, after: int) -> HttpResponse:
    """Show what one deposit changed in another."""
    old, new = _version(dossier, before), _version(dossier, after)
    context = examination.head(request, dossier, person(request), "") | {
        "old": old,
        "new": new,
        "changes": deposits.changes(old.recap, new.recap),
        "joined": _without(new, old),
        "removed": _without(old, new),
    }
    return render(request, "dossiers/examine/changes.html", context)


def _version(dossier: Dossier, number: int) -> Deposit:
    found = dossier.deposits.filter(version=number).select_related("by").first()
    if found is None:
        raise Http404
    return found


def _without(deposit: Deposit, other: Deposit) -> list[dict[str, str]]:
    """List the files of a deposit whose content the other did not have for that piece."""
    there = {(file["piece"], file["sha256"]) for file in other.pieces}
    return [file for file in deposit.pieces if (file["piece"], file["sha256"]) not in there]
