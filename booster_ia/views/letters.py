"""« Lettres à envoyer »: the decisions of a session or of a wave that no letter has told yet."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.accounts.models import User
from normandata.committee.models import Item, Session
from normandata.dossiers.bulk import BulkJob
from normandata.dossiers.models import INSTRUCTORS, Dossier
from normandata.dossiers.services import letters as letters_of_dossiers
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotNow

from ..services import notification
from ..waves import Wave

MOST = 500
"""Letters of one page: once they are sent, the others take their place."""
RECENT = 5
TONES = {"granted": ("done", "met"), "refused": ("no", "unmet"), "adjourned": ("plain", "hourglass")}


@require_safe
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """List the letters to send, all of one session first, ticked; a wave or another session is chosen by its link."""
    user = person(request)
    if not user.holds(*INSTRUCTORS, scheme=notification.SCHEME):
        raise Http404
    waiting = _waiting(user)
    sessions = list(Session.objects.filter(items__in=waiting).annotate(count=Count("items")).order_by("-held_on"))
    waves = list(Wave.objects.filter(applications__dossier__in=waiting.values("dossier")).distinct())
    session, wave = _asked(request, sessions, waves)
    rows = _chosen(waiting, session, wave).select_related("dossier__organisation", "session")
    listed = list(rows.order_by("rank", "dossier__number")[: MOST + 1])
    jobs = BulkJob.objects.filter(by=user, action=BulkJob.Action.SEND_LETTERS).annotate(count=Count("outcomes"))
    context = {
        "rows": [(item, *TONES[item.outcome]) for item in listed[:MOST]],
        "has_more": len(listed) > MOST,
        "most": MOST,
        "sessions": sessions,
        "waves": waves,
        "session": session,
        "wave": wave,
        "signatory": _signatory(),
        "pending": sorted({str(one.session) for one in listed if not _is_executory(one.session)}),
        "jobs": jobs[:RECENT],
    }
    return render(request, "booster_ia/letters/letters.html", context)


def _waiting(user: User) -> Any:
    """Keep the decisions to tell of the dossiers that nothing closes to this person."""
    return notification.to_tell().filter(dossier__in=Dossier.objects.for_region(user).values("pk"))


def _asked(
    request: HttpRequest, sessions: Sequence[Session], waves: Sequence[Wave]
) -> tuple[Session | None, Wave | None]:
    """Return the session or the wave of the address; without one, the last session that has letters to send."""
    named = request.GET
    wave = next((one for one in waves if str(one.pk) == named.get("vague")), None)
    session = next((one for one in sessions if str(one.pk) == named.get("seance")), None)
    if wave is None and session is None and sessions:
        session = sessions[0]
    return (None, wave) if wave is not None else (session, None)


def _chosen(waiting: Any, session: Session | None, wave: Wave | None) -> Any:
    if wave is not None:
        return waiting.filter(dossier__booster__wave=wave)
    return waiting.filter(session=session) if session is not None else Item.objects.none()


def _signatory() -> str:
    """Name who signs today, or nobody."""
    try:
        return str(letters_of_dossiers.signatory(notification.SCHEME, timezone.localdate()))
    except NotNow:
        return ""


def _is_executory(session: Session) -> bool:
    """Tell whether the deliberation may be carried out: sent to the prefecture and published, on a day typed in."""
    return session.executory_on is not None and session.executory_on <= timezone.localdate()
