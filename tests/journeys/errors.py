"""What a page must do with an answer it cannot take."""

import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from .browser import Window
from .conftest import Visit

WORDS, NO_DAY, SCRIPT, LONG = "douze mille", "31/02/2026", "<script>alert(1)</script>", "9" * 100
ERROR_TITLE = re.compile(r"Erreur[ \u00a0]: .+")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").strip()


def ask(visit: Visit, path: str, answers: dict[str, str | list[str]], *, javascript: bool = True) -> Window:
    """Open a question that earlier answers lead to."""
    window = visit(f"{path}?{urlencode(answers, doseq=True)}", width=375, javascript=javascript)
    assert window.path == path, f"{path} is not reached: {window.page.url}"
    return window


def check_refused(window: Window, control: str, message: str, *, path: str, summary: str | None = None) -> None:
    """Check one refusal: beside its field, in the summary whose link reaches the control, and in the title.

    `control` is the id of the control; `summary` what the summary says when it is not the field's own message.
    """
    page = window.page
    assert window.path == path
    assert ERROR_TITLE.match(page.title()), page.title()
    beside = page.locator(".nd-field--error .invalid-feedback")
    assert [plain(text) for text in beside.all_inner_texts()] == [message]
    described = page.locator(f"#{control}").evaluate(
        """control => {
          const isChoice = control.type === 'radio' || control.type === 'checkbox';
          const holder = isChoice ? control.closest('fieldset') : control;
          return (holder.getAttribute('aria-describedby') || control.getAttribute('aria-describedby') || '').split(' ')
            .map(id => document.getElementById(id)).filter(Boolean).map(e => e.innerText).join(' ');
        }"""
    )
    assert message in plain(described), f"#{control} is not described by its message: {described!r}"
    expect(page.locator("#erreurs"), "the summary has not the focus").to_be_focused()
    links = page.locator("#erreurs a")
    assert [plain(text) for text in links.all_inner_texts()] == [summary or message]
    window.check_shape()
    links.first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == control, "the summary's link does not reach the control"
    window.check_focus_shows()
    if (control, path) not in window.examined:
        window.check_axe()
        window.examined.add((control, path))
