"""Who keeps and reads the directory, and where an expert lands."""

import pytest
from django.test import Client

from normandata.accounts.models import Role
from normandata.dossiers import journal, schemes
from normandata.dossiers.journal import title
from normandata.experts import conduct, permissions
from tests.factories.accounts import UserFactory, make_user_with, sign_in
from tests.factories.dossiers import make_dossier
from tests.factories.experts import make_expert, person_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "scheme", "reads", "keeps"),
    [
        (Role.AGENT, "booster_ia", True, True),
        (Role.LEAD_AGENT, "", True, True),
        (Role.AUDITOR, "", True, False),
        (Role.DATA_PROTECTION_OFFICER, "", True, False),
        (Role.ADMINISTRATOR, "", True, False),
        (Role.EXPERT, "", False, False),
        (Role.PROVIDER, "diagnostic", False, False),
        (Role.JUROR, "datathon", False, False),
    ],
)
def test_the_directory(role: Role, scheme: str, reads: bool, keeps: bool) -> None:
    person = make_user_with(role, scheme)
    assert (permissions.reads_directory(person), permissions.keeps_directory(person)) == (reads, keeps)


def test_an_expert_lands_in_their_space(client: Client) -> None:
    expert = sign_in(client, person_of(make_expert()))
    assert schemes.home(expert) == "experts:questions"
    assert client.get("/espace/").headers["Location"] == "/expert/"
    assert schemes.home(UserFactory()) == "dossiers:mine"
    with pytest.raises(ValueError, match="a home already"):
        schemes.register_home(Role.EXPERT, "dossiers:mine")


def test_the_journal_of_a_dossier_knows_the_words_of_this_room() -> None:
    dossier = make_dossier()
    assert {name: title(dossier, name) for name in conduct.ACTS} == conduct.ACTS
    assert conduct.ACTS.items() <= journal.ACTS.items()
