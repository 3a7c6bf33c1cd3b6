"""A real browser for the journeys: Debian's chromium through Playwright, shut to everything but this machine."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)
HEIGHT = 800
# Long for a person, short for a shared machine: only what never comes waits for it.
PATIENCE = 15_000
# What a click on a link or a download interrupts is not a failure.
INTERRUPTED = "net::ERR_ABORTED"
EXCERPT = 300
AXE = Axe()
# What differs between two readings of one page: axe has nothing to say of it.
SAID_OTHERWISE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|csrfmiddlewaretoken\" value=\"\w+|nonce=\"[^\"]+|\d+")
CLEAN: set[tuple[int, str]] = set()
"""Pages already found clean in this run, by width."""
expect.set_options(timeout=PATIENCE)


def executable() -> str:
    """Return the browser's path; a machine without it fails the journeys, it does not skip them."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    if not os.access(path, os.X_OK):
        raise FileNotFoundError("chromium is missing: apt-get install chromium")
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A page of a given width, which remembers whatever went wrong in it and what was asked of whom."""

    def __init__(self, browser: Browser, address: str, *, width: int = 1280, javascript: bool = True) -> None:
        self.address, self.width, self.javascript = address, width, javascript
        self.complaints: list[str] = []
        self.refused_by_design: set[int] = set()
        self.clicks = 0
        self.titles: list[str] = []
        self.examined: set[tuple[str, str]] = set()
        self.twin: Page | None = None
        self.browser = browser
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            locale="fr-FR",
            reduced_motion="reduce",
            base_url=address,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfailed", self._on_failure)
        self.page.on("response", self._on_response)

    def widen(self, width: int) -> None:
        """Give the page another width, as turning a phone does."""
        self.width = width
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    def close(self) -> None:
        if self.twin:
            self.twin.context.close()
        self.context.close()

    def go(self, path: str, *, status: int = 200) -> Page:
        """Open a page of the portal and check how it is answered."""
        if status >= 400:
            self.refused_by_design.add(status)
        response = self.page.goto(path)
        assert response is not None
        assert response.status == status, f"{path} answered {response.status}"
        return self.page

    def press_on(self, name: str) -> None:
        """Click the button that leads on, count it, and wait for the page it leads to."""
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        """Click the first link of that name, count it, and wait for the page it leads to."""
        self.clicks += 1
        follow(self.page.get_by_role("link", name=name, exact=exact).first)

    def choose(self, label: str) -> None:
        shown = re.escape(label).replace(r"\ ", r"\s")
        self.page.locator(".nd-choice label", has_text=re.compile(rf"^\s*{shown}")).click()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def title(self) -> str:
        """Return the h1 of the page once it is loaded, of which there must be one."""
        self.page.wait_for_load_state()
        headings = self.page.locator("h1").all_inner_texts()
        assert len(headings) == 1, f"{self.page.url} has {len(headings)} h1: {headings}"
        return headings[0].replace("\u00a0", " ").strip()

    def check(self) -> str:
        """Check the page as it stands – one h1, no overflow, no complaint, axe at zero – and return its h1."""
        title = self.check_shape()
        self.titles.append(title)
        self.check_axe()
        return title

    def check_shape(self) -> str:
        """Check all of it but axe."""
        title = self.title()
        self.check_width()
        self.check_quiet()
        return title

    def check_width(self) -> None:
        widths = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        scrolled, shown = widths
        if scrolled > shown:
            wide = self.page.evaluate(
                "w => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 0.5)"
                ".slice(0, 5).map(e => e.outerHTML.slice(0, 120))",
                shown,
            )
            raise AssertionError(f"{self.page.url} is {scrolled} px wide at {self.width} px: {wide}")

    def check_axe(self) -> None:
        """Run axe; without JavaScript, on the same address with it, for axe is a script that waits."""
        examined = self.page
        if not self.javascript:
            examined = self.twin = self.twin or self._twin()
            examined.goto(self.page.url)
        seen = (self.width, SAID_OTHERWISE.sub("", examined.content()))
        if seen in CLEAN:
            return
        violations = axe_violations(examined)
        assert not violations, f"axe, {self.page.url} at {self.width} px:\n" + "\n".join(violations)
        CLEAN.add(seen)

    def check_quiet(self) -> None:
        assert not self.complaints, f"{self.page.url}:\n" + "\n".join(self.complaints)

    def check_focus_shows(self) -> None:
        """Check that the focused control is outlined, itself or the box around its choice, and on screen."""
        shown = self.page.evaluate(
            """() => {
              const focused = document.activeElement;
              if (!focused || focused === document.body) return 'nothing has the focus';
              const isOutlined = e => {
                const style = e && getComputedStyle(e);
                return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
              };
              const box = (isOutlined(focused) ? focused : focused.closest('.nd-choice')) || focused;
              const place = box.getBoundingClientRect();
              if (!isOutlined(box)) return 'no outline: ' + focused.outerHTML.slice(0, 150);
              const isSeen = place.bottom > 0 && place.top < innerHeight;
              if (!isSeen) return 'off screen: ' + focused.outerHTML.slice(0, 150);
              return '';
            }"""
        )
        assert shown == "", f"{self.page.url}: {shown}"

    def _twin(self) -> Page:
        return self.browser.new_context(viewport={"width": self.width, "height": HEIGHT}, locale="fr-FR").new_page()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(f"status of {status} " in message.text for status in self.refused_by_design):
            return
        self.complaints.append(f"console {message.type}: {message.text[:EXCERPT]}")

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and f"{url.scheme}://{url.netloc}" != self.address:
            self.complaints.append(f"asked of a third party: {request.url[:EXCERPT]}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != INTERRUPTED:
            self.complaints.append(f"failed: {request.url[:EXCERPT]} ({request.failure})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.refused_by_design:
            self.complaints.append(f"answered {response.status}: {response.url[:EXCERPT]}")


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait until that page is loaded."""
    with link.page.expect_navigation():
        link.click()


def axe_violations(page: Page) -> list[str]:
    """List what axe finds wrong: rule, help, and the first nodes."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"    {node['html'][:EXCERPT]}\n    {node['failureSummary']}" for node in violation["nodes"][:3])
        for violation in found
    ]
