"""The payments officer's gestures: certify one or several, type mandate numbers back, open a certificate."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.documents import services as documents
from normandata.dossiers import presentation
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural, spaced

from .. import permissions, shown, states
from ..desk_forms import NumberForm
from ..mandates import MandatesForm
from ..requests import PaymentRequest
from ..services import certifying
from .access import attempt, posted, read_mark, refused, region, seen, show
from .checking import around

FORM = require_http_methods(["GET", "HEAD", "POST"])
MOST_AT_ONCE = 100
SOME = "Cochez au moins une demande."


@require_POST
@region
def certify(request: HttpRequest, pk: int) -> HttpResponse:
    """Certify a checked request: a double click pays once."""
    found = _mine(request, pk)
    back = reverse("booster_ia:payment", args=[pk])
    try:
        certifying.certify(found, by=person(request), seen=read_mark(request))
    except NotDone as error:
        return refused(request, error, back)
    said = f"{shown.amount(found)} certifiés." if found.amount else "Soldée sans versement."
    return presentation.done(request, spaced(f"{said} La structure en est prévenue."), back)


@require_POST
@region
def certify_all(request: HttpRequest) -> HttpResponse:
    """Certify the requests that were ticked, and say what became of each."""
    user = person(request)
    if not permissions.is_officer(user):
        raise Http404
    ticked = [int(one) for one in request.POST.getlist("demande")[:MOST_AT_ONCE] if one.isdecimal() and len(one) < 10]
    found = PaymentRequest.objects.for_region(user).whole().filter(pk__in=ticked).order_by("pk")
    back = reverse("booster_ia:payments")
    if not ticked:
        messages.error(request, SOME)
        return HttpResponseRedirect(back)
    marks = {pk: mark for pk in ticked if (mark := read_mark(request, f"vu{pk}")) is not None}
    done = certifying.certify_all(found, by=user, seen=marks)
    passed = sum(not one.problems for one in done)
    if passed:
        messages.success(request, f"{plural(passed, 'demande certifiée', 'demandes certifiées')}.")
    for one in done:
        if one.problems:
            messages.error(request, spaced(f"{one.request.award.dossier.number} : {' '.join(one.problems)}"))
    return HttpResponseRedirect(back)


@FORM
@region
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a mandate number, or correct one with a reason."""
    found = seen(request, pk)
    corrects = found.state == states.PAID
    wanted = "correct_mandate" if corrects else "mandate"
    if wanted not in {row.name for row in procedure.available(found, person(request))}:
        raise Http404
    form = NumberForm(posted(request), label="Numéro de mandat", with_reason=corrects)

    def gesture() -> None:
        typed = dict(form.cleaned_data)
        act = certifying.correct_mandate if corrects else certifying.mandate
        act(found, by=person(request), **typed)

    if attempt(form, gesture, "number"):
        return presentation.done(request, "Le mandat est inscrit.", reverse("booster_ia:payment", args=[pk]))
    return show(request, "booster_ia/payments/desk/mandate.html", around(request, found), form)


@FORM
@region
def mandates(request: HttpRequest) -> HttpResponse:
    """Type the numbers of several mandates back on one page; those that are wrong stay, the others are written."""
    user = person(request)
    if not permissions.is_officer(user):
        raise Http404
    waiting = PaymentRequest.objects.for_region(user).whole().filter(state=states.CERTIFIED).order_by("certified_at")
    form = MandatesForm(posted(request), requests=list(waiting[:MOST_AT_ONCE]))
    for said in form.overtaken(PaymentRequest.objects.for_region(user)):
        messages.warning(request, said)
    if form.is_bound and form.is_valid():
        written = form.write(by=user)
        if written:
            said = f"{plural(written, 'mandat inscrit', 'mandats inscrits')}."
            messages.success(request, said)
        if not form.errors:
            return HttpResponseRedirect(reverse("booster_ia:payments_mandates"))
    return show(request, "booster_ia/payments/desk/mandates.html", {}, form)


@require_safe
@region
def certificate(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """Send the payment certificate once it is made."""
    found = seen(request, pk)
    if found.certificate is None:
        raise Http404
    sent = found.certificate
    back = reverse("booster_ia:payment", args=[pk]), "Revenir à la demande"
    if page := awaited(request, sent.document, sent.title, back=back, trail=[]):
        return page
    return documents.download(sent.document)


def _mine(request: HttpRequest, pk: int) -> PaymentRequest:
    """Return a request for a payments officer; raises Http404."""
    found = seen(request, pk)
    if not permissions.is_officer(person(request), found.award.dossier):
        raise Http404
    return found
