"""The `portal` room as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "normandata.portal"
    label = "portal"
    verbose_name = "Portail"

    def ready(self) -> None:
        """Give the agents' pages of a dossier the page of its whole organisation, and the open data the aid schemes."""
        from normandata.dossiers import whole_organisation
        from normandata.opendata import registry

        from . import opendata, personal

        whole_organisation.register("portal:organisation")
        registry.register("portal", opendata.SETS)
        personal.hand_up()
