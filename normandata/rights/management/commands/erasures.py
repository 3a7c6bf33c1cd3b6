"""`manage.py erasures`: the register of erasures; `replay` does them again after a restore."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from normandata.rights import ledger
from normandata.rights.replay import replay


class Command(BaseCommand):
    help = "Lit le registre des effacements, ou les refait après une restauration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("gesture", choices=["list", "replay"], help="lire le registre, ou le rejouer")
        parser.add_argument("--file", type=Path, help="un autre registre que celui de ce portail")

    def handle(self, *, gesture: str, file: Path | None, **options: Any) -> None:
        source = file or ledger.path()
        if not source.exists():
            raise CommandError(f"Le registre {source} n’existe pas.")
        try:
            if gesture == "list":
                for line in ledger.lines(source):
                    self.stdout.write(f"{line.at}  compte {line.person}  Personne {line.code}")
                for gone in ledger.eliminations(source):
                    self.stdout.write(f"{gone.at}  dossier {gone.dossier}  {gone.lot}")
                return
            self._replay(source)
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _replay(self, source: Path) -> None:
        outcome = replay(source)
        self.stdout.write(
            f"{len(outcome.done)} refaits, {len(outcome.already)} déjà faits, {len(outcome.unknown)} inconnus ici."
        )
        for code, why in outcome.refused.items():
            self.stderr.write(f"{code}\u00a0: {why}")
        if outcome.refused:
            raise CommandError(f"{len(outcome.refused)} effacements restent à faire à la main.")
