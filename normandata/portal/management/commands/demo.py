"""`manage.py demo`: load the demonstration, and say with which accounts to try it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from normandata.portal.demonstration import script, services
from normandata.regulation.formats import spaced

REFUSED = spaced("La démonstration ne se charge pas en production : ses données sont fictives.")


class Command(BaseCommand):
    help = "Charge la démonstration : personnes, structures et dossiers fictifs. La relancer n’ajoute rien."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="n’écrit que les comptes")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        try:
            loaded = services.load()
        except services.InProduction:
            raise CommandError(REFUSED) from None
        if not quiet:
            self.stdout.write(spaced(f"Dossiers ajoutés : {loaded.added} ; déjà là : {loaded.already}.\n\n"))
        self.stdout.write(table())


def table() -> str:
    """Write one account for each role, and the applicants' accounts, in columns."""
    told = script.read()
    rows = [("Rôle", "Adresse"), *((one.label, one.email) for one in (*told.of_applicants, *told.of_roles))]
    width = max(len(label) for label, _ in rows)
    lines = [f"  {label:<{width}}  {email}" for label, email in rows]
    page = f"{settings.SITE_URL}{reverse('portal:demonstration')}"
    return "\n".join(
        [
            *lines,
            "",
            spaced(f"  Mot de passe de tous : {script.PASSWORD}"),
            spaced("  Codes du second facteur, courriels : ") + page,
        ]
    )
