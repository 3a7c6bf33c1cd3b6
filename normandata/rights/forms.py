"""What a person asks about their data, and what whoever answers writes."""

from django import forms

from normandata.ui.fields import DayField
from normandata.ui.forms import Form

from .models import Kind, Request


class AskForm(Form):
    """A right claimed, in one's own words."""

    kind = forms.ChoiceField(
        label="Ce que vous demandez",
        choices=[
            (Kind.RECTIFICATION.value, "Rectifier une donnée que je ne peux pas corriger moi-même"),
            (Kind.LIMITATION.value, "Limiter l’usage de mes données"),
            (Kind.OPPOSITION.value, "M’opposer à un usage, pour une raison tenant à ma situation"),
            (Kind.ACCESS.value, "Obtenir une donnée qui n’est pas dans la copie"),
            (Kind.ERASURE.value, "Effacer mes données, quand je ne peux pas le faire moi-même"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que vous demandez."},
    )
    text = forms.CharField(
        label="Précisez votre demande",
        help_text="Quelles données, et pourquoi. N’écrivez rien de sensible.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Écrivez ce que vous demandez."},
    )


class NoteForm(Form):
    """A request that came by letter."""

    email = forms.EmailField(
        label="Adresse électronique de la personne",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse de la personne.",
            "invalid": "Écrivez une adresse complète, par exemple prenom.nom@mairie.fr.",
        },
    )
    name = forms.CharField(
        label="Nom de la personne",
        help_text="Prénom et nom, comme ils sont écrits dans les dossiers. Utile sans compte.",
        max_length=150,
        required=False,
    )
    kind = forms.ChoiceField(
        label="Droit exercé", choices=Kind.choices, error_messages={"required": "Choisissez le droit exercé."}
    )
    text = forms.CharField(
        label="Ce qui est demandé",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez ce qui est demandé."},
    )


class EraseForm(Form):
    """The last word before an erasure."""

    sure = forms.BooleanField(
        label="J’ai compris\u00a0: mes données sont effacées tout de suite et personne ne peut revenir en arrière.",
        error_messages={"required": "Cochez la case pour effacer vos données."},
    )


class AnswerForm(Form):
    """The answer to a request."""

    outcome = forms.ChoiceField(
        label="Issue",
        choices=Request.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une issue."},
    )
    answer = forms.CharField(
        label="Réponse envoyée à la personne",
        help_text="Dites ce qui est fait. En cas de refus, dites pourquoi\u00a0: la voie de la CNIL est rappelée.",
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Écrivez la réponse."},
    )


class VisaForm(Form):
    """The visa that the Archives gave to a lot."""

    reference = forms.CharField(
        label="Référence du visa", max_length=100, error_messages={"required": "Indiquez la référence du visa."}
    )
    name = forms.CharField(
        label="Donné par",
        help_text="Le nom et la qualité de qui a signé aux Archives.",
        max_length=150,
        error_messages={"required": "Indiquez qui a donné le visa."},
    )
    on = DayField(
        label="Date du visa",
        help_text="Par exemple 14/12/2026.",
        error_messages={"required": "Indiquez la date du visa."},
    )


class DropForm(Form):
    """Why a lot is given up."""

    reason = forms.CharField(
        label="Motif de l’abandon", max_length=300, error_messages={"required": "Dites pourquoi le lot est abandonné."}
    )
