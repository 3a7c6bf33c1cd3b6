"""Pages of a scheme for who reads it, forms for who keeps it; for others they do not exist."""

from http import HTTPStatus
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from normandata.accounts.models import Role, User
from normandata.dossiers.models import READERS
from normandata.dossiers.views.desk_access import keepers, scheme_readers
from tests.factories.accounts import UserFactory, make_user_with

pytestmark = pytest.mark.django_db


@scheme_readers("booster_ia")
def listing(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(str(number))


@keepers(lambda user: user.holds(Role.LEAD_AGENT, scheme="booster_ia"))
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.method)


def asked(view: Any, user: User, method: str = "get", **kwargs: Any) -> HttpResponse:
    request = getattr(RequestFactory(), method)("/")
    request.user = user
    response: HttpResponse = view(request, **kwargs)
    return response


@pytest.mark.parametrize("role", READERS)
def test_who_reads_the_scheme_opens_its_pages_and_they_are_never_cached(role: Role) -> None:
    response = asked(listing, make_user_with(role, "booster_ia"), number=7)
    assert (response.status_code, response.content) == (HTTPStatus.OK, b"7")
    assert "no-store" in response.headers["Cache-Control"]


def test_a_page_that_is_read_is_not_posted_to() -> None:
    user = make_user_with(Role.AGENT, "booster_ia")
    assert asked(listing, user, "post", number=7).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_for_others_there_is_no_page() -> None:
    for user in (UserFactory(), make_user_with(Role.AGENT, "diagnostic")):
        with pytest.raises(Http404):
            asked(listing, user, number=7)
        with pytest.raises(Http404):
            asked(form, user)
    with pytest.raises(Http404):
        asked(form, make_user_with(Role.AGENT, "booster_ia"), "post")


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 200), ("put", 405)])
def test_who_keeps_the_scheme_reads_and_posts_its_forms(method: str, status: int) -> None:
    assert asked(form, make_user_with(Role.LEAD_AGENT, "booster_ia"), method).status_code == status
