"""The `accounts` room as a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "normandata.accounts"
    label = "accounts"
    verbose_name = "Comptes"
