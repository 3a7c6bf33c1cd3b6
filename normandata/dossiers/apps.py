"""The `dossiers` room as a Django application."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "normandata.dossiers"
    label = "dossiers"
    verbose_name = "Dossiers"

    def ready(self) -> None:
        """Listen to the directory and to the antivirus."""
        from normandata.documents import uploads
        from normandata.organisations import hooks

        from . import listeners, personal

        hooks.on_refresh(listeners.judge_again)
        uploads.on_settled(listeners.drop_refused)
        personal.hand_up()
