"""`manage.py import_de_minimis FILE`: read the public register of de minimis aid."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from normandata.deminimis.register import import_register
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural


class Command(BaseCommand):
    help = "Importe le registre public des aides de minimis (CSV) ; le même fichier deux fois ne change rien."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="fichier CSV du registre")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            done = import_register(path.read_bytes(), name=path.name)
        except OSError as error:
            raise CommandError(f"Fichier illisible : {path}") from error
        except NotDone as error:
            raise CommandError(" ".join(error.messages)) from error
        for said in (*done.refused, *done.remarks):
            self.stderr.write(f"Ligne {said.line} : {said.message}")
        self.stdout.write(
            f"{plural(done.lines, 'ligne lue', 'lignes lues')} : {done.added} ajoutées, {done.known} déjà connues, "
            f"{len(done.refused)} refusées."
        )
