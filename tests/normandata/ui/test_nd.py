"""The tags every template uses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.template import Context, Template

from normandata.regulation.findings import Outcome
from normandata.regulation.formats import NBSP
from normandata.ui.templatetags import nd


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ v|euros }}", Decimal("12500.5"), f"12{NBSP}500,50{NBSP}€"),
        ("{{ v|euros }}", "0", f"0,00{NBSP}€"),
        ("{{ v }} équipe{{ v|pluralize }}", 0, "0 équipe"),
        ("{{ v }} équipe{{ v|pluralize }}", 2, "2 équipes"),
        ("équipe{{ v|pluralize }}", [1], "équipe"),
        ("{{ v|pluralize:'a,ont' }}", 1, "a"),
        ("{{ v|pluralize:'a,ont' }}", [1, 2], "ont"),
        ("{{ v|number }}", 3_345_842, f"3{NBSP}345{NBSP}842"),
        ("{{ v|number }}", "45.50", "45,5"),
        ("{{ v|weight }}", 105_677, f"104{NBSP}ko"),
        ("{{ v|day }}", date(2026, 3, 1), f"1er{NBSP}mars{NBSP}2026"),
        ("{{ v|day }}", "2026-12-14", f"14{NBSP}décembre{NBSP}2026"),
        ("{{ v|day }}", datetime(2026, 2, 28, 23, 30, tzinfo=UTC), f"1er{NBSP}mars{NBSP}2026"),
        ("{{ v|day }}", datetime(2026, 7, 31, 22, 0, tzinfo=UTC), f"1er{NBSP}août{NBSP}2026"),
        ("{{ v|day }}", datetime(2026, 7, 31, 21, 59, tzinfo=UTC), f"31{NBSP}juillet{NBSP}2026"),
        ("{{ v|hour }}", datetime(2026, 1, 15, 13, 32, tzinfo=UTC), f"14{NBSP}h{NBSP}32"),
        ("{{ v|hour }}", datetime(2026, 7, 15, 7, 5, tzinfo=UTC), f"9{NBSP}h{NBSP}05"),
        ("{{ v|hour }}", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), f"1{NBSP}h{NBSP}59"),
        ("{{ v|hour }}", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), f"3{NBSP}h{NBSP}00"),
        ("{{ v|spaced }}", "Quoi ? <b>", f"Quoi{NBSP}? &lt;b&gt;"),
    ],
)
def test_values_are_written_in_french_and_in_paris_time(source: str, value: object, expected: str) -> None:
    assert rendered(source, v=value) == expected


def test_every_outcome_has_its_words_and_its_icon() -> None:
    assert {outcome: (nd.outcome_label(outcome), nd.outcome_icon(outcome)) for outcome in Outcome} == {
        Outcome.MET: ("Respecté", "met"),
        Outcome.UNMET: ("Non respecté", "unmet"),
        Outcome.TO_REVIEW: ("À examiner", "review"),
        Outcome.NOT_APPLICABLE: ("Sans objet", "na"),
    }


def test_an_icon_is_hidden_from_assistive_technology_and_its_name_escaped() -> None:
    assert rendered("{% icon name %}", name='"><script>') == (
        '<svg class="nd-icon" aria-hidden="true" focusable="false">'
        '<use href="/static/img/icons.svg#i-&quot;&gt;&lt;script&gt;"/></svg>'
    )


def test_a_query_is_changed_and_the_original_left_alone() -> None:
    parameters = QueryDict("page=2&etat=a&etat=b&q=x+y")
    assert nd.query(parameters, page=3) == "page=3&etat=a&etat=b&q=x+y"
    assert nd.query(parameters, page=None, absent=None) == "etat=a&etat=b&q=x+y"
    assert nd.query(parameters, etat="c") == "page=2&etat=c&q=x+y"
    assert parameters.urlencode() == "page=2&etat=a&etat=b&q=x+y"


def test_a_query_comes_escaped_out_of_a_template() -> None:
    assert rendered('{% query p q="<&>" %}', p=QueryDict("a=1")) == "a=1&amp;q=%3C%26%3E"
