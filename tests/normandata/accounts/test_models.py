"""A person is known by one address, whatever the case it is typed in."""

import threading

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.forms import modelform_factory
from django.test import RequestFactory

from normandata.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase assez longue"
TAKEN = "Cette adresse électronique a déjà un compte."


def test_an_address_is_kept_in_lower_case_without_spaces() -> None:
    user = User.objects.create_user("  Ana.DUPONT@Example.ORG ", PASSWORD)
    assert User.objects.get().email == "ana.dupont@example.org"
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)


@pytest.mark.parametrize(
    "email",
    ["", None, "   "],
)
def test_a_person_has_an_address(email: str | None) -> None:
    with pytest.raises(ValueError, match="an e-mail address is required"):
        User.objects.create_user(email, PASSWORD)  # type: ignore[arg-type]


def test_a_password_is_hashed_and_may_be_missing() -> None:
    user = User.objects.create_user("ana@example.org", PASSWORD)
    assert PASSWORD not in user.password
    assert user.check_password(PASSWORD)
    assert not User.objects.create_user("bob@example.org").has_usable_password()


def signed_in(*, email: str, password: str) -> object:
    """Check a password as the sign-in page does, once its form has trimmed the address."""
    return authenticate(RequestFactory().post("/connexion/"), email=email.strip(), password=password)


@pytest.mark.parametrize("typed", ["ana@example.org", "ANA@example.org", "ana@EXAMPLE.org", " Ana@Example.Org "])
def test_a_person_signs_in_whatever_the_case_of_the_address(typed: str) -> None:
    user = User.objects.create_user("Ana@Example.org", PASSWORD)
    assert User.objects.get_by_natural_key(typed) == user
    assert signed_in(email=typed, password=PASSWORD) == user
    assert signed_in(email=typed, password=PASSWORD.upper()) is None


@pytest.mark.django_db(transaction=True)
def test_the_natural_key_is_the_same_when_asked_asynchronously() -> None:
    user = User.objects.create_user("ana@example.org", PASSWORD)
    found: list[User] = []

    def ask() -> None:
        found.append(async_to_sync(User.objects.aget_by_natural_key)("ANA@example.org"))
        connection.close()

    # In a thread of its own: a browser's event loop may live in this one.
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(30)
    assert found == [user]


@pytest.mark.parametrize("nobody", ["bob@example.org", "", None])
def test_nobody_is_found_by_another_address(nobody: str | None) -> None:
    User.objects.create_user("ana@example.org", PASSWORD)
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(nobody)


def test_the_natural_key_of_a_person_is_the_address() -> None:
    assert User.objects.create_user("Ana@Example.org").natural_key() == ("ana@example.org",)


def test_a_form_refuses_an_address_taken_in_another_case() -> None:
    User.objects.create_user("ana@example.org")
    form = modelform_factory(User, fields=["email"])({"email": " ANA@Example.ORG "})
    assert not form.is_valid()
    assert form.errors == {"email": [TAKEN]}


def test_a_form_lowers_the_address_it_saves() -> None:
    form = modelform_factory(User, fields=["email"])({"email": "Ana@Example.ORG"})
    assert form.is_valid(), form.errors
    assert form.save().email == "ana@example.org"


def test_the_check_of_a_person_refuses_an_address_taken_in_another_case() -> None:
    User.objects.create_user("ana@example.org", PASSWORD)
    with pytest.raises(ValidationError) as caught:
        User(email="ANA@example.org", password="x").full_clean()
    assert caught.value.message_dict == {"email": [TAKEN]}


def test_the_database_refuses_a_capital() -> None:
    with pytest.raises(IntegrityError, match="accounts_user_email_lower_case"), transaction.atomic():
        User.objects.create(email="Ana@example.org")
    with pytest.raises(IntegrityError, match="accounts_user_email_lower_case"), transaction.atomic():
        User.objects.bulk_create([User(email="ANA@example.org")])
    user = User.objects.create_user("ana@example.org")
    with pytest.raises(IntegrityError, match="accounts_user_email_lower_case"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="Ana@example.org")


def test_the_database_refuses_the_same_address_twice() -> None:
    User.objects.create_user("ana@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ANA@EXAMPLE.ORG")
    assert User.objects.count() == 1


def test_a_superuser_may_do_everything() -> None:
    root = User.objects.create_superuser("Root@Example.org", PASSWORD)
    assert (root.email, root.is_staff, root.is_superuser) == ("root@example.org", True, True)
    assert root.has_perm("accounts.delete_user")
    assert not User.objects.create_user("ana@example.org").has_perm("accounts.delete_user")


def test_the_command_creates_a_superuser_who_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email="Root@Example.org", verbosity=0)
    user = signed_in(email="root@example.org", password=PASSWORD)
    assert isinstance(user, User)
    assert user.is_superuser


def test_a_disabled_account_cannot_sign_in() -> None:
    User.objects.create_user("ana@example.org", PASSWORD, is_active=False)
    assert signed_in(email="ana@example.org", password=PASSWORD) is None


def test_a_person_is_shown_by_name_or_by_address() -> None:
    assert str(User(email="ana@example.org", name="Ana Dupont")) == "Ana Dupont"
    assert str(User(email="ana@example.org")) == "ana@example.org"
