"""The `roadmap` scheme as a Django application."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"
    verbose_name = "Feuille de route"

    def ready(self) -> None:
        """Give the pilots their page, the registries what the roadmap hands up; calls are a scheme."""
        from normandata.accounts.models import Role
        from normandata.bulletin import dates, subjects
        from normandata.dossiers import schemes
        from normandata.indicators import registry
        from normandata.opendata import registry as open_data

        from . import opendata, personal, presentation, public_dates
        from .calls import presentation as calls
        from .calls.application import SCHEME
        from .indicators import INDICATORS, OWNER

        schemes.register(SCHEME)
        schemes.register_home(Role.ACTION_PILOT, "roadmap:desk")
        registry.register(OWNER.slug, INDICATORS, owner=OWNER)
        open_data.register("roadmap", opendata.SETS)
        personal.hand_up()
        dates.register(public_dates.SOURCE)
        dates.register(public_dates.CALLS)
        subjects.register("Chantiers", presentation.subjects)
        subjects.register("Appels à manifestation d’intérêt", calls.subjects)
