"""The shield of headers, on every answer."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from normandata.ui.middleware import headers


def answer(response: HttpResponse) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        return response

    return headers(view)(RequestFactory().get("/"))


def test_the_shield_is_added_and_an_answer_without_cookie_may_be_shared() -> None:
    response = answer(HttpResponse("ok", headers={"Cache-Control": "public, max-age=300"}))
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Permitted-Cross-Domain-Policies"] == "none"
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Vary" not in response


def test_a_view_s_own_header_is_kept() -> None:
    response = answer(HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"}))
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_an_answer_that_sets_a_cookie_stays_out_of_shared_caches() -> None:
    response = HttpResponse(headers={"Vary": "Accept-Language"})
    response.set_cookie("sessionid", "secret")
    answer(response)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Vary"] == "Accept-Language, Cookie"


def test_a_public_answer_that_sets_a_cookie_is_no_longer_public() -> None:
    response = HttpResponse(headers={"Cache-Control": "public, max-age=300"})
    response.set_cookie("csrftoken", "secret")
    assert answer(response)["Cache-Control"] == "private, no-store"


def test_the_middleware_sees_the_cookies_of_all_the_others() -> None:
    ours = settings.MIDDLEWARE.index("normandata.ui.middleware.headers")
    later = settings.MIDDLEWARE[ours:]
    assert {name.rpartition(".")[2] for name in later} >= {"SessionMiddleware", "CsrfViewMiddleware"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/page-qui-n-existe-pas/", "/sante/"])
def test_every_page_carries_the_shield(client, address: str) -> None:
    response = client.get(address)
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Permitted-Cross-Domain-Policies"] == "none"
    assert response.cookies.output() == ""
