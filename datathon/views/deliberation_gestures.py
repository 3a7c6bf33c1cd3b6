"""The gestures of a deliberation that have a page of their own: presence, votes, closing, reopening, publishing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring import pages
from normandata.scoring.forms import ReasonForm
from normandata.scoring.posted import whole

from .. import jury_forms, jury_table
from ..juries import Deliberation
from ..jury_forms import PublishForm, SeenForm, VoteForm
from ..services import deliberations, juries, publication
from ..teams import Team
from .ballots import BASE
from .deliberation import found_here, room_of

FORM = require_http_methods(["GET", "HEAD", "POST"])


def answered(
    request: HttpRequest, slug: str, form: Any, gesture: Callable[[], Any], said: str, **page: Any
) -> HttpResponse:
    """Make the gesture of a form and go back to the room."""
    room = room_of(slug)
    return pages.answer(request, form, gesture, said, to=page.pop("to", room), back=room, base=BASE, **page)


@FORM
@never_cache
def presence(request: HttpRequest, slug: str) -> HttpResponse:
    """Note who is there."""
    found = found_here(request, slug, held=True)
    if request.method != "POST":
        jurors = found.edition.jurors.sitting().order_by("-is_chair", "pk")
        context = {"jurors": jurors, "edition": found.edition, "back": room_of(slug)}
        return render(request, "datathon/jury/presence.html", context)
    try:
        juries.tick_presence(found.edition, jury_forms.keys(request.POST, "present"), by=person(request))
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "La présence est notée.")
    return HttpResponseRedirect(room_of(slug))


@FORM
@never_cache
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a vote of the jury down."""
    found = found_here(request, slug, held=True)
    lines = jury_table.table(found, person(request)).open_lines
    form = VoteForm(pages.posted(request), lines=lines)
    return answered(
        request,
        slug,
        form,
        lambda: record(found, form, request),
        "Le vote est inscrit.",
        title="Inscrire un vote du jury",
        lead="Pour départager deux équipes à égalité, choisissez-les toutes les deux.",
        button="Inscrire le vote",
    )


def record(found: Deliberation, form: VoteForm, request: HttpRequest) -> None:
    given = form.cleaned_data
    wanted = [key for key in (given["devant"], given["derriere"]) if key]
    teams = Team.objects.filter(edition=found.edition).in_bulk(wanted)
    pair = (teams[int(given["devant"])], teams[int(given["derriere"])]) if len(teams) == 2 else None
    deliberations.record_vote(found.edition, given["objet"], by=person(request), pair=pair, **form.voices)


@FORM
@never_cache
def cancel_vote(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take away a vote written by mistake."""
    found, form = found_here(request, slug, held=True), ReasonForm(pages.posted(request))
    named = found.votes.filter(pk=pk).first()
    if named is None:
        raise Http404
    return answered(
        request,
        slug,
        form,
        lambda: deliberations.cancel_vote(found.edition, pk, by=person(request), reason=form.reason),
        "Le vote est annulé.",
        title="Annuler un vote",
        lead=f"Vote : {named.subject}.",
        button="Annuler ce vote",
    )


@FORM
@never_cache
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Say all that is still open, or close the deliberation once what is frozen was read."""
    found, user = found_here(request, slug, held=True), person(request)
    form = SeenForm(pages.posted(request), initial={"vue": found.revision})
    table = jury_table.table(found, user)
    return answered(
        request,
        slug,
        form,
        lambda: deliberations.close_deliberation(found.edition, by=user, seen=whole(request.POST, "vue")),
        "La délibération est close. Le procès-verbal est en préparation.",
        template="datathon/jury/close.html",
        found=found,
        edition=found.edition,
        table=table,
        points=deliberations.open_points(found),
    )


@FORM
@never_cache
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a closed deliberation again: another person, a reason."""
    found, form = found_here(request, slug, held=True), ReasonForm(pages.posted(request))
    return answered(
        request,
        slug,
        form,
        lambda: deliberations.reopen_deliberation(found.edition, by=person(request), reason=form.reason),
        "La délibération est rouverte.",
        title="Rouvrir la délibération",
        lead="Une autre personne que celle qui l’a close la rouvre. Les résultats publiés ne sont plus visibles ; le "
        "procès-verbal déjà fait est gardé.",
        button="Rouvrir la délibération",
    )


@FORM
@never_cache
def reopen_scoring(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the scoring again: another person, a reason; the jury is blind again."""
    found, form = found_here(request, slug, held=True), ReasonForm(pages.posted(request))
    user = person(request)
    return answered(
        request,
        slug,
        form,
        lambda: deliberations.reopen_scoring(found.edition, by=user, reason=form.reason),
        "La notation est rouverte.",
        to=reverse("datathon:jury", args=[]),
        title="Rouvrir la notation",
        lead="Une autre personne que celle qui a ouvert la délibération rouvre la notation. Les rangs tapés et les "
        "votes s’effacent. Qui a lu les bulletins n’en écrit plus de nouveau.",
        button="Rouvrir la notation",
    )


@FORM
@never_cache
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish the results, at once or from an instant on."""
    found = found_here(request, slug, held=True)
    planned = found.edition.embargo_until
    is_to_come = planned is not None and planned > timezone.now()
    form = PublishForm(pages.posted(request), initial={"embargo": planned if is_to_come else None})
    return answered(
        request,
        slug,
        form,
        lambda: publication.publish(found.edition, by=person(request), embargo_until=form.cleaned_data["embargo"]),
        "Les résultats sont publiés.",
        title="Publier les résultats",
        lead="Les participants reçoivent un courriel quand les résultats deviennent visibles.",
        button="Publier",
    )
