"""The account of a project on screen, as its organisation fills it, and the agents' pages that note what follows."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia.after import NetworkEntry, Outcome, Reply
from booster_ia.awards import Award
from booster_ia.services import after
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.booster_after import ANSWERS, applicant_of, make_award
from tests.factories.organisations import MembershipFactory
from tests.factories.waves import make_partner

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 6, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_june(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def award() -> Award:
    return make_award()


@pytest.fixture
def applicant(client: Client, award: Award) -> User:
    return sign_in(client, applicant_of(award))


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent("booster_ia"))


def at(award: Award, name: str = "outcome", *more: Any) -> str:
    return reverse(f"booster_ia:{name}", args=[award.dossier.key, *more])


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


# ----------------------------------------------------------------------------------------------------- the organisation
def test_the_page_names_each_declared_indicator_with_its_target(client: Client, applicant: User, award: Award) -> None:
    page = text(client.get(at(award)))
    assert "Crues prévues à 24 heures : valeur atteinte" in page
    assert "Cible annoncée : 95 %." in page
    assert "Cible annoncée : 12." in page
    assert page.count("<h1") == 1
    assert "Rien d’enregistré encore" in page


def test_a_page_saves_by_itself_and_says_the_hour(client: Client, applicant: User, award: Award) -> None:
    typed = {"version": "0", "valeur1": "91,5"}
    headers = {"X-Requested-With": "autosave"}
    answer = client.post(at(award), typed, headers=headers)
    assert answer.json() == {"version": 1, "saved": "Enregistré à 11\u00a0h\u00a000"}
    assert Outcome.objects.get().answers == {"valeur1": "91,5", "communs": []}
    other = client.post(at(award), typed | {"valeur1": "90"}, headers=headers)
    assert (other.status_code, other.json()["version"]) == (409, 1)
    assert 'value="91,5"' in text(client.get(at(award)))


def test_two_versions_are_both_shown(client: Client, applicant: User, award: Award) -> None:
    other = MembershipFactory(organisation=award.organisation).user
    after.save(award, {"appris": "Ce que dit l’autre."}, version=0, by=other)
    answer = client.post(at(award), {"version": "0", "appris": "Ce que je dis."})
    assert answer.status_code == 409
    assert "Ce que je dis." in text(answer)
    assert "Ce que dit l’autre." in text(answer)


def test_sending_says_what_is_left_and_keeps_what_was_typed(client: Client, applicant: User, award: Award) -> None:
    answer = client.post(at(award), {"version": "0", "suite": "1", "valeur1": "beaucoup", "appris": "Rien."})
    assert answer.status_code == 422
    page = text(answer)
    assert "Écrivez ce nombre en chiffres" in page
    assert 'value="beaucoup"' in page
    assert not Outcome.objects.get().is_sent


def test_a_whole_account_is_sent_and_read_back(client: Client, applicant: User, award: Award) -> None:
    answer = client.post(at(award), {**ANSWERS, "version": "0", "suite": "1"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("dossiers:dossier", args=[award.dossier.key])
    page = text(client.get(at(award)))
    assert "Envoyé à la Région le 2 juin 2027" in page
    assert "91,5 %" in page
    assert "pas mesuré" in page
    again = client.post(at(award), {**ANSWERS, "version": "1"}, headers={"X-Requested-With": "autosave"})
    assert (again.status_code, again.json()) == (410, {"message": after.SENT})


def test_the_dossier_of_the_organisation_leads_to_its_account(client: Client, applicant: User, award: Award) -> None:
    page = text(client.get(reverse("dossiers:dossier", args=[award.dossier.key])))
    assert "Remplir le bilan" in page
    assert at(award) in page


def test_a_project_that_has_not_begun_waits(client: Client, applicant: User, award: Award) -> None:
    with time_machine.travel("2026-12-20T12:00:00+01:00", tick=False):
        page = text(client.get(at(award)))
        assert "Le bilan s’ouvre quand le projet commence, le 21 décembre 2026." in page
        assert "<form" not in page.split("<h1")[1].split("</main>")[0]


def test_a_grant_that_is_not_notified_has_no_account(client: Client) -> None:
    award = make_award(notified_on=None)
    sign_in(client, applicant_of(award))
    assert client.get(at(award)).status_code == 404


# ---------------------------------------------------------------------------------------------------------- the agents
def test_the_account_of_a_colleague_is_not_overwritten_unread(client: Client, agent: User, award: Award) -> None:
    def drawn() -> str:
        found = re.search(r'name="vu" value="(\w*)"', client.get(at(award, "exchange")).content.decode())
        assert found is not None
        return found[1]

    before, colleague = drawn(), make_agent("booster_ia", name="Sacha Petit")
    after.note_exchange(award, on=date(2027, 6, 1), mode="remote", notes="Ceux de Sacha.", by=colleague)
    typed = {"on": "02/06/2027", "mode": "in_person", "notes": "Les miens.", "vu": before}
    refused = client.post(at(award, "exchange"), typed)
    assert refused.status_code == 422
    assert "Sacha Petit a noté cet échange entre-temps, au 1er juin 2027 : « Ceux de Sacha. »." in text(refused)
    assert "Les miens." in refused.content.decode()
    assert Outcome.objects.get().exchange_notes == "Ceux de Sacha."
    assert client.post(at(award, "exchange"), typed | {"vu": drawn()}).status_code == 302
    assert Outcome.objects.get().exchange_notes == "Les miens."


def test_agents_note_the_exchange_and_the_review(client: Client, agent: User, award: Award) -> None:
    done = client.post(at(award, "exchange"), {"on": "01/06/2027", "mode": "remote", "notes": "Tout va."})
    assert (done.status_code, done.headers["Location"]) == (302, at(award, "desk_outcome"))
    client.post(at(award, "review"), {"on": "2027-06-02", "attended": "oui"})
    found = Outcome.objects.get()
    assert (found.exchange_on, found.exchange_mode, found.review_attended) == (date(2027, 6, 1), "remote", True)
    page = text(client.get(at(award, "desk_outcome")))
    assert "1er juin 2027</strong>, à distance" in page
    assert "avec le porteur" in page
    assert "Tout va." in page
    assert 'value="01/06/2027"' in text(client.get(at(award, "exchange")))


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("exchange", {"on": "03/06/2027", "mode": "remote"}, "Cette date est à venir."),
        ("exchange", {"on": "", "mode": ""}, "Indiquez le jour de l’échange."),
        ("review", {"on": "01/06/2027"}, "Dites si le porteur y a participé."),
        ("proof", {}, "Répondez par oui ou par non."),
        ("feedback", {"is_yes": "oui"}, "Indiquez l’adresse du retour d’expérience, ou joignez son fichier."),
        ("feedback", {"is_yes": "non", "link": "https://a.invalid"}, "Vous répondez non : ôtez l’adresse"),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    client: Client, agent: User, award: Award, name: str, typed: dict[str, str], sentence: str
) -> None:
    answer = client.post(at(award, name), typed)
    assert answer.status_code == 422
    assert sentence.casefold() in text(answer).casefold()
    assert (Outcome.objects.count(), Reply.objects.count()) == (0, 0)


def test_the_two_answers_are_given_apart(client: Client, agent: User, award: Award) -> None:
    client.post(at(award, "proof"), {"is_yes": "non"})
    client.post(at(award, "feedback"), {"is_yes": "oui", "link": "exemple.invalid/rex"})
    assert [(one.question, one.is_yes, one.link) for one in Reply.objects.order_by("pk")] == [
        ("proof", False, ""),
        ("feedback", True, "https://exemple.invalid/rex"),
    ]
    page = text(client.get(at(award, "desk_outcome")))
    assert "<strong>Non validée</strong>, le 2 juin 2027" in page
    assert "<strong>Produit</strong>" in page


def test_feedback_may_be_a_file(client: Client, agent: User, award: Award, media: object) -> None:
    file = SimpleUploadedFile("retour.txt", b"Ce que nous avons appris.", "text/plain")
    refused = client.post(
        at(award, "feedback"), {"is_yes": "oui", "file": SimpleUploadedFile("retour.exe", b"MZ\x00\x00")}
    )
    assert (refused.status_code, Reply.objects.count()) == (422, 0)
    assert client.post(at(award, "feedback"), {"is_yes": "oui", "file": file}).status_code == 302
    found = Reply.objects.get()
    assert found.upload is not None
    assert found.upload.name == "retour.txt"
    assert at(award, "feedback_file") in text(client.get(at(award, "desk_outcome")))
    changed = client.post(at(award, "feedback"), {"is_yes": "oui", "link": "https://exemple.invalid/"})
    assert changed.status_code == 302
    assert Reply.objects.order_by("-number")[0].upload == found.upload


def test_each_structure_is_said_new_or_known(client: Client, agent: User, award: Award) -> None:
    partner = make_partner(award.dossier)
    page = text(client.get(at(award, "network", award.organisation.siret)))
    (checked,) = re.findall(r"<input[^>]* checked[^>]*>", page)
    assert 'id="id_is_public_1"' in checked
    address = at(award, "network", partner.siret)
    wrong = client.post(address, {"is_new": "oui", "is_public": "non"})
    assert wrong.status_code == 422
    assert "indiquez le jour où cette structure est entrée dans le réseau." in text(wrong).casefold()
    client.post(address, {"is_new": "oui", "is_public": "non", "joined_on": "04/01/2027"})
    assert NetworkEntry.objects.get().joined_on == date(2027, 1, 4)
    assert "Nouvelle, le 4 janvier 2027" in text(client.get(at(award, "desk_outcome")))
    assert client.get(at(award, "network", "99999999999999")).status_code == 404


def test_readers_read_and_do_not_write(client: Client, award: Award) -> None:
    sign_in(client, make_user_with(Role.AUDITOR))
    page = text(client.get(at(award, "desk_outcome")))
    assert "Noter" not in page
    for name in ("exchange", "review", "proof", "feedback"):
        assert client.get(at(award, name)).status_code == 404


def test_the_agents_dossier_leads_to_what_follows(client: Client, agent: User, award: Award) -> None:
    page = text(client.get(reverse("dossiers:examine", args=[award.dossier.key])))
    assert at(award, "desk_outcome") in page
    Dossier.objects.filter(pk=award.dossier_id).update(state="granted")
    assert at(award, "desk_outcome") not in text(client.get(reverse("dossiers:examine", args=[award.dossier.key])))


def test_the_page_costs_the_same_with_one_partner_or_thirty(client: Client, agent: User, award: Award) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(at(award, "desk_outcome")).status_code == 200
        return len(queries)

    make_partner(award.dossier)
    cost()
    few = cost()
    for _ in range(29):
        partner = make_partner(award.dossier)
        after.enter(award, partner.siret, is_new=False, is_public=True, joined_on=None, by=agent)
    assert cost() == few
