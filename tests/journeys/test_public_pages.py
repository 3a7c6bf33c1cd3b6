"""Every public page, in a real browser, at three widths; and every link they carry."""

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import pytest
from django.test import Client
from playwright.sync_api import Error

from roadmap import catalogue

from .browser import follow
from .conftest import Visit

pytestmark = pytest.mark.browser

PAGES = {
    "/": "Données et IA : trouvez l’aide de la Région qui vous convient",
    "/aides/": "Les aides",
    "/accompagnement/": "L’accompagnement de la Région, pas à pas",
    "/accompagnement/experts/": "Annuaire des experts",
    "/accompagnement/orientation/profil/": "Qui porte le projet ?",
    "/accompagnement/orientation/reponse/?profil=person&stade=defi": "Datathon Normandie convient à votre projet",
    "/aides/diagnostic/": "Diagnostic data et IA",
    "/aides/booster-ia/": "Booster IA",
    "/aides/datathon/": "Datathon Normandie",
    "/reglement/": "Règlement appliqué",
    "/aide/": "Aide",
    "/contact/": "Contact",
    "/mentions-legales/": "Mentions légales",
    "/donnees-personnelles/": "Données personnelles",
    "/accessibilite/": "Déclaration d’accessibilité",
    "/plan-du-site/": "Plan du site",
    "/feuille-de-route/": "La feuille de route 2026-2028",
    "/donnees-ouvertes/": "Données ouvertes",
    "/api/v1/": "L’API publique",
    "/etat/": "État du service",
    "/cette-page-manque/": "Cette page n’existe pas",
}
MISSING = "/cette-page-manque/"
WIDTHS = (320, 375, 1280)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", PAGES)
def test_every_public_page_is_accessible_and_fits(visit: Visit, path: str) -> None:
    window = visit(path, width=WIDTHS[0], status=404 if path == MISSING else 200)
    page = window.page
    for width in WIDTHS:
        window.widen(width)
        assert window.check() == PAGES[path]
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.title().endswith(" – NormanDATA")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenu", f"{path}: no skip link first"
    window.check_focus_shows()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu", f"{path}: the skip link leads nowhere"
    notices = page.locator("footer a", has_text="Accessibilité")
    assert [text.replace("\u00a0", " ") for text in notices.all_inner_texts()] == ["Accessibilité : non conforme"]
    assert notices.get_attribute("href") == "/accessibilite/"
    assert window.context.cookies() == [], f"{path} sets a cookie"


def test_every_public_page_has_its_own_h1() -> None:
    assert len(set(PAGES.values())) == len(PAGES)


@pytest.mark.django_db(transaction=True)
def test_the_menu_of_a_phone_opens_and_leads_on_without_javascript(visit: Visit) -> None:
    window = visit("/", width=375, javascript=False)
    entry = window.page.get_by_role("navigation", name="Principal").get_by_role("link", name="Contact")
    assert not entry.is_visible()
    window.page.get_by_role("button", name="Menu").click()
    assert entry.is_visible()
    window.check()
    follow(entry)
    assert (window.path, window.title()) == ("/contact/", "Contact")


class Links(HTMLParser):
    """Collects what a page links to and the places it can be reached at."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if identifier := given.get("id"):
            self.anchors.add(identifier)
        for name in ("href", "src") if tag != "use" else ():
            if target := given.get(name):
                self.targets.add(target)


def links_of(content: str) -> Links:
    links = Links()
    links.feed(content)
    return links


def crawl(client: Client, starts: list[str]) -> tuple[set[str], list[str]]:
    """Follow every internal link from some pages; returns the pages seen and what is broken."""
    seen: dict[str, Links] = {}
    waiting, broken = list(starts), []
    wanted: list[tuple[str, str, str]] = []
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        response = client.get(path, follow=True)
        if response.status_code != 200:
            broken.append(f"{path} answers {response.status_code}")
            seen[path] = Links()
            continue
        is_page = response.headers["Content-Type"].startswith("text/html")
        if response.streaming:
            assert b"".join(response.streaming_content)
        links = seen[path] = links_of(response.content.decode()) if is_page else Links()
        base = response.redirect_chain[-1][0] if response.redirect_chain else path
        for target in links.targets:
            address, anchor = urldefrag(urljoin(base, target))
            if not address.startswith("/") or address.startswith("/static/"):
                continue
            waiting.append(address)
            if anchor:
                wanted.append((path, address, anchor))
    broken += [
        f"{page} → {address}#{anchor}" for page, address, anchor in wanted if anchor not in seen[address].anchors
    ]
    return set(seen), broken


@pytest.mark.django_db
def test_every_internal_link_and_anchor_leads_somewhere(client: Client) -> None:
    catalogue.load()  # the page of the API leads to answers
    seen, broken = crawl(client, [path for path in PAGES if path != MISSING])
    assert broken == []
    assert seen >= {path for path in PAGES if path != MISSING} | {"/aides/diagnostic/simulateur/"}


@pytest.mark.django_db
def test_the_crawl_sees_a_missing_page_and_a_missing_anchor(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = client.get

    def tampered(path: str, **options: object) -> object:
        response = answer(path, **options)
        if not response.streaming:
            response.content += b'<a href="/nulle-part/">x</a><a href="/contact/#nulle-part">x</a>'
        return response

    monkeypatch.setattr(client, "get", tampered)
    _, broken = crawl(client, ["/aide/"])
    assert "/nulle-part/ answers 404" in broken
    assert "/aide/ → /contact/#nulle-part" in broken


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('panne')", "console error: panne"),
        ("setTimeout(() => { throw new Error('panne') })", "uncaught: panne"),
        ("fetch('https://tiers.example/').catch(() => 0)", "violates the following Content Security Policy"),
        ("document.body.setAttribute('style', 'color: red')", "console error: Applying inline style violates"),
        ("fetch('/nulle-part/')", "answered 404"),
        ("document.body.append(Object.assign(document.createElement('h1'), {textContent: 'x'}))", "has 2 h1"),
        ("document.querySelector('main').append(new Image())", "image-alt"),
        (
            "document.querySelector('main').append(Object.assign(document.createElement('input'), {size: 400}))",
            "px wide at 375 px",
        ),
    ],
)
def test_a_window_sees_what_is_wrong(visit: Visit, script: str, complaint: str) -> None:
    window = visit("/aide/", width=375)
    window.page.evaluate(f"() => {{ {script} }}")
    window.page.wait_for_timeout(150)
    with pytest.raises(AssertionError) as seen:
        window.check()
    assert complaint in str(seen.value)
    window.complaints.clear()


@pytest.mark.django_db(transaction=True)
def test_a_window_sees_a_request_to_a_third_party_which_goes_nowhere(visit: Visit) -> None:
    window = visit("/aide/")
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        window.page.goto("https://tiers.example/")
    assert window.complaints[0] == "asked of a third party: https://tiers.example/"
    window.complaints.clear()
