"""`manage.py simulate RULESET`: JSON Lines in, one answer a line out, nothing written to the database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from normandata.portal import simulation


class Command(BaseCommand):
    help = "Juge des cas (JSON Lines sur l’entrée standard) et écrit une réponse par ligne."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ruleset", choices=sorted(simulation.RULESETS), metavar="RULESET")

    def handle(self, *args: Any, ruleset: str, **options: Any) -> None:
        malformed = 0
        for number, line in enumerate(sys.stdin.buffer, start=1):
            if not line.strip():
                continue
            answer = simulation.answer_line(ruleset, line, number)
            malformed += "error" in answer
            self.stdout.write(simulation.written(answer))
        if malformed:
            raise CommandError(f"{malformed} ligne(s) illisible(s).", returncode=1)
