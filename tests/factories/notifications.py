"""Mails, the versions of their words, and kinds that only tests know."""

from types import MappingProxyType

import factory

from normandata.notifications.kinds import Kind, Tag
from normandata.notifications.models import Mail, MailText

NBSP = "\u00a0"


def kind(slug: str = "portal.receipt", *, label: str = "Accusé de réception", **changes: object) -> Kind:
    """Make a kind of mail with a required tag and another one; nothing is registered."""
    fields: dict[str, object] = {
        "audience": "la personne qui a déposé",
        "tags": MappingProxyType(
            {
                "numero": Tag("numéro du dossier", "DIA-2026-0001", is_required=True),
                "structure": Tag("nom de la structure", "Atelier fictif du Perche"),
            }
        ),
        "default_subject": "Dossier {{ numero }} reçu",
        "default_text": f"Bonjour,\n\nLe dossier {{{{ numero }}}} de {{{{ structure }}}} est reçu{NBSP}: merci.",
    }
    return Kind(slug, label, **(fields | changes))  # type: ignore[arg-type]


VALUES = {"numero": "DIA-2026-0007", "structure": "Les Forges imaginaires"}


class MailTextFactory(factory.django.DjangoModelFactory[MailText]):
    class Meta:
        model = MailText

    kind = "portal.receipt"
    number = factory.Sequence(lambda rank: rank + 1)
    subject = "Reçu : {{ numero }}"
    text = "Le dossier {{ numero }} est reçu."


class MailFactory(factory.django.DjangoModelFactory[Mail]):
    class Meta:
        model = Mail

    kind = "portal.receipt"
    address = factory.Sequence(lambda rank: f"personne{rank}@exemple.invalid")
    subject = "Dossier DIA-2026-0007 reçu"
    text = "Bonjour."
