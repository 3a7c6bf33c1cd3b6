"""What is kept of what was typed, and answers read back in clear."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict

from normandata.dossiers.forms import Context, Line, SectionForm, as_data, as_typed, written
from normandata.organisations.models import Organisation
from normandata.ui.fields import DayField, NumberField


class SomeForm(SectionForm):
    nom = forms.CharField(label="Nom", required=False)
    kinds = forms.MultipleChoiceField(label="Genres", choices=[("a", "Aaa"), ("b", "Bbb")], required=False)
    kind = forms.ChoiceField(label="Genre ?", choices=[("", "–"), ("Groupe", [("a", "Aaa")])], required=False)
    yes = forms.BooleanField(label="Oui", required=False)
    amount = NumberField(label="Montant", unit="ETP", required=False)
    day = DayField(label="Jour", required=False)
    cache = forms.CharField(widget=forms.HiddenInput, required=False)


CONTEXT = Context(Organisation(), {"autre": {"un": "1", "liste": ["a", "b"], "vide": []}})


def form(query: str = "") -> SomeForm:
    return SomeForm(QueryDict(query), context=CONTEXT)


def test_only_the_forms_own_fields_are_kept_as_typed() -> None:
    typed = as_typed(QueryDict("nom= X%00%0D%0AY &kinds=a&kinds=b&amount=douze&csrf=1&state=granted"), form())
    assert typed == {"nom": " X\nY ", "kinds": ["a", "b"], "amount": "douze"}


def test_what_is_stored_reads_back_the_same() -> None:
    typed = as_typed(QueryDict("nom=X&kinds=a&kinds=b&kind=a"), form())
    assert as_typed(as_data(typed), form()) == typed


def test_a_field_not_shown_any_more_is_kept_when_a_page_open_before_sends_it() -> None:
    shown = form()
    del shown.fields["nom"]
    assert as_typed(QueryDict("nom=X"), shown) == {"nom": "X", "kinds": []}
    assert as_typed(QueryDict(""), shown) == {"kinds": []}


def test_lines_leave_out_what_is_empty_or_hidden() -> None:
    filled = form("nom=X&kinds=a&kinds=b&kind=a&yes=on&amount=1250,5&day=12/05/2009&cache=c")
    assert filled.is_valid()
    assert list(filled.lines()) == [
        Line("nom", "Nom", "X"),
        Line("kinds", "Genres", "Aaa, Bbb"),
        Line("kind", "Genre\u00a0?", "Aaa"),
        Line("yes", "Oui", "Oui"),
        Line("amount", "Montant", "1\u00a0250,5 ETP"),
        Line("day", "Jour", "12\u00a0mai\u00a02009"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("yes", False, "Non"), ("amount", Decimal(3), "3 ETP"), ("kind", "x", "x"), ("day", date(2026, 1, 1), None)],
)
def test_a_value_is_written_as_its_author_would(name: str, value: object, said: str | None) -> None:
    assert written(form().fields[name], value) == (said or "1er\u00a0janvier\u00a02026")


def test_the_context_reads_other_sections() -> None:
    assert [CONTEXT.typed("autre", name) for name in ("un", "liste", "vide", "rien")] == ["1", "b", "", ""]
    assert CONTEXT.typed("rien", "un") == ""
