"""The browser shield: a written table of headers on every answer, no inline code, and no way to be sent elsewhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, path

from booster_ia.simulator import QUESTIONNAIRE as BOOSTER
from diagnostic.simulator import QUESTIONNAIRE as DIAGNOSTIC
from normandata.portal import simulator_views
from normandata.portal.errors import bad_request, forbidden, not_found, server_error
from tests import world as w
from tests.access import API, ENTERPRISE, PUBLIC, Case, cases, finish, undeclared
from tests.factories.accounts import PASSWORD
from tests.world import PENDING, READY, World

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
NEVER = ("Server", "X-Powered-By", "Access-Control-Allow-Origin", "Content-Security-Policy-Report-Only")
ANY_SITE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
HTML, PDF, TEXT = "text/html; charset=utf-8", "application/pdf", "text/plain; charset=utf-8"
CSV, CALENDAR = "text/csv; charset=utf-8", "text/calendar; charset=utf-8"
TYPES = {
    "portal:robots": TEXT,
    "portal:sitemap": "application/xml; charset=utf-8",
    "bulletin:calendar_file": CALENDAR,
    "bulletin:calendar_of": CALENDAR,
    "bulletin:feed": "application/atom+xml; charset=utf-8",
    "portal:health": TEXT,
    "portal:status_record": "application/json",
    "portal:document_file": PDF,
    "accounts:token": "application/json",
    "dossiers:file": PDF,
    "dossiers:message_file": PDF,
    "dossiers:receipt": PDF,
    "dossiers:preview_image": "image/png",
    "dossiers:queue_export": CSV,
    "dossiers:bulk_outcomes": CSV,
    "dossiers:letter": PDF,
    "diagnostic:export": CSV,
    "diagnostic:indicator_file": CSV,
    "diagnostic:purchase_order": PDF,
    "diagnostic:report_image": "image/png",
    "diagnostic:report_file": PDF,
    "diagnostic:report_redacted": PDF,
    "diagnostic:report_annex": PDF,
    "experts:piece": PDF,
    "experts:image": "image/png",
    "booster_ia:meeting_file": CALENDAR,
    "booster_ia:ranking_file": CSV,
    "booster_ia:sheets_file": CSV,
    "booster_ia:export": CSV,
    "booster_ia:indicator_file": CSV,
    "booster_ia:wave_file": CSV,
    "booster_ia:de_minimis_file": CSV,
    "booster_ia:feedback_file": PDF,
    "portal:organisation_export": CSV,
    "deminimis:register_file": CSV,
    "committee:annex": CSV,
    "dossiers:letter_draft_pdf": PDF,
    "booster_ia:bank_file": PDF,
    "booster_ia:bank_image": "image/png",
    "booster_ia:payment_file": PDF,
    "booster_ia:payment_image": "image/png",
    "booster_ia:payments_export": CSV,
    "roadmap:table": CSV,
    "roadmap:indicator_file": CSV,
    "roadmap:export": CSV,
    "roadmap:call_results_file": CSV,
    "roadmap:call_dates": CALENDAR,
    "roadmap:document_file": PDF,
    "roadmap:call_document_file": PDF,
    "roadmap:call_pilot_document_file": PDF,
    "indicators:all_files": CSV,
    "indicators:file": CSV,
    "indicators:document_file": PDF,
    "opendata:file": CSV,
    "opendata:datapackage": "application/json",
    "opendata:dcat": "application/ld+json",
    "datathon:rules_file": PDF,
    "datathon:calendar": CALENDAR,
    "datathon:meeting_file": CALENDAR,
    "datathon:list_file": CSV,
    "datathon:indicator_file": CSV,
    "datathon:export": CSV,
    "datathon:jury_piece": PDF,
    "datathon:mentor_piece": PDF,
    "datathon:deliberation_table": CSV,
    "datathon:deliberation_record": PDF,
    "datathon:deliberation_earlier": PDF,
    "datathon:certificate_file": PDF,
    "datathon:letter": PDF,
    "datathon:registration_letter": PDF,
    "datathon:receipt": PDF,
    "datathon:deliverable_file": PDF,
    "datathon:deliverable_image": "image/png",
    "rights:download": "application/zip",
    "rights:lot_csv": CSV,
    "rights:lot_pdf": PDF,
}
# Open data, which any site may read: no cookie goes with them.
OPENED = {"indicators:all_files", "indicators:file", "opendata:file", "opendata:datapackage", "opendata:dcat"}
# Of the API any site reads what goes wrong as well.
ANSWERED = set(API) - {"api:page"}
TYPES |= {name: "application/json" for name, case in API.items() if name in ANSWERED and 200 in case.get}
# What people sent is fetched in an origin of its own, without a right; what we drew or wrote is only downloaded.
SANDBOX = "sandbox; default-src 'none'"
DRAWN = {"dossiers:preview_image", "diagnostic:report_image", "experts:image"}
DRAWN |= {"booster_ia:bank_image", "booster_ia:payment_image", "datathon:deliverable_image"}
SANDBOXED = {"dossiers:file", "dossiers:message_file", "diagnostic:report_annex", "experts:piece"} | DRAWN
SANDBOXED |= {"booster_ia:feedback_file", "booster_ia:bank_file", "booster_ia:payment_file"}
SANDBOXED |= {"dossiers:letter_draft_pdf", "datathon:jury_piece", "datathon:deliverable_file", "datathon:mentor_piece"}
DOWNLOADED = {"portal:document_file", "dossiers:receipt", "dossiers:queue_export", "dossiers:bulk_outcomes"}
DOWNLOADED |= SANDBOXED - DRAWN
DOWNLOADED |= {"dossiers:letter", "diagnostic:export", "diagnostic:indicator_file"}
DOWNLOADED |= {"diagnostic:purchase_order", "diagnostic:report_file", "diagnostic:report_redacted"}
DOWNLOADED |= {"booster_ia:meeting_file", "booster_ia:ranking_file", "booster_ia:sheets_file"}
DOWNLOADED |= {"booster_ia:export", "booster_ia:indicator_file", "booster_ia:wave_file", "booster_ia:de_minimis_file"}
DOWNLOADED |= {"portal:organisation_export", "deminimis:register_file", "committee:annex"}
DOWNLOADED |= {"roadmap:call_document_file", "roadmap:call_pilot_document_file"}
DOWNLOADED |= {"roadmap:table", "roadmap:document_file", "roadmap:call_results_file", "roadmap:call_dates"}
DOWNLOADED |= {"indicators:all_files", "indicators:file", "indicators:document_file"}
DOWNLOADED |= {"booster_ia:payments_export", "opendata:file"}
DOWNLOADED |= {"datathon:indicator_file", "datathon:export", "roadmap:indicator_file", "roadmap:export"}
DOWNLOADED |= {"datathon:rules_file", "datathon:calendar", "datathon:meeting_file", "datathon:list_file"}
DOWNLOADED |= {"datathon:deliberation_table", "datathon:deliberation_record", "datathon:certificate_file"}
DOWNLOADED |= {"datathon:deliberation_earlier"}
DOWNLOADED |= {"rights:download", "rights:lot_csv", "rights:lot_pdf"}
DOWNLOADED |= {"datathon:letter", "datathon:registration_letter", "datathon:receipt"}
DOWNLOADED |= {"bulletin:calendar_file", "bulletin:calendar_of"}
# Open to all, but for whoever holds a link that was mailed: no cache keeps them.
MAILED = {"organisations:invitation", "accounts:invitation", "booster_ia:partner", "datathon:guardian"}
EVIL = "https://evil.example/"


def directives(policy: str) -> dict[str, list[str]]:
    """Read a policy: its directives in any order, the sources of each sorted."""
    parts = [part.split() for part in policy.split(";") if part.strip()]
    found = {name: sorted(sources) for name, *sources in parts}
    assert len(found) == len(parts), "a directive is given twice"
    return found


def wrong_headers(response: HttpResponse, policy: str = CSP, *, is_open: bool = False) -> list[str]:
    """List the headers that are not as written, and those that tell or open too much."""
    written = HEADERS | (ANY_SITE if is_open else {})
    wrong = [
        f"{name}: {response.headers.get(name)!r}" for name in written if response.headers.get(name) != written[name]
    ]
    if directives(response.headers.get("Content-Security-Policy", "")) != directives(policy):
        wrong.append(f"Content-Security-Policy: {response.headers.get('Content-Security-Policy')!r}")
    wrong += [f"{name} is sent" for name in NEVER if name in response.headers and name not in written]
    if response.cookies:
        if "public" in response.headers.get("Cache-Control", ""):
            wrong.append("a cookie in a page that anybody's cache may keep")
        if "Cookie" not in response.headers.get("Vary", ""):
            wrong.append("a cookie in a page that does not vary with it")
    return wrong


def address_of(name: str) -> str:
    """Return the address of a public route."""
    ((_, case),) = cases([name])
    return case.address(name, case.kwargs({}))


def answers(world: World) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield every route's answer to each method, asked by somebody who may, undone at once."""
    for name, case in cases():
        address, client = case.address(name, case.kwargs(world.mine)), world.client(case.reader())
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            body = case.body(world.mine) if method == "POST" else {}
            with undone():
                response = client.post(address, body) if method == "POST" else client.generic(method, address)
                yield method, name, case, response
                finish(response)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what requests write."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def too_open(name: str, case: Case, response: Any) -> list[str]:
    """List what an answer to somebody signed in lets a cache keep, and a download that could be opened."""
    wrong = []
    cache = set(re.split(r"[, ]+", response.headers.get("Cache-Control", "")))
    if (not case.is_public or name in MAILED) and "no-store" not in cache:
        wrong.append(f"Cache-Control: {response.headers.get('Cache-Control')}")
    if name in DOWNLOADED and not response.headers.get("Content-Disposition", "").startswith("attachment; "):
        wrong.append(f"Content-Disposition: {response.headers.get('Content-Disposition')}")
    return wrong


@login_not_required
def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [*get_resolver("normandata.urls").url_patterns, path("panne/", failing)]
handler400, handler403, handler404, handler500 = bad_request, forbidden, not_found, server_error


def failing_view(client: Client, settings) -> Any:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client.get("/panne/")


def test_the_policy_allows_nothing_unsafe() -> None:
    assert "unsafe" not in CSP
    assert directives(CSP)["default-src"] == ["'none'"]
    assert {source for sources in directives(CSP).values() for source in sources} == {"'none'", "'self'", "data:"}
    assert [name for name, sources in directives(CSP).items() if "data:" in sources] == ["img-src"]


def test_every_route_wears_the_shield(world: World) -> None:
    assert undeclared() == []
    wrong, shown = [], set()
    for method, name, case, response in answers(world):
        # A report is also sent in answer to a form, which says what it is opened for.
        is_read = response.status_code == 200 and (method in ("GET", "HEAD") or name in TYPES)
        policy = SANDBOX if is_read and name in SANDBOXED else CSP
        found = wrong_headers(response, policy, is_open=name in ANSWERED or (is_read and name in OPENED))
        if is_read:
            shown.add(name)
            found += too_open(name, case, response)
            if response.headers["Content-Type"] != TYPES.get(name, HTML):
                found.append(f"Content-Type: {response.headers['Content-Type']}")
        wrong += [f"{method} {name} ({response.status_code}): {what}" for what in found]
    assert wrong == []
    assert shown >= {*TYPES, *DOWNLOADED, *MAILED}


def test_refusals_wear_the_shield(world: World) -> None:
    wrong = []
    for name, case in cases():
        address = case.address(name, case.kwargs(world.mine))
        for persona in (w.ANONYMOUS, w.UNPROVEN, w.STRANGER):
            with undone():
                response = world.client(persona).get(address)
                if response.status_code != 200:
                    found = wrong_headers(response, is_open=name in ANSWERED)
                    wrong += [f"{name} as {persona}: {what}" for what in found]
                    if "public" in response.headers.get("Cache-Control", "") and not case.is_public:
                        wrong.append(f"{name} as {persona}: {response.headers['Cache-Control']}")
                finish(response)
    assert wrong == []


def whole(response: Any) -> bytes:
    """Read an answer to its end, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_page_that_any_cache_may_keep_is_the_same_for_everybody(world: World) -> None:
    wrong, count = [], 0
    for name, case in cases(PUBLIC):
        if not case.get:
            continue
        address = case.address(name, case.kwargs(world.mine))
        found = [world.client(persona).get(address) for persona in (w.ANONYMOUS, w.MANAGER, w.ADMINISTRATOR)]
        if "public" in found[0].headers.get("Cache-Control", ""):
            count += 1
            if len({(whole(one), one.headers.get("Cache-Control")) for one in found}) > 1:
                wrong.append(name)
        for one in found:
            finish(one)
    assert wrong == []
    assert count >= 10


def test_an_unknown_address_wears_the_shield(client: Client) -> None:
    response = client.get("/nulle-part/")
    assert (response.status_code, wrong_headers(response)) == (404, [])


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "testserver@evil.example", "evil.example:80"]
)
def test_a_forged_host_is_refused(client: Client, host: str) -> None:
    response = client.get("/", headers={"host": host})
    assert response.status_code == 400
    assert b"evil.example" not in response.content
    assert wrong_headers(response) == []


@pytest.mark.django_db
def test_a_forged_forwarded_host_changes_nothing(client: Client) -> None:
    response = client.get("/", headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"})
    assert response.status_code == 200
    assert b"evil.example" not in response.content


@pytest.mark.django_db
def test_a_forged_form_is_refused_with_the_shield() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(address_of("portal:simulator_keep"))
    assert (response.status_code, wrong_headers(response)) == (403, [])
    assert "Ce formulaire a expiré" in response.content.decode()


@pytest.mark.django_db
def test_the_token_of_the_page_is_what_lets_the_form_in() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(address_of("portal:simulator_result"))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert token
    response = client.post(address_of("portal:simulator_keep"), {"csrfmiddlewaretoken": token[1]})
    assert response.status_code == 302
    cookie = page.cookies["csrftoken"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


def test_a_failure_wears_the_shield_and_tells_nothing(client: Client, settings) -> None:
    response = failing_view(client, settings)
    assert (response.status_code, wrong_headers(response)) == (500, [])
    text = response.content.decode()
    assert "Le portail n’a pas pu répondre" in text
    assert "on purpose" not in text
    assert "RuntimeError" not in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("css/tokens.css", 'text/css; charset="utf-8"'),
        ("img/icons.svg", "image/svg+xml"),
        ("vendor/bootstrap/bootstrap.min.css", 'text/css; charset="utf-8"'),
    ],
)
def test_a_static_file_wears_the_shield(settings, name: str, kind: str) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    response = Client().get(f"/static/{name}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == kind
    assert wrong_headers(response) == []
    finish(response)


@pytest.mark.usefixtures("simulations")
def test_a_document_is_downloaded_and_never_shown_in_our_origin(client: Client) -> None:
    response = client.get(f"/documents/{READY}/fichier/")
    assert wrong_headers(response) == []
    shown = {name: response.headers[name] for name in ("Content-Type", "Content-Disposition", "X-Robots-Tag")}
    assert shown == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="simulation.pdf"',
        "X-Robots-Tag": "noindex",
    }
    assert set(response.headers["Cache-Control"].split(", ")) == {"private", "no-store"}
    finish(response)


def test_the_table_sees_a_missing_header_and_a_loose_policy(client: Client, settings) -> None:
    settings.SECURE_REFERRER_POLICY = "unsafe-url"
    settings.X_FRAME_OPTIONS = "SAMEORIGIN"
    loose = {name: list(sources) for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()}
    loose["style-src"].append("'unsafe-inline'")
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": loose}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "normandata.ui.middleware.headers"]
    assert [wrong.partition(":")[0] for wrong in wrong_headers(Client().get("/aide/"))] == [
        "Cross-Origin-Resource-Policy",
        "Referrer-Policy",
        "X-Frame-Options",
        "X-Permitted-Cross-Domain-Policies",
        "Content-Security-Policy",
    ]


class Inline(HTMLParser):
    """Notes what a strict policy forbids: style and script in the page, handlers, script addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and not given.get("src"):
            self.found.append("<script>")
        is_download = tag == "a" and "download" in given
        for name, value in attributes:
            if is_download and name == "href" and (value or "").startswith("data:text/plain;charset=utf-8,"):
                continue  # a text to keep, which no browser opens in a page
            if (tag, name) == ("img", "src") and (value or "").startswith("data:image/svg+xml;base64,"):
                continue  # a drawing, which runs nothing: the policy lets images in this way
            if name == "style" or re.fullmatch(r"on[a-z]+|hx-on.*|hx-vals|hx-vars", name):
                self.found.append(name)
            if value and re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE) and name != "content":
                self.found.append(f"{name}={value[:30]}")
            elif ("rel", "canonical") in attributes and (value or "").startswith(f"{settings.SITE_URL}/"):
                continue  # the page's own address, which no browser fetches
            elif name in ("src", "href", "action", "formaction") and value and tag != "a" and urlsplit(value).netloc:
                self.found.append(f"{tag} {name}={value[:60]}")


def inline(content: str) -> list[str]:
    parser = Inline()
    parser.feed(content)
    return parser.found


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """Yield every page that a route renders, and its variants: errors, refusals, each question, waiting, failing."""
    addresses = [case.address(name, case.kwargs({})) for name, case in cases(PUBLIC) if case.get and not case.on]
    addresses += [f"/documents/{PENDING}/", "/nulle-part/", "/?voir=1", "/reglement/?le=31/02/2026"]
    addresses += ["/aides/booster-ia/", "/aides/datathon/", "/collectivites/?recherche=<script>"]
    steps = {"diagnostic": DIAGNOSTIC, "booster-ia": BOOSTER}
    booster = (
        "porteur=enterprise&departement=14&partenaires=76&ia=oui&debut=01/12/2026&fin=31/05/2027&tva=oui"
        "&prestations=18000&equipement=40&autres_aides=0"
    )
    enterprise = "&".join(f"{name}={quote(value)}" for name, value in ENTERPRISE.items())
    for slug, questionnaire in steps.items():
        given = (
            [booster]
            if slug == "booster-ia"
            else [enterprise, "structure=local_authority&territoire=autre&departement=14&population=12000"]
        )
        for step in questionnaire.steps:
            for answers in given:
                kept = "&".join(pair for pair in answers.split("&") if pair.partition("=")[0] not in step.names)
                base = f"/aides/{slug}/simulateur/{step.slug}/"
                addresses += [f"{base}?{answers}", f"{base}?{kept}&envoi=1"]
    addresses += [
        f"/aides/booster-ia/simulateur/resultat/?{booster}",
        f"/aides/booster-ia/simulateur/resultat/?{booster.replace('ia=oui', 'ia=non').replace('=76', '=aucun')}",
        "/aides/diagnostic/simulateur/resultat/?structure=association",
    ]
    for address in addresses:
        response = client.get(address)
        if response.headers.get("Content-Type") == HTML and response.content:
            yield address, response.content.decode()
        finish(response)


def private_pages(world: World) -> Iterator[tuple[str, str]]:
    """Yield every page of the table that asks for an account or leads to one: read, sent wrong, sent right."""
    for name, case in cases():
        if name in PUBLIC:
            continue
        address = case.address(name, case.kwargs(world.mine))
        for method, asked in (("GET", case.get), ("POST", case.post)):
            for persona in sorted({who[0] for who in asked.values() if who} | {case.reader()}):
                for body in (case.body(world.mine), {}) if method == "POST" else ({},):
                    with undone():
                        client = world.client(persona)
                        response = client.post(address, body, follow=True) if method == "POST" else client.get(address)
                        kind = response.headers.get("Content-Type")
                        if kind == HTML and response.status_code != 405 and not response.streaming:
                            yield f"{method} {address} as {persona} {sorted(body)}", response.content.decode()
                        finish(response)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p style="color:red">', ["style"]),
        ("<style>p{}</style>", ["<style>"]),
        ("<script>1</script>", ["<script>"]),
        ('<script src="/static/x.js"></script>', []),
        ('<script src="https://cdn.example/x.js"></script>', ["script src=https://cdn.example/x.js"]),
        ('<link href="//cdn.example/x.css">', ["link href=//cdn.example/x.css"]),
        ('<link rel="canonical" href="http://localhost:8000/aides/">', []),
        ('<link rel="canonical" href="https://cdn.example/">', ["link href=https://cdn.example/"]),
        ('<a onclick="x()">', ["onclick"]),
        ('<a href=" JavaScript:x()">', ["href= JavaScript:x()"]),
        ('<a href="https://ailleurs.example/">', []),
        ('<a download="codes.txt" href="data:text/plain;charset=utf-8,ABCD">', []),
        ('<a href="data:text/plain;charset=utf-8,ABCD">', ["href=data:text/plain;charset=utf-8,"]),
        ('<a download href="data:text/html,ABCD">', ["href=data:text/html,ABCD"]),
        ('<img src="data:image/svg+xml;base64,PHN2Zy8+">', []),
        ('<embed src="data:image/svg+xml;base64,PHN2Zy8+">', ["src=data:image/svg+xml;base64,PHN2"]),
        ('<div hx-on:click="x()">', ["hx-on:click"]),
    ],
)
def test_the_reader_sees_what_is_inline(page: str, found: list[str]) -> None:
    assert inline(page) == found


BASE = "http://testserver/documents/x/"
HOSTILE = [
    EVIL,
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "\n//evil.example/",
    " //evil.example/",
    "/%2F/evil.example/",
    "//evil.example/aides/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "//testserver@evil.example/",
    "https://testserver@evil.example/aides/",
    "https://testserver.evil.example/aides/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "ftp://evil.example/",
    "//evil。example/",
    "/aides/\\..\\..\\\\evil.example/",
    "/aides/..//evil.example/",
    "/aides/\r\nLocation: https://evil.example/",
    "//evil.example\\@testserver/aides/",
    "http://[2001:db8::1]/aides/",
]


def leaves(target: str) -> bool:
    """Tell whether a browser that follows this from one of our pages leaves the portal, or runs it."""
    cleaned = re.sub(r"[\t\r\n]", "", target).strip("".join(map(chr, range(33))))
    cleaned = cleaned.replace("\\", "/")
    # A browser reads any number of slashes after http(s): as two.
    cleaned = re.sub(r"^(https?):/*", r"\1://", cleaned, flags=re.IGNORECASE)
    cleaned = re.sub(r"^/{2,}", "//", cleaned)
    resolved = urlsplit(urljoin(BASE, cleaned))
    return (resolved.scheme, resolved.netloc) != ("http", "testserver")


def back_links(client: Client) -> list[str]:
    """Give the address « Revenir au résultat » leads to, for each hostile way back."""
    found = []
    for hostile in HOSTILE:
        page = client.get(f"/documents/{READY}/", {"retour": hostile}).content.decode()
        link = re.search(r'<p class="mt-4"><a href="([^"]*)">', page)
        assert link
        found.append(link[1].replace("&amp;", "&").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">"))
    return found


def test_there_are_thirty_hostile_addresses_and_most_would_leave() -> None:
    assert len(HOSTILE) >= 30
    assert [target for target in HOSTILE if not leaves(target)] == [
        "/%2F/evil.example/",
        "/aides/\\..\\..\\\\evil.example/",
        "/aides/..//evil.example/",
        "/aides/\r\nLocation: https://evil.example/",
    ]
    assert not leaves("/aides/diagnostic/simulateur/resultat/?structure=enterprise")


@pytest.mark.usefixtures("simulations")
def test_no_hostile_way_back_leaves_the_portal(client: Client) -> None:
    found = back_links(client)
    assert [link for link in found if leaves(link)] == []
    assert [link for link in found if not link.startswith("/aides/")] == []


@pytest.mark.usefixtures("simulations")
def test_a_way_back_of_ours_is_kept(client: Client) -> None:
    ours = "/aides/diagnostic/simulateur/resultat/?structure=enterprise"
    assert f'<a href="{ours}">' in client.get(f"/documents/{READY}/", {"retour": ours}).content.decode()


@pytest.mark.usefixtures("simulations")
def test_the_check_sees_a_way_back_that_is_not_checked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator_views, "_safe_back", lambda address: address)
    assert len([link for link in back_links(client) if leaves(link)]) >= 25


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["/", "/aides/diagnostic/simulateur/", "/aides/booster-ia/simulateur/resultat/"])
@pytest.mark.parametrize("name", ["besoin", "next", "retour", "url", "structure", "envoi"])
def test_no_parameter_redirects_elsewhere(client: Client, where: str, name: str) -> None:
    for hostile in HOSTILE:
        response = client.get(where, {name: hostile})
        assert response.status_code in (200, 302)
        assert not leaves(response.headers.get("Location", "/"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_path_redirects_elsewhere(client: Client, hostile: str) -> None:
    for prefix in ("", "/", "//"):
        address = prefix + quote(hostile.lstrip(), safe="/\\:@%.")
        response = client.generic("GET", "/", PATH_INFO=address)
        assert not leaves(response.headers.get("Location", "/")), address


# Every name by which an address could be given a way to go on.
PARAMETERS = ("next", "retour", "file", "url", "back", "suite", "q", "to", "redirect_to", "r")
# Where one of them is read: each hostile address is tried there; elsewhere, one, each in its turn.
READ_BY = {
    *("account_login", "account_signup", "account_logout", "account_reauthenticate", "account_reset_password"),
    *("mfa_activate_totp", "mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("dossiers:examine", "dossiers:bulk", "dossiers:bulk_launch", "dossiers:start", "dossiers:queue"),
}


class Links(HTMLParser):
    """Collects where a page leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = ("href", "action", "formaction", "hx-get", "hx-post", "src")
        self.found += [value for name, value in attributes if name in names and value]


def led_to(response: Any, hostile: str) -> list[str]:
    """List the ways out that an answer took from a hostile address."""
    links = Links()
    if response.headers.get("Content-Type") == HTML and not response.streaming:
        links.feed(response.content.decode())
    # Our pages have links of their own to other sites; one that leaves and holds what was slipped in is a fault.
    own = hostile.strip().casefold()
    found = [link for link in links.found if leaves(link) and (own in link.casefold() or "evil" in link.casefold())]
    location = response.headers.get("Location", "/")
    return [*found, *([location] if leaves(location) else [])]


def ways_out(world: World, name: str, case: Case, hostiles: list[str]) -> list[str]:
    wrong = []
    address, client = case.address(name, case.kwargs(world.mine)), world.client(case.reader())
    for hostile in hostiles:
        slipped = dict.fromkeys(PARAMETERS, hostile)
        query = f"{address}{'&' if '?' in address else '?'}{urlencode(slipped)}"
        for method, data in (("GET", {}), ("POST", slipped | dict(case.body(world.mine)))):
            if not (case.get if method == "GET" else case.post):
                continue
            with undone():
                response = client.post(query, data) if method == "POST" else client.get(query)
                wrong += [f"{method} {name}: {hostile!r} leads to {found!r}" for found in led_to(response, hostile)]
                finish(response)
    return wrong


def test_no_route_leads_elsewhere_whatever_it_is_given(world: World) -> None:
    wrong, names = [], set()
    for name, case in cases():
        if name not in names:
            names.add(name)
            wrong += ways_out(world, name, case, HOSTILE if name in READ_BY else [HOSTILE[len(names) % len(HOSTILE)]])
    assert names >= READ_BY
    assert wrong == []


def test_signing_in_goes_nowhere_else(world: World) -> None:
    """With the right password, and for the second factor's pages: the way on is followed."""
    member = world.people[w.MEMBER]
    for hostile in HOSTILE:
        cache.clear()
        with undone():
            data = {"login": member.email, "password": PASSWORD, "next": hostile}
            response = Client().post("/connexion/", data)
            assert response.status_code == 302
            assert not leaves(response.headers["Location"]), hostile
    with undone():
        ours = Client().post("/connexion/", {"login": member.email, "password": PASSWORD, "next": "/dossiers/"})
        assert ours.headers["Location"] == "/dossiers/"


def test_the_check_sees_a_way_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator_views, "_safe_back", lambda address: address)
    ((name, case),) = cases(["portal:document"])
    assert len(ways_out(world, name, case, HOSTILE)) >= 20
