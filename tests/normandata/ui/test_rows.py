"""A row is chosen by its key: a number that no database holds is an ordinary wrong choice, wherever one is taken."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from normandata.accounts.models import User
from normandata.ui.fields import RowField, RowsField
from tests.factories.accounts import UserFactory

HOUSE = Path(__file__).parents[3]
ROOMS = ("normandata", "diagnostic", "booster_ia", "datathon", "roadmap")
SHARED = HOUSE / "normandata/ui/fields.py"
WRONG = {"invalid_choice": "Choisissez dans la liste.", "invalid_pk_value": "Choisissez dans la liste."}
TOO_LONG = ("9" * 10, "9" * 20, "9" * 5000, "-" + "9" * 20, "x" * 20)


def refusal(field: Any, typed: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        field.clean(typed)
    return caught.value.messages


@pytest.mark.django_db
def test_a_row_is_chosen_by_its_key() -> None:
    user = UserFactory()
    people = User.objects.all()
    one = RowField(people, error_messages=WRONG)
    assert (one.clean(str(user.pk)), RowField(people, required=False).clean("")) == (user, None)
    assert [refusal(one, key) for key in (*TOO_LONG, "999999999", "x")] == [["Choisissez dans la liste."]] * 7
    assert one.to_python(user) == user


@pytest.mark.django_db
def test_rows_are_chosen_by_their_keys() -> None:
    user, other = UserFactory(), UserFactory()
    people = User.objects.order_by("pk")
    some = RowsField(people, error_messages=WRONG)
    assert list(some.clean([str(user.pk), str(other.pk)])) == [user, other]
    assert list(RowsField(people, required=False).clean([])) == []
    for key in (*TOO_LONG, "999999999", "x"):
        assert refusal(some, [str(user.pk), key]) == ["Choisissez dans la liste."]


def test_a_refusal_does_not_repeat_five_thousand_digits() -> None:
    said = refusal(RowField(User.objects.none()), "9" * 5000)
    assert said == ["Sélectionnez un choix valide. Ce choix ne fait pas partie de ceux disponibles."]
    said = refusal(RowsField(User.objects.none()), ["9" * 5000])
    assert said == ["Sélectionnez un choix valide. 999999999… n’en fait pas partie."]


def test_every_form_of_the_house_takes_keys_by_these_fields() -> None:
    bare = ("ModelChoiceField", "ModelMultipleChoiceField")
    files = [path for room in ROOMS for path in (HOUSE / room).rglob("*.py") if path != SHARED]
    assert [str(path) for path in files if any(name in path.read_text(encoding="utf-8") for name in bare)] == []
