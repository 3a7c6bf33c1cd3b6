"""A volunteer offers to mentor an edition."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers.views.access import person

from .. import phases
from ..mentor_forms import MentorForm
from ..services import mentors
from .organise_access import attempt, posted
from .public import public_edition


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer one's help to an edition, or read that the offer waits."""
    user, edition = person(request), public_edition(slug)
    mentor = edition.mentors.filter(person=user).first()
    is_waiting = mentor is not None and mentor.ended_at is None
    form = MentorForm(posted(request))
    if attempt(form, lambda: mentors.offer(edition, **form.cleaned_data, by=user)):
        messages.success(request, "Merci. Les organisateurs vous répondront par courriel.")
        return HttpResponseRedirect(reverse("datathon:mentor_offer", args=[edition.slug]))
    context = {
        "edition": edition,
        "form": form,
        "mentor": mentor if is_waiting else None,
        "is_over": edition.state in phases.OVER,
    }
    return render(request, "datathon/mentors/offer.html", context, status=422 if form.errors else 200)
