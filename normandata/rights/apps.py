"""The `rights` room as a Django application."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "normandata.rights"
    label = "rights"
    verbose_name = "Droits des personnes et conservation"

    def ready(self) -> None:
        """Declare what the room itself holds of people."""
        from . import personal

        personal.hand_up()
