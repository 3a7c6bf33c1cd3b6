"""What is typed on the organisers' and the deliberation's pages: jurors, order, ranks, presence, votes, embargo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from normandata.dossiers.gesture_forms import reason_field
from normandata.scoring.forms import ReasonForm
from normandata.ui.fields import InstantField
from normandata.ui.forms import RowForm

from .juries import QUALITIES, Juror
from .jury_rules import Line
from .teams import Team


class JurorForm(RowForm):
    """Somebody of the jury; the address is given once, since the invitation went there."""

    name = forms.CharField(
        label="Prénom et nom", max_length=150, error_messages={"required": "Indiquez le prénom et le nom."}
    )
    email = forms.EmailField(
        label="Adresse électronique",
        help_text="L’invitation y part aussitôt ; elle vaut sept jours.",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse électronique.",
            "invalid": "Écrivez une adresse électronique, comme nom@exemple.fr.",
        },
    )
    quality = forms.ChoiceField(
        label="Qualité",
        choices=QUALITIES,
        widget=forms.RadioSelect,
        help_text="Le jury réunit des élus régionaux ou leurs représentants, et des experts.",
        error_messages={"required": "Choisissez la qualité."},
    )
    title = forms.CharField(label="Titre ou domaine (facultatif)", max_length=150, required=False)

    def __init__(self, *args: Any, juror: Juror | None = None, **kwargs: Any) -> None:
        if juror is not None:
            kwargs.setdefault("initial", {name: getattr(juror, name) for name in ("name", "quality", "title")})
        super().__init__(*args, **kwargs)
        if juror is not None:
            del self.fields["email"]


class OrderForm(RowForm):
    """The order of the presentations: a rank for each team that presents, none for one that does not."""

    def __init__(self, *args: Any, teams: Sequence[Team], asks_why: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = teams
        for one in teams:
            self.fields[f"ordre-{one.pk}"] = forms.IntegerField(
                label=one.name,
                required=False,
                min_value=1,
                max_value=999,
                initial=one.order or None if one.presents else None,
                widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "maxlength": 3}),
                error_messages={
                    "invalid": "Écrivez un rang en chiffres.",
                    "min_value": "Les rangs commencent à 1.",
                    "max_value": "Ce rang est trop grand.",
                },
            )
        if asks_why:
            self.fields["motif"] = reason_field("Motif, si une équipe ne présente plus", "")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        ranks = [found[name] for name in found if name.startswith("ordre-") and found[name] is not None]
        for name in list(found):
            if name.startswith("ordre-") and found[name] is not None and ranks.count(found[name]) > 1:
                self.add_error(name, f"Le rang {found[name]} est donné deux fois.")
        return found

    @property
    def rows(self) -> list[tuple[Team, Any]]:
        return [(one, self[f"ordre-{one.pk}"]) for one in self.teams]

    @property
    def chosen(self) -> list[Team]:
        ranks = {one: self.cleaned_data[f"ordre-{one.pk}"] for one in self.teams}
        return sorted((one for one in self.teams if ranks[one] is not None), key=lambda one: ranks[one])

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("motif", ""))


def ranks(data: QueryDict) -> dict[int, str]:
    """Read the decided ranks of a page, unchecked, by team."""
    found = {}
    for name, value in data.items():
        kind, _, key = name.partition("-")
        if kind == "rang" and key.isdecimal() and key.isascii() and len(key) < 10:
            found[int(key)] = str(value)
    return found


def keys(data: QueryDict, name: str) -> list[int]:
    """Read the ticked boxes of a page."""
    return [int(one) for one in data.getlist(name) if one.isdecimal() and one.isascii() and len(one) < 10]


VOICES = {"required": "Indiquez un nombre de voix, même nul.", "invalid": "Écrivez un nombre de voix en chiffres."}


class VoteForm(RowForm):
    """A vote of the jury; between two teams of one rank, « pour » places the first before the other."""

    objet = forms.CharField(
        label="Objet du vote", max_length=300, error_messages={"required": "Indiquez sur quoi porte le vote."}
    )
    devant = forms.TypedChoiceField(label="Équipe à placer devant (pour départager)", required=False, empty_value="")
    derriere = forms.TypedChoiceField(label="Équipe à placer derrière", required=False, empty_value="")
    pour = forms.IntegerField(label="Pour", min_value=0, max_value=999, initial=0, error_messages=VOICES)
    contre = forms.IntegerField(label="Contre", min_value=0, max_value=999, initial=0, error_messages=VOICES)
    abstentions = forms.IntegerField(label="Abstentions", min_value=0, max_value=999, initial=0, error_messages=VOICES)
    voix = forms.ChoiceField(
        label="Voix prépondérante de qui préside, à égalité des voix",
        choices=[("", "Sans objet"), ("pour", "Pour"), ("contre", "Contre")],
        required=False,
        widget=forms.RadioSelect,
    )
    columns = {"chair_in_favour": "voix", "subject": "objet", "team": "devant", "other": "derriere"}

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [("", "Aucune"), *((one.key, one.name) for one in lines if one.proposed is not None)]
        for name in ("devant", "derriere"):
            field: Any = self.fields[name]
            field.choices = names
        for name in ("pour", "contre", "abstentions"):
            self.fields[name].widget = forms.TextInput(
                attrs={"class": "form-control", "inputmode": "numeric", "maxlength": 3}
            )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        one, other = found.get("devant"), found.get("derriere")
        if bool(one) != bool(other):
            self.add_error("derriere" if one else "devant", "Choisissez les deux équipes, ou aucune.")
        elif one and one == other:
            self.add_error("derriere", "Choisissez une autre équipe.")
        if found.get("pour") == found.get("contre") and found.get("pour") is not None and not found.get("voix"):
            self.add_error("voix", "À égalité, la voix de qui préside tranche : choisissez pour ou contre.")
        return found

    @property
    def voices(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "in_favour": given["pour"],
            "against": given["contre"],
            "abstained": given["abstentions"],
            "chair_in_favour": {"pour": True, "contre": False}.get(given["voix"]),
        }


class SeenForm(RowForm):
    """A gesture confirmed by a button; what the page showed goes with it."""

    vue = forms.CharField(widget=forms.HiddenInput, required=False)


class SeenReasonForm(ReasonForm):
    """A gesture with its reason; what the page showed goes with it."""

    vue = forms.CharField(widget=forms.HiddenInput, required=False)


class PublishForm(SeenForm):
    """When the results may be read: at once, or from an instant on."""

    embargo = InstantField(
        label="Résultats visibles à partir du",
        help_text="Sans date, ils sont visibles tout de suite. Heure de Paris, par exemple 12/05/2027 à 18 h 30.",
        required=False,
    )

    def clean_embargo(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["embargo"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError("Cette heure est passée : laissez vide pour publier tout de suite.")
        return until
