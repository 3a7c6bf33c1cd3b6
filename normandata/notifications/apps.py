"""The `notifications` room as a Django application."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "normandata.notifications"
    label = "notifications"
    verbose_name = "Courriels"
