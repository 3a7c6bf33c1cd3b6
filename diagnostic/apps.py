"""The `diagnostic` scheme as a Django application."""

from django.apps import AppConfig


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    verbose_name = "Diagnostic data/IA"

    def ready(self) -> None:
        from normandata.bulletin import dates, results
        from normandata.dossiers import schemes
        from normandata.indicators import registry

        from . import personal, public_dates
        from . import results as own_results
        from .indicators import INDICATORS
        from .scheme import SCHEME

        schemes.register(SCHEME)
        registry.register(SCHEME.slug, INDICATORS)
        dates.register(public_dates.SOURCE)
        results.register(own_results.SOURCE)
        personal.hand_up()
