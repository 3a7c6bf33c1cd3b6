"""The `diagnostic` scheme as a Django application."""

from django.apps import AppConfig


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    verbose_name = "Diagnostic data/IA"

    def ready(self) -> None:
        from normandata.dossiers import schemes

        from .scheme import SCHEME

        schemes.register(SCHEME)
