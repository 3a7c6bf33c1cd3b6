"""The registry of mailrooms, and the mark of a letter: its text, whatever its day."""

from dataclasses import replace

import pytest

from normandata.dossiers import letter_batches
from normandata.dossiers.letter_batches import Draft, Mailroom
from normandata.dossiers.models import Dossier


def draft(**record: str) -> Draft:
    return Draft(
        dossier=Dossier(scheme="booster_ia"),
        transition="notify_refusal",
        kind="booster_ia.refusal",
        label="Refus",
        title="Refus, dossier BIA-2026-0001",
        filename="refus-BIA-2026-0001.pdf",
        body="pdf/booster_ia/refusal_body.html",
        record={"day": "2026-12-16", "reason": "Motif.", **record},
    )


def test_another_day_is_the_same_letter_and_another_text_another_one() -> None:
    mark = draft().mark
    assert draft(day="2026-12-17").mark == mark
    assert draft(reason="Autre.").mark != mark
    assert replace(draft(), kind="booster_ia.award").mark != mark
    assert replace(draft(), title="Autre").mark != mark


def test_a_scheme_has_one_mailroom() -> None:
    mine = letter_batches.mailroom_of("booster_ia")
    letter_batches.register(mine)
    with pytest.raises(ValueError, match="mailroom already"):
        letter_batches.register(Mailroom("booster_ia", "booster_ia:letters", lambda dossiers, at: {}))
    with pytest.raises(LookupError):
        letter_batches.mailroom_of("diagnostic")
    assert letter_batches.schemes() == ("booster_ia",)
