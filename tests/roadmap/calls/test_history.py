"""The published figures of « Données et Territoires », word for word; a file that cannot be right is refused."""

from datetime import date
from pathlib import Path

import pytest

from roadmap.calls import history
from roadmap.calls.history import InvalidHistory, past_calls


def test_the_published_figures_are_those_of_the_region() -> None:
    past = past_calls()["donnees-et-territoires"]
    counts = past.assessment
    assert (past.opens_on, past.closes_on) == (date(2022, 12, 1), date(2023, 4, 30))
    assert (counts.total, counts.from_public, counts.from_others) == (43, 22, 21)
    assert {line.label: line.count for line in counts.scales} == {
        "Régionale": 23,
        "Infradépartementale": 11,
        "Départementale": 1,
        "Intercommunale": 5,
        "Communale": 2,
        "Européenne": 1,
    }
    assert {line.label: line.count for line in counts.themes} == {
        "Citoyenneté": 1,
        "Transition énergétique": 3,
        "Tourisme": 2,
        "Agriculture": 2,
        "Mobilité": 2,
        "RSE": 3,
        "E-santé": 4,
        "Information géographique pour l’aménagement du territoire (PCRS)": 5,
        "Acculturation": 6,
        "Territoires intelligents et durables": 6,
        "Collecte et diffusion de la donnée": 8,
    }
    assert (dict(counts.departments), counts.outside) == ({"50": 6, "14": 9, "61": 2, "27": 3, "76": 17}, 6)
    assert (counts.scales_left, counts.themes_left) == (0, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [("total = 43", "total = 44"), ('"E-santé" = 4', '"E-santé" = 9'), ("outside = 6", "outside = 7")],
)
def test_figures_that_do_not_add_up_are_refused(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = history.FILE.read_text(encoding="utf-8").replace(before, after)
    (tmp_path / "history.toml").write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(history, "FILE", tmp_path / "history.toml")
    with pytest.raises(InvalidHistory, match="donnees-et-territoires"):
        past_calls.__wrapped__()
