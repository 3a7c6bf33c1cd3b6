"""`manage.py roadmap`: load the two axes, the six chantiers and the 21 actions as they were voted."""

from typing import Any

from django.core.management.base import BaseCommand

from roadmap import catalogue


class Command(BaseCommand):
    help = "Charge la feuille de route votée (deux axes, six chantiers, 21 actions). La relancer n’ajoute rien."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = catalogue.load()
        self.stdout.write(f"{loaded.axes} axes, {loaded.chantiers} chantiers, {loaded.actions} actions.")
