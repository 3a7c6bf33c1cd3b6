"""The `indicators` room as a Django application."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "normandata.indicators"
    label = "indicators"
    verbose_name = "Indicateurs"

    def ready(self) -> None:
        from django.core import checks

        from . import conf, personal

        checks.register(conf.check_threshold)
        personal.hand_up()
