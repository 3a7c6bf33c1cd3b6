"""The `portal` room as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "normandata.portal"
    label = "portal"
    verbose_name = "Portail"

    def ready(self) -> None:
        """Give the dossiers the page of a whole organisation; the open data and the news, the aid schemes."""
        from normandata.bulletin import subjects
        from normandata.dossiers import whole_organisation
        from normandata.opendata import registry

        from . import opendata, personal, presentation

        whole_organisation.register("portal:organisation")
        registry.register("portal", opendata.SETS)
        subjects.register("Aides", presentation.subjects)
        personal.hand_up()
