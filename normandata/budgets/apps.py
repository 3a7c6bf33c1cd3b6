"""The `budgets` room as a Django application."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "normandata.budgets"
    label = "budgets"
    verbose_name = "Enveloppes"
