"""What the dossiers room does when a lower room learns something: the directory's answer, the antivirus's verdict."""

from django.db import transaction

from normandata.documents.models import Upload
from normandata.notifications import services as notifications
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure

from . import drafts, states
from .models import Attachment, Dossier
from .services import thread


def judge_again(organisation: Organisation) -> None:
    """Judge again what is not decided of an organisation whose identity changed; the new verdict is kept with why.

    A decision keeps the verdict that it rests on.
    """
    for dossier in Dossier.objects.filter(organisation=organisation, state__in=states.UNDECIDED).order_by("pk"):
        procedure.lock(dossier)
        sent = dossier.deposits.order_by("-version").first()
        if sent is None or dossier.submitted_at is None or dossier.state not in states.UNDECIDED:
            continue
        form = drafts.frozen(dossier, sent)
        verdict = form.application.judge(form.case(dossier.submitted_at))
        if verdict.as_record() == dossier.verdict and dossier.department == organisation.department:
            continue
        dossier.verdict, dossier.department = verdict.as_record(), organisation.department
        dossier.save(update_fields=["verdict", "department"])
        procedure.record(dossier, "judge_again", by=None, reason="L’annuaire a répondu.", verdict=verdict)


def drop_refused(upload: Upload) -> None:
    """Take away a file that the antivirus refused, and tell the organisation."""
    if upload.state not in (Upload.State.INFECTED, Upload.State.REFUSED):
        return
    found = Attachment.objects.current().filter(upload=upload).select_related("dossier__organisation").first()
    if found is None:
        return
    with transaction.atomic():
        procedure.lock(found.dossier)
        Attachment.objects.current().filter(pk=found.pk).update(removed_at=upload.checked_at)
        procedure.record(found.dossier, "file_refused", by=None, data={"name": upload.name, "piece": found.piece})
        filled = thread.values(found.dossier) | {"fichier": upload.name}
        notifications.notify(
            "dossiers.file_refused", to=thread.applicants(found.dossier), values=filled, about=found.dossier
        )
