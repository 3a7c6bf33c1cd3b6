"""What is typed about a cœur expert request: the need, the exchange, the experts chosen, the answer, the outcome."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from normandata.accounts.models import User
from normandata.dossiers.people import PHONE
from normandata.organisations.models import Organisation
from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField, InstantField, RowsField
from normandata.ui.forms import Choice, Form

from .models import Expert, Outcome
from .needs import LONGEST_NEED, LONGEST_POINT, LONGEST_WORDS

ALONE = "moi"
MOST_SHOWN = 30
"""Experts offered at once: more are found by a word."""
POINTS = {
    "technology": "Outils, méthodes ou modèles auxquels vous pensez.",
    "delays": "Une échéance à tenir, un moment favorable.",
    "costs": "Un budget, un financement, une limite.",
    "partnership": "Avec qui vous travaillez, ou qui vous cherchez.",
}
"""What a first exchange is about (C-03), with what the requester may already say of it."""


def area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control", **attrs})


class PointsForm(Form):
    """The four points of a first exchange."""

    technology = forms.CharField(label="Technologie", max_length=LONGEST_POINT, required=False, widget=area(3))
    delays = forms.CharField(label="Délais", max_length=LONGEST_POINT, required=False, widget=area(3))
    costs = forms.CharField(label="Coûts", max_length=LONGEST_POINT, required=False, widget=area(3))
    partnership = forms.CharField(label="Partenariat", max_length=LONGEST_POINT, required=False, widget=area(3))

    @property
    def points(self) -> list[forms.BoundField]:
        return [self[name] for name in POINTS]


class NeedForm(PointsForm):
    """A need told to the cœur expert."""

    field_order = ("organisation", "title", "need", "datasets", *POINTS, "contact_name", "contact_phone", "key")

    organisation = forms.ChoiceField(
        label="Au nom de qui demandez-vous ?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Dites au nom de qui vous demandez.",
            "invalid_choice": "Choisissez une de vos structures, ou vous-même.",
        },
    )
    title = forms.CharField(
        label="Votre besoin en une ligne",
        help_text="Par exemple : prévoir la fréquentation de nos piscines.",
        max_length=150,
        error_messages={"required": "Donnez un titre à votre besoin."},
    )
    need = forms.CharField(
        label="Racontez votre besoin",
        help_text="Ce que vous cherchez à faire, pour qui, ce qui vous manque aujourd’hui.",
        max_length=LONGEST_NEED,
        widget=area(7),
        error_messages={"required": "Racontez votre besoin : l’échange part de là."},
    )
    datasets = forms.CharField(
        label="Vos données",
        help_text="Lesquelles, où elles sont, depuis quand. Ne joignez aucune donnée personnelle ici.",
        max_length=LONGEST_POINT,
        required=False,
        widget=area(3),
    )
    contact_name = forms.CharField(
        label="Personne à joindre",
        max_length=150,
        error_messages={"required": "Indiquez le nom de la personne à joindre."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = forms.CharField(
        label="Téléphone",
        help_text="L’adresse de votre compte est déjà connue.",
        max_length=30,
        required=False,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": "Rechargez la page."})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(one.siret): one for one in Organisation.objects.of(user).order_by("name", "siret")}
        for name, hint in POINTS.items():
            self.fields[name].help_text = hint
        self.fields["key"].initial = uuid.uuid4()
        self.fields["contact_name"].initial = user.name
        if not self.organisations:
            del self.fields["organisation"]
            return
        mine = [(siret, Choice(one.label, one.written_siret)) for siret, one in self.organisations.items()]
        alone = (ALONE, Choice("En mon nom", "Vous seul suivez la demande."))
        self.fields["organisation"].choices = [*mine, alone]  # type: ignore[attr-defined]

    @property
    def organisation_chosen(self) -> Organisation | None:
        return self.organisations.get(self.cleaned_data.get("organisation", ALONE))

    @property
    def said(self) -> dict[str, str]:
        """What is typed of the need, by column."""
        columns = {"datasets": "data"}
        left_out = ("organisation", "key")
        return {columns.get(name, name): value for name, value in self.cleaned_data.items() if name not in left_out}

    @property
    def points(self) -> list[Any]:
        return [self[name] for name in POINTS]


class ScheduleForm(Form):
    """When and where the first exchange takes place."""

    day = InstantField(label="Jour et heure", help_text="Heure de Paris, par exemple 22/10/2027 à 14 h 30.")
    place = forms.CharField(
        label="Où, ou comment",
        help_text="Une adresse, ou « visioconférence, le lien suivra ». Le porteur du besoin lit cette ligne.",
        max_length=300,
        error_messages={"required": "Dites où, ou comment, l’échange aura lieu."},
    )


class HoldForm(PointsForm):
    """What the first exchange said."""

    field_order = ("held_on", *POINTS)
    held_on = DayField(
        label="Échange tenu le",
        help_text="Par exemple 12/05/2026. Une date passée ou du jour.",
        error_messages={"required": "Indiquez la date du premier échange."},
    )

    @property
    def found(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in POINTS}


class SolicitForm(Form):
    """The experts who are asked, among those who agreed to be introduced; `typed` narrows those offered."""

    experts = RowsField(
        queryset=Expert.objects.none(),
        label="Experts à solliciter",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins un expert.",
            "invalid_choice": "Un expert choisi n’a pas, ou plus, donné son accord pour être mis en relation.",
            "invalid_pk_value": "Choisissez des experts dans la liste.",
        },
    )
    message = forms.CharField(
        label="Message aux experts",
        help_text="Ils le lisent avec le besoin et le compte rendu de l’échange.",
        max_length=LONGEST_WORDS,
        required=False,
        widget=area(3),
    )

    def __init__(self, *args: Any, experts: Any, typed: str, wished: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["experts"]
        field.queryset = experts
        kept = self._checked() | ({wished} if wished else set())
        found = list(experts.matching(typed).exclude(pk__in=kept).order_by("name", "pk")[: MOST_SHOWN + 1])
        self.initial["experts"] = sorted(kept)
        self.is_cut = len(found) > MOST_SHOWN
        shown = [*experts.filter(pk__in=kept).order_by("name", "pk"), *found[:MOST_SHOWN]]
        field.choices = [(one.pk, Choice(str(one), one.skills)) for one in shown]
        self.is_empty = not shown

    def _checked(self) -> set[int]:
        """The experts ticked already: a new search does not lose them."""
        data: Any = self.data if self.is_bound else self.initial.get("experts", ())
        typed: Sequence[str] = data.getlist("experts") if hasattr(data, "getlist") else data
        return {int(one) for one in typed if str(one).isdecimal() and len(str(one)) < 10}


class ReasonForm(Form):
    """Why one declines, withdraws or stops waiting, if one says so."""

    reason = forms.CharField(label="Motif", max_length=2000, required=False, widget=area(3))

    def __init__(self, *args: Any, read_by: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = spaced(f"Lu par {read_by}.")


class OutcomeForm(Form):
    """What followed a request."""

    outcome = forms.ChoiceField(
        label="Quelle suite a été donnée ?",
        widget=forms.RadioSelect,
        choices=Outcome.choices,
        error_messages={
            "required": "Dites quelle suite a été donnée.",
            "invalid_choice": "Dites quelle suite a été donnée.",
        },
    )
    outcome_on = DayField(
        label="Depuis le",
        help_text="Le jour de cette suite, par exemple celui du dépôt d’une demande.",
        error_messages={"required": "Indiquez le jour de cette suite."},
    )
    words = forms.CharField(
        label="En quelques mots",
        help_text="Lu par la Région et par le porteur du besoin.",
        max_length=LONGEST_WORDS,
        widget=area(4),
        error_messages={"required": "Racontez la suite en quelques mots."},
    )
