"""The `datathon` scheme as a Django application."""

from django.apps import AppConfig


class DatathonConfig(AppConfig):
    name = "datathon"
    verbose_name = "Datathon Normandie"

    def ready(self) -> None:
        from normandata.accounts.models import Role
        from normandata.dossiers import schemes
        from normandata.indicators import registry

        from . import opendata
        from .indicators import INDICATORS
        from .scheme import SCHEME

        schemes.register(SCHEME)
        registry.register(SCHEME.slug, INDICATORS)
        opendata.register()
        schemes.register_home(Role.ORGANISER, "datathon:organise")
        schemes.register_home(Role.MENTOR, "datathon:mentoring")
