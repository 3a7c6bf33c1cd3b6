"""What mentors, teams that need them and organisers of meetings type."""

from collections.abc import Mapping
from typing import Any

from django import forms

from normandata.dossiers.gesture_forms import reason_field
from normandata.ui.fields import InstantField, RowField
from normandata.ui.forms import RowForm

from .edition_forms import KeptForm
from .editions import Edition
from .mentoring import Meeting, Mentor
from .registrations import SKILLS
from .teams import Team


class MentorForm(RowForm):
    """What a volunteer can help with, and when."""

    skills = forms.MultipleChoiceField(
        label="Ce que je peux apporter", choices=SKILLS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une compétence."},
    )  # fmt: skip
    about = forms.CharField(label="En une phrase", help_text="Lue par les équipes.", max_length=300, required=False)
    availability = forms.CharField(
        label="Disponibilités", help_text="Par exemple : le mardi soir, à distance.", max_length=300, required=False
    )

    @classmethod
    def of(cls, mentor: Mentor | None, data: Mapping[str, Any] | None = None) -> "MentorForm":
        names = tuple(cls.base_fields)
        return cls(data, initial={name: getattr(mentor, name) for name in names} if mentor else {})


class DeclineForm(RowForm):
    """A word to a volunteer who is declined."""

    message = reason_field("Message", "Écrivez un mot à la personne : elle le reçoit.", "Envoyé à la personne.")


class AskForm(RowForm):
    """A team's question, to one mentor or to all."""

    question = forms.CharField(
        label="Votre question", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez la question de l’équipe."},
    )  # fmt: skip
    asked = RowField(
        label="À qui", queryset=Mentor.objects.none(), required=False, empty_label="À tous les mentors",
        error_messages={"invalid_choice": "Ce mentor n’aide plus cette édition : choisissez-en un autre, ou tous."},
    )  # fmt: skip

    @classmethod
    def of(cls, team: Team, data: Mapping[str, Any] | None = None) -> "AskForm":
        form = cls(data)
        mentors = Mentor.objects.active().filter(edition=team.edition_id).select_related("person")
        form.fields["asked"].queryset = mentors.order_by("person__name", "pk")  # type: ignore[attr-defined]
        return form


class NoteForm(RowForm):
    """A note on a team."""

    text = forms.CharField(
        label="Note", max_length=3000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez la note."},
    )  # fmt: skip
    is_shared = forms.BooleanField(
        label="L’équipe la lit", help_text="Sinon, seuls les mentors et les organisateurs la lisent.", required=False
    )


class MeetingForm(KeptForm):
    """When and where a meeting is, of whom."""

    title = forms.CharField(label="Objet", max_length=150, error_messages={"required": "Dites l’objet de la réunion."})
    starts_at = InstantField(label="Début", help_text="Heure de Paris, par exemple 12/10/2027 à 14 h 00.")
    ends_at = InstantField(label="Fin", help_text="Heure de Paris.")
    place = forms.CharField(label="Lieu ou lien", max_length=300, required=False)
    team = RowField(label="Pour", queryset=Team.objects.none(), required=False, empty_label="Toute l’édition")
    notes = forms.CharField(
        label="Compte rendu", help_text="Réservé aux organisateurs.", max_length=5000, required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip

    @classmethod
    def new(cls, edition: Edition, data: Mapping[str, Any] | None = None) -> "MeetingForm":
        form = cls(data)
        teams = edition.teams.active().real().order_by("name")
        form.fields["team"].queryset = teams  # type: ignore[attr-defined]
        del form.fields["notes"]
        return form

    @classmethod
    def of(cls, meeting: Meeting, data: Mapping[str, Any] | None = None) -> "MeetingForm":
        form = cls(
            data, initial={name: getattr(meeting, name) for name in ("title", "starts_at", "ends_at", "place", "notes")}
        )
        del form.fields["team"]
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "Une réunion finit après avoir commencé.")
        return cleaned
