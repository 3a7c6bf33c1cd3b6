"""The form of a proposal, section by section: the carrier, the call it answers, the project, the people."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from normandata.dossiers.forms import Context, LongText, SectionForm
from normandata.dossiers.structure import StructureForm as Identity
from normandata.regulation.formats import day as written_day
from normandata.regulation.territory import NORMAN_NAMES
from normandata.ui.forms import Choice

from .models import Call, Option

STRUCTURE, CALL, PROJECT, PEOPLE = "structure", "appel", "projet", "personnes"
OUTSIDE = "hors"
YES = "oui"


def call_of(context: Context) -> Call | None:
    """Return the call that a proposal answers, once it was chosen."""
    chosen = context.typed(CALL, "appel")
    return Call.objects.public().filter(slug=chosen).prefetch_related("options").first() if chosen else None


class StructureForm(Identity):
    """The carrier, and whether it is a public structure."""

    establishment = "qui porte le projet"

    publique = forms.ChoiceField(
        label="Le porteur est-il une structure publique ?",
        help_text="Collectivité, établissement public, groupement d’intérêt public, établissement public de santé.",
        widget=forms.RadioSelect,
        choices=[(YES, "Oui"), ("non", "Non")],
        error_messages={"required": "Répondez par oui ou par non."},
    )


class CallForm(SectionForm):
    """Which call is answered: one that is open, or the one that was chosen, whatever became of it."""

    appel = forms.ChoiceField(
        label="À quel appel répondez-vous ?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez l’appel auquel vous répondez.",
            "invalid_choice": "Cet appel n’est pas ouvert : choisissez-en un de la liste.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today, chosen = timezone.localdate(), self.context.typed(CALL, "appel")
        is_open = Q(pk__in=Call.objects.answerable(today).order_by().values("pk"))
        found = Call.objects.public().filter(is_open | Q(slug=chosen)).order_by("closes_on", "pk")
        self.fields["appel"].choices = [(one.slug, _shown(one)) for one in found]  # type: ignore[attr-defined]
        if not found:
            self.fields["appel"].help_text = "Aucun appel n’est ouvert aujourd’hui."


def _shown(call: Call) -> Choice:
    until = f"Jusqu’au {written_day(call.closes_on)} à 23 h 59, heure de Paris." if call.closes_on else ""
    return Choice(call.title, until)


class ProjectForm(SectionForm):
    """The project: what the assessment counts, and what the agents read."""

    titre = forms.CharField(
        label="Titre du projet", max_length=150, error_messages={"required": "Donnez un titre au projet."}
    )
    echelle = forms.ChoiceField(
        label="Échelle du projet",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l’échelle du projet."},
    )
    theme = forms.ChoiceField(
        label="Thématique principale",
        help_text="Celle qui décrit le mieux le projet : le bilan le compte une seule fois.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une thématique."},
    )
    lieux = forms.MultipleChoiceField(
        label="Départements concernés",
        help_text="Tous ceux où le projet sera mené ou servira.",
        widget=forms.CheckboxSelectMultiple,
        choices=[*NORMAN_NAMES.items(), (OUTSIDE, "Hors Normandie")],
        error_messages={"required": "Cochez au moins un département, ou « Hors Normandie »."},
    )
    resume = LongText(
        label="Résumé du projet",
        hint="Le besoin, les données utilisées, ce qui sera fait, pour qui, avec qui.",
        error_messages={"required": "Résumez le projet, même en quelques phrases."},
    )
    climat = LongText(
        label="Climat, biodiversité et ressources naturelles",
        hint="Comment le projet en tient compte : la délibération en fait une condition de réussite.",
        longest=1500,
        rows=4,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        call = call_of(self.context)
        for name, kind in (("echelle", Option.Kind.SCALE), ("theme", Option.Kind.THEME)):
            listed = call.choices(kind) if call else ()
            self.fields[name].choices = [(str(one.pk), one.label) for one in listed]  # type: ignore[attr-defined]
            if call is None:
                self.fields[name].help_text = "Choisissez d’abord l’appel : c’est lui qui fixe cette liste."
