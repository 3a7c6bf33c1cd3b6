"""What must agree across the portal: templates and their names, typography, icons, figures of the règlements."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template.utils import get_app_template_dirs
from django.test import Client

from normandata.dossiers import schemes
from normandata.notifications import kinds
from tests.test_headers import failing_view, inline, pages, private_pages

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "templates"
PACKAGES = ("normandata", "diagnostic", "booster_ia", "datathon", "roadmap")
NBSP = "\u00a0"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

# -------------------------------------------------------------------------------------------------------- templates
# Named by nobody of ours: a library looks for its template under this name, and finds ours first.
LIBRARIES = [path for path in get_app_template_dirs("templates") if ROOT not in path.parents or ".venv" in path.parts]
# Drawn already, for pages that are not there yet; a name leaves this list with its first use.
WAITING: set[str] = set()
# Composed at run time in `simulator_views.question`, for a step of the scheme's questionnaire.
QUESTION = re.compile(r"(?P<scheme>\w+)/questions/(?P<step>[\w-]+)\.html")
# Composed at run time in `dossiers.views.draft`, for a section of the scheme's form.
SECTION = re.compile(r"(?P<scheme>\w+)/sections/(?P<slug>[\w-]+)\.html")
# Composed at run time in `views.page`, for the routes of `portal/urls.py` that give a `template`.
PAGE = "portal/{}.html"


def every_template() -> set[str]:
    return {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}


def sources() -> str:
    """Return the text of all code and templates in one."""
    code = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*code, *TEMPLATES.rglob("*.html")])


def question_exists(template: str) -> bool:
    """Tell whether a template of a question belongs to a step of its scheme's simulator."""
    match = QUESTION.fullmatch(template)
    scheme = schemes.by_slug().get(match["scheme"]) if match else None
    if match is None or scheme is None or scheme.simulator is None:
        return False
    return scheme.simulator.questionnaire.step(match["step"]) is not None


def section_exists(template: str) -> bool:
    """Tell whether a template of a section belongs to the form of its scheme."""
    match = SECTION.fullmatch(template)
    scheme = schemes.by_slug().get(match["scheme"]) if match else None
    if match is None or scheme is None or scheme.application is None:
        return False
    return match["slug"] in {section.slug for section in scheme.application.sections}


def is_override(template: str) -> bool:
    """Tell whether a library has a template of this name."""
    return any((folder / template).is_file() for folder in LIBRARIES)


def is_composed(template: str) -> bool:
    return question_exists(template) or section_exists(template) or is_override(template)


def unused(templates: Iterable[str], text: str) -> list[str]:
    composed = {PAGE.format(name) for name in re.findall(r'"template": "(\w+)"', text)}
    return sorted(
        name
        for name in templates
        if not (re.search(rf"[\"']{re.escape(name)}[\"']", text) or name in composed or is_composed(name))
    )


def missing(templates: set[str], text: str) -> list[str]:
    """List the templates that code or another template names and that do not exist here."""
    named = set(re.findall(r"[\"']([a-z][\w-]*(?:/[\w/-]+)?\.html)[\"']", text))
    return sorted(name for name in named - templates if not is_override(name))


def unused_mails(templates: Iterable[str], text: str) -> list[str]:
    """List the mails that no kind and no room sends."""
    sent = {kind.slug for kind in kinds.every()}
    rooms = {room for room, _, _ in (name.partition("/") for name in templates)}
    named = {room: (ROOT / "normandata" / room) for room in rooms}
    found = []
    for name in templates:
        room, _, mail = name.removesuffix(".txt").partition("/")
        code = "".join(path.read_text(encoding="utf-8") for path in sorted(named[room].rglob("*.py"))) + text
        if f"{room}.{mail}" not in sent and not re.search(rf"[\"']{re.escape(mail)}[\"']", code):
            found.append(name)
    return sorted(found)


def test_every_template_is_used_and_every_name_exists() -> None:
    templates, text = every_template(), sources()
    assert len(templates) >= 25
    assert unused(templates, text) == sorted(WAITING)
    assert missing(templates, text) == []


def every_mail() -> dict[str, str]:
    """Read the mails' texts, by room and name."""
    folder = TEMPLATES / "email"
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.txt")}


def test_every_mail_is_sent_by_its_room() -> None:
    assert len(every_mail()) >= 30
    assert unused_mails(every_mail(), "") == []
    assert unused_mails(["dossiers/forgotten.txt", "accounts/receipt.txt"], "") == [
        "accounts/receipt.txt",
        "dossiers/forgotten.txt",
    ]
    assert {kind.slug for kind in kinds.every()} <= {
        name.removesuffix(".txt").replace("/", ".") for name in every_mail()
    }


def test_a_forgotten_template_and_a_question_of_no_step_are_seen() -> None:
    orphans = ["diagnostic/questions/budget.html", "datathon/questions/x.html", "portal/forgotten.html"]
    orphans += ["diagnostic/sections/budget.html", "datathon/sections/structure.html", "account/sign_in.html"]
    known = ["base.html", "booster_ia/questions/budget.html", "diagnostic/sections/aides.html", "account/login.html"]
    assert unused([*orphans, *known], sources()) == sorted(orphans)
    assert missing(
        {"base.html"}, "{% extends 'base.html' %}{% include \"components/none.html\" %}'admin/base.html'"
    ) == ["components/none.html"]


def test_no_template_holds_a_style_or_a_script_but_those_of_pdfs_and_mails() -> None:
    found = {
        name: wrong
        for name in every_template()
        if not name.startswith(("pdf/", "email/")) and (wrong := inline((TEMPLATES / name).read_text(encoding="utf-8")))
    }
    assert found == {}


# ------------------------------------------------------------------------------------------------------- typography
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd", "details", "div", "dl"),
    *("dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "header", "hr", "html", "input", "label"),
    *(
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "section",
        "small",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "th",
    ),
    *("thead", "time", "title", "tr", "ul"),
}
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-l")
# The fonts' latin subsets lack these; an icon or a word takes their place.
LACKING = re.compile("[\u202f\u2190-\u21ff\u2264\u2265\u2260\u00ad\u2009]")
SPACING = re.compile(
    rf"(?<=[^{NBSP}])[;?!»%€](?=[\s.,;)»…]|$)"  # not set apart, or by an ordinary space
    rf"|(?<!{NBSP}):(?=\s|$)"
    rf"|«(?!{NBSP})"
)


class Text(HTMLParser):
    """Collects what a page says: its text, block by block, and the names given to what has none."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("script", "style", "pre"):
            self.silent += 1
        if tag in BLOCKS:
            self.pieces.append("\n")
        spoken = [given.get(name) for name in SPOKEN]
        if tag == "meta" and given.get("name") == "description":
            spoken.append(given.get("content"))
        self.pieces += [f"\n{value}\n" for value in spoken if value]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "pre"):
            self.silent -= 1
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(re.sub(r"[ \t\n]+", " ", data))

    def lines(self) -> list[str]:
        return [line.strip(" ") for line in "".join(self.pieces).split("\n") if line.strip(" ")]


def lines(page: str) -> list[str]:
    reader = Text()
    reader.feed(page)
    return reader.lines()


def badly_spaced(page: str) -> list[str]:
    return [line for line in lines(page) if SPACING.search(line)]


RENDERED: dict[str, str] = {}


@pytest.fixture
def every_page(request: pytest.FixtureRequest, db: None, client: Client, settings) -> dict[str, str]:
    """Render every page and its variants, public or not, once for all the tests that read them."""
    if not RENDERED:
        world = request.getfixturevalue("world")
        request.getfixturevalue("territories")
        RENDERED.update(pages(client))
        RENDERED.update(private_pages(world))
        RENDERED["500"] = failing_view(client, settings).content.decode()
    return RENDERED


def test_punctuation_is_set_apart_as_french_does(every_page: dict[str, str]) -> None:
    offenders: dict[str, str] = {}
    for address, page in every_page.items():
        for line in badly_spaced(page):
            offenders.setdefault(line, address)
    assert offenders == {}


def test_no_page_holds_a_style_a_script_or_a_handler(every_page: dict[str, str]) -> None:
    """The policy of `test_headers` lets a browser run none: a page that has one is broken there."""
    assert len(every_page) >= 150
    assert {address: found for address, page in every_page.items() if (found := inline(page))} == {}


def test_no_page_uses_a_character_the_fonts_lack(every_page: dict[str, str]) -> None:
    offenders = {line for page in every_page.values() for line in lines(page) if LACKING.search(line)}
    assert offenders == set()


def said_by_mail(text: str) -> list[str]:
    """List the lines of a mail as they are read, each tag standing for a word."""
    text = re.sub(r"\{\{[^}]*\}\}", "mot", re.sub(r"\{%[^%]*%\}", "", text))
    return [line.strip() for line in re.sub(r"^Objet\s*:", "", text).split("\n")]


def test_mails_are_set_as_pages_are() -> None:
    offenders = {
        line: name
        for name, text in every_mail().items()
        for line in said_by_mail(text)
        if SPACING.search(line) or LACKING.search(line) or "'" in line
    }
    assert offenders == {}
    assert SPACING.search(said_by_mail("Objet : Reçu\n\nBonjour {{ nom }} : merci.")[2])


@pytest.mark.parametrize(
    "line",
    [
        "Qui ?",
        "Qui?",
        "Oui : non",
        "Oui: non",
        f"« mot{NBSP}»",
        f"«{NBSP}mot »",
        "50 %",
        "50%",
        "12 €",
        "a ; b",
        "Non !",
    ],
)
def test_a_punctuation_not_set_apart_is_seen(line: str) -> None:
    assert badly_spaced(f"<p>{line}</p>") == [line]
    assert badly_spaced(f'<img alt="{line}">') == [line]


@pytest.mark.parametrize(
    "line", [f"«{NBSP}mot{NBSP}», à 14:30, https://a.fr/?b=c;d (50{NBSP}%)", f"Qui{NBSP}?", f"12{NBSP}€.", "a/b"]
)
def test_a_punctuation_set_apart_is_let_through(line: str) -> None:
    assert badly_spaced(f"<p>{line}</p>") == []


def test_the_reader_joins_what_stands_on_one_line() -> None:
    assert lines("<p>Modifier<span> : âge</span></p><p>x<br>y</p>") == ["Modifier : âge", "x", "y"]
    assert LACKING.search("12\u202f000")
    assert LACKING.search("a → b")
    assert not LACKING.search(f"12{NBSP}000 – œ’… ·")


# ------------------------------------------------------------------------------------------------------------ icons
def sprite() -> set[str]:
    return set(
        re.findall(r'<symbol[^>]*\bid="i-([\w-]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8"))
    )


def named_icons(text: str) -> set[str]:
    """List the icons named in templates, drawn in pages, or given by code as a status's icon."""
    return (
        set(re.findall(r'{% icon "([\w-]+)"', text))
        | set(re.findall(r"#i-([\w-]+)", text))
        | set(re.findall(r'Status\("\w+", "([\w-]+)"', text))
    )


def test_every_icon_named_is_in_the_sprite(every_page: dict[str, str]) -> None:
    named = named_icons(sources()) | named_icons("".join(every_page.values()))
    assert len(named) >= 15
    assert named - sprite() == set()


def test_an_icon_of_no_sprite_is_seen() -> None:
    named = named_icons(
        '{% icon "unicorn" %}<use href="/static/img/icons.svg#i-dragon"/>Status("done", "griffin", "x")'
    )
    assert named - sprite() == {"unicorn", "dragon", "griffin"}


# ---------------------------------------------------------------------------------------------------------- figures
REGLEMENTS = [ROOT / package / "reglement.toml" for package in ("diagnostic", "booster_ia", "datathon")]
REGLEMENTS += [ROOT / f"normandata/{room}/reglement.toml" for room in ("deminimis", "dossiers", "opendata")]
REGLEMENTS += [ROOT / "roadmap/calls/reglement.toml"]


def french_day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def expected(value: Any) -> list[str]:
    """Say in words what a figure of the file must show: written here apart from the code that writes the page."""
    match value:
        case bool():
            return ["oui" if value else "non"]
        case date():
            return [french_day(value)]
        case list():
            return [f"({code})" for code in value if re.fullmatch(r"\d\d", code)]
        case int() | float() | str() if re.fullmatch(r"[\d.]+", str(value)):
            whole, _, places = f"{float(value):,}".replace(",", " ").partition(".")
            return [f"{whole},{places}" if places.strip("0") else whole]
    return [str(value)]


def says(shown: str, word: str) -> bool:
    """Tell whether a row shows a word or a number, and not as a part of a longer number."""
    return bool(re.search(rf"(?<![\d,]){re.escape(word)}(?!,?\d)", shown))


def missing_figures(page: str, file: str) -> list[str]:
    """List the figures, dates and articles of a règlement's file that its rows on the page do not show."""
    data = tomllib.loads(file)
    wrong = []
    for code, parameter in data["parameters"].items():
        anchor = f"{data['slug']}-{code}-chiffre".replace("_", "-")
        row = re.search(rf'<tr[^>]* id="{anchor}".*?</tr>', page, re.DOTALL)
        shown = " ".join(lines(row[0])).replace(NBSP, " ") if row else ""
        for value in parameter["values"]:
            needed = [*expected(value["value"]), french_day(value["from"]), parameter["label"]]
            if value is parameter["values"][-1]:
                needed += [value["article"], data["texts"][value["text"]]["title"]]
            wrong += [
                f"{anchor}: {word}"
                for word in needed
                if not re.search(rf"(?<![\d,]){re.escape(word)}(?![\d,]\d)", shown)
            ]
    return wrong


@pytest.mark.parametrize("path", REGLEMENTS, ids=lambda path: path.parent.name)
def test_every_figure_of_a_reglement_is_published(client: Client, path: Path) -> None:
    page = client.get("/reglement/").content.decode().replace("&#x27;", "'").replace("&amp;", "&")
    assert missing_figures(page, path.read_text(encoding="utf-8")) == []


def test_every_reglement_is_checked() -> None:
    assert (
        sorted(ROOT.glob("*/reglement.toml"))
        + sorted(ROOT.glob("normandata/*/reglement.toml"))
        + sorted(ROOT.glob("roadmap/*/reglement.toml"))
        == sorted(REGLEMENTS[:3]) + REGLEMENTS[3:]
    )


def test_a_figure_that_is_not_published_is_seen(client: Client) -> None:
    page = client.get("/reglement/").content.decode()
    file = (ROOT / "booster_ia/reglement.toml").read_text(encoding="utf-8")
    assert missing_figures(page, file.replace("value = 12_500,", "value = 2_500,")) == ["booster-ia-cap-chiffre: 2 500"]
    assert missing_figures(page, file.replace("[parameters.cap]", "[parameters.none]"))[0].startswith(
        "booster-ia-none-chiffre: "
    )
