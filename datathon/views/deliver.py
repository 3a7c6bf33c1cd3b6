"""The deliverables of a team: four slots, each with its versions; files, addresses, the list of data; the receipt."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.documents import responses, uploads
from normandata.documents import services as documents
from normandata.documents.forms import UploadBox
from normandata.documents.limits import WITH_ARCHIVES, Limits
from normandata.documents.models import Document, Upload
from normandata.documents.responses import Links
from normandata.documents.rows import Row
from normandata.dossiers.views.access import arrival, person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure.errors import NotAllowed, NotDone

from .. import openings, permissions, receipts
from ..deliverables import CODE, DATA, DOCUMENTATION, KINDS, PRESENTATION, REQUIRED, Deliverable
from ..forms_deliver import AddressForm, DataForm
from ..services import deliverables
from ..services.teams import is_member
from ..teams import Team
from .people_access import FORM, address, done, edition_of, members, page, posted, refused, trail

LIMITS = {
    CODE: Limits(formats=frozenset({"zip"}), most_files=1),
    DOCUMENTATION: Limits(formats=WITH_ARCHIVES, most_files=1),
    PRESENTATION: Limits(formats=frozenset({"pdf", "pptx", "odp"}), most_files=1),
}
HINTS = {
    CODE: "Une archive ZIP, ou l’adresse du dépôt.",
    DATA: "Chaque jeu de données avec son adresse et sa licence.",
    DOCUMENTATION: "Le cas échéant : un fichier, ou une adresse.",
    PRESENTATION: "Ce que vous montrerez au jury : un fichier, ou une adresse.",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One kind of piece, with its versions, the newest first, and its upload component where files are taken."""

    kind: str
    label: str
    hint: str
    is_required: bool
    versions: list[Deliverable]
    box: UploadBox | None

    @property
    def current(self) -> Deliverable | None:
        return self.versions[0] if self.versions else None

    @property
    def tag(self) -> tuple[str, str, str]:
        """Colour, icon and words of where it stands."""
        if self.current:
            return "done", "met", f"Remis, version {self.current.version}"
        return ("todo", "pencil", "À remettre") if self.is_required else ("plain", "na", "Facultatif")


def slots(request: HttpRequest, team: Team, *, is_open: bool) -> list[Slot]:
    """Draw the four kinds; one query for all their versions."""
    rows = receipts.all_versions(team)
    found = []
    for kind, label in KINDS:
        versions = [one for one in reversed(rows) if one.kind == kind]
        box = _box(request, team, kind) if is_open and kind in LIMITS else None
        found.append(Slot(kind, label, HINTS[kind], kind in REQUIRED, versions, box))
    return found


def _box(request: HttpRequest, team: Team, kind: str) -> UploadBox:
    action = address("deliver_file", team.edition, kind)
    return UploadBox(request, action=action, limits=LIMITS[kind], label="Envoyer un fichier", name=kind)


@members(require_safe)
def page_of(request: HttpRequest, team: Team) -> HttpResponse:
    """Show what is handed in, what is wanting in words, and until when."""
    edition = team.edition
    window = openings.delivery(team, arrival(request))
    found = slots(request, team, is_open=window.is_open)
    context = {
        "team": team,
        "edition": edition,
        "window": window,
        "slots": found,
        "missing": receipts.missing_sentence({one.kind for one in found if one.current}),
        "is_begun": any(one.current for one in found),
        "grace": openings.grace(arrival(request)),
        "extension": team.extensions.order_by("-given_at", "-pk").first(),
        "trail": trail(edition, ("Nos livrables", "")),
    }
    return page(request, "datathon/people/deliverables.html", context)


@members(require_POST)
def file(request: HttpRequest, team: Team, kind: str) -> HttpResponse:
    """Receive a file: checked first, then the next version of its kind; one that fails keeps the others."""
    if kind not in LIMITS:
        raise Http404
    kept: dict[uuid.UUID, Deliverable] = {}

    def join(upload: Upload) -> None:
        kept[upload.pk] = deliverables.hand_in_file(team, kind, upload, by=person(request), at=arrival(request))

    def drawn(upload: Upload) -> SafeString:
        return row(kept[upload.pk]).render()

    files = UploadBox.files(request)
    try:
        outcomes = uploads.receive_all(files, by=person(request), limits=LIMITS[kind], keep=join)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        outcomes = [uploads.Outcome(name=one.name or "", message=" ".join(error.messages)) for one in files]
    return responses.received(request, outcomes, row=drawn, back=f"{address('deliverables', team.edition)}#{kind}")


def row(one: Deliverable) -> Row:
    """Return the row that shows a file."""
    if one.upload is None:
        raise LookupError("no file")
    preview = address("deliverable_preview", one.team.edition, one.pk)
    return Row(one.upload, preview=preview, why=f"version {one.version}")


@members(FORM)
def words(request: HttpRequest, team: Team, kind: str) -> HttpResponse:
    """Hand in an address, or the list of the data used."""
    if kind not in dict(KINDS):
        raise Http404
    window = openings.delivery(team, arrival(request))
    form = _data_form(request, team) if kind == DATA else AddressForm(posted(request))
    wants_more = isinstance(form, DataForm) and form.wants_more
    if form.is_bound and not wants_more and form.is_valid():
        try:
            one = _hand_in(request, team, kind, form)
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            said = f"{one.get_kind_display()}, version {one.version} : c’est remis."
            return done(request, said, f"{address('deliverables', team.edition)}#{kind}")
    if not window.is_open and not form.is_bound:
        return HttpResponseRedirect(address("deliverables", team.edition))
    template = "datathon/people/data.html" if kind == DATA else "datathon/people/address.html"
    context: dict[str, Any] = {"team": team, "edition": team.edition, "label": dict(KINDS)[kind], "kind": kind}
    steps = (("Nos livrables", address("deliverables", team.edition)), (dict(KINDS)[kind], ""))
    context |= {"trail": trail(team.edition, *steps), "window": window}
    if wants_more:
        return page(request, template, context | {"form": form, "is_longer": True})
    return page(request, template, context, form)


def _data_form(request: HttpRequest, team: Team) -> DataForm:
    last = team.deliverables.filter(kind=DATA).order_by("-version").first()
    proposed = [
        {"title": one.title, "url": one.url, "licence": one.licence} for one in team.edition.data_sets.all()[:10]
    ]
    return DataForm(posted(request), items=last.items if last else proposed)


def _hand_in(request: HttpRequest, team: Team, kind: str, form: DataForm | AddressForm) -> Deliverable:
    user, at = person(request), arrival(request)
    if isinstance(form, DataForm):
        return deliverables.hand_in_data(team, form.items, by=user, at=at)
    typed = form.cleaned_data
    return deliverables.hand_in_address(team, kind, url=typed["url"], text=typed["text"], by=user, at=at)


@members(require_POST)
def ask_receipt(request: HttpRequest, team: Team) -> HttpResponse:
    """Have the receipt made, and lead to it."""
    try:
        document = deliverables.request_receipt(team, by=person(request))
    except NotDone as error:
        return refused(request, error, address("deliverables", team.edition))
    return HttpResponseRedirect(address("receipt", team.edition, document.pk))


@members(require_safe)
def receipt(request: HttpRequest, team: Team, key: uuid.UUID) -> HttpResponse | FileResponse:
    """Send a receipt of the team, once it is made."""
    document = Document.objects.filter(pk=key, kind=receipts.KIND).first()
    if document is None or document.record.get("team_key") != team.pk:
        raise Http404
    back = address("deliverables", team.edition)
    steps = trail(team.edition, ("Nos livrables", back), ("Récépissé", ""))
    waiting = awaited(request, document, "Votre récépissé", back=(back, "Revenir aux livrables"), trail=steps)
    return waiting or documents.download(document)


# ------------------------------------------------------------------------------------------------------------ files
def readable(request: HttpRequest, slug: str, pk: int) -> Deliverable:
    """Return a file of a team for its members, and for the organisers of the edition; raises Http404."""
    edition, user = edition_of(request, slug), person(request)
    rows = Deliverable.objects.filter(pk=pk, team__edition=edition, upload__isnull=False)
    found = rows.select_related("team__edition", "upload").first()
    if found is None or not (is_member(found.team, user) or permissions.organises(user, edition)):
        raise Http404
    return found


def upload_of(request: HttpRequest, slug: str, pk: int) -> Upload:
    found = readable(request, slug, pk).upload
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def download(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """Send a file as a download."""
    return responses.send(upload_of(request, slug, pk))


@require_safe
@never_cache
def preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a file without downloading it."""
    one = readable(request, slug, pk)
    edition = one.team.edition
    is_own = is_member(one.team, person(request))
    links = Links(
        page=address("deliverable_preview", edition, pk),
        image=address("deliverable_image", edition, pk),
        download=address("deliverable_file", edition, pk),
        back=address("deliverables", edition) if is_own else address("team_moderate", edition, one.team_id),
        back_label="Revenir aux livrables",
    )
    return responses.preview(request, upload_of(request, slug, pk), links)


@require_safe
@never_cache
def image(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """Send the drawing of one page."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return responses.image(upload_of(request, slug, pk), number)
