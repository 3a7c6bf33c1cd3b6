import pytest
from django.test import Client, RequestFactory, override_settings

from normandata.portal import errors


@pytest.mark.parametrize(
    ("handler", "status", "title"),
    [
        (errors.bad_request, 400, "Cette demande n’est pas lisible"),
        (errors.forbidden, 403, "Cette page ne vous est pas ouverte"),
        (errors.not_found, 404, "Cette page n’existe pas"),
    ],
)
def test_an_error_page_says_what_happened(rf: RequestFactory, handler: object, status: int, title: str) -> None:
    response = handler(rf.get("/"), Exception("détail caché"))  # type: ignore[operator]
    assert response.status_code == status
    assert f'<h1 class="nd-flint mb-4">{title}</h1>' in response.content.decode()
    assert "détail caché" not in response.content.decode()


def test_a_failure_is_ours_and_says_so(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "La panne vient de nous" in response.content.decode()


@pytest.mark.django_db
def test_an_expired_form_gets_a_way_out() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/aides/diagnostic/simulateur/resultat/pdf/?structure=association")
    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.content.decode()


@override_settings(DEBUG=False)
def test_a_page_that_does_not_exist_is_404(client: Client) -> None:
    assert client.get("/nulle-part/").status_code == 404
