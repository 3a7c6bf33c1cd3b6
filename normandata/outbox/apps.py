from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "normandata.outbox"
    label = "outbox"
    verbose_name = "Boîte d’envoi"

    def ready(self) -> None:
        """Give every process the right broker, then let each room register its handlers."""
        import normandata.celery  # noqa: F401

        autodiscover_modules("handlers")
