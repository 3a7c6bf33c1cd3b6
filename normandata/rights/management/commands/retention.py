"""`manage.py retention --dry-run`: what is kept too long, and what would become of it; `--propose` makes the lots."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from normandata.privacy.retention import retention
from normandata.rights.services import eliminations


class Command(BaseCommand):
    help = "Liste ce dont la durée de conservation est passée. N’élimine jamais rien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        gesture = parser.add_mutually_exclusive_group(required=True)
        gesture.add_argument("--dry-run", action="store_true", help="liste, sans rien écrire")
        gesture.add_argument("--propose", action="store_true", help="prépare les lots que la nuit préparerait")
        parser.add_argument("--on", type=date.fromisoformat, help="un autre jour, AAAA-MM-JJ, avec --dry-run")

    def handle(self, *, dry_run: bool, propose: bool, on: date | None, **options: Any) -> None:
        if propose:
            for lot in eliminations.propose(timezone.now()):
                self.stdout.write(f"{lot.number}  {lot.rule}  {lot.rows.count()} lignes")
            return
        day = on or timezone.localdate()
        lines = eliminations.look(day)
        for rule in retention().rules:
            length = rule.on(day)
            found = [line for line in lines if line.due.rule == rule]
            told = " (proposition)" if length.to_confirm else ""
            self.stdout.write(f"{rule.label}\u00a0: {length.words}{told}, {length.citation}. {len(found)} échus.")
            for line in found:
                why = f"\u00a0: {' '.join(line.kept)}" if line.kept else ""
                self.stdout.write(f"  {line.due.due_on.isoformat()}  {line.due.label}  {line.outcome}{why}")
