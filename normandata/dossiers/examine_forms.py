"""What an agent types on the pages of a dossier."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from normandata.accounts.models import User
from normandata.regulation.findings import Outcome
from normandata.ui.fields import DayField, RowField
from normandata.ui.forms import Form

from .models import Dossier, Reading
from .services.corrections import Asked
from .services.thread import LONGEST

LONGEST_REASON = 2000
LONGEST_EXPECTATION = 500


class ReadingForm(Form):
    """An agent's reading of a finding."""

    outcome = forms.ChoiceField(
        label="Votre lecture",
        widget=forms.RadioSelect,
        choices=Reading.Outcome.choices,
        error_messages={"required": "Choisissez votre lecture."},
    )
    reason = forms.CharField(
        label="Motif, versé au journal",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        error_messages={"required": "Indiquez le motif de votre lecture."},
    )

    @property
    def reading(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])


class PieceForm(Form):
    """Why a file must be replaced."""

    reason = forms.CharField(
        label="Pourquoi cette pièce est-elle à remplacer ?",
        help_text="La structure lit ce motif dans la demande de pièces.",
        max_length=LONGEST_EXPECTATION,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        error_messages={"required": "Dites pourquoi la pièce est à remplacer."},
    )


class FireForm(Form):
    """A gesture that changes the state: the state seen by its author, and the reason where one is asked."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Motif, versé au journal",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        error_messages={"required": "Indiquez le motif : il est versé au journal."},
    )

    def __init__(self, *args: Any, asks: bool, requires: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["reason"]
        elif requires:
            self.fields["reason"].required = True


class MessageForm(Form):
    """A message, or a note among agents."""

    text = forms.CharField(
        label="Votre message",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "class": "form-control"}),
        error_messages={"required": "Écrivez votre message avant de l’envoyer."},
    )
    is_internal = forms.BooleanField(
        label="Note interne : seuls les agents la lisent, aucun courriel ne part", required=False
    )


class AssignForm(Form):
    """Who answers for a dossier, and who stands in."""

    owner = RowField(
        queryset=User.objects.none(), label="Responsable", required=False, empty_label="Personne pour l’instant"
    )
    backup = RowField(queryset=User.objects.none(), label="Suppléance", required=False, empty_label="Personne")
    reason = forms.CharField(
        label="Motif",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner", "backup"):
            self.fields[name].queryset = colleagues  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = "Choisissez une personne qui instruit ce dispositif."

    @classmethod
    def of(cls, dossier: Dossier, colleagues: QuerySet[User], data: Any = None) -> "AssignForm":
        initial = {"owner": dossier.owner_id, "backup": dossier.backup_id}
        return cls(data, initial=initial, colleagues=colleagues)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One thing that may be asked for: its tick and what is expected."""

    target: str
    tick: forms.BoundField
    expected: forms.BoundField


class CorrectionForm(Form):
    """A request for pieces or sections, ticked one by one, each with what is expected of it."""

    text = forms.CharField(
        label="Message",
        help_text="Il est ajouté au courriel, après la liste.",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )
    due_on = DayField(
        label="Dernier jour pour répondre",
        help_text="Ce jour est compris, jusqu’à minuit.",
        error_messages={"required": "Indiquez le dernier jour pour répondre."},
    )

    def __init__(
        self, *args: Any, targets: Mapping[str, str], known: Mapping[str, str], due_on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.targets = dict(targets)
        self.fields["due_on"].initial = due_on.strftime("%d/%m/%Y")
        for target, label in self.targets.items():
            self.fields[_tick(target)] = forms.BooleanField(
                label=label, required=False, initial=target in known, widget=_checkbox()
            )
            self.fields[_expected(target)] = forms.CharField(
                label=f"Ce qui est attendu : {label}",
                required=False,
                max_length=LONGEST_EXPECTATION,
                initial=known.get(target, ""),
                widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
            )
        self.order_fields([*(name for target in self.targets for name in (_tick(target), _expected(target)))])

    def rows(self, kind: str) -> Iterator[TargetRow]:
        """List the rows of a kind: `piece` or `section`."""
        for target in self.targets:
            if target.startswith(f"{kind}:"):
                yield TargetRow(target, self[_tick(target)], self[_expected(target)])

    @property
    def pieces(self) -> list[TargetRow]:
        return list(self.rows("piece"))

    @property
    def sections(self) -> list[TargetRow]:
        return list(self.rows("section"))

    @property
    def asked(self) -> list[Asked]:
        """What is ticked, in the order of the form."""
        return [
            Asked(target, self.cleaned_data[_expected(target)].strip())
            for target in self.targets
            if self.cleaned_data.get(_tick(target))
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ticked = [target for target in self.targets if cleaned.get(_tick(target))]
        for target in self.targets:
            said = cleaned.get(_expected(target), "").strip()
            if target in ticked and not said and _expected(target) not in self.errors:
                self.add_error(_expected(target), "Dites ce qui est attendu.")
            if target not in ticked and said:
                self.add_error(_tick(target), "Cochez cette ligne, ou effacez ce qui est attendu.")
        if not ticked and not any(_tick(target) in self.errors for target in self.targets):
            self.add_error(None, "Cochez au moins une pièce ou une section.")
        return cleaned


def _tick(target: str) -> str:
    return f"demande-{target.replace(':', '-')}"


def _expected(target: str) -> str:
    return f"attendu-{target.replace(':', '-')}"


def _checkbox() -> forms.CheckboxInput:
    return forms.CheckboxInput(attrs={"class": "form-check-input"})
