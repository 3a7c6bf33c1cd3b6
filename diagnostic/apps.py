"""The `diagnostic` scheme as a Django application."""

from django.apps import AppConfig


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    verbose_name = "Diagnostic data/IA"

    def ready(self) -> None:
        from normandata.dossiers import schemes
        from normandata.indicators import registry

        from . import personal
        from .indicators import INDICATORS
        from .scheme import SCHEME

        schemes.register(SCHEME)
        registry.register(SCHEME.slug, INDICATORS)
        personal.hand_up()
