"""The `bulletin` room as a Django application."""

from django.apps import AppConfig


class BulletinConfig(AppConfig):
    name = "normandata.bulletin"
    label = "bulletin"
    verbose_name = "Actualités, calendrier, résultats"
