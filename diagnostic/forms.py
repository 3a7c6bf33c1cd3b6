"""The application form of annexe 3 (D-47 to D-62), section by section, with the block needed to decide (D-34, D-65)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, RegexValidator
from django.utils import timezone
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number

from normandata.dossiers.forms import Context, Line, SectionForm
from normandata.regulation.formats import NBSP, euros, spaced
from normandata.regulation.formats import day as written_day
from normandata.ui.fields import DayField, NumberField, PlaceField

from .simulator import ACTIVITY_CHOICES, STRUCTURE_CHOICES

STRUCTURE, SITUATION, AIDS, PEOPLE, REASONS = "structure", "situation", "aides", "personnes", "motivations"
YES_NO = [("oui", "Oui"), ("non", "Non")]
SHORTEST_TABLE, LONGEST_TABLE = 3, 40
"""Rows of the table of aids: as many as shown at first, and at most."""
MOST = "Ce nombre est trop grand. Relisez-le : les chiffres s’écrivent sans répéter de zéros."
PHONE = RegexValidator(
    r"^\+?[\d\s.\-()]{10,20}$", "Écrivez un numéro à dix chiffres, par exemple 02 31 00 00 00, ou +33 2 31 00 00 00."
)


def structure_type(context: Context) -> str:
    return context.typed(STRUCTURE, "type")


def is_enterprise(context: Context) -> bool:
    return structure_type(context) == "enterprise"


def has_situation(context: Context) -> bool:
    return structure_type(context) in ("enterprise", "local_authority", "health_facility")


def declares_aids(context: Context) -> bool:
    return is_enterprise(context)


class StructureForm(SectionForm):
    nom = forms.CharField(
        label="Nom de la structure", max_length=200, error_messages={"required": "Indiquez le nom de la structure."}
    )
    adresse = forms.CharField(
        label="Adresse de la structure",
        help_text="L’adresse de l’établissement demandeur, pas celle du siège.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
        error_messages={"required": "Indiquez l’adresse de l’établissement."},
    )
    departement = PlaceField(label="Département de l’établissement")
    type = forms.ChoiceField(
        label="Type de structure",
        widget=forms.RadioSelect,
        choices=STRUCTURE_CHOICES,
        error_messages={"required": "Choisissez le type de votre structure."},
    )
    etp = NumberField(
        label="Effectif, en équivalents temps plein",
        help_text="Les décimales sont admises, par exemple 45,5. Deux personnes à mi-temps font 1 ETP.",
        unit="ETP",
        example="45,5",
        validators=[MaxValueValidator(1_000_000, MOST)],
        error_messages={"required": "Indiquez l’effectif en équivalents temps plein."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.context.organisation
        if organisation.is_confirmed and organisation.department:
            del self.fields["departement"]
        self.fields["nom"].widget.attrs["autocomplete"] = "organization"
        if organisation.is_confirmed and organisation.fetched_at:
            source = (
                f"D’après l’annuaire des entreprises, le {written_day(timezone.localdate(organisation.fetched_at))}."
            )
            self.fields["nom"].help_text = source

    def lines(self) -> Iterator[Line]:
        yield Line("siret", "SIRET", self.context.organisation.written_siret)
        yield from super().lines()


class SituationForm(SectionForm):
    """What the rules ask of each type of structure; the other fields are not shown."""

    population = NumberField(
        label="Population couverte par votre territoire",
        help_text="Population municipale de tout le territoire, publiée par l’INSEE. Par exemple 12 000.",
        whole=True,
        unit="habitants",
        example="12 000",
        validators=[MaxValueValidator(100_000_000, MOST)],
        error_messages={"required": "Indiquez le nombre d’habitants."},
    )
    communes_normandes = forms.ChoiceField(
        label="Votre groupement compte-t-il des communes en Normandie ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    creation = DayField(
        label="Date de création de l’entreprise",
        help_text="La date de création au registre, par exemple 12/05/2009.",
        error_messages={"required": "Indiquez la date de création."},
    )
    activite = forms.ChoiceField(
        label="Activité principale",
        widget=forms.RadioSelect,
        choices=ACTIVITY_CHOICES,
        error_messages={"required": "Choisissez l’activité principale."},
    )
    finess = forms.CharField(
        label="Numéro FINESS",
        help_text="Neuf caractères, sur votre autorisation d’activité.",
        required=False,
        max_length=20,
    )
    economique = forms.ChoiceField(
        label="L’établissement exerce-t-il une activité économique ?",
        help_text="Des soins ou des services vendus en concurrence avec d’autres, par exemple.",
        widget=forms.RadioSelect,
        choices=[*YES_NO, ("inconnu", "Je ne sais pas")],
        error_messages={"required": "Choisissez une réponse."},
    )
    ASKED = {
        "local_authority": ("population", "communes_normandes"),
        "enterprise": ("creation", "activite"),
        "health_facility": ("finess", "economique"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.ASKED.get(structure_type(self.context), ())
        for name in [name for name in self.fields if name not in asked]:
            del self.fields[name]
        if "communes_normandes" in self.fields and not _is_seated_elsewhere(self.context):
            del self.fields["communes_normandes"]

    def clean_finess(self) -> str:
        number = str(self.cleaned_data["finess"]).replace(" ", "").replace(NBSP, "").upper()
        if number and len(number) != 9:
            raise forms.ValidationError(f"Un numéro FINESS compte 9 caractères ; celui-ci en compte {len(number)}.")
        return number


class PeopleForm(SectionForm):
    """Who follows the diagnostic day by day, and who may commit the structure."""

    projet_nom = forms.CharField(
        label="Responsable du projet : nom",
        help_text="La personne qui suivra la réalisation du diagnostic.",
        max_length=150,
    )
    projet_fonction = forms.CharField(label="Responsable du projet : fonction", max_length=150)
    projet_courriel = forms.EmailField(label="Responsable du projet : courriel", max_length=254)
    projet_telephone = forms.CharField(label="Responsable du projet : téléphone", max_length=30, validators=[PHONE])
    habilite_nom = forms.CharField(
        label="Personne habilitée : nom",
        help_text="La personne qui peut engager la structure : maire, président, gérant, directeur.",
        max_length=150,
    )
    habilite_fonction = forms.CharField(label="Personne habilitée : fonction", max_length=150)
    habilite_courriel = forms.EmailField(label="Personne habilitée : courriel", max_length=254)
    habilite_telephone = forms.CharField(label="Personne habilitée : téléphone", max_length=30, validators=[PHONE])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            kind = name.partition("_")[2]
            field.error_messages["required"] = {
                "nom": "Indiquez un nom.",
                "fonction": "Indiquez une fonction.",
                "courriel": "Indiquez une adresse électronique.",
                "telephone": "Indiquez un numéro de téléphone.",
            }[kind]
            if kind == "telephone":
                field.widget.input_type = "tel"
            if kind == "courriel":
                field.error_messages["invalid"] = "Écrivez une adresse complète, par exemple prenom.nom@mairie.fr."


QUESTIONS = {
    "echanges": "La demande de diagnostic a-t-elle fait l’objet d’échanges au sein de la structure ? "
    "sous quelle forme ?",
    "projet": "La demande de diagnostic est-elle en lien avec un projet particulier, ou une démarche spécifique de "
    "la structure ?",
    "sujets": "La structure demandeuse a-t-elle déjà identifié un(des) sujet(s) spécifique(s) à travailler en lien "
    "avec la donnée et/ou l’IA ? Si oui, le(s)quel(s) ?",
    "competences": "La structure demandeuse dispose-t-elle au sein de son personnel de compétences sur la donnée et "
    "plus généralement sur le numérique ? Si oui, précisez",
}


class ReasonsForm(SectionForm):
    """The four questions of annexe 3, word for word (D-58 to D-61)."""

    LONGEST = 3000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in QUESTIONS.items():
            self.fields[name] = forms.CharField(
                label=spaced(question),
                max_length=self.LONGEST,
                widget=forms.Textarea(attrs={"rows": 5, "class": "form-control", "data-count": self.LONGEST}),
                help_text=f"{self.LONGEST} signes au plus. Si la réponse est non, écrivez-le.".replace("3000", "3 000"),
                error_messages={
                    "required": "Répondez à cette question, même en une phrase.",
                    # A text pasted whole is kept whole, and counted: the browser would cut it without a word.
                    "max_length": "Cette réponse compte %(show_value)d signes ; la limite est de %(limit_value)d.",
                },
            )
            del self.fields[name].widget.attrs["maxlength"]


def _is_seated_elsewhere(context: Context) -> bool:
    place = context.organisation.department or context.typed(STRUCTURE, "departement")
    return bool(place) and place not in ("14", "27", "50", "61", "76")


class AidsForm(SectionForm):
    """The de minimis declaration of the single undertaking (D-34): a table that grows, one aid a row."""

    recues = forms.ChoiceField(
        label="Votre entreprise a-t-elle reçu des aides de minimis depuis trois ans ?",
        help_text="Toutes celles de l’entreprise unique : votre société et celles du même groupe. La notification de "
        "l’aide dit qu’elle est « de minimis ».",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    groupe = forms.CharField(
        label="Autres sociétés du groupe",
        help_text="Leurs SIREN, séparés par des virgules. Laissez vide si votre entreprise est indépendante.",
        required=False,
        max_length=1000,
    )
    cloture = forms.RegexField(
        r"^(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])$",
        label="Fin de votre exercice fiscal",
        help_text="Le jour et le mois, par exemple 31/12.",
        initial="31/12",
        error_messages={
            "required": "Indiquez le jour et le mois, par exemple 31/12.",
            "invalid": "Écrivez le jour et le mois, par exemple 31/12.",
        },
    )
    fret = forms.ChoiceField(
        label="Transportez-vous des marchandises par route pour le compte d’autrui ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    autre_regime = forms.ChoiceField(
        label="Une autre aide publique finance-t-elle déjà ce diagnostic ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cloture"].widget.attrs["class"] = "form-control"
        self.row_count = self._count()
        for row in range(1, self.row_count + 1):
            for name, field in self._row(row).items():
                field.widget.attrs.setdefault("class", "form-control")
                self.fields[name] = field

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The rows of the table: day, amount, who granted it."""
        return [[self[f"aide{row}_{part}"] for part in ("jour", "montant", "origine")] for row in self._numbers()]

    @property
    def single_fields(self) -> list[forms.BoundField]:
        """The fields that are not of the table."""
        return [self[name] for name in self.fields if not name.startswith("aide")]

    def clean_cloture(self) -> str:
        typed = str(self.cleaned_data["cloture"])
        day, month = (int(part) for part in typed.split("/"))
        try:
            date(2023, month, day)  # a year of 365 days: a fiscal year that ends on 29 February ends on the 28th
        except ValueError as error:
            raise forms.ValidationError("Ce jour n’existe pas chaque année : écrivez par exemple 28/02.") from error
        return typed

    def clean_groupe(self) -> list[str]:
        numbers = [part.replace(" ", "").replace(NBSP, "") for part in self.cleaned_data["groupe"].split(",")]
        for number in filter(None, numbers):
            try:
                siren_number.validate(number)
            except NumberError as error:
                raise forms.ValidationError(f"« {number} » n’est pas un SIREN : il en faut neuf chiffres.") from error
        return [number for number in numbers if number]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        aids = []
        for row in self._numbers():
            day, amount, origin = (cleaned.get(f"aide{row}_{part}") for part in ("jour", "montant", "origine"))
            typed = [self.data.get(f"aide{row}_{part}", "").strip() for part in ("jour", "montant", "origine")]
            if not any(typed):
                continue
            if not typed[0]:
                self.add_error(f"aide{row}_jour", f"Aide {row} : indiquez le jour où elle a été accordée.")
            if not typed[1]:
                self.add_error(f"aide{row}_montant", f"Aide {row} : indiquez son montant en euros.")
            if day and amount is not None:
                aids.append((day, amount, origin or ""))
        if cleaned.get("recues") == "oui" and not aids and not self.errors:
            self.add_error("aide1_jour", "Décrivez au moins une aide, ou répondez « Non » à la première question.")
        cleaned["aids"] = aids if cleaned.get("recues") == "oui" else []
        return cleaned

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if not line.name.startswith("aide"):
                value = ", ".join(self.cleaned_data["groupe"]) if line.name == "groupe" else line.value
                yield Line(line.name, line.label, value)
        for number, (day, amount, origin) in enumerate(self.cleaned_data.get("aids", []), start=1):
            source = f", {origin}" if origin else ""
            yield Line(f"aide{number}", f"Aide de minimis {number}", f"{euros(amount)} le {written_day(day)}{source}")

    def _numbers(self) -> range:
        return range(1, self.row_count + 1)

    def _count(self) -> int:
        typed = self.data if self.is_bound else self.initial
        filled = [
            int(name[4 : name.index("_")])
            for name, value in typed.items()
            if name.startswith("aide") and "_" in name and name[4 : name.index("_")].isdecimal() and value.strip()
        ]
        wanted = max([*filled, 0]) + 1
        return min(LONGEST_TABLE, max(SHORTEST_TABLE, wanted))

    @staticmethod
    def _row(row: int) -> dict[str, forms.Field]:
        return {
            f"aide{row}_jour": DayField(label=spaced(f"Aide {row} : accordée le"), required=False),
            f"aide{row}_montant": NumberField(
                label=spaced(f"Aide {row} : montant"),
                unit="€",
                example="12 500,00",
                required=False,
                validators=[MaxValueValidator(10_000_000, MOST)],
            ),
            f"aide{row}_origine": forms.CharField(
                label=spaced(f"Aide {row} : accordée par"), required=False, max_length=150
            ),
        }
