"""What a provider types: dates, half-days, what a file is, the box that every report needs."""

from typing import Any

from django import forms

from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField
from normandata.ui.forms import Form

from .permissions import READ_BY_REGION
from .reports import PARTS, ReportFile
from .services.reports import LONGEST_PART

COMPLIANCE = "Ce rapport ne comporte aucune donnée gérée par la structure (délibération AP D 25-12-5, annexe 3)."
MARKS = (
    "Une ligne vide sépare deux paragraphes. Un titre s’écrit « ## Titre », une liste « - élément », du gras "
    "« **mot** », un tableau « | colonne | colonne | » avec « |---|---| » sous sa première ligne."
)
SECRETS = (
    "Un passage confidentiel s’écrit [[entre doubles crochets]] : la structure le lit, la version expurgée ne le "
    "contient pas."
)


class StartForm(Form):
    """The day of the first meeting."""

    on = DayField(
        label="Date du premier rendez-vous",
        help_text="Par exemple 12/05/2026. Une date passée ou du jour.",
        error_messages={"required": "Indiquez la date du premier rendez-vous."},
    )


class SessionForm(Form):
    """Half-days spent on a day."""

    on = DayField(label="Date", help_text="Par exemple 12/05/2026.", error_messages={"required": "Indiquez la date."})
    half_days = forms.TypedChoiceField(
        label="Durée",
        widget=forms.RadioSelect,
        coerce=int,
        choices=[("1", "Une demi-journée"), ("2", "Une journée")],
        error_messages={"required": "Choisissez la durée.", "invalid_choice": "Choisissez la durée."},
    )
    what = forms.CharField(
        label="Objet",
        help_text="Par exemple : entretiens avec les services.",
        max_length=300,
        required=False,
    )


class DeliverForm(Form):
    """The day the report was presented to the structure."""

    presented_on = DayField(
        label="Présenté à la structure le",
        help_text="Par exemple 12/05/2026. Une date passée ou du jour.",
        error_messages={"required": "Indiquez la date de la présentation."},
    )


class SubmitForm(Form):
    """The compliance box, compulsory (D-41)."""

    conforme = forms.BooleanField(
        label=COMPLIANCE,
        error_messages={"required": "Relisez le rapport, puis cochez qu’il ne comporte aucune donnée de la structure."},
    )


class PartForm(Form):
    """The text of a part, kept as it is typed."""

    is_titled_by_page = True
    text = forms.CharField(strip=False)

    def __init__(self, *args: Any, title: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marks = {"rows": 22, "class": "form-control", "data-count": LONGEST_PART, "spellcheck": "true"}
        self.fields["text"].widget = forms.Textarea(attrs=marks)
        self.fields["text"].label = spaced(title)
        self.fields["text"].help_text = spaced(f"{MARKS} {SECRETS}")


class FileForm(Form):
    """What a file is, in which part an image is shown, and whether it is confidential."""

    caption = forms.CharField(
        label="Légende",
        help_text="Ce que l’on voit, en une phrase : elle sert aussi à qui ne voit pas l’image.",
        max_length=200,
        required=False,
    )
    part = forms.ChoiceField(
        label="Où montrer l’image",
        required=False,
        choices=[("", "Nulle part : elle est jointe au rapport"), *((slug, title) for slug, title in PARTS.items())],
    )
    is_confidential = forms.BooleanField(
        label="Fichier confidentiel : la version expurgée ne le contient pas et ne le nomme pas", required=False
    )

    @classmethod
    def of(cls, file: ReportFile, data: Any = None) -> "FileForm":
        """Build the form of a file; only an image has a place in a part."""
        known = {"caption": file.caption, "part": file.part, "is_confidential": file.is_confidential}
        form = cls(data, initial=known)
        if not file.upload.is_image:
            del form.fields["part"]
        return form


class PurposeForm(Form):
    """What the Region's copy is opened for: two uses, no other (annexe 3)."""

    purpose = forms.ChoiceField(
        label="À quelle fin ouvrez-vous ce rapport ?",
        help_text="Votre nom, la date et cette fin sont versés au journal du dossier.",
        widget=forms.RadioSelect,
        choices=[(purpose.value, purpose.label) for purpose in READ_BY_REGION],
        error_messages={"required": "Choisissez une fin.", "invalid_choice": "Choisissez une fin."},
    )
