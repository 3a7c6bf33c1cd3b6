"""What the procedure of an application is called on its pages once it is decided: routes, words, what is awaited."""

from collections.abc import Callable, Mapping

from normandata.dossiers.models import Dossier
from normandata.regulation.formats import euros

PAGES = {
    "notify": "dossiers:letter_draft",
    "notify_refusal": "dossiers:letter_draft",
    "notify_adjournment": "dossiers:letter_draft",
    "sign": "booster_ia:desk_agreement",
    "countersign": "booster_ia:desk_agreement",
}
"""Gestures of the agents that have a page of their own."""


def _notified(dossier: Dossier) -> str:
    amount = f"{euros(dossier.amount)} {dossier.amount_basis}" if dossier.amount is not None else ""
    return f"Subvention accordée : {amount}. Lisez votre lettre, puis signez la convention."


SENTENCES: Mapping[str, Callable[[Dossier], str]] = {"notified": _notified}
"""What is expected of the organisation, by state."""
