"""The `roadmap` scheme as a Django application."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"
    verbose_name = "Feuille de route"

    def ready(self) -> None:
        """Give the pilots their page, the indicators their figures, open data the roadmap; calls are a scheme."""
        from normandata.accounts.models import Role
        from normandata.dossiers import schemes
        from normandata.indicators import registry
        from normandata.opendata import registry as open_data

        from . import opendata, personal
        from .calls.application import SCHEME
        from .indicators import INDICATORS, OWNER

        schemes.register(SCHEME)
        schemes.register_home(Role.ACTION_PILOT, "roadmap:desk")
        registry.register(OWNER.slug, INDICATORS, owner=OWNER)
        open_data.register("roadmap", opendata.SETS)
        personal.hand_up()
