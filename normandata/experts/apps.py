"""The `experts` room as a Django application."""

from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    name = "normandata.experts"
    label = "experts"
    verbose_name = "Experts"

    def ready(self) -> None:
        """Give the dossier's journal the words of this room, experts and requesters the page they land on."""
        from normandata.accounts.models import Role
        from normandata.dossiers import journal, schemes

        from . import personal
        from .conduct import ACTS

        journal.register(ACTS)
        schemes.register_home(Role.EXPERT, "experts:questions")
        personal.hand_up()
