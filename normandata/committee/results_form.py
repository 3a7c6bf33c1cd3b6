"""The results of a session on one page: what holds for all of it, then each dossier, with its exceptions alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from normandata.procedure.errors import NotDone
from normandata.regulation.formats import number
from normandata.ui.fields import NumberField
from normandata.ui.forms import dress

from .forms import DeliberationForm, deliberation_of, typed
from .models import Item, Recusal, Session
from .reading import Line
from .services.results import AS_PROPOSED, Deliberation, Result, Votes

COUNTED = {"pour": "Pour", "contre": "Contre", "abstentions": "Abstentions"}
PARTS = {"amount": "montant", "reason": "motif"}
"""The field of a line, by what a refusal is about."""
LONGEST_NAME = Recusal._meta.get_field("name").max_length or 150
LONGEST_WHY = Recusal._meta.get_field("reason").max_length or 300
MOST_VOTERS = 32_767
_RECUSAL = re.compile(r"\s*(?P<name>[^(]+?)\s*(?:\((?P<reason>.*)\))?\s*", re.DOTALL)


class RecusalsField(forms.CharField):
    """Who withdrew, a name a line, its reason in brackets: `Camille Exemple (administratrice de la structure)`."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in str(super().clean(value)).splitlines():
            if not line.strip():
                continue
            match = _RECUSAL.fullmatch(line)
            if match is None or len(match["name"]) > LONGEST_NAME or len(match["reason"] or "") > LONGEST_WHY:
                raise ValidationError("Écrivez un nom par ligne, et son motif entre parenthèses s’il est connu.")
            found[match["name"]] = (match["reason"] or "").strip()
        return tuple(found.items())


@dataclass(frozen=True, slots=True)
class Row:
    """A dossier of the form: its line of the agenda, its fields, and whether it opens by itself."""

    line: Line
    cells: Mapping[str, forms.BoundField]
    is_open: bool

    def __getitem__(self, part: str) -> forms.BoundField:
        return self.cells[part]


class ResultsForm(DeliberationForm):
    """What was decided: the deliberation and the vote of the session, then the exceptions, dossier by dossier."""

    deliberation_number = forms.CharField(
        label="Numéro de la délibération",
        help_text="Par exemple CP D 26-12-41. Il faut le connaître pour envoyer les résultats.",
        max_length=40,
        required=False,
    )
    presided_by = forms.CharField(label="Présidence de la séance", max_length=150, required=False)
    field_order = ("deliberation_number", "presided_by", "executory_on", "deliberation_url")

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for name, label in COUNTED.items():
            self._add(name, _count(label))
        for line in lines:
            for part, field in _fields(line.item).items():
                self._add(f"p{line.item.pk}_{part}", field)

    @classmethod
    def for_session(cls, session: Session, lines: Sequence[Line], data: Mapping[str, Any] | None) -> "ResultsForm":
        """Show what was typed already; the vote of the session is that of its first dossier."""
        initial: dict[str, Any] = {
            "deliberation_number": session.deliberation_number,
            "deliberation_url": session.deliberation_url,
            "executory_on": typed(session),
            "presided_by": session.presided_by,
        }
        shared = _votes(lines[0].item) if lines else None
        initial |= dict(zip(COUNTED, shared or (), strict=False))
        for line in lines:
            initial |= {f"p{line.item.pk}_{part}": value for part, value in _initial(line.item, shared).items()}
        return cls(data, initial=initial, lines=lines)

    def _add(self, name: str, field: forms.Field) -> None:
        dress(field)
        self.fields[name] = field

    def rows(self) -> list[Row]:
        """The dossiers with their fields; one that departs from the proposal, or is wrong, is open."""
        return [self._row(line) for line in self.lines]

    def _row(self, line: Line) -> Row:
        cells = {part: self[f"p{line.item.pk}_{part}"] for part in _fields(line.item)}
        is_filled = any(cell.value() not in (None, "", AS_PROPOSED) for cell in cells.values())
        return Row(line, cells, is_filled or any(cell.errors for cell in cells.values()))

    @property
    def common(self) -> list[forms.BoundField]:
        return [self[name] for name in COUNTED]

    @property
    def deliberation(self) -> Deliberation:
        return deliberation_of(self.cleaned_data)

    @property
    def votes(self) -> Votes | None:
        return self._counted("")

    @property
    def results(self) -> dict[int, Result]:
        """What was decided, by the key of the item."""
        return {line.item.pk: self._result(f"p{line.item.pk}_") for line in self.lines}

    def _result(self, prefix: str) -> Result:
        cleaned = self.cleaned_data
        return Result(
            outcome=cleaned[f"{prefix}decision"],
            amount=cleaned[f"{prefix}montant"],
            reason=cleaned[f"{prefix}motif"],
            votes=self._counted(prefix),
            recusals=cleaned[f"{prefix}deports"],
        )

    def _counted(self, prefix: str) -> Votes | None:
        counts = [self.cleaned_data[f"{prefix}{name}"] for name in COUNTED]
        return None if all(one is None for one in counts) else Votes(*(int(one or 0) for one in counts))

    def clean(self) -> dict[str, Any]:
        """An amount typed without its decision is a decision: it is granted with that amount."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for line in self.lines:
            prefix = f"p{line.item.pk}_"
            if cleaned.get(f"{prefix}montant") is None:
                continue
            if cleaned.get(f"{prefix}decision") == AS_PROPOSED:
                cleaned[f"{prefix}decision"] = Item.Outcome.GRANTED.value
            elif cleaned.get(f"{prefix}decision") != Item.Outcome.GRANTED:
                self.add_error(f"{prefix}montant", "Un refus ou un ajournement n’a pas de montant : effacez-le.")
        return cleaned

    def refused(self, error: NotDone) -> None:
        """Put the refusals of the gesture beside the fields they speak of."""
        for sentence in error.messages:
            field, item = getattr(sentence, "field", None), getattr(sentence, "item", None)
            name = f"p{item}_{PARTS.get(str(field), field)}" if item else field
            self.add_error(name if name in self.fields else None, str(sentence))


def _fields(item: Item) -> dict[str, forms.Field]:
    """Return the fields of a dossier, each named after it for the summary of errors."""
    named = item.dossier.number
    granted = "Accordé, avec un autre montant" if item.is_grant else "Accordé malgré la proposition de refus"
    choices = [
        (AS_PROPOSED, "Conforme à la proposition"),
        (Item.Outcome.GRANTED.value, granted),
        (Item.Outcome.REFUSED.value, "Refusé"),
        (Item.Outcome.ADJOURNED.value, "Ajourné"),
    ]
    return {
        "decision": forms.ChoiceField(label=f"{named}, décision", choices=choices, initial=AS_PROPOSED),
        "montant": NumberField(
            label=f"{named}, montant accordé", unit="€", example="10 000,00", least=None, required=False
        ),
        "motif": forms.CharField(
            label=f"{named}, motif", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
        ),
        **{name: _count(f"{named}, {label.lower()}") for name, label in COUNTED.items()},
        "deports": RecusalsField(
            label=f"{named}, déports", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
        ),
    }


def _count(label: str) -> NumberField:
    return NumberField(label=label, whole=True, least=0, required=False)


def _votes(item: Item) -> tuple[str, str, str] | None:
    if item.votes_for is None:
        return None
    return str(item.votes_for), str(item.votes_against), str(item.abstentions)


def _initial(item: Item, shared: tuple[str, str, str] | None) -> dict[str, str]:
    """Write back what was typed of a dossier; what is as proposed, or voted like the others, stays empty."""
    recusals = [one.written for one in item.recusals.all()]
    said = {"decision": AS_PROPOSED, "deports": "\n".join(recusals)}
    if item.outcome and (item.departs or item.outcome == Item.Outcome.ADJOURNED):
        said["decision"] = item.outcome
        said["montant"] = number(item.decided_amount, 2) if item.decided_amount else ""
    if item.outcome and item.reason != item.said.reason:
        said["motif"] = item.reason
    own = _votes(item)
    return said | (dict(zip(COUNTED, own, strict=True)) if own and own != shared else {})
