"""`manage.py territories`: load the communes and EPCI of Normandie."""

from typing import Any

from django.core.management.base import BaseCommand

from normandata.organisations import territories


class Command(BaseCommand):
    help = "Charge les communes et les EPCI de Normandie (tables de référence du dépôt)."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = territories.load()
        self.stdout.write(f"{loaded.communes} communes, {loaded.epci} EPCI. {territories.ATTRIBUTION}")
