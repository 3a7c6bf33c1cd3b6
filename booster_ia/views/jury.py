"""Conflicts of interest, and what lead agents do with a panel: seat, open, moderate, close, open again."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural, spaced
from normandata.scoring import permissions, reading
from normandata.scoring.forms import TIE, ReasonForm
from normandata.scoring.models import Conflict, Panel, Subject
from normandata.scoring.pages import answer, posted
from normandata.scoring.services import conflicts, panels

from .. import scores
from ..scoring_forms import PeopleForm, PersonForm
from ..services import scoring
from ..waves import Wave
from .ranking import led
from .scoring import dossier_here, home, panel_here, wave_here

FORM = require_http_methods(["GET", "HEAD", "POST"])


# ----------------------------------------------------------------------------------------------------------- conflicts
@FORM
@never_cache
def withdraw(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Declare a conflict of interest on a dossier, judged or not, which then closes to the person everywhere."""
    user = person(request)
    form = ReasonForm(posted(request), **TIE)
    deposit = scores.last_deposit(user, key=key)
    if deposit is None:
        raise Http404
    found = scoring.subject_of(deposit.dossier, user)
    panel = found[0].panel if found and scoring.is_seated(found[0].panel, user) else None
    return answer(
        request,
        form,
        lambda: conflicts.declare_on(user, deposit.dossier, scheme=scoring.SCHEME, by=user, reason=form.reason),
        "Votre déport est inscrit : ce dossier vous est fermé.",
        to=home(panel) if panel else reverse("dossiers:queue"),
        back=reverse("booster_ia:sheet" if panel else "dossiers:examine", args=[key]),
        title="Me déporter de ce dossier",
        lead=f"{deposit.dossier.number}, {deposit.dossier.organisation.label} : {scores.title_of(deposit)}. Ce dossier "
        "se ferme à vous et votre fiche, s’il y en a une, ne compte plus. Un responsable peut lever le déport.",
        button="Me déporter",
    )


@FORM
@never_cache
def withdraw_from_wave(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a conflict of interest with all that a wave judges."""
    wave, panel = panel_here(request, pk)
    user, form = person(request), ReasonForm(posted(request), **TIE)
    if not scoring.is_seated(panel, user):
        raise Http404
    return answer(
        request,
        form,
        lambda: conflicts.declare_with_panel(user, panel, by=user, reason=form.reason),
        "Votre déport est inscrit : les dossiers de cette vague vous sont fermés.",
        to=home(panel),
        back=home(panel),
        title=f"Me déporter de toute la {wave.label}",
        lead="Tous les dossiers de cette vague se ferment à vous, et vos fiches ne comptent plus.",
        button="Me déporter de toute la vague",
    )


@FORM
@never_cache
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a conflict of interest of somebody else, with a dossier or with all that a wave judges."""
    try:
        found = reading.conflict(pk, person(request))
    except LookupError as error:
        raise Http404 from error
    back = _concerned(found)
    form = ReasonForm(posted(request), label="Pourquoi il n’y a plus de conflit d’intérêts")
    return answer(
        request,
        form,
        lambda: conflicts.lift(found, by=person(request), reason=form.reason),
        "Le déport est levé.",
        to=back,
        back=back,
        title=f"Lever le déport de {found.person}",
        lead=f"Motif du déport : {found.reason}",
        button="Lever le déport",
    )


def _concerned(conflict: Conflict) -> str:
    """Return the address of what a conflict is about: the scoring of a wave, or a dossier."""
    if conflict.panel is not None:
        return home(conflict.panel)
    dossier = get_object_or_404(Dossier.objects.filter(scheme=scoring.SCHEME), pk=conflict.key)
    return reverse("dossiers:examine", args=[dossier.key])


# ----------------------------------------------------------------------------------------------------------- the panel
def _managed(request: HttpRequest, pk: int) -> tuple[Wave, Panel | None]:
    wave = wave_here(request, pk)
    panel, user = scoring.panel_of(wave), person(request)
    if not (permissions.may_lead(user, panel) if panel else scoring.may_open(user)):
        raise Http404
    return wave, panel


@FORM
@never_cache
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who scores a wave: opens the scoring the first time, then changes who sits."""
    wave, panel = _managed(request, pk)
    seated = list(panel.seats.active().values_list("person", flat=True)) if panel else []
    form = PeopleForm(posted(request), people=scoring.scorers(seated), seated=seated)
    is_new = panel is None

    def gesture() -> None:
        if panel is None:
            scoring.open_scoring(wave, form.chosen, by=person(request))
        else:
            scoring.change_people(panel, form.chosen, by=person(request), reason=form.reason)

    return answer(
        request,
        form,
        gesture,
        "La notation est ouverte." if is_new else "Les personnes qui notent sont à jour.",
        to=reverse("booster_ia:scoring", args=[pk]),
        back=reverse("booster_ia:scoring" if panel else "booster_ia:wave", args=[pk]),
        title=f"{'Ouvrir la notation' if is_new else 'Qui note les dossiers'} de la {wave.label}",
        lead="Les dossiers de la vague en instruction sont mis à noter. La grille est alors figée." if is_new else "",
        button="Ouvrir la notation" if is_new else "Enregistrer",
    )


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the dossiers that came since before the panel, and take away those that left the wave."""
    _, panel = led(request, pk)
    try:
        messages.success(request, scoring.refresh(panel, by=person(request)))
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(home(panel))


@FORM
@never_cache
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the scoring, after saying what would be left without enough sheets."""
    wave, panel = led(request, pk)
    form = ReasonForm(posted(request))
    del form.fields["motif"]
    new, gone = scoring.pending(panel)
    left = {one.pk for one in gone}
    lines = [line for line in reading.progress(panel, person(request)).lines if line.spot.pk not in left]
    lacking = len(new) + sum(not line.is_ready for line in lines)
    have = plural(lacking, "dossier n’a", "dossiers n’ont")
    moves = _moves(len(new), len(gone))
    warning = f"{have} pas assez de fiches et ne seront pas classés. " if lacking else ""
    return answer(
        request,
        form,
        lambda: scoring.close_scoring(panel, by=person(request)),
        "La notation est close : le classement est ouvert.",
        to=reverse("booster_ia:ranking", args=[pk]),
        back=home(panel),
        title=f"Clore la notation de la {wave.label}",
        lead=spaced(f"{moves}{warning}Plus aucune fiche ne change ensuite. Les fiches en cours ne comptent pas."),
        button="Clore la notation",
    )


def _moves(new: int, gone: int) -> str:
    """Say how many dossiers closing puts before the panel and takes away; nothing when it is up to date."""
    come = f"{plural(new, 'dossier de la vague entre', 'dossiers de la vague entrent')} dans la notation. "
    leave = f"{plural(gone, 'dossier sort', 'dossiers sortent')} de la notation. "
    return (come if new else "") + (leave if gone else "")


@FORM
@never_cache
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed scoring again; by another person than who closed it."""
    wave, panel = led(request, pk)
    form = ReasonForm(posted(request))
    return answer(
        request,
        form,
        lambda: panels.reopen_panel(panel, by=person(request), reason=form.reason),
        "La notation est rouverte.",
        to=home(panel),
        back=home(panel),
        title=f"Rouvrir la notation de la {wave.label}",
        lead="Une autre personne que celle qui l’a close la rouvre, avec un motif. Le classement se ferme.",
        button="Rouvrir la notation",
    )


# ---------------------------------------------------------------------------------------------------------- moderation
def _moderated(request: HttpRequest, key: uuid.UUID) -> tuple[str, Subject]:
    deposit, subject, _ = dossier_here(request, key)
    if not permissions.may_lead(person(request), subject.panel):
        raise Http404
    return f"{deposit.dossier.number}, {deposit.dossier.organisation.label}.", subject


@FORM
@never_cache
def reopen_sheet(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Give a submitted sheet back to its author; no mark is shown nor changed."""
    named, subject = _moderated(request, key)
    seated = subject.panel.seats.values_list("person", flat=True)
    done = scoring.submitted_by(subject, set(seated) - {person(request).pk})
    people = [one for one in scoring.scorers(done) if one.pk in done]
    form = PersonForm(posted(request), people=people)

    def gesture() -> None:
        if form.person is not None:
            scoring.reopen_sheet(subject, form.person, by=person(request), reason=form.reason)

    return answer(
        request,
        form,
        gesture,
        "La fiche est rouverte à son auteur.",
        to=home(subject.panel),
        back=home(subject.panel),
        title="Rouvrir une fiche à son auteur",
        lead=f"{named} La fiche ne compte plus jusqu’à ce que son auteur la remette. Aucune note ne change d’elle-même."
        if people
        else f"{named} Aucune autre personne n’a remis de fiche sur ce dossier.",
        button="Rouvrir la fiche",
    )


@FORM
@never_cache
def ask_sheet(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask for one sheet more on a dossier, of somebody or of whoever sits."""
    named, subject = _moderated(request, key)
    form = PersonForm(posted(request), people=scoring.scorers(), nobody="N’importe qui parmi les personnes qui notent")
    return answer(
        request,
        form,
        lambda: scoring.ask_sheet(subject, by=person(request), reason=form.reason, person=form.person),
        "Une fiche de plus est demandée.",
        to=home(subject.panel),
        back=home(subject.panel),
        title="Demander une fiche de plus",
        lead=f"{named} Le dossier attend une fiche de plus avant d’être classé.",
        button="Demander la fiche",
    )
