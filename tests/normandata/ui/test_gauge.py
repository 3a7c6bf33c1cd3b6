"""The gauge: figures before and after a decision, shares that add up, words, and the drawing with its table."""

import re
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from normandata.regulation.formats import spaced
from normandata.ui.gauge import After, Gauge, gauge_of, shares
from tests.factories.budgets import make_envelope

D = Decimal
EUROS = st.decimals(0, 60_000, places=2)


@dataclass(frozen=True)
class Account:
    voted: Decimal
    paid: Decimal
    committed: Decimal
    reserved: Decimal
    unit: str = "TTC"


MOCKUP = Account(D(50000), D(16200), D(10800), D(10800))


# -------------------------------------------------------------------------------------------------------------- figures
def test_the_figures_before_a_decision() -> None:
    assert gauge_of(MOCKUP) == Gauge(D(50000), D(16200), D(10800), D(10800), D(12200), None, "TTC")


@pytest.mark.parametrize(
    ("proposed", "free", "passes"),
    [("5400", "6800", True), ("12200", "0", True), ("12200.01", "-0.01", False), ("0", "12200", True)],
)
def test_the_figures_after_a_decision(proposed: str, free: str, passes: bool) -> None:
    after = gauge_of(MOCKUP, D(proposed)).after
    assert after == After(D(proposed), D(free))
    assert after.passes is passes


def test_a_decision_that_gives_money_back_is_none() -> None:
    with pytest.raises(ValueError, match=r"takes money, not -0\.01"):
        gauge_of(MOCKUP, D("-0.01"))


@pytest.mark.django_db
def test_an_envelope_is_read_as_it_is() -> None:
    envelope = make_envelope("1000", basis="NC")
    assert gauge_of(envelope, D(1)) == Gauge(
        D(1000), D(0), D(0), D(0), D(1000), After(D(1), D(999)), "(HT ou TTC non précisé)"
    )


# --------------------------------------------------------------------------------------------------------------- shares
@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([16200, 10800, 10800, 5400, 6800], ["32.4", "21.6", "21.6", "10.8", "13.6"]),
        ([1, 1, 1], ["33.4", "33.3", "33.3"]),
        ([2, 2, 2, 1], ["28.6", "28.6", "28.5", "14.3"]),
        ([0, 5], ["0", "100"]),
        ([1, 49999], ["0", "100"]),
        ([26, 49974], ["0.1", "99.9"]),
    ],
)
def test_shares_worked_by_hand(amounts: list[int], expected: list[str]) -> None:
    assert shares([D(amount) for amount in amounts]) == [D(share) for share in expected]


@pytest.mark.parametrize("amounts", [[D(0), D(0)], [D(2), D(-1)]])
def test_shares_of_nothing_are_refused(amounts: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="positive amounts"):
        shares(amounts)


@given(EUROS, EUROS, EUROS, EUROS, st.none() | EUROS)
def test_parts_follow_one_another_and_fill_the_drawing(
    paid: Decimal, committed: Decimal, reserved: Decimal, free: Decimal, proposed: Decimal | None
) -> None:
    voted = paid + committed + reserved + free
    gauge = gauge_of(Account(voted, paid, committed, reserved), proposed)
    parts = gauge.parts
    assert sum(part.share for part in parts) == D("100.0")
    position = D(0)
    for part in parts:
        assert part.start == position
        assert part.share >= 0
        assert part.share == round(part.share, 1)
        position += part.share
    if gauge.after is None or gauge.after.passes:
        assert sum(part.amount for part in parts) == voted
        assert all(not voted or abs(part.share - part.amount * 100 / voted) <= D("0.1") for part in parts)


def drawn(gauge: Gauge) -> list[tuple[str, str, str, str, str]]:
    return [(part.label, str(part.amount), part.x, part.width, part.written) for part in gauge.parts]


def test_the_drawing_of_a_decision_that_passes() -> None:
    assert drawn(gauge_of(MOCKUP, D(5400))) == [
        ("Payé", "16200", "0%", "32.4%", "32,4\u00a0%"),
        ("Engagé", "10800", "32.4%", "21.6%", "21,6\u00a0%"),
        ("Réservé", "10800", "54.0%", "21.6%", "21,6\u00a0%"),
        ("Cette décision", "5400", "75.6%", "10.8%", "10,8\u00a0%"),
        ("Libre après cette décision", "6800", "86.4%", "13.6%", "13,6\u00a0%"),
    ]


def test_a_decision_that_does_not_pass_is_drawn_to_the_end_with_its_whole_amount() -> None:
    assert drawn(gauge_of(MOCKUP, D(24400)))[-2:] == [
        ("Cette décision", "24400", "75.6%", "24.4%", "48,8\u00a0%"),
        ("Libre après cette décision", "0", "100.0%", "0%", "0\u00a0%"),
    ]


def test_a_part_too_small_to_draw_is_not_nothing() -> None:
    parts = gauge_of(Account(D(50000), D(12), D(0), D(0))).parts
    assert [part.written for part in parts] == ["moins de 0,1\u00a0%", "0\u00a0%", "0\u00a0%", "100\u00a0%"]


def test_an_envelope_without_credits_is_an_empty_drawing() -> None:
    nothing = Account(D(0), D(0), D(0), D(0))
    assert [(part.width, part.written) for part in gauge_of(nothing).parts] == [("0%", "0\u00a0%")] * 3 + [
        ("100%", "0\u00a0%")
    ]
    assert drawn(gauge_of(nothing, D(5)))[-2:] == [
        ("Cette décision", "5", "0%", "0%", "sans objet"),
        ("Libre après cette décision", "0", "0%", "100%", "0\u00a0%"),
    ]


# ---------------------------------------------------------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("account", "proposed", "finding", "sentence"),
    [
        (
            MOCKUP,
            "5400",
            "Enveloppe de 50 000 € TTC : 16 200 € payés, 10 800 € engagés, 10 800 € réservés, "
            "5 400 € pour cette décision, 6 800 € libres ensuite",
            "Après cette décision, il reste 6 800,00 € TTC.",
        ),
        (
            MOCKUP,
            "12200",
            "Enveloppe de 50 000 € TTC : 16 200 € payés, 10 800 € engagés, 10 800 € réservés, "
            "12 200 € pour cette décision, rien de libre ensuite",
            "Après cette décision, il ne reste rien.",
        ),
        (
            MOCKUP,
            "12200.50",
            "Enveloppe de 50 000 € TTC : 16 200 € payés, 10 800 € engagés, 10 800 € réservés, "
            "12 200,50 € pour cette décision, il manque 0,50 €",
            "L’enveloppe ne suffit pas : il manque 0,50 € TTC.",
        ),
        (
            Account(D(5000), D(1), D("1.99"), D(0), "HT"),
            None,
            "Enveloppe de 5 000 € HT : 1 € payé, 1,99 € engagé, 4 997,01 € libres",
            "Il reste 4 997,01 € sur 5 000,00 € HT.",
        ),
        (
            Account(D(100), D(100), D(0), D(0), "HT"),
            None,
            "Enveloppe de 100 € HT : 100 € payés, rien de libre",
            "Il ne reste rien sur 100,00 € HT.",
        ),
    ],
)
def test_the_words_of_a_gauge(account: Account, proposed: str | None, finding: str, sentence: str) -> None:
    gauge = gauge_of(account, None if proposed is None else D(proposed))
    assert gauge.finding == re.sub(r"(?<=\d) (?=\d{3})", "\u00a0", spaced(finding))
    assert gauge.sentence == re.sub(r"(?<=\d) (?=\d{3})", "\u00a0", spaced(sentence))


# ------------------------------------------------------------------------------------------------------------ component
def page(proposed: str | None, **extra: object) -> str:
    gauge = gauge_of(MOCKUP, None if proposed is None else D(proposed))
    return render_to_string("components/gauge.html", {"gauge": gauge, "title": "Enveloppe 2026", **extra})


def test_the_component_says_in_words_all_that_it_draws() -> None:
    html = page("5400")
    finding = gauge_of(MOCKUP, D(5400)).finding
    assert f'<svg role="img" aria-label="{finding}"><title>{finding}</title>' in html
    bars = re.findall(r'<rect x="([\d.%]+)" y="2" width="([\d.%]+)" height="32" fill="([^"]+)"', html)
    assert bars == [
        ("0%", "32.4%", "#07363c"),
        ("32.4%", "21.6%", "url(#p-hatched)"),
        ("54.0%", "21.6%", "url(#p-dotted)"),
        ("75.6%", "10.8%", "url(#p-current)"),
        ("86.4%", "13.6%", "#fff"),
    ]
    legend = re.findall(r'<span>([^<]+)</span><span class="nd-num">([^<]+)</span>', html)
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="nd-right">([^<]+)</td>', html)
    assert rows == [*legend, ("Voté", "50\u00a0000,00\u00a0€")]
    assert legend[3:] == [
        ("Cette décision", "5\u00a0400,00\u00a0€"),
        ("Libre après cette décision", "6\u00a0800,00\u00a0€"),
    ]
    assert "Après cette décision, il reste 6\u00a0800,00\u00a0€ TTC." in html


def test_a_part_of_nothing_is_in_the_table_and_not_in_the_drawing() -> None:
    html = page("12200")
    assert html.count('height="32"') == 4
    assert "#i-met" in html
    assert '<th scope="row">Libre après cette décision</th><td class="nd-right">0,00\u00a0€</td>' in html
    refused = page("12200.01")
    assert "#i-unmet" in refused
    assert "#i-met" not in refused


def test_two_gauges_of_a_page_define_their_patterns_once() -> None:
    assert page(None).count('id="p-current"') == 1
    assert 'id="p-' not in page(None, no_patterns=True)
