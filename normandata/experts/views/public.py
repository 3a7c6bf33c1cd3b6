"""The public directory of the experts who agreed to be in it."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ..models import Domain, Listing

PER_PAGE = 30


@login_not_required
@require_safe
@cache_control(public=True, no_cache=True)
@conditional_page
def directory(request: HttpRequest) -> HttpResponse:
    """List the experts of a domain, or all of them. Caches keep it but ask again each time: withdrawn is gone."""
    domain = request.GET.get("domaine", "")
    found = Listing.objects.public().of_domain(domain).with_domains()
    page = Paginator(found.in_order(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "domains": Domain.choices,
        "domain": domain if domain in Domain.values else "",
        "label": Domain(domain).label if domain in Domain.values else "",
        "trail": [("Annuaire des experts", "")],
    }
    return render(request, "experts/public/directory.html", context)
