"""`manage.py import_de_minimis`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from normandata.deminimis.models import Aid
from tests.factories.organisations import siret

pytestmark = pytest.mark.django_db
HEADERS = "regime;identifiant_beneficiaire;montant_esb;date_octroi"


def run(path: Path) -> tuple[list[str], list[str]]:
    out, err = StringIO(), StringIO()
    call_command("import_de_minimis", path, stdout=out, stderr=err)
    return out.getvalue().replace("\u00a0", " ").splitlines(), err.getvalue().replace("\u00a0", " ").splitlines()


def test_a_file_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "registre.csv"
    who = siret(8000)[:9]
    path.write_text(f"{HEADERS}\n2023/2831;{who};100;2026-01-15\n-;{who};200;2026-01-15\n-;{who};rien;2026-01-15\n")
    assert run(path) == (
        ["3 lignes lues : 2 ajoutées, 0 déjà connues, 1 refusées."],
        [
            "Ligne 4 : « rien » n’est pas un montant au centime.",
            "Ligne 3 : Régime non reconnu : l’aide est comptée dans le plafond du régime général.",
        ],
    )
    assert run(path)[0] == ["3 lignes lues : 0 ajoutées, 2 déjà connues, 1 refusées."]
    assert Aid.objects.count() == 2


def test_a_file_that_is_not_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Fichier illisible"):
        run(tmp_path / "absent.csv")
    path = tmp_path / "autre.csv"
    path.write_text("a;b\n")
    with pytest.raises(CommandError, match="il lui manque identifiant_beneficiaire, montant_esb et date_octroi"):
        run(path)
