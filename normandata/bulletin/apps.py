"""The `bulletin` room as a Django application."""

from django.apps import AppConfig


class BulletinConfig(AppConfig):
    name = "normandata.bulletin"
    label = "bulletin"
    verbose_name = "Actualités, calendrier, résultats"

    def ready(self) -> None:
        """Declare what news hold of people."""
        from . import personal

        personal.hand_up()
