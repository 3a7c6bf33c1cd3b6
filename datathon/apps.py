"""The `datathon` scheme as a Django application."""

from django.apps import AppConfig


class DatathonConfig(AppConfig):
    name = "datathon"
    verbose_name = "Datathon Normandie"

    def ready(self) -> None:
        from normandata.dossiers import schemes
        from normandata.indicators import registry
        from normandata.scoring import kinds

        from . import judged
        from .expected import takes_part
        from .indicators import INDICATORS
        from .scheme import SCHEME

        schemes.register(SCHEME)
        schemes.register_guests(takes_part, "datathon:mine")
        kinds.register(judged.TEAM, concerned=judged.concerned, versions=judged.versions)
        registry.register(SCHEME.slug, INDICATORS)
