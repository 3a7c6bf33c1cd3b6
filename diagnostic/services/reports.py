"""The report: written part by part, sent, sent back or accepted, presented, delivered; who opened it is kept."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents import uploads
from normandata.documents.limits import Limits
from normandata.documents.models import Document, Upload
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number, spaced

from .. import letters, markup, papers, permissions
from ..orders import Order
from ..reports import PARTS, Opening, Report, ReportFile, ReportPart, ReportVersion
from .orders import is_provider_of, order_under, providers

LIMITS = Limits(most_files=20)
LONGEST_PART = 40_000
"""Characters of a part: about thirteen pages."""
NOT_WRITABLE = "Le rapport est parti : il ne se modifie plus, sauf si la Région demande des changements."


class Conflict(Exception):
    """The part was saved elsewhere since the version this text started from; nothing was written."""

    def __init__(self, kept: ReportPart) -> None:
        super().__init__(kept)
        self.kept = kept


@transaction.atomic
def save_part(order: Order, slug: str, text: str, *, version: int, by: User) -> ReportPart:
    """Save a part as it is typed; the same text sent again changes nothing.

    Raises Conflict when it was saved elsewhere since `version`, NotDone when it is too long, NotAllowed, NotNow,
    KeyError for an unknown part.
    """
    PARTS[slug]
    if len(text) > LONGEST_PART:
        raise NotDone(f"Cette partie compte {number(len(text))} signes ; la limite est de {number(LONGEST_PART)}.")
    report = _writable(order, by)
    row = ReportPart.objects.select_for_update().filter(report=report, slug=slug).first()
    now = timezone.now()
    if row is None:
        return ReportPart.objects.create(report=report, slug=slug, text=text, saved_at=now, saved_by=by)
    if row.text == text:
        return row
    if row.version != version:
        raise Conflict(row)
    row.text, row.version, row.saved_at, row.saved_by = text, row.version + 1, now, by
    row.save(update_fields=["text", "version", "saved_at", "saved_by"])
    return row


@transaction.atomic
def tick_compliance(order: Order, ticked: bool, *, by: User) -> None:
    """Tick or untick the box: the report holds no data managed by the structure."""
    report = _writable(order, by)
    report.has_no_structure_data = ticked
    report.save(update_fields=["has_no_structure_data"])


@transaction.atomic
def join(order: Order, upload: Upload, *, caption: str = "", part: str = "", by: User) -> ReportFile:
    """Join a received file to the report; raises `Refused` beyond the number accepted, NotAllowed, NotNow."""
    report = _writable(order, by)
    if report.files.filter(removed_at=None).count() >= LIMITS.most_files:
        raise uploads.too_many(upload.name, LIMITS)
    return ReportFile.objects.create(report=report, upload=upload, caption=caption.strip(), part=part)


@transaction.atomic
def describe(file: ReportFile, *, caption: str, part: str, is_confidential: bool, by: User) -> None:
    """Say what a file is, where an image is shown, whether the redacted report holds it; KeyError for a wrong part."""
    if part:
        PARTS[part]
    _writable(file.report.order, by)
    file.caption, file.part, file.is_confidential = caption.strip(), part, is_confidential
    file.save(update_fields=["caption", "part", "is_confidential"])


@transaction.atomic
def take_away(file: ReportFile, *, by: User) -> None:
    """Take a file away; one that a version names stays stored."""
    report = _writable(file.report.order, by)
    if any(file.pk in [one["file"] for one in version.files] for version in report.versions.all()):
        file.removed_at = timezone.now()
        file.save(update_fields=["removed_at"])
        return
    kept = file.upload
    file.delete()
    uploads.forget(kept)


def submit(dossier: Dossier, *, by: User) -> Event:
    """Send the report to the Region; raises Unmet for an empty part or the box not ticked."""
    return procedure.fire(dossier, "submit_report", by=by)


def ask_changes(dossier: Dossier, *, reason: str, by: User) -> Event:
    """Send the report back to its author with what must change."""
    return procedure.fire(dossier, "ask_report_changes", by=by, reason=reason)


def deliver(dossier: Dossier, *, presented_on: date, by: User) -> Event:
    """Hand the report over to the structure, once presented to it."""
    return procedure.fire(dossier, "deliver", by=by, journal={"on": presented_on.isoformat()}, on=presented_on)


@transaction.atomic
def open_report(
    version: ReportVersion, *, purpose: Opening.Purpose, is_redacted: bool = False, file: str = "", by: User
) -> Opening:
    """Write who opens a report, or a file joined to it, when and why; raises NotAllowed.

    The caller sends it afterwards.
    """
    order = version.report.order
    if purpose not in permissions.purposes(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    opening = Opening.objects.create(version=version, by=by, purpose=purpose, is_redacted=is_redacted)
    data = {"version": version.number, "purpose": str(purpose), "redacted": is_redacted}
    if file:
        data["file"] = file
    procedure.record(order.dossier, "report_opened", by=by, data=data)
    return opening


@transaction.atomic
def redact(order: Order, *, by: User) -> Document:
    """Have the redacted PDF of an accepted report made, once: what was marked as confidential is not in it (D-40).

    Raises NotAllowed for whoever is neither of the structure nor an agent, NotNow before the report is accepted.
    """
    procedure.lock(order.dossier)
    if not permissions.can_ask_redaction(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    version = latest(order)
    if version is None or version.document is None:
        raise NotNow("Le rapport n’est pas encore accepté : il n’y a rien à expurger.")
    if version.redacted is None:
        version.redacted, version.redacted_by = _redacted(version), by
        version.save(update_fields=["redacted", "redacted_by"])
        procedure.record(order.dossier, "report_redacted", by=by, data={"version": version.number})
    return version.redacted


def _redacted(version: ReportVersion) -> Document:
    dossier = version.report.order.dossier
    return documents.request_document(
        papers.REPORT,
        title=f"Rapport du diagnostic {dossier.number}, version expurgée",
        filename=f"rapport-{dossier.number}-expurge.pdf",
        record=papers.report_record(version, is_redacted=True),
    )


def report_of(order: Order) -> Report:
    """Return the report of an order, begun at its first look."""
    return Report.objects.get_or_create(order=order)[0]


def latest(order: Order) -> ReportVersion | None:
    """Return the last version sent."""
    found = ReportVersion.objects.filter(report=order.pk).select_related(
        "document", "redacted", "report__order__dossier", "report__order__company", "report__order__organisation"
    )
    return found.order_by("-number").first()


def _writable(order: Order, by: User) -> Report:
    procedure.lock(order.dossier)
    order.refresh_from_db(fields=["cancelled_at"])
    if not is_provider_of(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    report = report_of(order)
    if not order.is_active or order.dossier.state != "in_progress" or report.state != Report.State.WRITING:
        raise NotNow(NOT_WRITABLE)
    return report


# ------------------------------------------------------------------------------------------------------- conditions
def is_writable(firing: Firing) -> list[str]:
    return [] if _report(firing).state == Report.State.WRITING else [NOT_WRITABLE]


def is_whole(firing: Firing) -> list[str]:
    """The five parts are written, the box is ticked, and days were noted."""
    report = _report(firing)
    written = dict(report.parts.values_list("slug", "text"))
    wanting = [f"La partie « {title} » est vide." for slug, title in PARTS.items() if not written.get(slug, "").strip()]
    wanting += [
        f"Dans la partie « {title} », un passage confidentiel ouvert par [[ n’est pas fermé par ]]."
        for slug, title in PARTS.items()
        if not markup.is_closed(written.get(slug, ""))
    ]
    if not report.has_no_structure_data:
        wanting.append("Cochez que le rapport ne contient aucune donnée gérée par la structure (annexe 3).")
    if not order_under(firing).half_days_done:
        wanting.append("Notez au moins une demi-journée d’intervention.")
    return [spaced(sentence) for sentence in wanting]


def is_submitted(firing: Firing) -> list[str]:
    return [] if _report(firing).state == Report.State.SUBMITTED else ["Aucun rapport n’attend de réponse."]


def is_returnable(firing: Firing) -> list[str]:
    """Changes are asked of a report that was sent, accepted or not, until it is handed over."""
    return [] if _report(firing).state != Report.State.WRITING else ["Aucun rapport n’attend de réponse."]


def is_accepted(firing: Firing) -> list[str]:
    return [] if _report(firing).state == Report.State.ACCEPTED else ["La Région n’a pas encore accepté le rapport."]


def well_presented(firing: Firing) -> list[str]:
    """The report is presented to the structure before it is handed over."""
    order, on = order_under(firing), firing.data["on"]
    if on > firing.at.astimezone(PARIS).date():
        return ["La présentation a une date passée ou du jour."]
    if order.started_on and on < order.started_on:
        return [f"Le diagnostic a commencé le {written_day(order.started_on)} : la présentation vient après."]
    if not order.half_days_done:
        return ["Notez au moins une demi-journée d’intervention."]
    version = latest(order)
    if version is None or version.document is None or not version.document.is_ready:
        return ["Le PDF du rapport se prépare : réessayez dans un instant."]
    return []


# ----------------------------------------------------------------------------------------------------------- effects
def freeze(firing: Firing) -> None:
    """Freeze what is sent as a version, and tell the agents."""
    report, order = _report(firing), order_under(firing)
    written = dict(report.parts.values_list("slug", "text"))
    files = report.files.filter(removed_at=None).select_related("upload").order_by("pk")
    ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        parts={slug: written[slug] for slug in PARTS},
        files=[
            {
                "file": file.pk,
                "upload": str(file.upload_id),
                "name": file.upload.name,
                "format": file.upload.format,
                "caption": file.caption,
                "part": file.part,
                "is_confidential": file.is_confidential,
                "sha256": file.upload.sha256,
            }
            for file in files
        ],
        sent_at=firing.at,
        sent_by=firing.author,
    )
    report.state, report.changes = Report.State.SUBMITTED, ""
    report.save(update_fields=["state", "changes"])
    thread.alert(firing.thing, "diagnostic.report_submitted", prestataire=order.company.name)


def reopen(firing: Firing) -> None:
    """Give the report back to its author with what must change."""
    report, order = _report(firing), order_under(firing)
    report.state, report.changes = Report.State.WRITING, firing.reason
    report.save(update_fields=["state", "changes"])
    filled = letters.provider_values(order) | {"motif": firing.reason}
    notifications.notify("diagnostic.report_changes", to=providers(order.company), values=filled, about=firing.thing)


def accept(firing: Firing) -> None:
    """Accept the version sent, and have its PDF made."""
    report, order = _report(firing), order_under(firing)
    report.state = Report.State.ACCEPTED
    report.save(update_fields=["state"])
    version = report.versions.latest("number")
    version.document = documents.request_document(
        papers.REPORT,
        title=f"Rapport du diagnostic {firing.thing.number}",
        filename=f"rapport-{firing.thing.number}.pdf",
        record=papers.report_record(version),
    )
    version.save(update_fields=["document"])
    filled = letters.provider_values(order)
    notifications.notify("diagnostic.report_accepted", to=providers(order.company), values=filled, about=firing.thing)


def tell_delivered(firing: Firing) -> None:
    """Date the delivery and open the report to the structure, with its questionnaire.

    One handed over again, its half-days put right, keeps its first day and tells nobody twice.
    """
    order = order_under(firing)
    if order.delivered_on is not None:
        return
    order.presented_on, order.delivered_on = firing.data["on"], firing.at.astimezone(PARIS).date()
    order.save(update_fields=["presented_on", "delivered_on"])
    thread.tell(firing.thing, "diagnostic.delivered", also={"prestataire": order.company.name})
    thread.alert(firing.thing, "diagnostic.delivered_to_agent", prestataire=order.company.name)


def _report(firing: Firing) -> Report:
    return report_of(order_under(firing))
