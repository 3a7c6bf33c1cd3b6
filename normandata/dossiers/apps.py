"""The `dossiers` room as a Django application."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "normandata.dossiers"
    label = "dossiers"
    verbose_name = "Dossiers"
