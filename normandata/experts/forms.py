"""What is typed about experts: the directory and its agreements, a question, a declaration, an opinion."""

from datetime import date
from typing import Any

from django import forms

from normandata.dossiers.models import Deposit
from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField, RowField
from normandata.ui.forms import Choice, Form

from .models import LONGEST_SKILLS, Agreement, Expert
from .services.opinions import LONGEST_ANSWER, LONGEST_QUESTION

LONGEST_REASON = 2000


def area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control"})


class ExpertForm(Form):
    """An expert of the directory."""

    name = forms.CharField(
        label="Nom de l’expert, ou de la personne à contacter",
        max_length=150,
        error_messages={"required": "Indiquez le nom."},
    )
    organisation = forms.CharField(
        label="Structure", help_text="Laboratoire, entreprise, association.", max_length=150, required=False
    )
    email = forms.EmailField(
        label="Adresse électronique",
        help_text="Les questions y partent. L’expert ouvre son espace avec un compte de cette adresse.",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse électronique.",
            "invalid": "Écrivez une adresse complète, par exemple nom@exemple.fr.",
        },
    )
    skills = forms.CharField(
        label="Domaines et compétences",
        help_text="En quelques mots, séparés par des virgules : vision par ordinateur, santé, droit des données.",
        max_length=LONGEST_SKILLS,
        widget=area(3),
        error_messages={"required": "Indiquez au moins un domaine."},
    )

    @classmethod
    def of(cls, expert: Expert, data: Any = None) -> "ExpertForm":
        known = {name: getattr(expert, name) for name in ("name", "organisation", "email", "skills")}
        return cls(data, initial=known)


class AgreementForm(Form):
    """An agreement given by an expert, with its proof."""

    given_on = DayField(
        label="Accord donné le",
        help_text="Par exemple 12/05/2026. Une date passée ou du jour.",
        error_messages={"required": "Indiquez la date de l’accord."},
    )
    proof = forms.CharField(
        label="Ce qui le prouve",
        help_text="Par exemple : courriel du 12 mai 2026, gardé par le service.",
        max_length=300,
        error_messages={"required": "Dites ce qui prouve cet accord."},
    )


class AskForm(Form):
    """A question to an expert on the last deposit of a dossier."""

    expert = RowField(
        queryset=Expert.objects.none(),
        label="Expert",
        help_text="Ceux qui ont donné leur accord pour être sollicités.",
        empty_label="Choisissez un expert",
        error_messages={
            "required": "Choisissez un expert.",
            "invalid_choice": "Choisissez un expert qui a donné son accord pour être sollicité.",
        },
    )
    question = forms.CharField(
        label="Question",
        help_text="Ce que vous voulez savoir, et ce que vous ferez de la réponse.",
        max_length=LONGEST_QUESTION,
        widget=area(6),
        error_messages={"required": "Écrivez la question que vous posez."},
    )
    pieces = forms.TypedMultipleChoiceField(
        label="Pièces que l’expert peut ouvrir",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Cette pièce n’est pas dans la version déposée."},
    )
    sharing = forms.ChoiceField(
        label="Qui lira cet avis ?",
        widget=forms.RadioSelect,
        choices=[
            ("agents", Choice("Les agents seulement", "La structure ne sait pas qu’un avis a été demandé.")),
            ("structure", Choice("Les agents et la structure", "Elle le lit, signé, dès qu’il est rendu.")),
        ],
        error_messages={"required": "Dites qui lira cet avis.", "invalid_choice": "Dites qui lira cet avis."},
    )
    due_on = DayField(
        label="Dernier jour pour répondre",
        help_text="Ce jour est compris, jusqu’à minuit.",
        error_messages={"required": "Indiquez le dernier jour pour répondre."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_000)

    def __init__(self, *args: Any, deposit: Deposit, due_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experts = Expert.objects.agreeing(Agreement.Kind.ASKED).order_by("name", "pk")
        self.fields["expert"].queryset = experts  # type: ignore[attr-defined]
        self.fields["pieces"].choices = [  # type: ignore[attr-defined]
            (piece["attachment"], spaced(f"{piece['label']} : {piece['name']}")) for piece in deposit.pieces
        ]
        if not deposit.pieces:
            del self.fields["pieces"]
        self.fields["due_on"].initial = due_on.strftime("%d/%m/%Y")
        self.fields["version"].initial = deposit.version


class CancelForm(Form):
    """Why a question is given up."""

    reason = forms.CharField(
        label="Motif, versé au journal",
        help_text="L’expert le lit dans le courriel qui l’avertit.",
        max_length=LONGEST_REASON,
        widget=area(3),
        error_messages={"required": "Indiquez le motif : il est versé au journal et lu par l’expert."},
    )


class ExtendForm(Form):
    """A later last day."""

    due_on = DayField(
        label="Nouveau dernier jour",
        help_text="Ce jour est compris, jusqu’à minuit.",
        error_messages={"required": "Indiquez le nouveau dernier jour."},
    )


class ConflictForm(Form):
    """The conflict box, before anything is read."""

    conflict = forms.ChoiceField(
        label="Avez-vous un lien d’intérêts avec cette structure ou ce projet ?",
        widget=forms.RadioSelect,
        choices=[
            ("non", Choice("Non, je n’en ai pas", "La demande et ses pièces s’ouvrent.")),
            ("oui", Choice("Oui, j’en ai un", "La question se ferme ; la Région est avertie.")),
        ],
        error_messages={"required": "Répondez par oui ou par non.", "invalid_choice": "Répondez par oui ou par non."},
    )
    reason = forms.CharField(
        label="Lequel ?",
        help_text="Lu par les agents seulement.",
        max_length=LONGEST_REASON,
        required=False,
        widget=area(2),
    )


class AnswerForm(Form):
    """The opinion, kept as it is typed."""

    text = forms.CharField(label="Votre avis", strip=False)

    def __init__(self, *args: Any, is_shared: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marks = {"rows": 14, "class": "form-control", "data-count": LONGEST_ANSWER, "spellcheck": "true"}
        self.fields["text"].widget = forms.Textarea(attrs=marks)
        who = "les agents de la Région et la structure" if is_shared else "les agents de la Région seulement"
        self.fields["text"].help_text = spaced(f"Lu par {who}. Le texte s’enregistre tout seul.")
