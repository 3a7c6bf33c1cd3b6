"""Forms of the agents' desk: a view to keep, an absence, and what bulk gestures need."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.ui.fields import DayField, RowField
from normandata.ui.forms import Form

from . import colleagues, schemes
from .bulk import BulkJob
from .delays import correction_deadline
from .desk import Absence
from .models import Dossier


class ViewForm(Form):
    """The name of a view, and who reads it."""

    name = forms.CharField(
        label="Nom de la vue", max_length=60, error_messages={"required": "Donnez un nom à cette vue."}
    )
    is_shared = forms.BooleanField(
        label="La partager avec les autres agents", required=False, help_text="Chacun y voit ses propres dossiers."
    )


class PersonField(RowField):
    """A colleague."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class AbsenceForm(Form):
    """When somebody is away, both days included, and who answers meanwhile."""

    agent = PersonField(User.objects.none(), label="Qui est absent", empty_label=None)
    since = DayField(label="Premier jour d’absence")
    until = DayField(
        label="Dernier jour d’absence", required=False, help_text="Sans date, l’absence dure jusqu’au retour."
    )
    backup = PersonField(
        User.objects.none(),
        label="Suppléant",
        required=False,
        empty_label="Personne",
        help_text="Les dossiers de l’absent apparaissent dans sa file.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"agent": by.pk, "since": f"{timezone.localdate():%d/%m/%Y}"})
        super().__init__(*args, **kwargs)
        others = colleagues.of(by)
        is_lead = by.holds(Role.LEAD_AGENT) or by.schemes_as(Role.LEAD_AGENT) != frozenset()
        self.fields["agent"].queryset = others if is_lead else others.filter(pk=by.pk)  # type: ignore[attr-defined]
        self.fields["backup"].queryset = others  # type: ignore[attr-defined]
        if not is_lead:
            self.fields["agent"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        agent, since, until = said.get("agent"), said.get("since"), said.get("until")
        if agent and said.get("backup") == agent:
            self.add_error("backup", "Choisissez une autre personne.")
        if since and until and until < since:
            self.add_error("until", "Ce jour vient avant le premier jour d’absence.")
        if agent and since and "until" not in self.errors:
            taken = Absence.objects.filter(Q(until=None) | Q(until__gte=since), agent=agent)
            if (taken.filter(since__lte=until) if until else taken).exists():
                raise ValidationError("Une absence est déjà déclarée à ces dates. Terminez-la d’abord.")
        return said


class BulkForm(Form):
    """What a bulk gesture needs besides the dossiers; nothing by default."""

    def __init__(self, *args: Any, by: User, dossiers: list[Dossier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        """Return what the job keeps, as JSON."""
        return {}


class AssignForm(BulkForm):
    owner = PersonField(
        User.objects.none(),
        label="Affecter à",
        empty_label="Choisissez une personne",
        error_messages={"required": "Choisissez la personne qui répondra de ces dossiers."},
    )
    reason = forms.CharField(label="Motif", required=False, max_length=300, help_text="Il est versé au journal.")

    def __init__(self, *args: Any, by: User, dossiers: list[Dossier], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"owner": by.pk})
        super().__init__(*args, by=by, dossiers=dossiers, **kwargs)
        self.fields["owner"].queryset = colleagues.of(by)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {"owner": self.cleaned_data["owner"].pk, "reason": self.cleaned_data["reason"]}


class AskForm(BulkForm):
    piece = forms.ChoiceField(label="Pièce demandée", error_messages={"required": "Choisissez la pièce."})
    reason = forms.CharField(
        label="Ce qui est attendu",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Les structures lisent ce texte tel quel.",
        error_messages={"required": "Dites ce qui est attendu."},
    )
    due_on = DayField(label="Dernier jour pour répondre")

    def __init__(self, *args: Any, by: User, dossiers: list[Dossier], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"due_on": f"{correction_deadline(timezone.localdate()):%d/%m/%Y}"})
        super().__init__(*args, by=by, dossiers=dossiers, **kwargs)
        slugs = {one.scheme for one in dossiers}
        pieces = [
            (f"piece:{piece.slug}", piece.label) for slug in slugs for piece in schemes.application_of(slug).pieces
        ]
        self.fields["piece"].choices = dict.fromkeys(pieces)  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on <= timezone.localdate():
            raise ValidationError("La date limite doit être à venir.")
        return due_on

    def values(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"piece": said["piece"], "reason": said["reason"], "due_on": said["due_on"].isoformat()}


BULK_FORMS: dict[BulkJob.Action, type[BulkForm]] = {
    BulkJob.Action.ASSIGN: AssignForm,
    BulkJob.Action.START_REVIEW: BulkForm,
    BulkJob.Action.ASK: AskForm,
}
