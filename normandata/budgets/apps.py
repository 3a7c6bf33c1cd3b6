"""The `budgets` room as a Django application."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "normandata.budgets"
    label = "budgets"
    verbose_name = "Enveloppes"

    def ready(self) -> None:
        """Declare what the room holds of people."""
        from . import personal

        personal.hand_up()
