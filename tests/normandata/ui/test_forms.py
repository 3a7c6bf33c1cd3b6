"""Every form wears our classes, and says its errors once, in the order of the page."""

import copy
from html.parser import HTMLParser

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string

from normandata.regulation.formats import NBSP
from normandata.ui.fields import NumberField
from normandata.ui.forms import Choice, Form

PLACES = [("a", Choice("Ici", "Tout près")), ("b", Choice("<b>Là</b>", '"<i>loin</i>"'))]


class Sheet(Form):
    nom = forms.CharField(label="Nom : usuel", help_text="Vraiment ?", error_messages={"required": "Écrivez le nom !"})
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    choix = forms.ChoiceField(label="Lequel ?", choices=PLACES, error_messages={"required": "Choisissez."})
    lieu = forms.ChoiceField(
        label="Lieu", widget=forms.RadioSelect, choices=PLACES, error_messages={"required": "Cochez un lieu."}
    )
    lieux = forms.MultipleChoiceField(
        label="Lieux", widget=forms.CheckboxSelectMultiple, choices=PLACES, error_messages={"required": "Cochez."}
    )
    accord = forms.BooleanField(label="Accord", error_messages={"required": "Donnez votre accord."})
    effectif = NumberField(label="Effectif", required=False)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if cleaned.get("note") == "tout":
            self.add_error(None, "Rien ne va : relisez.")
        return cleaned


class Single(Form):
    prix = NumberField(label="Prix", unit="€")


class Page(HTMLParser):
    """Keeps the tags of a page with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if attrs.get("id")]


def test_each_control_wears_its_class() -> None:
    assert {name: field.widget.attrs["class"] for name, field in Sheet().fields.items()} == {
        "nom": "form-control",
        "note": "form-control",
        "choix": "form-select",
        "lieu": "form-check-input",
        "lieux": "form-check-input",
        "accord": "form-check-input",
        "effectif": "form-control",
    }


def test_labels_and_hints_keep_their_punctuation() -> None:
    form = Sheet()
    assert form["nom"].label == f"Nom{NBSP}: usuel"
    assert form["nom"].help_text == f"Vraiment{NBSP}?"
    assert form.label_suffix == ""


def test_a_class_of_the_field_s_own_is_kept() -> None:
    class Own(Form):
        court = forms.CharField(widget=forms.TextInput(attrs={"class": "nd-short"}))

    assert Own().fields["court"].widget.attrs["class"] == "nd-short"
    form = Own({})
    assert not form.is_valid()
    assert form.fields["court"].widget.attrs["class"] == "nd-short is-invalid"


def test_errors_come_in_the_order_of_the_fields_and_lead_to_a_control_of_the_page() -> None:
    form = Sheet({"note": "tout", "effectif": "<b>dix</b>"})
    assert not form.is_valid()
    assert form.problems == [
        ("id_nom", f"Nom{NBSP}: usuel{NBSP}: écrivez le nom{NBSP}!"),
        ("id_choix", "Choisissez."),
        ("id_lieu_0", f"Lieu{NBSP}: cochez un lieu."),
        ("id_lieux_0", f"Lieux{NBSP}: cochez."),
        ("id_accord", f"Accord{NBSP}: donnez votre accord."),
        ("id_effectif", f"Effectif{NBSP}: écrivez ce nombre en chiffres, par exemple 1 250."),
        ("", f"Rien ne va{NBSP}: relisez."),
    ]
    page = Page(render_crispy_form(form))
    assert [target for target, _ in form.problems if target and target not in page.ids] == []


def test_the_only_field_of_a_page_is_not_named_again() -> None:
    form = Single({"prix": "-1"})
    assert form.problems == [("id_prix", "Ce nombre ne peut pas être inférieur à 0.")]


def test_a_form_without_error_has_no_problem() -> None:
    form = Single({"prix": "12,50"})
    assert form.problems == []
    assert "is-invalid" not in render_crispy_form(form)


def test_only_the_faulty_controls_are_marked_and_once() -> None:
    form = Sheet({"nom": "Ana", "choix": "a", "lieu": "a", "lieux": ["a"], "accord": "on", "effectif": "dix"})
    assert not form.is_valid()
    form.add_error("effectif", "Encore.")
    assert {name: field.widget.attrs["class"] for name, field in form.fields.items()} == {
        "nom": "form-control",
        "note": "form-control",
        "choix": "form-select",
        "lieu": "form-check-input",
        "lieux": "form-check-input",
        "accord": "form-check-input",
        "effectif": "form-control is-invalid",
    }
    assert "is-invalid" not in "".join(str(field.widget.attrs) for field in Sheet().fields.values())


def test_what_was_typed_comes_back_escaped_and_nothing_of_it_runs() -> None:
    form = Sheet({"nom": '"><script>alert(1)</script>', "effectif": "<img src=x>"})
    assert not form.is_valid()
    page = Page(render_crispy_form(form))
    assert [tag for tag, _ in page.tags if tag in {"script", "img", "b", "i"}] == []
    values = {attrs.get("name"): attrs.get("value") for tag, attrs in page.tags if tag == "input"}
    assert (values["nom"], values["effectif"]) == ('"><script>alert(1)</script>', "<img src=x>")
    assert page.words.count("<b>Là</b>") == 3
    assert page.words.count('"<i>loin</i>"') == 2


def test_the_summary_lists_every_error_as_a_link_and_escapes_it() -> None:
    form = Sheet({"note": "tout", "nom": "x"})
    form.add_error("nom", "<b>Non</b>")
    page = Page(render_to_string("components/error_summary.html", {"form": form}))
    links = [str(attrs["href"]) for tag, attrs in page.tags if tag == "a"]
    assert links == [f"#{target}" for target, _ in form.problems if target]
    assert page.words == ["6 points sont à revoir.", *(message for _, message in form.problems)]
    assert len([tag for tag, _ in page.tags if tag == "b"]) == 0


def test_the_summary_of_one_error_is_in_the_singular_and_of_none_is_empty() -> None:
    page = Page(render_to_string("components/error_summary.html", {"form": Single({})}))
    assert page.words == ["Un point est à revoir.", "Indiquez un nombre."]
    assert render_to_string("components/error_summary.html", {"form": Single({"prix": "1"})}).strip() == ""


def test_a_group_of_choices_is_a_fieldset_with_its_hints() -> None:
    page = Page(render_crispy_form(Sheet()))
    tags = [tag for tag, _ in page.tags]
    assert (tags.count("fieldset"), tags.count("legend")) == (2, 2)
    assert page.words.count("Tout près") == 2


@pytest.mark.parametrize("titled", [True, False])
def test_the_label_is_for_assistive_technology_alone_when_the_page_says_it(titled: bool) -> None:
    form = Single()
    form.is_titled_by_page = titled
    (label,) = [attrs for tag, attrs in Page(render_crispy_form(form)).tags if tag == "label"]
    assert ("visually-hidden" in str(label["class"]).split()) is titled


def test_a_choice_is_its_label_and_survives_a_copy() -> None:
    choice = Choice("Ici", "Tout près")
    assert (choice, choice.hint, Choice("Ici").hint) == ("Ici", "Tout près", "")
    assert copy.deepcopy(choice).hint == "Tout près"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eÉquipe\u202c \u2066des 👩\u200d🔬\u2069", "Équipe des 👩\u200d🔬"),
        ("\u202e", None),
        ("العربية", "العربية"),
    ],
)
def test_what_turns_the_direction_of_reading_is_not_kept(typed: str, kept: str | None) -> None:
    class Named(Form):
        name = forms.CharField()

    form = Named({"name": typed})
    assert form.is_valid() is (kept is not None)
    assert form.cleaned_data.get("name") == kept
