"""Using the portal with the keyboard alone: Tab, arrows, Space, Enter."""

from .browser import Window

FAR = 60


def active(window: Window, attribute: str) -> str | None:
    return window.page.evaluate("name => document.activeElement.getAttribute(name)", attribute)


def press(window: Window, key: str) -> None:
    """Press a key, and check that the focus can be seen where it went."""
    window.page.keyboard.press(key)
    window.check_focus_shows()


def skip_to_content(window: Window) -> None:
    """Take the skip link, which is the first stop of every page."""
    window.page.evaluate("document.activeElement.blur()")
    press(window, "Tab")
    assert active(window, "href") == "#contenu"
    window.page.keyboard.press("Enter")
    assert active(window, "id") == "contenu"


def tab_to(window: Window, attribute: str, value: str) -> None:
    """Tab until the control whose attribute has that value."""
    for _ in range(FAR):
        press(window, "Tab")
        if active(window, attribute) == value:
            return
    raise AssertionError(f"{window.page.url}: no [{attribute}={value!r}] within {FAR} Tab")


def tab_to_text(window: Window, text: str) -> None:
    """Tab until the link or button that says so."""
    for _ in range(FAR):
        press(window, "Tab")
        if " ".join(window.page.evaluate("document.activeElement.innerText").split()) == text:
            return
    raise AssertionError(f"{window.page.url}: no « {text} » within {FAR} Tab")


def choose(window: Window, name: str, value: str) -> None:
    """Reach a group of radio buttons, which is one stop, and take a choice with Space and the arrows."""
    tab_to(window, "name", name)
    press(window, "Space")
    for _ in range(FAR):
        if active(window, "value") == value:
            break
        press(window, "ArrowDown")
    assert active(window, "value") == value
    assert window.page.evaluate("document.activeElement.checked")


def leave(window: Window, text: str) -> None:
    """Reach a button or a link, and press it."""
    tab_to_text(window, text)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
