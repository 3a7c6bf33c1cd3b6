"""The `opendata` room as a Django application."""

from django.apps import AppConfig


class OpenDataConfig(AppConfig):
    name = "normandata.opendata"
    label = "opendata"
    verbose_name = "Données ouvertes"

    def ready(self) -> None:
        from django.core import checks

        from . import conf, figures, personal, registry

        checks.register(conf.check_authority)
        registry.register("opendata", figures.SETS)
        personal.hand_up()
