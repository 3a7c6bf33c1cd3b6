"""The page that a minor's parent opens from the mail: what is asked, the rules, and the answer. Only a POST acts."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from normandata.accounts import throttle
from normandata.accounts.adapter import client_address
from normandata.procedure.errors import NotDone

from ..forms_people import GuardianForm
from ..registrations import Registration
from ..services import guardians, telling
from .people_access import FORM, posted

MOST = 60
"""Pages that one visitor's address may ask for in a minute."""
TEMPLATE = "datathon/people/guardian.html"


@login_not_required
@FORM
@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show a parent what is asked, and take the answer; a link that is used, replaced or too old says so."""
    if throttle.is_crowded(client_address(request), "datathon_parent", most=MOST):
        return render(request, TEMPLATE, {"stage": "trop"}, status=429)
    try:
        registration = guardians.opened(token)
    except LookupError:
        return render(request, TEMPLATE, {"stage": "perime"}, status=404)
    form = GuardianForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            stage = _take(registration, form, token, agrees=request.POST.get("reponse") == "accepter")
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return render(request, TEMPLATE, {"stage": stage, "edition": registration.edition})
    context = {
        "stage": "attendue",
        "form": form,
        "registration": registration,
        "edition": registration.edition,
        "child": telling.name_of(registration),
    }
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _take(registration: Registration, form: GuardianForm, token: str, *, agrees: bool) -> str:
    if agrees:
        guardians.agree(registration, token=token, image=form.cleaned_data["image"])
        return "acceptee"
    guardians.refuse(registration, token=token)
    return "refusee"
