"""Bank details: given by the organisation with their paper, checked by a payments officer."""

import uuid

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.documents import responses, uploads
from normandata.documents.checks.refusal import Refused
from normandata.documents.forms import UploadBox
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.documents.responses import Links
from normandata.dossiers import permissions as dossiers
from normandata.dossiers import presentation
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from ...awards import Award
from .. import permissions
from ..bank import BankDetails
from ..desk_forms import AnswerForm
from ..forms import BankForm
from ..services import bank as services
from .access import attempt, own_award, posted, read_mark, seen_award, show

LIMITS = Limits(formats=frozenset({"pdf", "png", "jpeg"}), most_files=1)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@never_cache
def declare(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Give bank details, or others; what was typed stays while something is wrong."""
    award = own_award(request, key)
    form = BankForm(posted(request))
    if form.is_bound and form.is_valid() and _received(request, award, form):
        back = reverse("booster_ia:payments_own", args=[key])
        return presentation.done(request, "Vos coordonnées bancaires sont enregistrées. La Région les vérifie.", back)
    context = {
        "award": award,
        "dossier": award.dossier,
        "account": services.current(award.organisation),
        "limits": LIMITS,
        "may_change": award.dossier.state in services.PAID,
        "trail": presentation.trail(award.dossier, "Coordonnées bancaires"),
    }
    return show(request, "booster_ia/payments/bank.html", context, form)


def _received(request: HttpRequest, award: Award, form: BankForm) -> bool:
    """Receive the paper and write the details in one transaction, or say beside the form what is wrong."""
    files = UploadBox.files(request)
    if len(files) != 1:
        form.add_error(None, "Joignez votre relevé d’identité bancaire, un seul fichier.")
        return False

    def keep(upload: Upload) -> None:
        seen = read_mark(request, "compte")
        services.declare(award.dossier, upload, by=person(request), seen=seen, **form.cleaned_data)

    try:
        uploads.receive(files[0], by=person(request), limits=LIMITS, keep=keep)
    except Refused as error:
        form.add_error(None, error.message)
    except ValidationError as error:
        form.add_error(None, error.messages)
    except NotDone as error:
        form.add_error(None, list(error.messages))
    else:
        return True
    return False


@FORM
@never_cache
def check(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Compare the details with their paper, then check or refuse them."""
    award = seen_award(request, key, may=_officer)
    account = services.current(award.organisation)
    form = AnswerForm(posted(request))
    form.fields["reason"].label, form.fields["reason"].help_text = "Motif du refus", "Seulement pour refuser."
    user, wish = person(request), request.POST.get("geste", "")

    def gesture() -> None:
        if account is None or request.POST.get("compte") != str(account.pk):
            raise NotDone(services.TOO_LATE)
        if wish == "refuse":
            services.refuse(account, award.dossier, reason=form.cleaned_data["reason"], by=user)
        else:
            services.check(account, award.dossier, by=user)

    if attempt(form, gesture, "reason"):
        said = "Les coordonnées sont refusées." if wish == "refuse" else "Les coordonnées sont vérifiées."
        return presentation.done(request, said, reverse("booster_ia:payments"))
    context = {"award": award, "dossier": award.dossier, "account": account}
    return show(request, "booster_ia/payments/bank_check.html", context, form)


@require_safe
@never_cache
def download(request: HttpRequest, key: uuid.UUID) -> FileResponse:
    """Send the paper as a download."""
    return responses.send(_proof(request, key).proof)


@require_safe
@never_cache
def preview(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the paper without downloading it."""
    account = _proof(request, key)
    name = "bank_check" if permissions.is_officer(person(request)) else "bank"
    links = Links(
        page=reverse("booster_ia:bank_preview", args=[key]),
        image=reverse("booster_ia:bank_image", args=[key]),
        download=reverse("booster_ia:bank_file", args=[key]),
        back=reverse(f"booster_ia:{name}", args=[key]),
        back_label="Revenir aux coordonnées bancaires",
    )
    return responses.preview(request, account.proof, links)


@require_safe
@never_cache
def image(request: HttpRequest, key: uuid.UUID) -> FileResponse:
    """Send the drawing of one page."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return responses.image(_proof(request, key).proof, page)


def _proof(request: HttpRequest, key: uuid.UUID) -> BankDetails:
    """Return the current details with their paper, for the organisation or a payments officer; raises Http404."""
    user = person(request)
    dossier = get_object_or_404(Dossier.objects.select_related("organisation"), key=key, scheme=permissions.SCHEME)
    if not (_officer(user, dossier) or dossiers.is_applicant(user, dossier)):
        raise Http404
    account = BankDetails.objects.current().filter(organisation=dossier.organisation).select_related("proof").first()
    if account is None:
        raise Http404
    return account


def _officer(user: User, dossier: Dossier) -> bool:
    return permissions.is_officer(user, dossier)
