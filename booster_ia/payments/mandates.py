"""Mandate numbers typed back for several requests on one page."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField
from normandata.ui.forms import Form, dress

from .requests import PaymentRequest, PaymentRequestQuerySet
from .services import certifying

MOST_DIGITS = 9


class MandatesForm(Form):
    """One number for each request that waits for it, and their common day; an empty number is left for later."""

    on = DayField(label="Date des mandats")

    def __init__(self, *args: Any, requests: Sequence[PaymentRequest], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": f"{timezone.localdate():%d/%m/%Y}"})
        super().__init__(*args, **kwargs)
        self.requests = requests
        for one in requests:
            field = forms.CharField(
                label=f"Mandat, {one.award.dossier.number}", max_length=certifying.LONGEST, required=False
            )
            dress(field)
            self.fields[f"mandat{one.pk}"] = field

    @property
    def rows(self) -> list[tuple[PaymentRequest, forms.BoundField]]:
        return [(one, self[f"mandat{one.pk}"]) for one in self.requests]

    def overtaken(self, mine: PaymentRequestQuerySet) -> list[str]:
        """Say which typed numbers are kept nowhere: somebody wrote another mandate since the page was drawn."""
        typed = {name.removeprefix("mandat"): self.data[name].strip() for name in self.data if self._is_lost(name)}
        found = mine.filter(pk__in=[int(pk) for pk in typed]).select_related("award__dossier", "mandated_by")
        return [
            spaced(
                f"{one.award.dossier.number} : {one.mandated_by or 'une autre personne'} a déjà inscrit le mandat "
                f"{one.mandate}. Le numéro que vous avez saisi, {typed[str(one.pk)]}, n’est pas enregistré."
            )
            for one in found.order_by("pk")
            if one.mandate != typed[str(one.pk)]
        ]

    def _is_lost(self, name: str) -> bool:
        key = name.removeprefix("mandat")
        is_ours = name not in self.fields and name != key and key.isdecimal() and len(key) <= MOST_DIGITS
        return is_ours and bool(self.data[name].strip())

    def write(self, *, by: User) -> int:
        """Write the numbers that were typed; returns how many, the refusals being left beside their fields."""
        written = 0
        for one in self.requests:
            number = self.cleaned_data.get(f"mandat{one.pk}", "").strip()
            if not number:
                continue
            try:
                certifying.mandate(one, number=number, on=self.cleaned_data["on"], by=by)
            except NotDone as error:
                self.add_error(f"mandat{one.pk}", list(error.messages))
            else:
                written += 1
        if not written and not self.errors:
            self.add_error(None, "Inscrivez au moins un numéro de mandat.")
        return written
