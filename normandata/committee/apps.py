"""The `committee` room as a Django application."""

from django.apps import AppConfig


class CommitteeConfig(AppConfig):
    name = "normandata.committee"
    label = "committee"
    verbose_name = "Commission permanente"

    def ready(self) -> None:
        """Give the committee's clerks the page they land on."""
        from normandata.accounts.models import Role
        from normandata.dossiers import schemes

        from . import personal

        schemes.register_home(Role.COMMITTEE_CLERK, "committee:sessions")
        personal.hand_up()
