"""What participants type: a registration, a team, a message, a successor."""

from collections.abc import Iterable
from typing import Any

from django import forms

from normandata.dossiers.gesture_forms import reason_field
from normandata.regulation.formats import spaced
from normandata.ui.fields import RowField
from normandata.ui.forms import Choice, Form, RowForm

from .editions import Edition, RulesText, Theme
from .registrations import IMAGE, NEWSLETTER, PROFILES, SKILLS, Registration
from .services.registrations import Said
from .services.telling import name_of
from .teams import Seat, Team

ADULT, MINOR = "majeur", "mineur"


class AboutForm(Form):
    """What a registration says and that may change: profile, skills, the search for a team."""

    profile = forms.ChoiceField(
        label="Votre profil",
        choices=PROFILES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez votre profil.", "invalid_choice": "Choisissez votre profil."},
    )
    wants_team = forms.BooleanField(
        label="Je cherche une équipe",
        help_text="Les autres participants voient votre nom, vos compétences et votre phrase, pas votre adresse.",
        required=False,
    )
    skills = forms.MultipleChoiceField(
        label="Vos compétences",
        help_text="Elles aident une équipe à vous trouver.",
        choices=SKILLS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    pitch = forms.CharField(
        label="Vous, en une phrase",
        help_text="Ce que vous aimeriez faire.",
        max_length=300,
        required=False,
    )
    guardian_name = forms.CharField(
        label="Nom d’un parent",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    guardian_email = forms.EmailField(
        label="Adresse électronique de ce parent",
        help_text="Un lien lui est envoyé : il accepte ou refuse, sans créer de compte.",
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Écrivez une adresse complète, par exemple nom@exemple.fr."},
    )
    own_address = ""

    def check_guardian(self, cleaned: dict[str, Any]) -> None:
        """Ask for a parent, who is somebody else."""
        if not cleaned.get("guardian_name", "").strip():
            self.add_error("guardian_name", "Indiquez le nom d’un parent.")
        address = cleaned.get("guardian_email", "").strip().lower()
        if not address and "guardian_email" not in self.errors:
            self.add_error("guardian_email", "Indiquez l’adresse électronique d’un parent.")
        if address and address == self.own_address:
            self.add_error("guardian_email", "Indiquez l’adresse d’un parent, pas la vôtre.")

    @property
    def said(self) -> Said:
        """What the person says of themselves."""
        typed = self.cleaned_data
        is_minor = typed.get("age") == MINOR
        return Said(
            profile=typed["profile"],
            is_minor=is_minor,
            guardian_name=typed.get("guardian_name", "").strip(),
            guardian_email=typed.get("guardian_email", "").strip().lower(),
            wants_team=typed["wants_team"],
            skills=typed["skills"],
            pitch=typed["pitch"],
        )


class RegistrationForm(AboutForm):
    """A registration: minimal data, the rules accepted by one act, optional consents apart."""

    age = forms.ChoiceField(
        label="Votre âge",
        choices=[
            (ADULT, Choice("J’ai 18 ans ou plus")),
            (MINOR, Choice("J’ai moins de 18 ans", "Un parent doit donner son accord.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si vous êtes majeur.", "invalid_choice": "Dites si vous êtes majeur."},
    )
    accepts = forms.BooleanField(
        label="J’ai lu ce règlement et je l’accepte",
        error_messages={"required": "Cochez la case pour accepter le règlement : la participation le demande."},
    )
    image = forms.BooleanField(
        label="J’accepte que mon image soit diffusée",
        help_text="Photos et films de l’événement. Facultatif, à retirer quand vous voulez. Pour un mineur, c’est le "
        "parent qui donne cet accord.",
        required=False,
    )
    newsletter = forms.BooleanField(
        label="Je veux recevoir la lettre d’information",
        help_text="Facultatif, à retirer quand vous voulez.",
        required=False,
    )
    rules = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_000)
    field_order = ("profile", "age", "guardian_name", "guardian_email", "wants_team", "skills", "pitch", "accepts")

    def __init__(self, data: Any = None, *, rules: RulesText, own_address: str, majority: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.own_address = own_address
        self.fields["rules"].initial = rules.version
        self.fields["age"].choices = [  # type: ignore[attr-defined]
            (ADULT, Choice(f"J’ai {majority} ans ou plus")),
            (MINOR, Choice(f"J’ai moins de {majority} ans", "Un parent doit donner son accord.")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("age") == MINOR:
            self.check_guardian(cleaned)
        return cleaned

    def show_newer(self, rules: RulesText, sentence: str) -> None:
        """Show another version of the rules: what was typed stays, the box is to be ticked again."""
        # A QueryDict holds lists; the skills alone have several values.
        typed = {name: value if name == "skills" else value[-1] for name, value in dict(self.data).items()}
        self.data = typed | {"rules": str(rules.version), "accepts": ""}
        self.add_error("accepts", sentence)

    @property
    def consents(self) -> list[str]:
        return [kind for kind, name in ((IMAGE, "image"), (NEWSLETTER, "newsletter")) if self.cleaned_data[name]]


class ChangeForm(AboutForm):
    """What may change of a registration; a parent only while the agreement is awaited."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def __init__(self, data: Any = None, *, registration: Registration, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial", {name: getattr(registration, name) for name in (*AboutForm.base_fields, "revision")}
        )
        super().__init__(data, **kwargs)
        self.own_address = registration.person.email if registration.person else ""
        self.has_guardian = registration.state == "awaiting"
        if not self.has_guardian:
            del self.fields["guardian_name"], self.fields["guardian_email"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.has_guardian:
            self.check_guardian(cleaned)
        return cleaned


class TeamForm(RowForm):
    """A team and its project; the project may come later."""

    name = forms.CharField(
        label="Nom de l’équipe", max_length=80, error_messages={"required": "Donnez un nom à l’équipe."}
    )
    theme = RowField(
        queryset=Theme.objects.none(),
        label="Thème",
        required=False,
        empty_label="À choisir plus tard",
        error_messages={"invalid_choice": "Choisissez un thème de cette édition."},
    )
    project = forms.CharField(
        label="Titre du projet", help_text="Il peut venir plus tard.", max_length=150, required=False
    )
    summary = forms.CharField(
        label="Le projet en quelques phrases",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    territory = forms.CharField(
        label="Territoire normand visé",
        help_text="Un projet vise le territoire normand : une commune, un pays, toute la région.",
        max_length=200,
        required=False,
    )
    looks_for = forms.CharField(
        label="Qui cherchez-vous ?",
        help_text="S’il reste une place, ces mots paraissent dans la recherche. Sans eux, l’équipe n’y est pas.",
        max_length=300,
        required=False,
    )

    def __init__(self, data: Any = None, *, edition: Edition, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["theme"].queryset = edition.themes.all()  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the team."""
        return {
            name: self.cleaned_data[name] for name in ("name", "theme", "project", "summary", "territory", "looks_for")
        }


class ChangeTeamForm(TeamForm):
    """The same, with the revision that the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    @classmethod
    def of(cls, team: Team, data: Any = None) -> "ChangeTeamForm":
        initial = {name: getattr(team, name) for name in (*TeamForm.base_fields, "revision")}
        return cls(data, edition=team.edition, initial=initial)


class CodeForm(Form):
    """The code by which one joins a team."""

    code = forms.CharField(
        label="Code de l’équipe",
        help_text="Huit signes que le référent vous a donnés, par exemple ABCD EFGH.",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Écrivez le code de l’équipe."},
    )


class MessageForm(Form):
    """A word that goes with a request or an invitation."""

    message = forms.CharField(
        label="Message",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SuccessorForm(Form):
    """Who becomes referent, where the referent goes."""

    successor = forms.ChoiceField(
        label="Qui devient référent ?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Désignez le nouveau référent.",
            "invalid_choice": "Choisissez une personne qui est encore dans l’équipe.",
        },
    )

    def __init__(self, data: Any = None, *, seats: Iterable[Seat], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [(str(seat.pk), name_of(seat.registration)) for seat in seats]
        if choices:
            self.fields["successor"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["successor"]


class RemoveForm(SuccessorForm):
    """Why a member is removed."""

    reason = reason_field("Motif, lu par la personne", "Indiquez le motif : la personne le lit.")


class DissolveForm(Form):
    """Why a team is dissolved, if it is said."""

    reason = reason_field(
        "Motif, versé au journal", "", spaced("Facultatif. Sans nom ni donnée personnelle : le journal se garde.")
    )


class GuardianForm(Form):
    """A parent's answer."""

    is_parent = forms.BooleanField(
        label="J’exerce l’autorité parentale et je réponds en mon nom",
        error_messages={"required": "Cochez la case : seul un parent peut répondre."},
    )
    image = forms.BooleanField(
        label="J’accepte aussi la diffusion de son image",
        help_text="Photos et films de l’événement. Facultatif.",
        required=False,
    )
