"""What the pages of a form draw: the task list, the banner, what differs between two versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from normandata.procedure.errors import NotDone
from normandata.regulation.formats import NBSP, spaced
from normandata.regulation.formats import day as written_day
from normandata.workflow.table import Editable

from . import periods, schemes
from .applications import Piece
from .delays import end_of
from .drafts import Fill, FormState, SectionState, made_necessary
from .exchange import Correction, CorrectionItem
from .forms import SectionForm, as_data
from .models import Attachment, Dossier
from .services import corrections, deposits

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list: its link, and how far it is, in words."""

    title: str
    url: str
    label: str
    tone: str
    icon: str
    is_current: bool = False
    is_locked: bool = False

    @property
    def is_awaited(self) -> bool:
        return self.tone in ("plain", "todo", "progress") and not self.is_locked and self.label != OPTIONAL


OPTIONAL = "Facultatif"
FILLS = {
    Fill.FILLED: ("Rempli", "done", "met"),
    Fill.PARTIAL: ("En cours", "progress", "pencil"),
    Fill.EMPTY: ("À remplir", "plain", "na"),
}


def task(form: FormState, state: SectionState, current: str = "") -> Task:
    """Describe a section as the task list does."""
    slug = state.section.slug
    url = reverse("dossiers:section", args=[form.dossier.key, slug])
    return Task(state.section.title, url, *FILLS[state.fill], is_current=slug == current)


def tasks(form: FormState, current: str = "") -> list[Task]:
    """List what is left before the deposit, in order; the last one opens when all is filled."""
    key = form.dossier.key
    listed = [task(form, state, current) for state in form.sections]
    if form.pieces:
        listed.append(_pieces_task(form, current))
    if _is_answer(form.dossier):
        return listed
    if form.is_complete:
        last = Task("Relire et déposer", reverse("dossiers:review", args=[key]), "Prêt", "progress", "right")
    else:
        last = Task("Relire et déposer", "", "Quand tout est rempli", "plain", "lock", is_locked=True)
    return [*listed, last]


def _pieces_task(form: FormState, current: str) -> Task:
    url = reverse("dossiers:pieces", args=[form.dossier.key])
    is_current = current == "pieces"
    missing = sum(state.is_missing for state in form.pieces)
    count = sum(len(state.files) for state in form.pieces)
    if missing:
        label = f"{missing} pièce{'s' if missing > 1 else ''} à joindre"
        return Task("Pièces", url, label, "todo", "file", is_current)
    if count:
        return Task("Pièces", url, f"{count} fichier{'s' if count > 1 else ''}", "done", "met", is_current)
    return Task("Pièces", url, OPTIONAL, "plain", "na", is_current)


def frame(form: FormState, state: SectionState) -> dict[str, Any]:
    """Return what every page of a section shows around its form."""
    slug = state.section.slug
    order = [one.section.slug for one in form.sections]
    rank = order.index(slug)
    key = form.dossier.key
    previous = reverse("dossiers:section", args=[key, order[rank - 1]]) if rank else ""
    return around(form, slug) | {
        "state": state,
        "position": rank + 1,
        "count": len(form.sections) + 2,
        "previous": (previous, form.sections[rank - 1].section.title)
        if rank and not _is_answer(form.dossier)
        else None,
        "next_title": next_title(form, slug),
        "trail": trail(form.dossier, state.section.title),
    }


def around(form: FormState, current: str) -> dict[str, Any]:
    """Return the banner and the task list of a form."""
    listed = tasks(form, current)
    return {
        "dossier": form.dossier,
        "scheme": schemes.by_slug()[form.dossier.scheme],
        "tasks": listed,
        "next_task": next((one for one in listed if one.is_awaited), listed[-1]),
        "left": form.left,
        "banner": banner(form.dossier, timezone.now()),
    }


def trail(dossier: Dossier, last: str) -> list[tuple[str, str]]:
    scheme = schemes.by_slug()[dossier.scheme].sheet.short_title
    name = dossier.number or f"{scheme}, brouillon"
    return [(name, reverse("dossiers:dossier", args=[dossier.key])), (last, "")]


def after(form: FormState, slug: str) -> str:
    """Return the address of what follows a section."""
    if _is_answer(form.dossier):
        return reverse("dossiers:dossier", args=[form.dossier.key])
    order = [one.section.slug for one in form.sections]
    rank = order.index(slug) + 1
    if rank < len(order):
        return reverse("dossiers:section", args=[form.dossier.key, order[rank]])
    return reverse("dossiers:pieces", args=[form.dossier.key])


def next_title(form: FormState, slug: str) -> str:
    if _is_answer(form.dossier):
        return "Revenir au dossier"
    rank = [one.section.slug for one in form.sections].index(slug) + 1
    return form.sections[rank].section.title if rank < len(form.sections) else "Pièces"


def _is_answer(dossier: Dossier) -> bool:
    """Whether only what was asked for can be changed: the page of the dossier is then where all is sent from."""
    return dossier.editable == Editable.PIECES.value


def unchecked(state: SectionState) -> SectionForm:
    """Return the form of a section holding what was typed, without a word on what is left."""
    initial = dict(state.row.answers) if state.row else None
    return state.section.form_class(initial=initial, context=state.form.context)


@dataclass(frozen=True, slots=True)
class Banner:
    """The line that follows every page of a draft: not deposited, and until when it can be."""

    title: str
    sentence: str
    remaining: str = ""
    is_closed: bool = False


def banner(dossier: Dossier, at: datetime) -> Banner | None:
    """Return the banner of a form that can be changed, or nothing."""
    if dossier.editable != Editable.ALL.value:
        return None
    title = "Dossier non déposé" if dossier.is_draft else "Modifications non déposées"
    if dossier.version:
        return Banner(title, f"Version {dossier.version} déposée. Vos changements comptent après un nouveau dépôt.")
    window = periods.window_of(dossier, at)
    if not window.is_open:
        return Banner(title, window.refusal, is_closed=True)
    if window.closes_on is None:
        return Banner(title, "Le dépôt est ouvert toute l’année, sans date limite.")
    last = window.closes_on
    sentence = f"Date limite : {WEEKDAYS[last.weekday()]} {written_day(last)}, 23 h 59"
    return Banner(title, sentence, _remaining(last, at))


def _remaining(last: Any, at: datetime) -> str:
    seconds = (end_of(last) - at).total_seconds()
    hours, days = int(seconds // 3600), int(seconds // 86400)
    if seconds <= 0:
        return "quelques minutes"
    if hours < 1:
        minutes = max(1, int(seconds // 60))
        return f"{minutes}{NBSP}minute{'s' if minutes > 1 else ''}"
    if days < 1:
        return f"{hours}{NBSP}heure{'s' if hours > 1 else ''}"
    return f"{days}{NBSP}jour{'s' if days > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two versions of a section do not say alike."""

    label: str
    mine: str
    theirs: str


def differences(state: SectionState, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Difference]:
    """Compare what was just typed with what was saved meanwhile, field by field."""
    forms = [state.section.form_class(as_data(said), context=state.form.context) for said in (mine, theirs)]
    labels = {name: str(field.label) for form in forms for name, field in form.fields.items()}
    return [
        Difference(label, _clear(forms[0], mine, name), _clear(forms[1], theirs, name))
        for name, label in labels.items()
        if mine.get(name, "") != theirs.get(name, "")
    ]


def _clear(form: SectionForm, typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name, "")
    field = form.fields.get(name)
    choices = dict(getattr(field, "choices", []))
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(choices.get(one, one)) for one in values) or "(vide)"


def parts(form: FormState) -> list[dict[str, Any]]:
    """Return the answers in clear, section by section, each with its address and whether it is filled."""
    return [
        {"title": state.section.title, "task": task(form, state), "lines": list(state.form.lines())}
        for state in form.sections
    ]


def missing(form: FormState) -> list[tuple[str, str]]:
    """List what is left before a deposit: (sentence, address)."""
    key = form.dossier.key
    wanting = [
        (f"{state.section.title} : {FILLS[state.fill][0].lower()}", task(form, state).url)
        for state in form.sections
        if state.fill is not Fill.FILLED
    ]
    pieces = reverse("dossiers:pieces", args=[key])
    return wanting + [(f"{one.piece.label} : à joindre", pieces) for one in form.pieces if one.is_missing]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that an open request asks for, and what is there already."""

    item: CorrectionItem
    is_there: bool
    piece: Piece | None
    rows: tuple[Attachment, ...]
    section_url: str


def asked(dossier: Dossier, form: FormState, correction: Correction) -> list[Asked]:
    """List what a request asks for, with the files and answers that came since."""
    found, there = [], corrections.arrivals(dossier)
    came = corrections.unsent(dossier)
    for item in correction.items.all():
        files = tuple(file for file in came if item.is_piece and file.piece == item.slug)
        url = "" if item.is_piece else reverse("dossiers:section", args=[dossier.key, item.slug])
        piece = form.application.piece(item.slug) if item.is_piece else None
        found.append(Asked(item, item.target in there, piece, files, url))
    return found + _necessary(dossier, form, correction)


def _necessary(dossier: Dossier, form: FormState, correction: Correction) -> list[Asked]:
    """List the sections that the answers given make necessary, as if they had been asked for."""
    listed = []
    for slug in made_necessary(dossier, {item.target for item in correction.items.all()}):
        state = form.section(slug)
        if state is None:
            continue
        label, reason = spaced(f"Section « {state.section.title} »"), "Vos nouvelles réponses la rendent nécessaire."
        item = CorrectionItem(target=f"section:{slug}", label=label, reason=reason)
        url = reverse("dossiers:section", args=[dossier.key, slug])
        listed.append(Asked(item, state.fill is Fill.FILLED, None, (), url))
    return listed


def is_changed(dossier: Dossier, form: FormState) -> bool:
    """Tell whether answers or files differ from what was last deposited."""
    last = dossier.deposits.order_by("-version").values_list("answers_hash", flat=True).first()
    return last is not None and last != deposits.answers_hash(form)


def refused(request: HttpRequest, refusal: NotDone, back: str) -> HttpResponse:
    """Lead back to a page with the reasons why a gesture was not done."""
    for sentence in refusal.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(back)


def done(request: HttpRequest, sentence: str, back: str) -> HttpResponse:
    """Lead back to a page with a word that it is done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(back)
