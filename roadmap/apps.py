"""The `roadmap` scheme as a Django application."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"
    verbose_name = "Feuille de route"

    def ready(self) -> None:
        """Give the pilots the page they land on."""
        from normandata.accounts.models import Role
        from normandata.dossiers import schemes

        from . import personal

        schemes.register_home(Role.ACTION_PILOT, "roadmap:desk")
        personal.hand_up()
