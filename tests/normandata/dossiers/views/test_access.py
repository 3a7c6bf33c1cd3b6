"""Whose files may be opened: the Region reads what was sent or came at its request, and nothing else."""

import pytest
from django.test import Client

from normandata.dossiers.models import Attachment, Dossier
from normandata.dossiers.services import drafts
from tests.factories.accounts import make_agent, sign_in
from tests.factories.corrections import DEPOSITED, ask, noon, send
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def join(dossier: Dossier, name: str) -> Attachment:
    return drafts.attach(dossier, "complement", UploadFactory(name=name), by=dossier.created_by, at=noon(1))


def opened(client: Client, file: Attachment) -> list[int]:
    """What the three addresses of a file answer."""
    root = f"/dossiers/{file.dossier.key}/fichiers/{file.pk}/"
    answers = [client.get(f"{root}{end}") for end in ("", "apercu/", "image/")]
    for answer in answers:
        if answer.streaming:
            list(answer.streaming_content)
    return [answer.status_code for answer in answers]


def test_the_region_reads_what_was_sent_and_what_came_at_its_request(client: Client) -> None:
    dossier = make_draft()
    sent = join(dossier, "envoyee.pdf")
    make_deposit(dossier, at=DEPOSITED)
    changed_mind = join(dossier, "jamais-envoyee.pdf")
    agent = make_agent()
    sign_in(client, agent)
    assert (opened(client, sent)[0], opened(client, changed_mind)) == (200, [404, 404, 404])
    ask(dossier, agent, on=2, due=16)
    came = send(dossier, "complement", noon(3))
    assert (opened(client, came)[0], opened(client, changed_mind)) == (200, [404, 404, 404])
    sign_in(client, dossier.created_by)
    assert [opened(client, file)[0] for file in (sent, changed_mind, came)] == [200, 200, 200]


def test_a_file_taken_away_before_the_deposit_is_erased(client: Client) -> None:
    dossier = make_draft()
    file = join(dossier, "retiree.pdf")
    pk = file.pk
    drafts.detach(file, by=dossier.created_by)
    make_deposit(dossier, at=DEPOSITED)
    assert not Attachment.objects.exists()
    file.pk = pk
    for person in (make_agent(), dossier.created_by):
        sign_in(client, person)
        assert opened(client, file) == [404, 404, 404]
