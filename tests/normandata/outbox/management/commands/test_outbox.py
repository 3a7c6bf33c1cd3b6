import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from normandata.outbox.models import Message, State
from tests.normandata.outbox.conftest import Carrier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carrier")]


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue().splitlines()


def fail(error: str = "Traceback\nValueError: refusé") -> Message:
    return Message.objects.create(handler="test.note", state=State.FAILED, attempts=3, error=error)


def test_it_counts_by_state_and_shows_what_failed() -> None:
    Message.objects.create(handler="test.note")
    message = fail()
    assert run() == [
        "En attente : 1",
        "En cours : 0",
        "Fait : 0",
        "En échec : 1",
        f"{message.pk}  test.note  essais : 3  ValueError: refusé",
    ]


def test_it_puts_one_back() -> None:
    message = fail()
    other = fail()
    assert run("--retry", str(message.pk))[:2] == ["Messages remis en attente : 1", "En attente : 1"]
    assert list(Message.objects.failed()) == [other]


def test_it_puts_all_back(carrier: Carrier, django_capture_on_commit_callbacks) -> None:
    pks = {str(fail().pk), str(fail().pk)}
    with django_capture_on_commit_callbacks(execute=True):
        assert run("--retry", "all")[0] == "Messages remis en attente : 2"
    assert set(carrier.taken) == pks


@pytest.mark.parametrize(
    ("which", "said"),
    [("demain", "« demain » n’est pas un identifiant"), (str(uuid.UUID(int=1)), "Aucun message en échec")],
)
def test_it_says_what_it_does_not_know(which: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("--retry", which)
