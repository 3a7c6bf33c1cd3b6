"""The answers travel in the address: the path follows them, and nothing typed is lost on the way."""

import pytest
from django import forms
from django.http import QueryDict

from normandata.ui.fields import NumberField
from normandata.ui.forms import Form
from normandata.ui.questionnaire import Answers, Questionnaire, Step


class KindForm(Form):
    genre = forms.ChoiceField(choices=[("ville", "Ville"), ("usine", "Usine"), ("club", "Club")])


class PeopleForm(Form):
    habitants = NumberField(whole=True)


class StaffForm(Form):
    etp = NumberField()


class PlacesForm(Form):
    lieux = forms.MultipleChoiceField(choices=[("14", "Calvados"), ("27", "Eure"), ("50", "Manche")])
    detail = forms.CharField(required=False)


def is_town(answers: Answers) -> bool:
    return answers.get("genre") == "ville"


def is_plant(answers: Answers) -> bool:
    return answers.get("genre") == "usine"


KIND = Step("genre", "Genre", KindForm)
PEOPLE = Step("habitants", "Habitants", PeopleForm, is_town)
STAFF = Step("effectif", "Effectif", StaffForm, is_plant)
PLACES = Step("lieux", "Lieux", PlacesForm)
QUESTIONS = Questionnaire([KIND, PEOPLE, STAFF, PLACES])


def kept(query: str, *, besides: Step | None = None) -> str:
    return QUESTIONS.kept(QueryDict(query), besides=besides).urlencode()


@pytest.mark.parametrize(
    ("query", "path", "done", "pending"),
    [
        ("", [KIND, PLACES], [], KIND),
        ("genre=ville", [KIND, PEOPLE, PLACES], [KIND], PEOPLE),
        ("genre=usine", [KIND, STAFF, PLACES], [KIND], STAFF),
        ("genre=club", [KIND, PLACES], [KIND], PLACES),
        ("genre=ville&habitants=dix", [KIND, PEOPLE, PLACES], [KIND], PEOPLE),
        ("genre=ville&habitants=10", [KIND, PEOPLE, PLACES], [KIND, PEOPLE], PLACES),
        ("genre=ville&habitants=10&lieux=14", [KIND, PEOPLE, PLACES], [KIND, PEOPLE, PLACES], None),
        ("genre=ville&lieux=14", [KIND, PEOPLE, PLACES], [KIND], PEOPLE),
        ("genre=autre&lieux=14", [KIND, PLACES], [], KIND),
    ],
)
def test_the_path_depends_on_the_answers(query: str, path: list[Step], done: list[Step], pending: Step | None) -> None:
    progress = QUESTIONS.read(QueryDict(query))
    assert (list(progress.path), list(progress.done), progress.pending) == (path, done, pending)


def test_jumping_ahead_stops_at_the_first_question_without_an_answer() -> None:
    progress = QUESTIONS.read(QueryDict("habitants=10&etp=4&lieux=14"))
    assert (progress.pending, dict(progress.answers)) == (KIND, {})


def test_answers_are_read_as_values_and_those_of_another_path_are_not_read() -> None:
    progress = QUESTIONS.read(QueryDict("genre=ville&habitants=12%C2%A0000&etp=4&lieux=14&lieux=50&detail=x"))
    assert dict(progress.answers) == {"genre": "ville", "habitants": 12_000, "lieux": ["14", "50"], "detail": "x"}


def test_a_question_is_found_by_its_address() -> None:
    assert QUESTIONS.step("effectif") is STAFF
    assert QUESTIONS.step("inconnue") is None
    assert PLACES.names == ("lieux", "detail")


def test_changing_the_structure_prunes_what_no_longer_concerns_it() -> None:
    assert kept("genre=usine&habitants=10&etp=4&lieux=14") == "genre=usine&etp=4&lieux=14"
    assert kept("genre=ville&habitants=10&etp=4&lieux=14") == "genre=ville&habitants=10&lieux=14"
    assert kept("genre=club&habitants=10&etp=4&lieux=14") == "genre=club&lieux=14"


def test_every_value_of_an_answer_is_kept_as_it_was_typed() -> None:
    assert kept("genre=club&lieux=50&lieux=14&detail=%3Cb%3E+%26") == "genre=club&lieux=50&lieux=14&detail=%3Cb%3E+%26"
    assert kept("genre=ville&habitants=12+000+habitants&lieux=14") == "genre=ville&habitants=12+000+habitants&lieux=14"


def test_empty_values_and_strangers_leave_the_address() -> None:
    assert kept("genre=club&detail=&lieux=&lieux=14&envoi=1&csrf=x&utm_source=y") == "genre=club&lieux=14"


def test_one_question_s_own_answer_is_left_to_its_form() -> None:
    assert kept("genre=ville&habitants=10&lieux=14", besides=PEOPLE) == "genre=ville&lieux=14"
    assert kept("genre=ville&habitants=10&lieux=14", besides=KIND) == "habitants=10&lieux=14"


def test_an_answer_that_cannot_be_read_is_kept_too() -> None:
    assert kept("genre=ville&habitants=dix&lieux=14") == "genre=ville&habitants=dix&lieux=14"


def test_answers_further_on_survive_a_question_whose_answer_is_missing() -> None:
    """Clearing the first answer decides nothing yet: what was typed after it must come back with it."""
    assert kept("habitants=10&lieux=14", besides=KIND) == "habitants=10&lieux=14"
    assert kept("genre=&habitants=10&lieux=14") == "habitants=10&lieux=14"


def test_a_question_shown_again_holds_what_was_answered_without_error() -> None:
    form = PLACES.shown(QueryDict("lieux=14&lieux=50&detail=mot"))
    assert form.is_bound is False
    assert form.initial == {"lieux": ["14", "50"], "detail": "mot"}
    assert [option.data["selected"] for option in form["lieux"].subwidgets] == [True, False, True]
    assert PLACES.shown(QueryDict("")).initial == {}


def test_a_sent_question_holds_what_was_typed_and_its_errors() -> None:
    form = PEOPLE.bound(QueryDict("habitants=dix"))
    assert form.problems == [("id_habitants", "Écrivez ce nombre en chiffres, par exemple 1 250.")]
    assert form["habitants"].value() == "dix"


def test_the_questionnaire_keeps_nothing_between_two_people() -> None:
    QUESTIONS.read(QueryDict("genre=ville&habitants=10&lieux=14"))
    assert dict(QUESTIONS.read(QueryDict("")).answers) == {}
