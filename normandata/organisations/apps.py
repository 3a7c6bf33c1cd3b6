"""The `organisations` room as a Django application."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "normandata.organisations"
    label = "organisations"
    verbose_name = "Organisations et territoires"

    def ready(self) -> None:
        """Declare what the room holds of people."""
        from . import personal

        personal.hand_up()
