import os
import shutil
from pathlib import Path

import pytest

from normandata.outbox import mail
from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State
from normandata.portal.demonstration import letters
from tests.factories.notifications import MailFactory

SECRET = "Votre code : QW3RTY"


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    """Send mails to a folder, as the embedded mode does."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_FILE_PATH.mkdir()
    return settings.EMAIL_FILE_PATH


def send_secret(text: str = SECRET) -> Message:
    message = mail.send("nouveau@demo.invalid", "Votre code d’accès", text, is_secret=True)
    assert outbox.work(message.pk)
    message.refresh_from_db()
    assert (message.state, message.payload) == (State.DONE, {})
    return message


def texts() -> list[str]:
    return [one.text for one in letters.read(1).letters]


@pytest.mark.django_db
def test_a_code_that_left_is_read_again_in_the_mail_folder(folder: Path) -> None:
    send_secret()
    (letter,) = letters.read(1).letters
    assert (letter.address, letter.subject, letter.text, letter.is_sent) == (
        "nouveau@demo.invalid",
        "Votre code d’accès",
        SECRET,
        True,
    )


@pytest.mark.django_db
def test_a_code_that_waits_is_read_in_the_outbox() -> None:
    mail.send("nouveau@demo.invalid", "Votre code", SECRET, is_secret=True)
    (letter,) = letters.read(1).letters
    assert (letter.text, letter.is_sent) == (SECRET, False)


@pytest.mark.django_db
def test_without_mail_folder_a_code_that_left_is_lost_and_the_page_stands(folder: Path, settings) -> None:
    send_secret()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert texts() == [""]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert texts() == [SECRET]
    shutil.rmtree(folder)
    assert texts() == [""]


@pytest.mark.django_db
def test_several_mails_of_one_file_are_told_apart(folder: Path) -> None:
    send_secret("premier")
    send_secret("second")
    first, second = sorted(folder.iterdir())
    first.write_bytes(first.read_bytes() + second.read_bytes())
    second.unlink()
    assert sorted(texts()) == ["premier", "second"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["autre.log", "autre.txt"])
def test_a_file_that_no_row_knows_is_not_shown(folder: Path, name: str) -> None:
    send_secret()
    forged = b"Message-ID: <autre@localhost>\nTo: x@demo.invalid\nSubject: Faux\n\nintrus\n"
    (folder / name).write_bytes(forged)
    assert texts() == [SECRET]
    assert [one.address for one in letters.read(1).letters] == ["nouveau@demo.invalid"]


@pytest.mark.django_db
def test_hostile_files_are_passed_over(folder: Path, tmp_path: Path) -> None:
    message = send_secret()
    (sent,) = folder.iterdir()
    outside = tmp_path / "outside"
    outside.write_bytes(sent.read_bytes().replace(b"QW3RTY", b"LINKED"))
    sent.unlink()
    known = f"Message-ID: {message.message_id}\n".encode()
    (folder / "lien.log").symlink_to(outside)
    (folder / "lourd.log").write_bytes(known + b"Subject: x\n\n" + b"a" * letters.LARGEST)
    (folder / "octets.log").write_bytes(bytes(range(256)) * 40)
    (folder / "charset.log").write_bytes(known + b"Content-Type: text/plain; charset=nul-part\n\n\xff\xfe")
    (folder / "html.log").write_bytes(known + b"Content-Type: text/html\n\n<b>intrus</b>")
    (folder / "vide.log").write_bytes(b"")
    (folder / "dossier.log").mkdir()
    os.mkfifo(folder / "tube.log")
    assert texts() == [""]
    (folder / "vrai.log").write_bytes(outside.read_bytes())
    assert texts() == ["Votre code : LINKED"]


@pytest.mark.django_db
def test_mails_are_paged_the_newest_first_and_a_wrong_number_is_brought_back() -> None:
    made = [MailFactory(subject=f"Courriel {rank}") for rank in range(letters.A_PAGE + 3)]
    names = [one.subject for one in reversed(made)]
    first, second = letters.read(1), letters.read(2)
    assert [one.subject for one in first.letters + second.letters] == names
    assert (first.has_next, second.has_next) == (True, False)
    assert letters.read(-4) == first
    assert letters.read(9999).letters == []
    assert letters.read(9999).number == letters.MOST_PAGES
