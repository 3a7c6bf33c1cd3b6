"""What a writer types: a news, the reason why one is withdrawn."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models

from normandata.regulation.formats import spaced
from normandata.ui.fields import InstantField, typed_instant
from normandata.ui.forms import RowForm

from . import subjects
from .models import LONGEST_TEXT, News

LONGEST_REASON = 500
NOTHING = "(vide)"
MARKS = (
    "Une ligne vide sépare deux paragraphes. « ## » commence un intertitre, « - » une liste, **gras** met en gras, "
    "[le texte](https://adresse) fait un lien."
)


class NewsForm(RowForm):
    """A news; its hour of publication is gone once anybody could read it."""

    title = forms.CharField(label="Titre", help_text="Une phrase courte qui dit le fait.", max_length=150)
    summary = forms.CharField(
        label="Résumé",
        help_text="Deux phrases au plus : elles suivent le titre sur l’accueil et dans le flux.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    text = forms.CharField(
        label="Texte",
        help_text=MARKS,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 14}),
        required=False,
    )
    subject = forms.ChoiceField(
        label="Sujet", help_text="La page à laquelle l’actualité mène.", choices=(), required=False
    )
    publish_at = InstantField(
        label="À publier à partir du",
        help_text="Par exemple 22/10/2027 à 14 h 30, heure de Paris. Vide, elle paraît dès que vous la publiez.",
        required=False,
    )
    expires_at = InstantField(
        label="À montrer jusqu’au",
        help_text="Ensuite elle quitte l’accueil et la liste ; sa page reste. Vide, elle y reste.",
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, initial: Mapping[str, Any], is_public: bool = False) -> None:
        super().__init__(data, initial=dict(initial))
        listed = [(family, [(one.key, one.label) for one in found]) for family, found in subjects.families() if found]
        field = self.fields["subject"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 – declared above
        field.choices = [("", "Aucun"), *listed]
        if is_public:
            del self.fields["publish_at"]

    @classmethod
    def of(cls, news: News, data: Mapping[str, Any] | None, *, is_public: bool) -> "NewsForm":
        return cls(data, initial={name: getattr(news, name) for name in cls.base_fields}, is_public=is_public)

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def saved(self, news: News) -> list[tuple[str, str]]:
        """List (label, value kept) for each field whose value kept is not the one typed."""
        found = []
        for name, field in self.fields.items():
            kept = getattr(news, name)
            if kept != self.cleaned_data.get(name):
                written = typed_instant(kept) if hasattr(kept, "astimezone") else str(kept or NOTHING)
                found.append((str(field.label), spaced(written)))
        return found


class GestureForm(RowForm):
    """A gesture to confirm."""


class ReasonForm(RowForm):
    """Why a news is withdrawn."""

    reason = forms.CharField(
        label="Motif",
        help_text="Il est versé au journal ; les lecteurs ne le voient pas.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def prefilled(title: str, subject: str) -> dict[str, Any]:
    """Return what a new form begins with."""
    longest = News._meta.get_field("title")
    most = longest.max_length if isinstance(longest, models.CharField) else None
    return {"title": title[:most], "subject": subject}
