"""Mandate numbers typed back for several requests on one page."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone
from normandata.ui.fields import DayField
from normandata.ui.forms import Form, dress

from .requests import PaymentRequest
from .services import certifying


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
