import io
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from normandata.accounts.models import Role, User
from normandata.portal.demonstration import script


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell one story only."""
    told = script.read()
    monkeypatch.setattr(script, "read", lambda: replace(told, stories=told.of_scheme("diagnostic")[:1]))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("short")
def test_the_command_says_what_it_did_and_gives_one_account_a_role(territories: None, settings) -> None:
    first = run()
    assert "Dossiers ajoutés\u00a0: 1\u00a0; déjà là\u00a0: 0." in first
    again = run()
    assert "Dossiers ajoutés\u00a0: 0\u00a0; déjà là\u00a0: 1." in again
    quiet = run("--quiet")
    assert again.endswith(quiet)
    assert "ajoutés" not in quiet
    assert quiet.count("@demo.invalid") == len(Role) + len(script.read().of_applicants)
    names = {line.split("  ")[1].strip() for line in quiet.splitlines() if "@demo.invalid" in line}
    assert names == {f"{role.label[0].upper()}{role.label[1:]}" for role in Role} | {"Porteur de projet"}
    assert f"Mot de passe de tous\u00a0: {script.PASSWORD}" in quiet
    assert f"{settings.SITE_URL}/demonstration/" in quiet


@pytest.mark.django_db
def test_production_refuses_the_command(settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run()
    assert not User.objects.exists()
