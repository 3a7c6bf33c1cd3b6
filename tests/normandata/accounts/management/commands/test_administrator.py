import pytest
from django.core.management import CommandError, call_command

from normandata.accounts.models import Role, User
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_an_account_becomes_administrator_once(capsys: pytest.CaptureFixture[str]) -> None:
    user = UserFactory()
    for _ in range(2):
        call_command("administrator", user.email.upper())
    held = User.objects.get(pk=user.pk)
    assert [assignment.role for assignment in held.assignments] == [Role.ADMINISTRATOR]
    assert held.holds(Role.ADMINISTRATOR)
    assert f"{user.email} est administrateur." in capsys.readouterr().out


@pytest.mark.parametrize("is_closed", [False, True])
def test_nobody_is_made_administrator_without_an_active_account(is_closed: bool) -> None:
    address = UserFactory(is_active=False).email if is_closed else "personne@exemple.invalid"
    with pytest.raises(CommandError, match="Aucun compte actif"):
        call_command("administrator", address)
