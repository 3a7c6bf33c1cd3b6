"""`manage.py opendata subventions`: a set on the standard output; `--publish`: all of them anew; `--dictionary`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ... import dictionary, publications, registry, writing
from ...publications import Tally


class Command(BaseCommand):
    """Writes a set as it stands, or publishes every one; refused rows are told on the standard error."""

    help = "Écrit un jeu de données ouvertes, ou les publie tous."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("set", nargs="?", help="le jeu : " + ", ".join(one.slug for one in registry.every()))
        parser.add_argument("--format", choices=writing.FORMATS, default="csv")
        parser.add_argument("--publish", action="store_true", help="publie tous les jeux")
        parser.add_argument("--dictionary", action="store_true", help="écrit le dictionnaire des données")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["publish"]:
            return self._publish()
        if options["dictionary"]:
            self.stdout.write(dictionary.page(), ending="")
            return None
        data_set = registry.find(options["set"] or "")
        if data_set is None:
            raise CommandError(f"Jeu inconnu. Les jeux : {', '.join(one.slug for one in registry.every())}.")
        tally = Tally()
        for text in publications.stream(data_set, options["format"], timezone.now(), tally):
            self.stdout.write(text, ending="")
        for place, reason, _ in tally.refusals:
            self.stderr.write(f"{place} : {reason}")
        return None

    def _publish(self) -> None:
        for one in publications.publish_all(timezone.now()):
            told = one.problem or f"{one.rows} publiées, {one.refused} refusées, {one.withheld} retenues"
            self.stdout.write(f"{one.slug} : {told}")
