"""What organisers type about an edition: its name, its settings, what it says, its prizes, its rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from normandata.dossiers.gesture_forms import reason_field
from normandata.regulation.formats import number
from normandata.ui.fields import DayField, InstantField, NumberField, RowField
from normandata.ui.forms import Choice, RowForm

from .editions import ELSEWHERE, FORMATS, HERE, Criterion, DataSet, Edition, Theme
from .phases import SETTABLE, STATES
from .services.editions import settable

FIRST_YEAR, LAST_YEAR = 2019, 2100
INCLUDED = "Ce jour est compris, jusqu’à minuit, heure de Paris."
EXAMPLE = "Heure de Paris, par exemple 22/10/2027 à 14 h 30."
ADDRESS = {"invalid": "Écrivez une adresse complète, qui commence par https://."}
LATER, EMPTY = "later", "empty"


class NameForm(RowForm):
    """The title, the year and the address of an edition to make."""

    title = forms.CharField(label="Titre", max_length=150, error_messages={"required": "Donnez un titre à l’édition."})
    year = NumberField(label="Année", whole=True, least=FIRST_YEAR, example="2027")
    slug = forms.SlugField(
        label="Adresse de la page",
        help_text="Lettres sans accent, chiffres et traits d’union. Faite du titre si vous la laissez vide.",
        max_length=60,
        required=False,
        error_messages={"invalid": "Des lettres sans accent, des chiffres et des traits d’union seulement."},
    )

    def clean_year(self) -> int:
        year = int(self.cleaned_data["year"])
        if year > LAST_YEAR:
            raise ValidationError(f"Une édition est de {LAST_YEAR} au plus tard.")
        return year


class CloneForm(NameForm):
    """What a clone changes of the edition it takes up."""

    dates = forms.ChoiceField(
        label="Dates",
        choices=[
            (
                LATER,
                Choice("Décalées", "De semaines entières : les jours de la semaine restent."),
            ),
            (EMPTY, Choice("Vides", "Vous les écrirez dans les réglages.")),
        ],
        widget=forms.RadioSelect,
        initial=LATER,
        error_messages={"required": "Choisissez ce que deviennent les dates."},
    )

    @property
    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        keeps_dates = given.pop("dates") == LATER
        return given | {"keeps_dates": keeps_dates}


class KeptForm(RowForm):
    """A form of something that is kept: what it holds now, as it is typed."""

    @classmethod
    def typed(cls, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value

    def differences(self, kept: "KeptForm") -> list[tuple[str, Any, Any]]:
        """List what was typed and what is kept where they differ: (label, typed, kept)."""
        return [
            (str(field.label), self[name].value(), kept[name].value())
            for name, field in self.fields.items()
            if self.cleaned_data.get(name) != _read(field, kept[name].value())
        ]


def _read(field: forms.Field, typed: Any) -> Any:
    """Read what is kept as if it were typed; what a form would refuse differs from anything it takes."""
    try:
        return field.clean(typed)
    except ValidationError:
        return None


class SettingsForm(KeptForm):
    """The settings of an edition; those that the jury judges by go once scoring is open."""

    title = forms.CharField(label="Titre", max_length=150, error_messages={"required": "Donnez un titre à l’édition."})
    summary = forms.CharField(
        label="En quelques mots", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    format = forms.ChoiceField(label="Déroulement", choices=FORMATS, widget=forms.RadioSelect)
    registration_mode = forms.ChoiceField(
        label="Où s’inscrire", choices=[(HERE, "Sur ce portail"), (ELSEWHERE, "Sur un autre site")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    registration_url = forms.URLField(
        label="Adresse de l’inscription", help_text="Pour un autre site, par exemple DataNormandie.", max_length=500,
        required=False, assume_scheme="https", error_messages=ADDRESS,
    )  # fmt: skip
    opens_on = DayField(label="Inscriptions à partir du", help_text="Par exemple 01/09/2027.", required=False)
    registration_closes_on = DayField(label="Inscriptions jusqu’au", help_text=INCLUDED, required=False)
    starts_on = DayField(label="Début du challenge", required=False)
    teams_lock_on = DayField(label="Dernier jour pour changer d’équipe", help_text=INCLUDED, required=False)
    deliverables_due_at = InstantField(label="Livrables à remettre avant le", help_text=EXAMPLE, required=False)
    closing_at = InstantField(label="Clôture, en Normandie", help_text=EXAMPLE, required=False)
    closing_place = forms.CharField(
        label="Lieu de la clôture", help_text="Il peut être communiqué pendant le challenge.", max_length=300,
        required=False,
    )  # fmt: skip
    quorum = NumberField(
        label="Bulletins pour classer une équipe", help_text="Au-dessous, elle est « non classable ».", whole=True,
        least=1, example="3",
    )  # fmt: skip
    recusal_is_whole = forms.BooleanField(label="Un déport vaut pour tout le jury", required=False)
    spread_alert = NumberField(label="Écart de notes signalé, en points", least=0, example="1,5")
    embargo_until = InstantField(
        label="Résultats visibles à partir du", help_text="Vide : dès leur publication.", required=False
    )

    FROZEN = ("quorum", "recusal_is_whole", "spread_alert")

    @classmethod
    def of(cls, edition: Edition, data: Mapping[str, Any] | None = None, *, is_judging: bool = False) -> "SettingsForm":
        initial = {name: cls.typed(getattr(edition, name)) for name in cls.base_fields}
        for name in ("opens_on", "registration_closes_on", "starts_on", "teams_lock_on"):
            initial[name] = f"{initial[name]:%d/%m/%Y}" if initial[name] else ""
        form = cls(data, initial=initial)
        for name in cls.FROZEN if is_judging else ():
            del form.fields[name]
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("registration_mode") == ELSEWHERE and "registration_url" not in self.errors:
            if not cleaned.get("registration_url"):
                self.add_error("registration_url", "Indiquez l’adresse où l’on s’inscrit.")
        elif cleaned.get("registration_mode") == HERE:
            cleaned["registration_url"] = ""
        if "quorum" in cleaned:
            cleaned["quorum"] = int(cleaned["quorum"])
        return cleaned


def rank_field() -> NumberField:
    return NumberField(
        label="Ordre", help_text="Les plus petits d’abord.", whole=True, least=1, initial="1", example="1"
    )


class ContentForm(KeptForm):
    """Something that an edition says, at a place among others of its kind."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Any, data: Mapping[str, Any] | None = None) -> "ContentForm":
        return cls(
            data, initial={name: cls.typed(getattr(row, name)) for name in cls.base_fields if hasattr(row, name)}
        )

    def clean_rank(self) -> int:
        return int(self.cleaned_data["rank"])

    def fill(self, row: Any) -> Any:
        """Write what was typed on a row, unsaved."""
        for name, value in self.cleaned_data.items():
            setattr(row, name, value)
        return row


class ThemeForm(ContentForm):
    """A theme."""

    title = forms.CharField(label="Thème", max_length=150, error_messages={"required": "Donnez un titre au thème."})
    summary = forms.CharField(
        label="Description", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    rank = rank_field()


class DataSetForm(ContentForm):
    """A data set, with its address and its licence."""

    title = forms.CharField(
        label="Jeu de données", max_length=200, error_messages={"required": "Donnez un nom au jeu de données."}
    )
    producer = forms.CharField(label="Producteur", max_length=150, required=False)
    url = forms.URLField(
        label="Adresse", max_length=500, assume_scheme="https",
        error_messages={"required": "Indiquez l’adresse du jeu de données.", **ADDRESS},
    )  # fmt: skip
    licence = forms.CharField(
        label="Licence", help_text="Par exemple Licence Ouverte 2.0, ODbL.", max_length=100,
        error_messages={"required": "Indiquez la licence : les équipes doivent la citer."},
    )  # fmt: skip
    theme = RowField(label="Thème", queryset=Theme.objects.none(), required=False, empty_label="Tous")
    rank = rank_field()

    @classmethod
    def of(cls, row: DataSet, data: Mapping[str, Any] | None = None) -> "DataSetForm":
        initial = {name: getattr(row, name) for name in ("title", "producer", "url", "licence", "rank")}
        form = cls(data, initial=initial | {"theme": row.theme_id})
        form.fields["theme"].queryset = row.edition.themes.all()  # type: ignore[attr-defined]
        return form


class CriterionForm(ContentForm):
    """A criterion of the jury and its weight."""

    label = forms.CharField(label="Critère", max_length=200, error_messages={"required": "Nommez le critère."})
    hint = forms.CharField(label="Ce qu’il faut regarder", max_length=300, required=False)
    weight = NumberField(label="Poids", help_text="Par exemple 3 ou 1,5.", example="3")
    rank = rank_field()

    def clean_weight(self) -> Decimal:
        weight: Decimal = self.cleaned_data["weight"]
        if not 0 < weight < 100:
            raise ValidationError("Un poids est au-dessus de zéro, et de moins de 100.")
        return weight


FORMS: Mapping[str, tuple[type[Theme] | type[DataSet] | type[Criterion], type[ContentForm], str]] = {
    "themes": (Theme, ThemeForm, "un thème"),
    "donnees": (DataSet, DataSetForm, "un jeu de données"),
    "criteres": (Criterion, CriterionForm, "un critère"),
}
"""What an edition says, by the word of its address."""


class PrizesForm(KeptForm):
    """The prizes by rank, one on each line: as many as are typed, so that the règlement may refuse a fourth."""

    prizes = forms.CharField(
        label="Prix, en euros",
        help_text="Un par ligne, le premier rang d’abord. Vide : aucun prix.",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @classmethod
    def of(cls, edition: Edition, data: Mapping[str, Any] | None = None) -> "PrizesForm":
        return cls(data, initial={"prizes": "\n".join(number(prize) for prize in edition.prizes)})

    def clean_prizes(self) -> list[Decimal]:
        reader = NumberField(least=None, unit="€", example="2 500")
        return [reader.clean(line) for line in self.cleaned_data["prizes"].splitlines() if line.strip()]


class PhasesForm(KeptForm):
    """What each phase opens, and stays open in this edition."""

    opened = forms.MultipleChoiceField(
        label="Ce que chaque phase laisse voir", required=False, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def of(cls, edition: Edition, data: Mapping[str, Any] | None = None) -> "PhasesForm":
        pairs = settable()
        shut = {(one.phase, one.right) for one in edition.shut.all()}
        form = cls(data, initial={"opened": [":".join(pair) for pair in pairs if pair not in shut]})
        form.fields["opened"].choices = [  # type: ignore[attr-defined]
            (f"{phase}:{right}", f"{STATES[phase].label} : {SETTABLE[right].lower()}") for phase, right in pairs
        ]
        return form

    @property
    def shut(self) -> set[tuple[str, str]]:
        """The pairs that were left unticked."""
        return {pair for pair in settable() if ":".join(pair) not in self.cleaned_data["opened"]}


class RulesForm(KeptForm):
    """A version of the rules; from the second on, it says what changes."""

    text = forms.CharField(
        label="Texte du règlement",
        help_text="Une ligne vide sépare les paragraphes ; une ligne courte qui commence par « Article », sans point à "
        "la fin, devient un titre.",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        error_messages={"required": "Écrivez le règlement de l’édition."},
    )
    change = forms.CharField(
        label="Ce qui change", help_text="Une phrase, envoyée aux participants.", max_length=300,
        error_messages={"required": "Dites ce qui change : les participants le lisent."},
    )  # fmt: skip

    @classmethod
    def of(cls, edition: Edition, data: Mapping[str, Any] | None = None) -> "RulesForm":
        last = edition.rules_texts.first()
        form = cls(data, initial={"text": last.text if last else "", "change": ""})
        if last is None:
            del form.fields["change"]
        return form


class ReasonForm(RowForm):
    """A gesture with a reason that is kept, and sent to those it touches."""

    reason = reason_field(
        "Motif",
        "Indiquez le motif : il est versé au journal et envoyé.",
        "Versé au journal, et envoyé aux participants.",
    )


class InviteForm(RowForm):
    """Whom to invite."""

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse de la personne à inviter.",
            "invalid": "Écrivez une adresse complète, par exemple camille@exemple.fr.",
        },
    )


class EndForm(RowForm):
    """Why a role is withdrawn."""

    reason = reason_field("Motif", "Indiquez le motif : il est versé au journal.", "Versé au journal.")
