"""What everybody reads of the bulletin: filters in the address, pages that stay flat, a feed that parses."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from normandata.bulletin import reading
from normandata.bulletin.models import News
from normandata.regulation.formats import NBSP
from tests.factories.bulletin import events, make_news, make_writer
from tests.factories.waves import make_wave

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def read(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode().replace(NBSP, " ").replace("&nbsp;", " ")


def test_the_calendar_folds_what_is_past_and_filters_by_scheme(client: Client) -> None:
    make_wave()
    page = read(client, "/calendrier/")
    coming, past = page.split("<details>")
    assert "Commission permanente, 2e vague 2026" in coming
    assert "clôture des dépôts, 2e vague 2026" in past
    assert "3 dates" in past
    assert "http://localhost:8000/calendrier.ics" in page
    only = read(client, "/calendrier/", dispositif="diagnostic")
    assert "2e vague" not in only
    assert "Aucune date à venir n’est connue pour Diagnostic." in only
    assert "http://localhost:8000/calendrier/diagnostic.ics" in only
    assert read(client, "/calendrier/", dispositif="inconnu").count("2e vague 2026") == 3


def test_the_file_is_the_calendar_and_stays_the_same_until_a_date_changes(client: Client) -> None:
    make_wave()
    first = client.get("/calendrier.ics")
    assert first["Content-Disposition"] == 'attachment; filename="normandata.ics"'
    assert len(events(first.content.decode())) == 4
    assert client.get("/calendrier/booster-ia.ics")["Content-Disposition"].endswith('"normandata-booster-ia.ics"')
    assert len(events(client.get("/calendrier/booster-ia.ics").content.decode())) == 3
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        assert client.get("/calendrier.ics", headers={"if-none-match": first["ETag"]}).status_code == 304
    make_wave(year=2027, number=1, closing_on=date(2026, 9, 29))
    assert client.get("/calendrier.ics", headers={"if-none-match": first["ETag"]}).status_code == 200
    assert client.get("/calendrier/inconnu.ics").status_code == 404


def test_the_home_page_shows_three_news_and_the_next_dates(client: Client) -> None:
    make_wave()
    for number in range(4):
        make_news(title=f"Nouvelle {number}", at=NOW - timedelta(days=number))
    make_news(title="Brouillon")
    page = read(client, "/")
    assert [page.count(f"Nouvelle {number}") for number in range(4)] == [1, 1, 1, 0]
    assert "Brouillon" not in page
    assert "Booster IA : Commission permanente, 2e vague 2026" in page


def test_a_news_under_embargo_does_not_exist(client: Client) -> None:
    news = make_news(at=NOW + timedelta(hours=1))
    assert client.get(f"/actualites/{news.slug}/").status_code == 404
    assert news.title not in read(client, "/actualites/")
    assert news.title not in client.get("/actualites/flux.atom").content.decode()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert client.get(f"/actualites/{news.slug}/").status_code == 200


def test_a_news_is_read_with_its_links_and_its_subject(client: Client) -> None:
    news = make_news(at=NOW, subject="aide:booster-ia", text="**Ici** : <script>x</script> [les aides](/aides/)")
    page = read(client, f"/actualites/{news.slug}/")
    assert '<strong>Ici</strong> : &lt;script&gt;x&lt;/script&gt; <a href="/aides/">les aides</a>' in page
    assert '<a class="btn btn-secondary" href="/aides/booster-ia/">Booster IA' in page


def test_a_news_that_is_over_says_so(client: Client) -> None:
    news = make_news(at=NOW - timedelta(days=2))
    News.objects.filter(pk=news.pk).update(expires_at=NOW - timedelta(days=1))
    assert "n’est plus en cours depuis le 4 octobre 2026" in read(client, f"/actualites/{news.slug}/")
    assert news.title not in read(client, "/actualites/")


def test_the_list_goes_on_and_costs_the_same(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    writer = make_writer()
    for number in range(reading.PAGE + 5):
        make_news(by=writer, title=f"Nouvelle numéro {number:02}", at=NOW - timedelta(minutes=number))
    with django_assert_max_num_queries(2):
        first = client.get("/actualites/").content.decode()
    assert [f"numéro {number:02}" in first for number in (0, reading.PAGE - 1, reading.PAGE)] == [True, True, False]
    after = first.split('href="?apres=')[1].split('"')[0]
    with django_assert_max_num_queries(3):
        second = client.get("/actualites/", {"apres": after}).content.decode()
    assert [f"numéro {number:02}" in second for number in (reading.PAGE - 1, reading.PAGE, reading.PAGE + 4)] == [
        False,
        True,
        True,
    ]
    assert "Plus anciennes" not in second


def test_the_feed_is_atom(client: Client) -> None:
    news = make_news(at=NOW)
    response = client.get("/actualites/flux.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    (entry,) = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == news.title
    assert entry.findtext(f"{ATOM}id") == f"http://localhost:8000/actualites/{news.slug}/"
    assert entry.findtext(f"{ATOM}updated") == "2026-10-05T10:00:00+00:00"
    assert root.findtext(f"{ATOM}updated") == "2026-10-05T10:00:00+00:00"


def test_the_results_keep_what_was_asked(client: Client) -> None:
    page = read(client, "/resultats/", dispositif="booster-ia", annee="2026", recherche='  forêt  "><script> ')
    assert 'value="forêt &quot;&gt;&lt;script&gt;"' in page
    assert '<option value="booster-ia" selected>' in page
    assert "<option selected>2026</option>" in page
    assert page.count('<section class="nd-sheet mt-4"') == 1
    for wrong in ("1999", "2027", "abcd", "²⁰²⁶"):
        assert "<option selected>" not in read(client, "/resultats/", annee=wrong)


@pytest.mark.parametrize("address", ["/resultats/?recherche=%00for", "/resultats/?apres=%00", "/actualites/?apres=%00"])
def test_a_character_that_no_database_takes_is_left_out(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200
