"""What administrators set: when deposits open and close, and who signs the letters."""

from django import forms
from django.contrib import admin

from normandata.accounts.site import ModelAdmin

from . import schemes
from .letters import Signatory
from .models import FilingPeriod


def taking_dossiers() -> list[tuple[str, str]]:
    """List the schemes whose dossiers are deposited here."""
    return [(one.slug, one.sheet.short_title) for one in schemes.every() if one.application]


class FilingPeriodForm(forms.ModelForm):  # type: ignore[type-arg]
    scheme = forms.ChoiceField(label="Dispositif", choices=taking_dossiers)

    class Meta:
        model = FilingPeriod
        fields = ("scheme", "opens_on", "closes_on", "note")


@admin.register(FilingPeriod)
class FilingPeriodAdmin(ModelAdmin):
    """Periods are added or changed, never deleted: drafts and reminders refer to their days."""

    list_display = ("scheme", "opens_on", "closes_on", "note")
    list_filter = ("scheme",)
    form = FilingPeriodForm
    may_add = True
    may_change = True


class SignatoryForm(forms.ModelForm):  # type: ignore[type-arg]
    scheme = forms.ChoiceField(
        label="Dispositif",
        required=False,
        choices=lambda: [("", "tous les dispositifs"), *taking_dossiers()],
    )

    class Meta:
        model = Signatory
        fields = ("name", "quality", "delegation", "scheme", "since", "until")


@admin.register(Signatory)
class SignatoryAdmin(ModelAdmin):
    """Who signs is added or ended, never deleted: letters name whoever signed them."""

    list_display = ("name", "quality", "scheme", "since", "until")
    list_filter = ("scheme",)
    form = SignatoryForm
    may_add = True
    may_change = True
