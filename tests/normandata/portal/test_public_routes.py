"""Every page that anybody opens, whoever wrote it: what it costs, what a cache may keep, what it asks of a browser.

Pages come from the table of access (see `tests.access`): a new public route is examined without a line here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils import timezone

from normandata.opendata import publications
from normandata.portal import site_map
from tests import world as w
from tests.access import cases, finish
from tests.test_headers import MAILED
from tests.world import World

MOST_QUERIES, MOST_CLICKS = 12, 3
NOT_KEPT = {
    "portal:health": "says whether the process lives, now",
    "portal:demonstration": "codes of the second factor change every thirty seconds",
    "portal:document": "waits for a document of its own",
    "roadmap:document": "waits for a document of its own",
    "roadmap:call_document": "waits for a document of its own",
    "account_inactive": "one step of signing in",
    "portal:simulator_question": "carries somebody's answers",
    "rights:erased": "is said once, to somebody who has no account any more",
    "indicators:document": "waits for a document of its own",
    "experts:public": "is asked again each time: an agreement withdrawn bites at once",
}
"""Pages without a form that no cache keeps, and why."""
FRAGMENTS = {"portal:territories"}
"""Parts of a page, which a script asks for."""
HTML = "text/html"
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
FOLLOWED_LINKS = ("stylesheet", "icon", "preload", "manifest")


@dataclass
class Page(HTMLParser):
    """What is read of a page."""

    text: str
    title: str = ""
    lang: str = ""
    headings: int = 0
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    has_post_form: bool = False
    canonical: str = ""
    description: str = ""
    in_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.headings += tag == "h1"
        self.in_title = tag == "title" and not self.title
        if tag == "html":
            self.lang = said.get("lang", "")
        elif tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "form":
            self.has_post_form |= said.get("method", "get").lower() == "post"
        elif tag == "meta" and said.get("name") == "description":
            self.description = said.get("content", "")
        elif tag == "link" and said.get("rel") == "canonical":
            self.canonical = said["href"]
        elif tag == "link" and said.get("rel") in FOLLOWED_LINKS:
            self.fetched.append(said["href"])
        if tag in FETCHED and said.get(FETCHED[tag]):
            self.fetched.append(said[FETCHED[tag]])

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self.in_title &= tag != "title"


def public(world: World) -> Iterator[tuple[str, str]]:
    """Yield (route, address) of each page that answers 200 to somebody who is nobody."""
    for name, case in cases():
        if w.ANONYMOUS in case.get.get(200, ()):
            yield name, case.address(name, case.kwargs(world.mine))


def asked(address: str, method: str = "get", **headers: str) -> tuple[Any, int]:
    """Ask as somebody who comes for the first time; return the answer and what it cost."""
    client = Client()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = getattr(client, method)(address, headers=headers)
    return response, len(queries)


def complaints(name: str, address: str, client: Client) -> Iterator[str]:
    """Say what is wrong in a public answer, page or file."""
    response, cost = asked(address)
    head, _ = asked(address, "head")
    cache = response.headers.get("Cache-Control", "")
    is_page = response.headers["Content-Type"].startswith(HTML)
    page = Page(response.content.decode()) if is_page else None
    if is_page and cost > MOST_QUERIES:
        yield f"{cost} queries"
    if head.status_code != 200 or b"".join(head):
        yield f"HEAD answers {head.status_code}, with a body perhaps"
    if page is None or not page.has_post_form:
        if response.cookies:
            yield f"sets {list(response.cookies)}"
        if "Cookie" in response.headers.get("Vary", "") and "public" in cache:
            yield f"Vary: {response.headers['Vary']}"
    if page is not None:
        is_kept = not page.has_post_form and name not in NOT_KEPT and name not in MAILED
        if is_kept != ("public" in cache and "max-age" in cache):
            yield f"Cache-Control: {cache}"
        yield from shape(page, address) if name not in FRAGMENTS else ()
    if "public" in cache and not response.streaming:
        again, _ = asked(address, **{"if-none-match": response.headers.get("ETag", "")})
        if again.status_code != 304 or again.content:
            yield f"asked again, answers {again.status_code}"
        finish(again)
        inside = client.get(address)
        if inside.content != response.content:
            yield "is not the same for somebody signed in"
        finish(inside)
    finish(response)
    finish(head)


def shape(page: Page, address: str) -> Iterator[str]:
    """Say what is wrong in the shape of a page."""
    if page.headings != 1:
        yield f"{page.headings} h1"
    if page.lang != "fr":
        yield f"lang: {page.lang}"
    if page.links[:1] != ["#contenu"]:
        yield f"the first link is {page.links[:1]}"
    if not page.description:
        yield "no description"
    if page.canonical not in ("", f"{settings.SITE_URL}{urlsplit(address).path}"):
        yield f"canonical: {page.canonical}"
    yield from (f"asks a third party for {url}" for url in page.fetched if urlsplit(url).netloc or url.startswith("//"))


def test_every_public_answer_is_light_may_be_kept_and_asks_nobody_else(world: World) -> None:
    publications.publish_all(timezone.now())  # written by the clock, or by whoever comes first
    found, client = list(public(world)), world.client(w.ADMINISTRATOR)
    assert len(found) > 35
    wrong = [f"{name} ({address}): {what}" for name, address in found for what in complaints(name, address, client)]
    assert wrong == []


def test_the_examination_sees_what_is_wrong() -> None:
    page = Page('<html><title>x</title><a href="/"></a><h1></h1><h1></h1><script src="https://tiers.invalid/a.js">')
    assert list(shape(page, "/")) == [
        "2 h1",
        "lang: ",
        "the first link is ['/']",
        "no description",
        "asks a third party for https://tiers.invalid/a.js",
    ]


def test_no_two_public_pages_have_the_same_title(world: World) -> None:
    titles: Counter[str] = Counter()
    for address in dict.fromkeys(address for name, address in public(world) if name not in FRAGMENTS):
        response, _ = asked(address)
        if response.headers["Content-Type"].startswith(HTML):
            titles[Page(response.content.decode()).title] += 1
        finish(response)
    assert [title for title, count in titles.items() if count > 1] == []
    assert [title for title in titles if not title.endswith(" – NormanDATA")] == []


def test_every_public_route_is_in_the_map_or_left_out_for_a_reason(world: World) -> None:
    """A page that signs somebody in is in the map too; what only answers a form is in neither."""
    routes = {name for name, case in cases() if case.is_public}
    known = site_map.routes() | set(site_map.EXCLUDED)
    assert routes - known == set()
    assert set(site_map.EXCLUDED) - routes == set()
    assert site_map.routes() & set(site_map.EXCLUDED) == set()


def test_every_page_of_the_map_is_within_three_clicks_of_the_home_page(world: World) -> None:
    reached, edge = {"/"}, {"/"}
    for _ in range(MOST_CLICKS):
        edge = {link for address in edge for link in links(address)} - reached
        reached |= edge
    listed = {urlsplit(address).path for address, _ in site_map.addresses()}
    assert len(listed) > 30
    assert listed - reached == set()


def links(address: str) -> Iterator[str]:
    """Yield the pages of the portal that a page leads to; an address that is no page leads nowhere."""
    response, _ = asked(address)
    try:
        if response.status_code == 200 and response.headers["Content-Type"].startswith(HTML):
            for link in Page(response.content.decode()).links:
                path = urlsplit(urldefrag(urljoin(address, link)).url)
                if not path.netloc and is_page(path.path):
                    yield path.path
    finally:
        finish(response)


def is_page(path: str) -> bool:
    try:
        return resolve(path).view_name in site_map.routes()
    except Resolver404:
        return False


def test_the_map_is_the_same_on_the_page_and_for_search_engines(world: World) -> None:
    xml = Client().get(reverse("portal:sitemap")).content.decode()
    for address, day in site_map.addresses():
        assert xml.count(f"<loc>{address}</loc>") == 1
        assert not day or f"<loc>{address}</loc><lastmod>{day}</lastmod>" in xml
    assert xml.count("<loc>") == len(site_map.addresses())
    page = Page(Client().get(reverse("portal:site_map")).content.decode())
    in_page = {urldefrag(link).url for link in page.links}
    told = {urlsplit(address).path for address, _ in site_map.addresses()}
    assert {path for path in told - in_page if not path.startswith("/actualites/")} == set()


@pytest.mark.django_db
def test_search_engines_are_told_where_the_map_is(client: Client) -> None:
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in client.get("/robots.txt").content.decode().splitlines()
