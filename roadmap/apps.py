"""The `roadmap` scheme as a Django application."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"
    verbose_name = "Feuille de route"

    def ready(self) -> None:
        """Give the pilots the page they land on, the calendar its milestones, the news its chantiers."""
        from normandata.accounts.models import Role
        from normandata.bulletin import dates, subjects
        from normandata.dossiers import schemes

        from . import presentation, public_dates

        schemes.register_home(Role.ACTION_PILOT, "roadmap:desk")
        dates.register(public_dates.SOURCE)
        subjects.register("Chantiers", presentation.subjects)
