"""The `portal` room as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "normandata.portal"
    label = "portal"
    verbose_name = "Portail"
