"""`manage.py indicators --on 2027-06-30 --format json`: every figure as it was known at the end of a day."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from normandata.ui import tables

from ... import dimensions, figures, files, registry
from ...definitions import Period, Split
from ...figures import Scope

FORMATS = ("json", "csv")
NOT_A_DAY = "« {typed} » n’est pas une date. Écrivez-la AAAA-MM-JJ : 2027-06-30."


class Command(BaseCommand):
    """Writes the figures of the calendar year of a day, or of two days, on the standard output."""

    help = "Écrit les indicateurs tels qu’ils étaient connus à la fin d’un jour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="AAAA-MM-JJ", help="le jour où les faits sont regardés ; aujourd’hui")
        parser.add_argument("--from", dest="first", metavar="AAAA-MM-JJ", help="premier jour compté ; 1er janvier")
        parser.add_argument("--to", dest="last", metavar="AAAA-MM-JJ", help="dernier jour compté ; 31 décembre")
        parser.add_argument("--owner", choices=[one.slug for one in registry.owners()], help="un dispositif seulement")
        parser.add_argument("--department", default="", choices=dimensions.LABELS[Split.DEPARTMENT])
        parser.add_argument("--structure", default="", choices=dimensions.LABELS[Split.STRUCTURE])
        parser.add_argument("--public", action="store_true", help="ce que tout le monde lit, petits effectifs cachés")
        parser.add_argument("--format", choices=FORMATS, default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        owners = [one for one in registry.owners() if options["owner"] in (None, one.slug)]
        scope = Scope(options["department"], options["structure"])
        found = figures.every(_period(options), scope, public=options["public"], owners=owners)
        if options["format"] == "json":
            self.stdout.write(files.as_json(found))
            return
        for line in tables.csv_lines(files.COLUMNS, files.rows(found)):
            self.stdout.write(line, ending="")


def _period(options: dict[str, Any]) -> Period:
    as_of = _day(options["on"]) or timezone.localdate()
    if as_of > timezone.localdate():
        raise CommandError(f"Le {as_of:%d/%m/%Y} est à venir : les faits sont connus jusqu’à aujourd’hui.")
    first = _day(options["first"]) or date(as_of.year, 1, 1)
    last = _day(options["last"]) or date(first.year, 12, 31)
    if last < first:
        raise CommandError(f"La période finit le {last:%d/%m/%Y}, avant de commencer le {first:%d/%m/%Y}.")
    return Period(first, last, as_of)


def _day(typed: str | None) -> date | None:
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise CommandError(NOT_A_DAY.format(typed=typed)) from error
