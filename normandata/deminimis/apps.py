"""The `deminimis` room as a Django application."""

from django.apps import AppConfig


class DeMinimisConfig(AppConfig):
    name = "normandata.deminimis"
    label = "deminimis"
    verbose_name = "Aides de minimis"

    def ready(self) -> None:
        """Declare what the room holds of people."""
        from . import personal

        personal.hand_up()
