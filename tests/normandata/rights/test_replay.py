"""A restore brings people back; the register, kept apart, has them erased again under the same code."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier, Section
from normandata.rights import ledger
from normandata.rights.models import Erasure, Lot, LotRow
from normandata.rights.replay import replay
from normandata.rights.services import eliminations, erasure
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.dossiers import make_deposit, make_draft
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME

DAY = date(2026, 1, 1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]


def erase_then_restore(person: User) -> str:
    """Erase somebody, then put the database back as it was before: the register alone remembers."""
    with transaction.atomic():
        code = erasure.erase(person, by=person).code
        transaction.set_rollback(True)
    person.refresh_from_db()
    assert (person.name, Erasure.objects.count()) == (NAME, 0)
    return code


def test_whoever_was_erased_is_erased_again_and_only_once(kept_apart: Path, capsys) -> None:
    person, other = UserFactory(email=EMAIL, name=NAME), UserFactory()
    code = erase_then_restore(person)
    assert canaries.found_in_tables() != []
    call_command("erasures", "replay")
    assert capsys.readouterr().out == "1 refaits, 0 déjà faits, 0 inconnus ici.\n"
    assert canaries.found_in_tables() == []
    assert Erasure.objects.get().code == code
    person.refresh_from_db()
    assert person.name == f"Personne {code}"
    other.refresh_from_db()
    assert other.is_active
    call_command("erasures", "replay")
    assert capsys.readouterr().out == "0 refaits, 1 déjà faits, 0 inconnus ici.\n"
    assert len(kept_apart.read_text().splitlines()) == 1


def test_an_account_that_is_not_there_yet_or_not_theirs_is_left_alone(kept_apart: Path) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    erase_then_restore(person)
    User.objects.filter(pk=person.pk).update(email="autre@ailleurs.fr", name="Autre Personne")
    outcome = replay()
    assert (outcome.done, list(outcome.refused.values())) == (
        [],
        ["l’adresse de ce compte n’est pas celle qui a été effacée"],
    )
    User.objects.filter(pk=person.pk).delete()
    assert len(replay().unknown) == 1


def test_what_prevents_it_again_is_told_and_fails(kept_apart: Path, capsys) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    dossier = make_deposit(by=person).dossier
    Dossier.objects.update(state="refused")
    erase_then_restore(person)
    Dossier.objects.update(state="review")
    with pytest.raises(CommandError, match="1 effacements restent"):
        call_command("erasures", "replay")
    assert str(dossier.number) in capsys.readouterr().err
    person.refresh_from_db()
    assert person.name == NAME


def test_a_key_that_turned_still_reads_old_lines(kept_apart: Path, settings) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    erase_then_restore(person)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50
    assert len(replay().done) == 1


def test_a_register_that_cannot_be_written_prevents_the_erasure(settings, tmp_path: Path) -> None:
    (tmp_path / "plein").write_text("")
    settings.ERASURES_FILE = str(tmp_path / "plein" / "erasures.jsonl")
    person = UserFactory(email=EMAIL, name=NAME)
    with pytest.raises(OSError, match="plein"), transaction.atomic():
        erasure.erase(person, by=person)
    person.refresh_from_db()
    assert person.name == NAME


def test_a_line_that_is_not_one_is_named(kept_apart: Path, capsys) -> None:
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("erasures", "list")
    kept_apart.parent.mkdir()
    line = json.dumps({"person": 1, "print": "a", "code": "4F2A9C", "at": "2027-01-01"})
    kept_apart.write_text(f"{line}\n\n", encoding="utf-8")
    call_command("erasures", "list")
    assert capsys.readouterr().out == "2027-01-01  compte 1  Personne 4F2A9C\n"
    kept_apart.write_text(f"{line}\n[]\n", encoding="utf-8")
    with pytest.raises(CommandError, match="ligne 2"):
        call_command("erasures", "replay")
    assert [one.code for one in ledger.lines(kept_apart.with_name("absent"))] == []


def eliminate_then_restore(dossier: Dossier) -> None:
    """Eliminate a dossier by a lot, then put the database back as it was before: the register alone remembers."""
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    with transaction.atomic():
        rule = "brouillons" if dossier.is_draft else "diagnostic-sans-suite"
        lot = Lot.objects.create(number="ELI-2030-0001", rule=rule, needs_visa=False)
        LotRow.objects.create(lot=lot, dossier=dossier, label="x", since=DAY, due_on=DAY)
        eliminations.execute(lot, by=officer)
        assert lot.rows.get().kept == ""
        transaction.set_rollback(True)


def test_a_dossier_that_was_eliminated_is_eliminated_again_and_only_once(kept_apart: Path, capsys) -> None:
    dossier, other = make_deposit().dossier, make_deposit().dossier
    Dossier.objects.update(state="refused", turn="nobody", turn_since="2020-01-01T12:00Z")
    dossier.refresh_from_db()
    eliminate_then_restore(dossier)
    assert dossier.deposits.get().answers != {}
    call_command("erasures", "list")
    assert f"dossier {dossier.key}  ELI-2030-0001" in capsys.readouterr().out
    for said in ("1 refaits, 0 déjà faits", "0 refaits, 1 déjà faits"):
        call_command("erasures", "replay")
        assert capsys.readouterr().out == f"{said}, 0 inconnus ici.\n"
    dossier.refresh_from_db()
    assert (dossier.eliminated_at is None, dossier.deposits.get().answers) == (False, {})
    assert other.deposits.get().answers != {}
    assert len(kept_apart.read_text().splitlines()) == 1


def test_a_draft_that_was_eliminated_goes_again_and_an_open_dossier_is_told(kept_apart: Path) -> None:
    draft, dossier = make_draft(), make_deposit().dossier
    Section.objects.update(saved_at="2020-01-01T12:00Z")
    Dossier.objects.filter(pk=dossier.pk).update(state="refused", turn="nobody", turn_since="2020-01-01T12:00Z")
    for one in (draft, dossier):
        one.refresh_from_db()
        eliminate_then_restore(one)
    Dossier.objects.filter(pk=dossier.pk).update(state="review", turn="agent")
    outcome = replay()
    assert (outcome.done, list(outcome.refused)) == ([str(draft.key)], [str(dossier.number)])
    assert list(Dossier.objects.all()) == [dossier]
    assert replay().unknown == [str(draft.key)]
