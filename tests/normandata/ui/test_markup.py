"""The marks of a long text: what they make, and that nothing else passes."""

import re
import time

import pytest

from normandata.ui.markup import render


def test_the_marks_that_are_known() -> None:
    assert render("Un **mot** et *un autre*\nà la ligne") == (
        "<p>Un <strong>mot</strong> et <em>un autre</em><br>\nà la ligne</p>\n"
    )
    assert render("- un\n- deux") == "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"
    assert render("3. trois\n4. quatre") == '<ol start="3">\n<li>trois</li>\n<li>quatre</li>\n</ol>\n'


def test_a_table_has_headers_and_no_style() -> None:
    html = render("| A | B |\n|---|--:|\n| un | 2 |")
    assert '<th scope="col">A</th>' in html
    assert '<td class="text-end">2</td>' in html
    assert "style" not in html
    assert html.count("<table>") == html.count("</table></div>") == 1


def test_titles_go_under_the_title_of_the_part_without_a_gap() -> None:
    assert re.findall(r"<(h\d)>", render("#### Quatre\n\n# Un\n\n## Deux\n\n### Trois\n\n###### Six")) == [
        "h3",
        "h3",
        "h3",
        "h4",
        "h4",
    ]


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src="http://127.0.0.1/x.png">',
    "![image](http://127.0.0.1/x.png)",
    "[lien](file:///etc/passwd)",
    "<http://127.0.0.1/>",
    "http://127.0.0.1/",
    "[ref]\n\n[ref]: http://127.0.0.1/",
    "<style>@import url(http://127.0.0.1/)</style>",
    '<link rel="attachment" href="file:///etc/passwd">',
    "```html\n<b>code</b>\n```",
    "    <b>code</b>",
    "| a |\n|---|\n| <svg onload=alert(1)> |",
    "**<b>gras</b>**",
    "&lt;script&gt; &#60;b&#62;",
    '" onmouseover="alert(1)',
    "\x00<b>",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_else_is_typed_stays_text(typed: str) -> None:
    tag = r"p|strong|em|br|ul|ol|li|h3|h4|thead|tbody|tr|th|td|table|div"
    allowed = rf'</?({tag})( (scope|class|role|aria-label|tabindex|start)="[\w -]+")*>'
    assert re.sub(allowed, "", render(typed)).count("<") == 0


@pytest.mark.parametrize(
    "evil",
    ["*" * 40_000, "[" * 20_000, "|" * 20_000 + "\n" + "|-" * 10_000, "- " * 20_000, "_a" * 20_000, "> " * 20_000],
)
def test_a_hostile_text_costs_no_minute(evil: str) -> None:
    start = time.process_time()
    render(evil, links=True)
    assert time.process_time() - start < 3


def test_titles_go_under_that_of_a_page_where_the_text_is_all_of_it() -> None:
    assert re.findall(r"<(h\d)>", render("## Un\n\n### Deux\n\n#### Trois\n\n# Quatre", under=1)) == [
        "h2",
        "h3",
        "h3",
        "h2",
    ]


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        (
            "[lu](https://exemple.invalid/?b=1&c=2)",
            '<a href="https://exemple.invalid/?b=1&amp;c=2">lu</a>',
        ),
        ("[les aides](/aides/)", '<a href="/aides/">les aides</a>'),
        ("[écrire](mailto:a@exemple.invalid)", '<a href="mailto:a@exemple.invalid">écrire</a>'),
        ("[piège](javascript:alert(1))", "[piège](javascript:alert(1))"),
        ("[piège](//exemple.invalid)", "[piège](//exemple.invalid)"),
        ("[piège](data:text/html,a)", "[piège](data:text/html,a)"),
    ],
)
def test_a_link_leads_to_a_page_or_to_an_address_where_links_are_wanted(typed: str, html: str) -> None:
    assert render(typed, links=True) == f"<p>{html}</p>\n"
    assert "<a" not in render(typed)
