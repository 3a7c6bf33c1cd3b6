"""What is read once results are published: the laureates, and each participant's certificate."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.documents import services as documents
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited

from .. import jury_papers
from ..editions import Edition
from ..registrations import Registration
from ..services import certificates, publication
from .people_access import trail as steps
from .public import brief, trail


def published(slug: str) -> Edition:
    """Return an edition whose results anybody reads; raises Http404."""
    edition = get_object_or_404(Edition, slug=slug)
    if not edition.shows_results(timezone.now()):
        raise Http404
    return edition


@login_not_required
@require_safe
@brief
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the teams that the jury placed, and the prizes; no participant is named."""
    edition = published(slug)
    context = {"edition": edition, "places": publication.places(edition), "trail": trail(edition, "Résultats")}
    return render(request, "datathon/results.html", context)


def mine(request: HttpRequest, slug: str) -> Registration:
    """Return one's own participation in a published edition, in a team; raises Http404."""
    found = certificates.entitled(published(slug), person(request))
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def certificate(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer the certificate of participation, and have it made."""
    registration = mine(request, slug)
    if request.method == "POST":
        certificates.ask(registration, by=person(request))
        return HttpResponseRedirect(reverse("datathon:certificate_file", args=[slug]))
    edition = registration.edition
    context = {"edition": edition, "trail": steps(edition, ("Attestation", ""))}
    return render(request, "datathon/certificate.html", context)


@require_safe
@never_cache
def certificate_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send one's certificate, or show how its making goes."""
    document = jury_papers.certificate_of(mine(request, slug))
    if document is None:
        raise Http404
    back = (reverse("datathon:certificate", args=[slug]), "Revenir à l’attestation")
    return awaited(request, document, "Attestation de participation", back=back, trail=[]) or documents.download(
        document
    )
