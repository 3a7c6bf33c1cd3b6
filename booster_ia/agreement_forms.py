"""What is typed about a convention: who signs for the structure, on screen or on paper, and the Region's day."""

from django import forms

from normandata.ui.fields import DayField
from normandata.ui.forms import Form


def _name(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Indiquez le nom de la personne qui signe."},
    )


def _function(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=150,
        help_text="Par exemple : gérante, maire, présidente de l’association.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"required": "Indiquez la fonction de cette personne."},
    )


class SignatureForm(Form):
    """The signature on screen of the person who may commit the structure."""

    name = _name("Vos nom et prénom")
    function = _function("Votre fonction")
    is_entitled = forms.BooleanField(
        label="Je suis la personne habilitée à engager la structure.",
        error_messages={
            "required": "Seule la personne habilitée signe : cochez cette case, ou demandez-lui de signer."
        },
    )
    has_read = forms.BooleanField(
        label="J’ai lu la convention et j’en accepte toutes les clauses.",
        error_messages={"required": "Lisez la convention, puis cochez cette case."},
    )

    def _named(self, name: str, message: str) -> str:
        """A box is a whole sentence: its message says it all."""
        return message if name in ("is_entitled", "has_read") else super()._named(name, message)


class PaperForm(Form):
    """A signature that came on paper, as an agent writes it down."""

    name = _name("Nom de la personne qui a signé")
    function = _function("Sa fonction")
    on = DayField(label="Jour de sa signature", help_text="Comme le papier le porte, par exemple 12/01/2027.")


class CountersignatureForm(Form):
    """The day the Region signed."""

    on = DayField(label="Jour de la signature de la Région", help_text="Par exemple 20/01/2027.")
