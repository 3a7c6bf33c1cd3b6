"""The `notifications` room as a Django application."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "normandata.notifications"
    label = "notifications"
    verbose_name = "Courriels"

    def ready(self) -> None:
        """Declare what the room holds of people."""
        from . import personal

        personal.hand_up()
