"""The shield of headers, on every answer."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
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


def kept(response: HttpResponse, method: str = "GET", **sent: str) -> HttpResponse:
    return headers(lambda request: response)(RequestFactory().generic(method, "/", headers=sent))


def test_a_public_page_is_marked_and_not_sent_again_to_whoever_has_it() -> None:
    first = kept(HttpResponse("ok", headers={"Cache-Control": "public, max-age=300"}))
    again = kept(
        HttpResponse("ok", headers={"Cache-Control": "public, max-age=300"}), **{"if-none-match": first["ETag"]}
    )
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "public, max-age=300"
    other = kept(
        HttpResponse("ko", headers={"Cache-Control": "public, max-age=300"}), **{"if-none-match": first["ETag"]}
    )
    assert (other.status_code, other.content) == (200, b"ko")


@pytest.mark.parametrize(
    ("response", "method"),
    [
        (HttpResponse("ok"), "GET"),
        (HttpResponse("ok", headers={"Cache-Control": "no-store"}), "GET"),
        (HttpResponse("ok", headers={"Cache-Control": "public"}, status=404), "GET"),
        (HttpResponse("ok", headers={"Cache-Control": "public"}), "POST"),
        (StreamingHttpResponse(["ok"], headers={"Cache-Control": "public"}), "GET"),
    ],
)
def test_nothing_else_is_marked(response: HttpResponse, method: str) -> None:
    assert "ETag" not in kept(response, method)
    if response.streaming:
        assert list(response) == [b"ok"]


def test_a_public_page_does_not_vary_with_cookies() -> None:
    public = {"Cache-Control": "public, max-age=300"}
    assert "Vary" not in kept(HttpResponse("ok", headers=public | {"Vary": "Cookie"}))
    assert kept(HttpResponse("ok", headers=public | {"Vary": "Accept, cookie"}))["Vary"] == "Accept"
    assert kept(HttpResponse("ok", headers={"Vary": "Cookie"}))["Vary"] == "Cookie"


def test_a_page_whose_date_is_known_is_not_sent_again_either() -> None:
    at = "Mon, 05 Oct 2026 10:00:00 GMT"
    public = {"Cache-Control": "public, max-age=300", "Last-Modified": at}
    assert kept(HttpResponse("ok", headers=public), **{"if-modified-since": at}).status_code == 304
