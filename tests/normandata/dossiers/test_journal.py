"""Words that floors above give to the journal."""

import pytest

from normandata.dossiers import journal


def test_words_are_registered_once_and_never_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ACTS", {"submit": "Demande déposée"})
    journal.register({"asked": "Avis demandé"})
    journal.register({"asked": "Avis demandé"})
    assert journal.ACTS == {"submit": "Demande déposée", "asked": "Avis demandé"}
    with pytest.raises(ValueError, match="« submit » has its words already"):
        journal.register({"submit": "Autre chose"})
