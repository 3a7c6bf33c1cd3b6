"""The agents' answer to a proposal."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_gestures import gesture, make, posted, show
from normandata.notifications import services as notifications

from ..calls import proposals, services
from ..calls.application import proposal_of
from ..calls.forms import ConcludeForm
from ..calls.models import CallProposal


@gesture("roadmap", "conclude")
def conclude(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Answer the carrier of a proposal: choose what becomes of it, read the mail, send it."""
    form = ConcludeForm(posted(request), initial={"seen": dossier.state})
    is_preview = request.POST.get("geste") == "apercu"

    def act() -> None:
        answered = {name: form.cleaned_data[name] for name in ("outcome", "answer")}
        services.conclude(dossier, **answered, by=person(request))

    said = "La réponse est envoyée au porteur."
    if not is_preview and (answer := make(request, dossier, form, act, said)):
        return answer
    proposal = proposal_of(dossier)
    if proposal is None:
        raise Http404
    context = {"proposal": proposal}
    if is_preview and form.is_valid():
        context |= {"mail": _mail(dossier, proposal, form.cleaned_data)}
    return show(request, dossier, "roadmap/calls/conclude.html", form, **context)


def _mail(dossier: Dossier, proposal: CallProposal, typed: dict[str, Any]) -> Any:
    """Write the mail as it would leave."""
    from_form = CallProposal(title=proposal.title, call=proposal.call, outcome=typed["outcome"], answer=typed["answer"])
    return notifications.rendered("roadmap.answered", {**thread.values(dossier), **proposals.told(from_form)})
