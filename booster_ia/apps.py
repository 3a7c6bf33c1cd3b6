"""The `booster_ia` scheme as a Django application."""

from django.apps import AppConfig


class BoosterIaConfig(AppConfig):
    name = "booster_ia"
    verbose_name = "Booster IA"

    def ready(self) -> None:
        from normandata.dossiers import schemes

        from .scheme import SCHEME

        schemes.register(SCHEME)
