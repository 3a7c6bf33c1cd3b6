"""The agents' gestures on a dossier, each on its small page: move it on, read a finding, judge a file, give it away."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.findings import Outcome, Verdict
from normandata.workflow.table import Reason, Transition, UnknownTransition

from .. import examination, findings
from ..examine_forms import AssignForm, FireForm, PieceForm, ReadingForm
from ..models import Attachment, Dossier
from ..services import corrections, desk
from .access import person
from .desk_access import done, instructors, readers, refused


@require_http_methods(["GET", "HEAD", "POST"])
@readers
def fire(request: HttpRequest, dossier: Dossier, name: str) -> HttpResponse:
    """Confirm a change of state and make it; somebody who was quicker is said, not an error."""
    row = _transition(request, dossier, name)
    asks = {"asks": row.reason is not Reason.NONE, "requires": row.reason is Reason.REQUIRED}
    form = FireForm(request.POST if request.method == "POST" else None, initial={"seen": dossier.state}, **asks)
    if dossier.state not in row.sources:
        return refused(request, dossier, NotNow(procedure.TOO_LATE))
    if form.is_bound and form.is_valid():
        if form.cleaned_data["seen"] != dossier.state:
            return refused(request, dossier, NotNow(procedure.TOO_LATE))
        try:
            procedure.fire(dossier, name, by=person(request), reason=form.cleaned_data.get("reason", ""))
        except NotDone as error:
            return refused(request, dossier, error)
        return done(request, dossier, f"C’est fait : {row.label.lower()}.")
    context = examination.head(request, dossier, person(request), "") | {"form": form, "transition": row}
    return render(request, "dossiers/examine/fire.html", context, status=422 if form.is_bound else 200)


def _transition(request: HttpRequest, dossier: Dossier, name: str) -> Transition:
    """Find a gesture of this page that this person may make in some state; raises Http404."""
    try:
        row = dossier.procedure.workflow.find(name)
    except UnknownTransition as error:
        raise Http404 from error
    is_elsewhere = row.permission in examination.APPLICANTS or name in examination.pages_of(dossier)
    if is_elsewhere or not dossier.procedure.allows(row, dossier, person(request)):
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def read_finding(request: HttpRequest, dossier: Dossier, rule: str) -> HttpResponse:
    """Settle a finding that was to be reviewed, with a reason."""
    found = Verdict.from_record(dossier.verdict).findings if dossier.verdict else ()
    finding = next((one for one in found if one.rule == rule and one.outcome is Outcome.TO_REVIEW), None)
    if finding is None or desk.is_kept(dossier, rule):
        raise Http404
    last = desk.readings(dossier).get(rule)
    initial = {"outcome": last.outcome, "reason": last.reason} if last else {}
    form = ReadingForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            desk.read_finding(dossier, rule, form.reading, reason=form.cleaned_data["reason"], by=person(request))
        except NotDone as error:
            return refused(request, dossier, error)
        return done(request, dossier, "Votre lecture est versée au journal.", anchor="constats")
    context = examination.head(request, dossier, person(request), "") | {
        "form": form,
        "finding": findings.shown([finding])[0],
        "last": last,
    }
    return render(request, "dossiers/examine/read.html", context, status=422 if form.is_bound else 200)


@require_POST
@instructors
def accept_piece(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Accept a file."""
    attachment = get_object_or_404(dossier.attachments.select_related("upload", "dossier"), pk=pk)
    try:
        corrections.review_attachment(attachment, Attachment.Status.ACCEPTED, by=person(request))
    except NotDone as error:
        return refused(request, dossier, error)
    return done(request, dossier, f"{attachment.upload.name} est accepté.", anchor="completude")


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def replace_piece(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Say why a file must be replaced."""
    attachment = get_object_or_404(dossier.attachments.select_related("upload", "dossier"), pk=pk)
    form = PieceForm(request.POST if request.method == "POST" else None, initial={"reason": attachment.reason})
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            corrections.review_attachment(attachment, Attachment.Status.TO_REPLACE, reason=reason, by=person(request))
        except NotDone as error:
            return refused(request, dossier, error)
        said = f"{attachment.upload.name} est à remplacer. Demandez-le à la structure quand vous aurez tout vu."
        return done(request, dossier, said, anchor="completude")
    context = examination.head(request, dossier, person(request), "") | {"form": form, "attachment": attachment}
    return render(request, "dossiers/examine/replace.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def assign(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Give the dossier to a colleague, with somebody to stand in."""
    form = AssignForm.of(dossier, desk.colleagues(dossier.scheme), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        owner, backup, reason = (form.cleaned_data[name] for name in ("owner", "backup", "reason"))
        try:
            desk.assign(dossier, owner, by=person(request), backup=backup, reason=reason)
        except NotAllowed as error:
            raise Http404 from error
        except NotNow as error:
            return refused(request, dossier, error)
        except NotDone as error:
            form.add_error("backup", list(error.messages))
        else:
            said = f"Le dossier est confié à {owner}." if owner else "Le dossier n’a plus de responsable."
            return done(request, dossier, said)
    context = examination.head(request, dossier, person(request), "") | {"form": form}
    return render(request, "dossiers/examine/assign.html", context, status=422 if form.is_bound else 200)


@require_POST
@instructors
def take_over(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Take the dossier in hand; an absent colleague stays as back-up."""
    if not examination.can_take_over(person(request), dossier):
        return refused(request, dossier, NotNow("Ce dossier a déjà un responsable présent."))
    try:
        desk.take_over(dossier, by=person(request))
    except NotDone as error:
        return refused(request, dossier, error)
    return done(request, dossier, "Vous êtes maintenant responsable de ce dossier.")
