"""Durations are dated and cited, or refused; amending one does not rewrite what was."""

from datetime import date

import pytest

from normandata.dossiers import states
from normandata.privacy.retention import FILE, InvalidRetention, parse, retention

TEXT = FILE.read_text(encoding="utf-8")


def test_every_final_state_of_the_two_schemes_and_drafts_have_a_duration() -> None:
    for scheme in ("booster_ia", "diagnostic"):
        for state in (states.DRAFT, *states.FINAL):
            assert retention().rule_of(scheme, state) is not None, (scheme, state)


@pytest.mark.parametrize("state", states.OPEN)
def test_what_is_open_has_none(state: str) -> None:
    assert retention().rule_of("booster_ia", state) is None
    assert retention().rule_of("diagnostic", state) is None


def test_public_archives_need_a_visa_and_what_the_region_never_received_does_not() -> None:
    assert {one.slug: one.visa for one in retention().rules} == {
        "booster-accordes": True,
        "booster-sans-suite": True,
        "diagnostic-clos": True,
        "diagnostic-sans-suite": True,
        "appels-repondus": True,
        "appels-sans-suite": True,
        "brouillons": False,
        "comptes": False,
        "datathon": False,
        "coeur-expert": False,
    }


def test_a_duration_is_counted_by_hand() -> None:
    refused = retention().rule("booster-sans-suite").on(date(2027, 1, 1))
    assert (refused.months, refused.words, refused.to_confirm) == (24, "2\u00a0ans", True)
    assert refused.end(date(2024, 2, 29)) == date(2026, 2, 28)
    assert retention().figure("minimis", date(2027, 1, 1)).end(date(2026, 6, 30)) == date(2036, 6, 30)
    assert retention().figure("answer", date(2027, 1, 1)).words == "1\u00a0mois"


def test_a_later_value_applies_from_its_day_on() -> None:
    value = 'note = "Deux ans sans connexion.", to_confirm = true }'
    assert TEXT.count(value) == 1
    both = value + ', { from = 2028-01-01, months = 36, text = "rgpd", article = "article 5" }'
    rule = parse(TEXT.replace(value, both)).rule("comptes")
    assert [rule.on(day).months for day in (date(2025, 1, 1), date(2027, 12, 31), date(2028, 1, 1))] == [24, 24, 36]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("months = 12, text", "months = 0, text", "brouillons: a duration is a whole number"),
        ('text = "minimis"', 'text = "rien"', "minimis: a duration cites"),
        ('article = "article 6"', 'article = ""', "minimis: a duration cites"),
        ('rules = ["comptes"]', 'rules = ["rien"]', "account: a rule that does not exist"),
        ('slug = "comptes"', 'slug = "brouillons"', "a rule that does not exist"),
        ('basis = "Obligation légale"', 'basis = ""', "basis missing"),
    ],
)
def test_a_file_that_founds_nothing_is_refused(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidRetention, match=said):
        parse(TEXT.replace(old, new, 1))
