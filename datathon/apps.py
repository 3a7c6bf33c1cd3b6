"""The `datathon` scheme as a Django application."""

from django.apps import AppConfig


class DatathonConfig(AppConfig):
    name = "datathon"
    verbose_name = "Datathon Normandie"

    def ready(self) -> None:
        from normandata.accounts.models import Role
        from normandata.dossiers import schemes
        from normandata.indicators import registry
        from normandata.scoring import kinds

        from . import judging, opendata, personal
        from .expected import takes_part
        from .indicators import INDICATORS
        from .scheme import SCHEME

        schemes.register(SCHEME)
        schemes.register_home(Role.ORGANISER, "datathon:organise")
        schemes.register_home(Role.MENTOR, "datathon:mentoring")
        schemes.register_home(Role.JUROR, "datathon:jury")
        schemes.register_guests(takes_part, "datathon:mine")
        registry.register(SCHEME.slug, INDICATORS)
        opendata.register()
        kinds.register(judging.KIND, concerned=judging.concerned, versions=judging.versions)
        personal.hand_up()
