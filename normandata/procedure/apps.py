"""The `procedure` room as a Django application."""

from django.apps import AppConfig


class ProcedureConfig(AppConfig):
    name = "normandata.procedure"
    label = "procedure"
    verbose_name = "Procédure"
