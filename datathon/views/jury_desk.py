"""The organisers' pages on the jury: its composition, the order of presentations, progress, opening."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring import pages
from normandata.scoring.forms import ReasonForm
from normandata.scoring.models import Subject
from normandata.scoring.posted import whole
from normandata.scoring.services.panels import panel_about

from .. import jury_reading, permissions, phases
from ..editions import Edition
from ..juries import Juror
from ..jury_forms import JurorForm, OrderForm, SeenForm
from ..services import deliberations, juries, scoring
from .jury import ROOM

FORM = require_http_methods(["GET", "HEAD", "POST"])


def edition_here(request: HttpRequest, slug: str, *, follows: bool = False) -> Edition:
    """Return an edition to who organises it, or follows it; raises Http404."""
    edition = get_object_or_404(Edition.objects.visible_to(person(request)), slug=slug)
    may = permissions.may_follow if follows else permissions.organises
    if not may(person(request), edition):
        raise Http404
    return edition


def juror_here(request: HttpRequest, slug: str, pk: int) -> Juror:
    edition = edition_here(request, slug)
    return get_object_or_404(edition.jurors.filter(ended_at=None).select_related("edition"), pk=pk)


def home(edition: Edition) -> str:
    return reverse("datathon:jury_desk", args=[edition.slug])


@require_safe
@never_cache
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the jury, the order of the presentations and how far the ballots are, without any score."""
    edition, user = edition_here(request, slug, follows=True), person(request)
    leads, panel = permissions.organises(user, edition), panel_about(edition)
    context = {
        "edition": edition,
        "leads": leads,
        "jurors": list(edition.jurors.filter(ended_at=None).order_by("-is_chair", "pk")),
        "teams": scoring.teams_of(edition),
        "panel": panel,
        "advance": jury_reading.progress(panel, user) if panel is not None and leads else None,
        "changes": leads and edition.state in juries.OPEN,
        "orders": leads and edition.state in scoring.ORDERED_IN,
        "may_open": leads and edition.state == phases.CHALLENGE,
        "may_deliberate": leads and edition.state == phases.SCORING,
        "is_room_open": edition.state in ROOM,
    }
    return render(request, "datathon/jury/desk.html", context)


def answered(
    request: HttpRequest, edition: Edition, form: Any, gesture: Callable[[], Any], said: str, **page: Any
) -> HttpResponse:
    """Make the gesture of a form and go back to the desk."""
    back = home(edition)
    return pages.answer(request, form, gesture, said, to=page.pop("to", back), back=back, **page)


@FORM
@never_cache
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Propose somebody for the jury, and invite."""
    edition, form = edition_here(request, slug), JurorForm(pages.posted(request))
    return answered(
        request,
        edition,
        form,
        lambda: juries.add(edition, by=person(request), **form.cleaned_data),
        "L’invitation est partie.",
        title="Proposer un juré",
        lead="La personne reçoit un lien, ouvre son accès, puis accepte ou décline de siéger.",
        button="Proposer et inviter",
    )


@FORM
@never_cache
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Correct what is written of a juror, or say that this one presides."""
    juror = juror_here(request, slug, pk)
    form = JurorForm(pages.posted(request), juror=juror)

    def gesture() -> None:
        juries.change(juror, by=person(request), **form.cleaned_data)
        if request.POST.get("preside") == "oui":
            juries.choose_chair(juror, by=person(request))

    return answered(
        request,
        juror.edition,
        form,
        gesture,
        "Le jury est enregistré.",
        template="datathon/jury/juror.html",
        juror=juror,
        title=f"Modifier {juror.name}",
        button="Enregistrer",
    )


@require_POST
def invite(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send an invitation once more."""
    juror = juror_here(request, slug, pk)
    try:
        juries.invite_again(juror, by=person(request))
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Une nouvelle invitation est partie pour {juror.name}.")
    return HttpResponseRedirect(home(juror.edition))


@FORM
@never_cache
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody off the jury, with a reason."""
    juror, form = juror_here(request, slug, pk), ReasonForm(pages.posted(request))
    return answered(
        request,
        juror.edition,
        form,
        lambda: juries.remove(juror, by=person(request), reason=form.reason),
        f"{juror.name} n’est plus dans le jury.",
        title=f"Retirer {juror.name} du jury",
        lead="L’accès se ferme aussitôt. Les bulletins déjà validés comptent toujours.",
        button="Retirer du jury",
    )


@FORM
@never_cache
def order(request: HttpRequest, slug: str) -> HttpResponse:
    """Say which teams present, and in what order."""
    edition = edition_here(request, slug)
    teams, is_open = scoring.teams_of(edition), edition.state == phases.SCORING
    form = OrderForm(pages.posted(request), teams=teams, asks_why=is_open)
    seen = whole(request.POST, "version") if request.method == "POST" else edition.revision
    return answered(
        request,
        edition,
        form,
        lambda: scoring.order(edition, form.chosen, by=person(request), revision=seen, reason=form.reason),
        "L’ordre des présentations est enregistré.",
        template="datathon/jury/order.html",
        slug=slug,
        seen=seen,
        may_draw=not is_open,
    )


@require_POST
def draw(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw the order at random."""
    edition = edition_here(request, slug)
    try:
        scoring.draw(edition, by=person(request), revision=whole(request.POST, "version"))
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "L’ordre est tiré au sort, et inscrit au journal.")
    return HttpResponseRedirect(home(edition))


@FORM
@never_cache
def open_scoring(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the scoring, once what it freezes was read."""
    edition = edition_here(request, slug)
    form = SeenForm(pages.posted(request), initial={"vue": edition.revision})
    return answered(
        request,
        edition,
        form,
        lambda: scoring.open_scoring(edition, by=person(request), revision=whole(request.POST, "vue")),
        "La notation est ouverte : le jury note à l’aveugle jusqu’à la délibération.",
        title="Ouvrir la notation du jury",
        lead="Les critères et leurs poids sont figés. Personne ne lit de note avant la délibération, vous non plus.",
        button="Ouvrir la notation",
    )


@FORM
@never_cache
def open_deliberation(request: HttpRequest, slug: str) -> HttpResponse:
    """Close the scoring and open the deliberation."""
    edition = edition_here(request, slug)
    form = SeenForm(pages.posted(request), initial={"vue": edition.revision})
    return answered(
        request,
        edition,
        form,
        lambda: deliberations.open_deliberation(edition, by=person(request), revision=whole(request.POST, "vue")),
        "La délibération est ouverte.",
        to=reverse("datathon:deliberation", args=[slug]),
        title="Ouvrir la délibération",
        lead="La notation se clôt : un bulletin non validé ne compte pas. Le classement proposé est figé.",
        button="Clore la notation et délibérer",
    )


@FORM
@never_cache
def give_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a validated ballot back to its author, named by the form."""
    edition, form = edition_here(request, slug), ReasonForm(pages.posted(request))
    panel = panel_about(edition)
    subject = Subject.objects.judged().filter(panel=panel, pk=pk).select_related("panel").first()
    if panel is None or subject is None:
        raise Http404
    people = scoring.validated_by(subject)
    chosen = people.get(whole(request.POST, "personne"))

    def gesture() -> None:
        if chosen is None:
            raise NotDone("Choisissez la personne à qui rendre son bulletin.")
        scoring.give_back(subject, chosen, by=person(request), reason=form.reason)

    return answered(
        request,
        edition,
        form,
        gesture,
        "Le bulletin est rendu à son auteur.",
        template="datathon/jury/give_back.html",
        people=sorted(people.values(), key=str),
        chosen=chosen,
        title="Rendre un bulletin à son auteur",
        button="Rendre le bulletin",
    )
