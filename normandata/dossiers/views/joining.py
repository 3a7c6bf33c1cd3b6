"""Answering, for the Region, those who ask to join an organisation that has no manager any more."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from normandata.organisations import permissions as organisations
from normandata.organisations.forms import RefusalForm
from normandata.organisations.models import Membership
from normandata.procedure.errors import NotDone, NotNow

from .. import examination, joining
from ..models import Dossier
from ..services import joining as gestures
from .access import person
from .desk_access import done, readers, refused

PAGE, PLACE = "dossiers:organisation", "demandes"


def _asked(request: HttpRequest, dossier: Dossier, pk: int) -> Membership:
    """Find what somebody asked of the dossier's organisation, answered since or not; raises Http404."""
    if not joining.may_answer(person(request), dossier):
        raise Http404
    found = Membership.objects.select_related("user", "organisation")
    return get_object_or_404(found, pk=pk, organisation=dossier.organisation_id)


@require_POST
@readers
def accept(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Accept a request; the person becomes the manager."""
    membership = _asked(request, dossier, pk)
    try:
        gestures.accept(dossier, membership, by=person(request))
    except NotDone as error:
        return refused(request, dossier, error)
    said = f"{membership.user} est maintenant le référent de la structure."
    return done(request, dossier, said, name=PAGE, anchor=PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
@readers
def refuse(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Refuse a request, with a reason or without."""
    membership = _asked(request, dossier, pk)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if organisations.has_manager(dossier.organisation):
        return refused(request, dossier, NotNow(gestures.HAS_MANAGER))
    if form.is_bound and form.is_valid():
        try:
            gestures.refuse(dossier, membership, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            return refused(request, dossier, error)
        return done(request, dossier, f"La demande de {membership.user} est refusée.", name=PAGE, anchor=PLACE)
    context = examination.head(request, dossier, person(request), "") | {"form": form, "membership": membership}
    return render(request, "dossiers/examine/refuse_member.html", context, status=422 if form.is_bound else 200)
