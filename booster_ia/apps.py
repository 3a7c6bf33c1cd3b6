"""The `booster_ia` scheme as a Django application."""

from django.apps import AppConfig


class BoosterIaConfig(AppConfig):
    name = "booster_ia"
    verbose_name = "Booster IA"

    def ready(self) -> None:
        from normandata.committee import dockets
        from normandata.dossiers import letter_batches, schemes
        from normandata.indicators import registry
        from normandata.opendata import registry as open_data
        from normandata.scoring import about_dossiers, kinds

        from . import judging, personal
        from .docket import DOCKET
        from .indicators import INDICATORS
        from .opendata import SETS
        from .scheme import SCHEME
        from .services.notification import MAILROOM
        from .services.scoring import WAVE

        schemes.register(SCHEME)
        dockets.register(DOCKET)
        letter_batches.register(MAILROOM)
        about_dossiers.register(judging.PARTNER, judging.is_of_a_partner)
        kinds.register(WAVE, deadline_of=judging.deadline_of)
        registry.register(SCHEME.slug, INDICATORS)
        open_data.register(SCHEME.slug, SETS)
        personal.hand_up()
