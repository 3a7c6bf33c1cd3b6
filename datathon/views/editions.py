"""The organisers' pages of editions: the list, one edition's board, its making, its settings, its phases."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import board as boards
from .. import permissions, workflow
from ..edition_forms import CloneForm, NameForm, ReasonForm, SettingsForm
from ..editions import Edition
from ..paging import PER_PAGE
from ..services import editions as services
from ..services import opening
from ..services.holding import LIVING, OPEN
from .organise_access import attempt, done, followers, organisers, posted, refused, seen, shown

BOARD = "datathon:board"
PLAIN = {
    "rehearse": (opening.rehearse, "L’essai commence : inscrivez-vous comme le ferait un participant."),
    "end_rehearsal": (opening.end_rehearsal, "L’essai est fini, ce qu’il a produit est effacé."),
    "open_registration": (opening.open_registration, "Les inscriptions sont ouvertes, la page est publique."),
    "start_challenge": (opening.start_challenge, "Le challenge commence. Les participants sont prévenus."),
}
WITH_REASON = {
    "reopen_registration": (
        opening.reopen_registration,
        "Les inscriptions sont rouvertes. Les participants sont prévenus.",
    ),
    "cancel": (opening.cancel, "L’édition est annulée. Les participants sont prévenus."),
}
LEADS = {"cancel": "L’édition ne pourra plus être rouverte."}


@require_safe
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """List the editions that the person follows, the last on top."""
    user = person(request)
    if not permissions.has_editions(user):
        raise Http404
    context = {
        "editions": Edition.objects.followed_by(user),
        "creates": permissions.may_create(user),
        "alert": boards.year_alert(timezone.localdate()),
    }
    return render(request, "datathon/organise/editions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Create an edition."""
    user = person(request)
    if not permissions.may_create(user):
        raise Http404
    form, made = NameForm(posted(request)), []
    if attempt(form, lambda: made.append(services.create(**form.cleaned_data, by=user))):
        return done(request, "L’édition est créée. Écrivez maintenant ses réglages.", BOARD, made[0].slug)
    context = {"title": "Nouvelle édition", "button": "Créer l’édition", "back": reverse("datathon:organise")}
    return shown(request, None, form, context)


@organisers
def clone(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Make an edition out of this one."""
    user = person(request)
    if not permissions.may_create(user):
        raise Http404
    form = CloneForm(posted(request), initial={"dates": "later", "year": edition.year + 1})
    made: list[Edition] = []
    if attempt(form, lambda: made.append(services.clone(edition, **form.values, by=user))):
        return done(request, "L’édition est reprise. Relisez ses dates et son règlement.", BOARD, made[0].slug)
    context = {
        "title": f"Reprendre « {edition} »",
        "button": "Créer l’édition",
        "back": reverse(BOARD, args=[edition.slug]),
    }
    context["lead"] = (
        "Thèmes, jeux de données, critères, prix et réglages sont repris ; le règlement devient la version 1. "
        "Aucune personne n’est reprise."
    )
    return shown(request, edition, form, context)


@followers
def board(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show an edition: where it stands, what is wanting, what may be done."""
    user = person(request)
    context = {"edition": edition, "board": boards.board(edition, user), "may": boards.may(user, edition)}
    return render(request, "datathon/organise/board.html", context)


@followers
def journal(request: HttpRequest, edition: Edition) -> HttpResponse:
    """List the acts on an edition, the last first."""
    page = Paginator(boards.journal(edition), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "edition": edition,
        "page": page,
        "acts": boards.told(page.object_list),
        "may_organise": permissions.organises(person(request), edition),
    }
    return render(request, "datathon/organise/journal.html", context)


@organisers
def settings(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Change the settings of an edition."""
    if edition.state not in LIVING:
        raise Http404
    is_judging = edition.state not in OPEN
    form = SettingsForm.of(edition, posted(request), is_judging=is_judging)
    if attempt(form, lambda: services.change(edition, **form.cleaned_data, by=person(request), seen=seen(request))):
        return done(request, "Les réglages sont enregistrés.", BOARD, edition.slug)
    context = {"title": "Réglages de l’édition", "button": "Enregistrer", "back": reverse(BOARD, args=[edition.slug])}
    edition = Edition.objects.get(pk=edition.pk)
    return shown(request, edition, form, context, kept=lambda: SettingsForm.of(edition, is_judging=is_judging))


@organisers
def gesture(request: HttpRequest, edition: Edition, name: str) -> HttpResponse:
    """Move an edition: at once, or with a reason."""
    if name in PLAIN:
        return _plain(request, edition, name)
    if name not in WITH_REASON or edition.state not in workflow.EDITION.workflow.find(name).sources:
        raise Http404
    act, said = WITH_REASON[name]
    form = ReasonForm(posted(request))
    if attempt(form, lambda: act(edition, reason=form.cleaned_data["reason"], by=person(request), seen=seen(request))):
        return done(request, said, BOARD, edition.slug)
    row = workflow.EDITION.workflow.find(name)
    context: dict[str, Any] = {
        "title": row.label,
        "button": row.label,
        "is_danger": row.is_danger,
        "lead": LEADS.get(name, ""),
    }
    return shown(request, edition, form, context | {"back": reverse(BOARD, args=[edition.slug])})


def _plain(request: HttpRequest, edition: Edition, name: str) -> HttpResponse:
    if request.method != "POST":
        raise Http404
    act, said = PLAIN[name]
    try:
        act(edition, by=person(request), seen=seen(request))
    except NotDone as error:
        return refused(request, error, BOARD, edition.slug)
    return done(request, said, BOARD, edition.slug)
