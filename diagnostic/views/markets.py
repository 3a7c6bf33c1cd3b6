"""« Marché et enveloppe »: the markets of the Diagnostic, their members, acts, companies and conflicts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from normandata.accounts.models import Role, RoleAssignment
from normandata.budgets.errors import NotEnough
from normandata.budgets.models import Envelope
from normandata.dossiers import examination
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import keepers, scheme_readers
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event
from normandata.ui.forms import RowForm

from ..market import Company, Conflict, Holder, Market
from ..market_forms import ActForm, CompanyForm, ConflictForm, HolderForm, MarketForm, WhyForm
from ..orders import Order
from ..services import markets as services
from ..sharing import days

MOST_EVENTS = 20
"""Changes listed for a market."""
readers, managers = scheme_readers("diagnostic"), keepers(services.may_manage)


def answer(
    request: HttpRequest, form: RowForm, gesture: Callable[[], Any], said: str, *, back: str, page: dict[str, Any]
) -> HttpResponse:
    """Make the gesture of a form and lead back; a refusal is shown beside what was typed.

    `back` is the address to go to; `page` holds the title, the sentence above the form and the words of the button.
    """
    if form.is_bound and form.is_valid():
        try:
            gesture()
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            is_about_amount = isinstance(error, NotEnough) and "amount" in form.fields
            form.add_error("amount" if is_about_amount else None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(back)
    context = {"form": form, "back": back, "trail_label": "Marché et enveloppe", **page}
    return render(request, "diagnostic/desk/market_form.html", context, status=422 if form.errors else 200)


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


# ------------------------------------------------------------------------------------------------------------ reading
@readers
def listing(request: HttpRequest) -> HttpResponse:
    """List the markets, the envelopes and the companies."""
    context = {
        "markets": [(one, days(one.half_days_left)) for one in Market.objects.prefetch_related("holders__company")],
        "envelopes": Envelope.objects.of("diagnostic"),
        "companies": Company.objects.annotate(
            barred=Count("conflicts", filter=Q(conflicts__ended_at=None), distinct=True)
        ),
        "may_manage": services.may_manage(person(request)),
    }
    return render(request, "diagnostic/desk/markets.html", context)


@readers
def market(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a market: members with what was ordered of each, acts, orders, conflicts."""
    found = get_object_or_404(Market.objects.select_related("envelope"), pk=pk)
    active = Q(company__orders__market=found, company__orders__cancelled_at=None)
    members = found.holders.select_related("company").annotate(ordered=Sum("company__orders__half_days", filter=active))
    orders = Order.objects.filter(market=found).select_related("dossier", "company", "organisation")
    context = {
        "market": found,
        "left": days(found.half_days_left),
        "most": days(found.max_half_days),
        "held": days(found.half_days_held),
        "members": [(one, days(one.ordered or 0)) for one in members],
        "acts": found.acts.all(),
        "conflicts": Conflict.objects.filter(company__holdings__market=found, ended_at=None).select_related(
            "company", "by"
        ),
        "page": examination.paged(orders, request),
        "events": [(services.said(one), one) for one in _events(found)],
        "may_manage": services.may_manage(person(request)),
    }
    return render(request, "diagnostic/desk/market.html", context)


def _events(found: Market) -> QuerySet[Event]:
    """Return the last changes of a market."""
    return Event.objects.about(found).select_related("by")[:MOST_EVENTS]


# ------------------------------------------------------------------------------------------------------------ markets
@managers
def new(request: HttpRequest) -> HttpResponse:
    """Write a new market."""
    form = MarketForm(posted(request))
    page = {"title": "Nouveau marché", "button": "Enregistrer le marché"}

    def gesture() -> None:
        services.open_market(by=person(request), **form.values)

    return answer(request, form, gesture, "Le marché est enregistré.", back=reverse("diagnostic:markets"), page=page)


@managers
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a market."""
    found = get_object_or_404(Market, pk=pk)
    form = MarketForm.of(found, posted(request))
    page = {
        "title": f"Modifier le marché {found}",
        "lead": "Un nouveau prix vaut pour les commandes à venir : celles qui sont faites gardent le leur.",
        "button": "Enregistrer",
    }

    def gesture() -> None:
        services.change_market(found, by=person(request), **form.values)

    return answer(request, form, gesture, "Le marché est modifié.", back=_of(pk), page=page)


def _of(pk: int) -> str:
    return reverse("diagnostic:market", args=[pk])


@managers
def act_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a deliberation, a signature or an amendment."""
    found = get_object_or_404(Market, pk=pk)
    form = ActForm(posted(request))
    page = {"title": f"Ajouter un acte au marché {found}", "button": "Ajouter l’acte"}

    def gesture() -> None:
        services.add_act(found, by=person(request), **form.cleaned_data)

    return answer(request, form, gesture, "L’acte est ajouté.", back=_of(pk), page=page)


# ------------------------------------------------------------------------------------------------------------ members
@managers
def holder_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a member to a market."""
    found = get_object_or_404(Market, pk=pk)
    form = HolderForm(posted(request), market=found)
    page = {
        "title": f"Ajouter un membre au marché {found}",
        "lead": "Le prestataire doit être connu du portail : ajoutez-le d’abord s’il manque.",
        "button": "Ajouter le membre",
    }

    def gesture() -> None:
        services.add_holder(found, by=person(request), **form.values)

    return answer(request, form, gesture, "Le membre est ajouté.", back=_of(pk), page=page)


@managers
def holder_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a member's rank and competences."""
    found = get_object_or_404(Holder.objects.select_related("market", "company"), pk=pk)
    form = HolderForm(posted(request), market=found.market, holder=found)
    page = {"title": f"{found.company}, membre du marché {found.market}", "button": "Enregistrer"}

    def gesture() -> None:
        services.change_holder(found, by=person(request), **form.values)

    return answer(request, form, gesture, "Le membre est modifié.", back=_of(found.market_id), page=page)


@managers
def holder_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member out of a market."""
    found = get_object_or_404(Holder.objects.select_related("market", "company"), pk=pk)
    form = WhyForm(posted(request))
    page = {"title": f"Retirer {found.company} du marché {found.market}", "button": "Retirer", "is_danger": True}

    def gesture() -> None:
        services.remove_holder(found, by=person(request), **form.cleaned_data)

    return answer(request, form, gesture, "Le membre est retiré.", back=_of(found.market_id), page=page)


# ---------------------------------------------------------------------------------------------------------- companies
@managers
def company_new(request: HttpRequest) -> HttpResponse:
    """Write a new company."""
    form = CompanyForm(posted(request))
    page = {"title": "Nouveau prestataire", "button": "Enregistrer le prestataire"}

    def gesture() -> None:
        services.add_company(by=person(request), **form.cleaned_data)

    back = reverse("diagnostic:markets")
    return answer(request, form, gesture, "Le prestataire est enregistré.", back=back, page=page)


@managers
def company_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how a company is reached; see its people and its conflicts."""
    found = get_object_or_404(Company, pk=pk)
    form = CompanyForm(posted(request), company=found)
    people = RoleAssignment.objects.current().filter(role=Role.PROVIDER, scope=found.siret).select_related("user")
    page = {
        "title": str(found),
        "button": "Enregistrer",
        "company": found,
        "people": people,
        "conflicts": found.conflicts.select_related("by").order_by("-at"),
        "can_invite": person(request).holds(Role.ADMINISTRATOR),
    }

    def gesture() -> None:
        services.change_company(found, by=person(request), **form.cleaned_data)

    back = reverse("diagnostic:markets")
    return answer(request, form, gesture, "Le prestataire est modifié.", back=back, page=page)


@managers
def conflict_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare that a company may not diagnose a structure."""
    found = get_object_or_404(Company, pk=pk)
    form = ConflictForm(posted(request))
    page = {"title": f"Déclarer un conflit d’intérêts de {found}", "button": "Déclarer le conflit"}

    def gesture() -> None:
        services.declare_conflict(found, by=person(request), **form.cleaned_data)

    back = reverse("diagnostic:company_edit", args=[pk])
    return answer(request, form, gesture, "Le conflit d’intérêts est déclaré.", back=back, page=page)


@managers
def conflict_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a conflict, with a reason."""
    found = get_object_or_404(Conflict.objects.select_related("company"), pk=pk)
    form = WhyForm(posted(request))
    page = {"title": f"Lever le conflit d’intérêts de {found.company}", "button": "Lever le conflit"}

    def gesture() -> None:
        services.end_conflict(found, by=person(request), **form.cleaned_data)

    back = reverse("diagnostic:company_edit", args=[found.company_id])
    return answer(request, form, gesture, "Le conflit d’intérêts est levé.", back=back, page=page)
