"""« Mes éditions »: each with one sentence, what is expected of the participant and by when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.dossiers.views.access import arrival, person

from .. import expected, showcase
from ..editions import Edition
from ..phases import REGISTRATION
from ..registrations import Registration


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """List the editions in which somebody has registered, and those that are open for registration."""
    user = person(request)
    rows = expected.ready(Registration.objects.of(user)).order_by("-edition__year", "-edition__pk")
    now = arrival(request)
    cards = [(one, expected.of(one, now), showcase.standing(one.edition, now)) for one in rows]
    known = [one.edition_id for one, *_ in cards]
    context = {"cards": cards, "open_editions": Edition.objects.filter(state=REGISTRATION).exclude(pk__in=known)}
    return render(request, "datathon/people/mine.html", context)
