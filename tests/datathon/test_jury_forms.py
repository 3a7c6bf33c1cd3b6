"""The embargo is typed in Paris time, through both changes of the clock."""

from datetime import UTC, datetime

import pytest
import time_machine

from datathon.jury_forms import PublishForm


@pytest.fixture(autouse=True)
def _in_march() -> object:
    with time_machine.travel("2027-03-01T09:00Z", tick=False):
        yield


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("", None),
        ("27/03/2027 à 18 h 30", datetime(2027, 3, 27, 17, 30, tzinfo=UTC)),
        ("28/03/2027 à 18 h 30", datetime(2027, 3, 28, 16, 30, tzinfo=UTC)),
        ("31/10/2027 à 4 h", datetime(2027, 10, 31, 3, 0, tzinfo=UTC)),
    ],
)
def test_an_embargo_is_an_instant_of_paris(typed: str, until: datetime | None) -> None:
    form = PublishForm({"embargo": typed})
    assert form.is_valid()
    assert form.cleaned_data["embargo"] == until


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("28/03/2027 à 2 h 30", "n’existe pas"),
        ("31/10/2027 à 2 h 30", "existe deux fois"),
        ("01/03/2027 à 9 h", "Cette heure est passée"),
        ("demain", "22/10/2027 à 14 h 30"),
    ],
)
def test_an_hour_that_is_none_or_is_over_is_refused_beside_its_field(typed: str, words: str) -> None:
    form = PublishForm({"embargo": typed})
    assert not form.is_valid()
    assert words in " ".join(form.errors["embargo"])
