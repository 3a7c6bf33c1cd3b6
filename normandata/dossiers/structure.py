"""The first section of a request: who asks, as the directory of enterprises says it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from normandata.ui.fields import PlaceField

from .forms import Line, SectionForm


class StructureForm(SectionForm):
    """The name and the address of the establishment; its department where the directory gave none.

    A scheme adds its own questions below, and says in `establishment` whose address is asked for.
    """

    establishment: ClassVar[str] = "demandeur"

    nom = forms.CharField(
        label="Nom de la structure", max_length=200, error_messages={"required": "Indiquez le nom de la structure."}
    )
    adresse = forms.CharField(
        label="Adresse de la structure",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
        error_messages={"required": "Indiquez l’adresse de l’établissement."},
    )
    departement = PlaceField(label="Département de l’établissement")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.context.organisation
        if organisation.is_confirmed and organisation.department:
            del self.fields["departement"]
        whose = f"L’adresse de l’établissement {self.establishment}, pas celle du siège."
        self.fields["adresse"].help_text = spaced(whose)
        self.fields["nom"].widget.attrs["autocomplete"] = "organization"
        if organisation.is_confirmed and organisation.fetched_at:
            day = written_day(timezone.localdate(organisation.fetched_at))
            self.fields["nom"].help_text = f"D’après l’annuaire des entreprises, le {day}."

    def lines(self) -> Iterator[Line]:
        yield Line("siret", "SIRET", self.context.organisation.written_siret)
        yield from super().lines()
