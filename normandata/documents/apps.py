"""The `documents` room as a Django application."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "normandata.documents"
    label = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        """Declare what the room holds of people."""
        from . import personal

        personal.hand_up()
