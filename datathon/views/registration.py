"""The participant's registration: register or read why not, change, consent, withdraw, be erased."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache

from normandata.documents import services as documents
from normandata.dossiers.views.access import arrival, person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure.errors import NotDone

from .. import expected, openings, permissions, phases, showcase, workflow
from ..editions import ELSEWHERE, Edition
from ..forms_people import ADULT, MINOR, ChangeForm, RegistrationForm
from ..registrations import CONSENTS, IMAGE, Registration, Remark
from ..rules import REGLEMENT
from ..services import certificates, erasure, guardians, refusals, registrations
from ..services.registrations import NewerRules
from .people_access import (
    FORM,
    address,
    done,
    edition_of,
    page,
    participants,
    participants_form,
    participants_gesture,
    posted,
    refused,
    seat_of,
    trail,
)

GIVEN = {IMAGE: "votre image", "newsletter": "la lettre d’information"}


@login_required(login_url=reverse_lazy("account_signup"))
@FORM
@never_cache
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register to an edition; where one may not, a page says why and since when.

    Somebody without an account is led to make one: it is likelier than having one already.
    """
    edition, user = edition_of(request, slug), person(request)
    known = Registration.objects.of(user).filter(edition=edition).select_related("edition", "person").first()
    if known is not None and known.state != workflow.WITHDRAWN:
        return HttpResponseRedirect(address("participation", edition))
    if closed := _closed(request, edition):
        return closed
    form = _form(request, edition, known)
    if form.is_bound and form.is_valid():
        try:
            made = registrations.register(
                edition, form.said, rules=form.cleaned_data["rules"], consents=form.consents, by=user,
                at=arrival(request),
            )  # fmt: skip
        except NewerRules as error:
            form.show_newer(error.rules, error.messages[0])
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, _welcome(made), address("participation", edition))
    context = {"edition": edition, "rules": edition.rules_texts.first(), "known": known, "trail": trail(edition)}
    return page(request, "datathon/people/register.html", context, form)


def _closed(request: HttpRequest, edition: Edition) -> HttpResponse | None:
    """Say why one cannot register here, and since when; nothing where one can."""
    is_trial = edition.is_rehearsing and permissions.organises(person(request), edition)
    window = openings.registration(edition, person(request), arrival(request))
    is_elsewhere = edition.registration_mode == ELSEWHERE and not is_trial
    if window.is_open and not is_elsewhere and edition.rules_texts.exists():
        return None
    context = {"edition": edition, "window": window, "is_elsewhere": is_elsewhere, "trail": trail(edition)}
    return page(request, "datathon/people/closed.html", context)


def _form(request: HttpRequest, edition: Edition, known: Registration | None) -> RegistrationForm:
    initial: dict[str, Any] = {}
    if known is not None:
        names = ("profile", "skills", "wants_team", "pitch", "guardian_name", "guardian_email")
        initial = {name: getattr(known, name) for name in names} | {"age": MINOR if known.is_minor else ADULT}
    rules, majority = edition.rules_texts.first(), int(REGLEMENT.on(timezone.localdate()).number("majority"))
    if rules is None:
        raise Http404
    own = person(request).email
    return RegistrationForm(posted(request), rules=rules, own_address=own, majority=majority, initial=initial)


def _welcome(made: Registration) -> str:
    if made.state == workflow.AWAITING:
        return "Votre inscription est reçue. Un courriel est parti vers votre parent."
    return "Vous êtes inscrit. Créez une équipe, ou rejoignez-en une."


@participants
def participation(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Show all of one's part in an edition: what is expected, the team, the deliverables, the registration."""
    edition = registration.edition
    row, seat = expected.ready(Registration.objects.filter(pk=registration.pk)).get(), seat_of(registration)
    remark = registration.remarks.filter(act=Remark.REFUSED).first() if registration.refusal else None
    newest = edition.rules_texts.first()
    context = {
        "registration": registration,
        "edition": edition,
        "seat": seat,
        "expected": expected.of(row, arrival(request)),
        "days": list(expected.days_left(registration)),
        "consents": _consents(registration),
        "invitations": row.join_requests.all(),
        "remark": remark,
        "newer_rules": newest if newest and newest.pk != registration.rules_id else None,
        "link_life": guardians.life(timezone.now()).days,
        "is_over": edition.state in phases.OVER,
        "phase": showcase.standing(edition, arrival(request)),
        "has_certificate": edition.shows_results(arrival(request)) and certificates.is_entitled(registration, seat),
        "trail": trail(edition),
    }
    return page(request, "datathon/people/participation.html", context)


def _consents(registration: Registration) -> list[dict[str, Any]]:
    """List the optional consents: given since when, and whether the person may give them."""
    given = {one.kind: one for one in registration.consents.filter(withdrawn_at=None)}
    return [
        {
            "kind": kind,
            "label": label,
            "given": given.get(kind),
            "may_give": not (registration.is_minor and kind == IMAGE),
        }
        for kind, label in CONSENTS
    ]


@participants_form
def change(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Change what the registration says."""
    edition = registration.edition
    form = ChangeForm(posted(request), registration=registration)
    if form.is_bound and form.is_valid():
        try:
            said, revision = form.said, form.cleaned_data["revision"]
            registrations.change(registration, said, revision=revision, by=person(request))
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, "Votre inscription est à jour.", address("participation", edition))
    context = {"edition": edition, "trail": trail(edition, ("Mon inscription", ""))}
    return page(request, "datathon/people/change.html", context, form)


@participants_form
def rules(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Read the rules as they are now, and accept a newer version."""
    edition = registration.edition
    newest = edition.rules_texts.first()
    if request.method == "POST":
        typed = request.POST.get("version", "")
        version = int(typed) if typed.isdecimal() and len(typed) < 6 else 0
        try:
            registrations.accept_rules(registration, version, by=person(request))
        except NotDone as error:
            return refused(request, error, address("rules_text", edition))
        return done(request, "Vous avez accepté cette version du règlement.", address("participation", edition))
    context = {"edition": edition, "rules": newest, "registration": registration}
    return page(request, "datathon/people/rules.html", context | {"trail": trail(edition, ("Règlement", ""))})


@participants_gesture
def consent(request: HttpRequest, registration: Registration, kind: str) -> HttpResponse:
    """Give or withdraw an optional consent."""
    if kind not in GIVEN:
        raise Http404
    given, home = request.POST.get("accord") == "oui", address("participation", registration.edition)
    try:
        registrations.consent(registration, kind, given=given, by=person(request))
    except NotDone as error:
        return refused(request, error, home)
    said = "est noté" if given else "est retiré à compter de maintenant"
    return done(request, f"Votre accord pour {GIVEN[kind]} {said}.", home)


@participants_gesture
def guardian_again(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Send another link to the parent."""
    home = address("participation", registration.edition)
    try:
        guardians.ask_again(registration, by=person(request))
    except NotDone as error:
        return refused(request, error, home)
    return done(request, "Un nouveau lien est parti vers votre parent. L’ancien ne sert plus.", home)


@participants_form
def withdraw(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Withdraw, after a confirmation."""
    edition, home = registration.edition, address("participation", registration.edition)
    if request.method == "POST":
        try:
            registrations.withdraw(registration, by=person(request))
        except NotDone as error:
            return refused(request, error, home)
        return done(request, "Vous êtes désinscrit. Vous pouvez revenir tant que les inscriptions sont ouvertes.", home)
    context = {"edition": edition, "seat": seat_of(registration), "trail": trail(edition, ("Me désinscrire", ""))}
    return page(request, "datathon/people/withdraw.html", context)


@participants
def letter(request: HttpRequest, registration: Registration) -> HttpResponse | FileResponse:
    """Send the letter of a refusal, once it is made; its first opening is dated."""
    remark = registration.remarks.filter(act=Remark.REFUSED, document__isnull=False).first()
    if remark is None or remark.document is None:
        raise Http404
    home = address("participation", registration.edition)
    steps = trail(registration.edition, ("Lettre", ""))
    waiting = awaited(request, remark.document, "Votre lettre", back=(home, "Revenir à mon inscription"), trail=steps)
    if waiting is not None:
        return waiting
    refusals.opened(remark, by=person(request))
    return documents.download(remark.document)


@participants_form
def erase(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Erase one's data once the edition is over, after a confirmation."""
    edition = registration.edition
    if request.method == "POST":
        try:
            erasure.erase(registration, by=person(request))
        except NotDone as error:
            return refused(request, error, address("participation", edition))
        return done(request, f"Vos données sont effacées de {edition.title}.", str(reverse_lazy("datathon:mine")))
    if edition.state not in phases.OVER:
        raise Http404
    context = {"edition": edition, "trail": trail(edition, ("Effacer mes données", ""))}
    return page(request, "datathon/people/erase.html", context)
