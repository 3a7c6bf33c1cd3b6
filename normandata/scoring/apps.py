"""The `scoring` room as a Django application."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "normandata.scoring"
    label = "scoring"
    verbose_name = "Notation"

    def ready(self) -> None:
        """Close a dossier to whoever declared a conflict of interest, and say how dossiers are judged."""
        from normandata.dossiers import closures

        from . import about_dossiers, kinds, personal

        closures.register(about_dossiers.closed_to)
        about_dossiers.register(about_dossiers.MEMBER, about_dossiers.ours)
        kinds.register(about_dossiers.KIND, concerned=about_dossiers.concerned, versions=about_dossiers.versions)
        personal.hand_up()
