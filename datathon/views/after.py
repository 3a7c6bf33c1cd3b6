"""What becomes of an edition, for its organisers: suites, audience, and the figures of the scheme."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import Role
from normandata.dossiers.models import READERS
from normandata.dossiers.views.access import person
from normandata.indicators.views.agents import Figures
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.ui.forms import RowForm

from .. import exports, phases
from ..after_forms import AudienceForm, FollowUpForm, RemovalForm
from ..indicators import SCHEME
from ..models import Audience, Edition, FollowUp, Team
from ..rules import REGLEMENT
from ..services import after as gestures

FORM = require_http_methods(["GET", "HEAD", "POST"])


def first_year() -> int:
    """Return the year this version of the scheme opened."""
    return REGLEMENT.on(timezone.localdate()).date("opening").year


FIGURES = Figures(
    scheme=SCHEME,
    heading="Indicateurs du Datathon",
    title="Datathon Normandie",
    first_year=first_year,
    columns=exports.COLUMNS,
    rows=exports.rows,
    readers=(*READERS, Role.ORGANISER),
    everything="Toutes les équipes",
)


def _edition(request: HttpRequest, slug: str) -> Edition:
    """Return an edition that this person organises; raises Http404."""
    return get_object_or_404(Edition.objects.organised_by(person(request)), slug=slug)


def _team(request: HttpRequest, slug: str, pk: int) -> Team:
    edition = _edition(request, slug)
    return get_object_or_404(
        Team.objects.active().real().select_related("edition"), edition=edition, presents=True, pk=pk
    )


@require_safe
@never_cache
def follow_ups(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what became of each solution, and the audience of the edition."""
    edition = _edition(request, slug)
    teams = edition.teams.active().real().filter(presents=True).order_by("name")
    context = {
        "edition": edition,
        "is_over": edition.state == phases.PUBLISHED,
        "teams": teams.prefetch_related("follow_ups"),
        "audiences": edition.audiences.select_related("typed_by"),
    }
    return render(request, "datathon/after/follow_ups.html", context)


@FORM
@never_cache
def note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Note what became of a solution."""
    team = _team(request, slug, pk)
    form = FollowUpForm(request.POST if request.method == "POST" else None)

    def gesture() -> None:
        gestures.note_follow_up(team, by=person(request), **form.cleaned_data)

    return _form(request, team.edition, form, gesture, f"Noter une suite : {team.name}", "La suite est notée.")


@FORM
@never_cache
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take off a line noted by mistake."""
    edition = _edition(request, slug)
    row = get_object_or_404(FollowUp.objects.select_related("team__edition"), team__edition=edition, pk=pk)
    form = RemovalForm(request.POST if request.method == "POST" else None)

    def gesture() -> None:
        gestures.remove_follow_up(row, by=person(request), reason=form.cleaned_data["reason"])

    return _form(request, edition, form, gesture, f"Retirer une suite de {row.team.name}", "La suite est retirée.")


@FORM
@never_cache
def audience(request: HttpRequest, slug: str) -> HttpResponse:
    """Type in a figure of audience."""
    edition = _edition(request, slug)
    form = AudienceForm(request.POST if request.method == "POST" else None)

    def gesture() -> None:
        said = form.cleaned_data | {"count": int(form.cleaned_data["count"])}
        gestures.read_audience(edition, by=person(request), **said)

    return _form(request, edition, form, gesture, "Saisir une audience", "Le relevé est enregistré.")


@FORM
@never_cache
def remove_audience(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take off a figure typed by mistake."""
    edition = _edition(request, slug)
    row = get_object_or_404(Audience.objects.select_related("edition"), edition=edition, pk=pk)
    form = RemovalForm(request.POST if request.method == "POST" else None)

    def gesture() -> None:
        gestures.remove_audience(row, by=person(request), reason=form.cleaned_data["reason"])

    return _form(request, edition, form, gesture, "Retirer un relevé d’audience", "Le relevé est retiré.")


def _form(
    request: HttpRequest, edition: Edition, form: RowForm, gesture: Callable[[], Any], title: str, sentence: str
) -> HttpResponse:
    """Make the gesture of a form and lead back; a refusal is shown beside what was typed."""
    back = reverse("datathon:follow_ups", args=[edition.slug])
    if form.is_bound and form.is_valid():
        try:
            gesture()
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, sentence)
            return HttpResponseRedirect(back)
    context = {"edition": edition, "form": form, "title": title, "back": back}
    return render(request, "datathon/after/form.html", context, status=422 if form.errors else 200)
