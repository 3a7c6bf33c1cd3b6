"""The `privacy` room as a Django application."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "normandata.privacy"
    label = "privacy"
    verbose_name = "Données personnelles, registre"

    def ready(self) -> None:
        """Declare for the floors below, which cannot reach this one."""
        from . import foundations

        foundations.hand_up()
