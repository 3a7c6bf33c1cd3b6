"""Requests and lots, as whoever conducts them reads them; the cost of a list does not depend on its length."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.rights.models import Erasure, Lot, LotRow, Request
from tests.factories.accounts import UserFactory, make_user_with, sign_in
from tests.factories.dossiers import make_deposit
from tests.normandata.dossiers.test_receipts import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet", "kept_apart")]
REQUESTS, LOTS = "/donnees/demandes/", "/donnees/eliminations/"


@pytest.fixture
def officer() -> User:
    return make_user_with(Role.DATA_PROTECTION_OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    found = Client()
    sign_in(found, officer)
    return found


def ask(days: int, kind: str = "rectification", **fields: object) -> Request:
    """Make a request due in so many days."""
    due_on = timezone.localdate() + timedelta(days=days)
    made: Request = Request.objects.create(person=UserFactory(), kind=kind, text="Mon nom.", due_on=due_on, **fields)
    return made


def lot_of(count: int, number: str = "ELI-2026-0001", **fields: object) -> Lot:
    lot: Lot = Lot.objects.create(number=number, rule="diagnostic-sans-suite", **fields)
    today = timezone.localdate()
    rows = [LotRow(lot=lot, label=f"DIA-{rank}", since=today, due_on=today) for rank in range(count)]
    LotRow.objects.bulk_create(rows)
    return lot


def test_the_most_urgent_is_first_and_a_late_one_says_so(client: Client) -> None:
    calm, late, soon = ask(25), ask(-1), ask(3)
    page = client.get(REQUESTS).content.decode()
    places = [page.index(f"{REQUESTS}{one.pk}/") for one in (late, soon, calm)]
    assert places == sorted(places)
    assert page.count("En retard") == 1
    assert "3 demandes en attente" in page


def test_a_request_is_answered_and_nothing_typed_is_lost(client: Client, officer: User) -> None:
    asked = ask(10)
    wrong = client.post(f"{REQUESTS}{asked.pk}/", {"answer": "C’est corrigé."})
    assert wrong.status_code == 422
    assert "C’est corrigé." in wrong.content.decode()
    assert "Choisissez une issue." in wrong.content.decode()
    done = client.post(f"{REQUESTS}{asked.pk}/", {"outcome": "granted", "answer": "C’est corrigé."})
    assert done.headers["Location"] == REQUESTS
    asked.refresh_from_db()
    assert (asked.outcome, asked.answer, asked.answered_by) == ("granted", "C’est corrigé.", officer)


def test_an_erasure_asked_says_what_prevents_it_then_is_done(client: Client) -> None:
    asked = ask(10, "erasure")
    dossier = make_deposit(by=asked.person).dossier
    page = client.get(f"{REQUESTS}{asked.pk}/").content.decode()
    assert f"Le dossier {dossier.number} est en cours" in page
    assert "Effacer cette personne" not in page
    client.post(f"{REQUESTS}{asked.pk}/effacer/")
    assert not Erasure.objects.exists()
    type(dossier).objects.update(state="withdrawn")
    assert "Effacer cette personne" in client.get(f"{REQUESTS}{asked.pk}/").content.decode()
    assert client.post(f"{REQUESTS}{asked.pk}/effacer/").headers["Location"] == REQUESTS
    assert Erasure.objects.get().person == asked.person
    assert "Effacée avec la personne" in client.get(f"{REQUESTS}{asked.pk}/").content.decode()


def test_a_lot_goes_from_its_visa_to_its_end(client: Client) -> None:
    lot = lot_of(2)
    address = f"{LOTS}{lot.pk}/"
    wrong = client.post(address + "visa/", {"reference": "AD-7", "name": "", "on": "hier"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "AD-7" in page
    assert "Écrivez le jour, le mois et l’année" in page
    seen = {"reference": "AD-7", "name": "Mme Archive", "on": f"{timezone.localdate():%d/%m/%Y}"}
    assert client.post(address + "visa/", seen).headers["Location"] == address
    assert "une autre personne exécute le lot" in client.get(address).content.decode()
    client.post(address + "executer/")
    assert Lot.objects.get().executed_at is None
    other = Client()
    sign_in(other, make_user_with(Role.ADMINISTRATOR))
    other.post(address + "executer/")
    assert Lot.objects.get().executed_at is not None
    assert "Exécuté le" in client.get(address).content.decode()


def test_the_bordereau_is_read_as_a_table_and_as_a_pdf(client: Client) -> None:
    lot = lot_of(3)
    sent = client.get(f"{LOTS}{lot.pk}/bordereau.csv")
    lines = b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "Lot;Objet;Règle;Durée;Texte;Début;Fin;Issue"
    assert len(lines) == 4
    assert lines[1].startswith(
        "ELI-2026-0001;DIA-0;Diagnostics refusés, retirés ou caducs;2\u00a0ans;Code du patrimoine"
    )
    assert client.get(f"{LOTS}{lot.pk}/bordereau.pdf").status_code == 302
    outbox.work(Message.objects.get(handler="documents.make").pk)
    pdf = client.get(f"{LOTS}{lot.pk}/bordereau.pdf")
    said = text_of(b"".join(pdf.streaming_content))  # type: ignore[attr-defined]
    for words in ("Bordereau d’élimination ELI-2026-0001", "DIA-2", "À donner", "article L212-3"):
        assert words in said


@pytest.mark.parametrize(("address", "make"), [(REQUESTS, "requests"), (LOTS, "lots"), ("lot", "rows")])
def test_a_list_costs_the_same_at_one_and_thirty_rows(
    client: Client, django_assert_max_num_queries, address: str, make: str
) -> None:
    def add(count: int, start: int = 0) -> None:
        if make == "requests":
            answered = {
                "answered_at": timezone.now(),
                "answered_by": UserFactory(),
                "outcome": "granted",
                "answer": "O",
            }
            for _ in range(count):
                ask(5, **answered)
        elif make == "lots":
            for rank in range(start, start + count):
                lot_of(2, number=f"L-{rank}")
        else:
            lot = Lot.objects.first() or lot_of(0)
            today = timezone.localdate()
            LotRow.objects.bulk_create(
                LotRow(lot=lot, label=f"DIA-{rank}", since=today, due_on=today) for rank in range(start, start + count)
            )

    add(1)
    target = f"{LOTS}{Lot.objects.get().pk}/" if address == "lot" else address
    client.get(target)
    with django_assert_max_num_queries(20) as first:
        client.get(target)
    add(29, 1)
    with django_assert_max_num_queries(20) as then:
        assert client.get(target).content.decode().count('<tr role="row">') >= 30
    assert len(then) == len(first)


def test_an_auditor_reads_the_lots_and_touches_nothing() -> None:
    lot, auditor = lot_of(1), Client()
    sign_in(auditor, make_user_with(Role.AUDITOR))
    page = auditor.get(f"{LOTS}{lot.pk}/").content.decode()
    assert "Noter le visa" not in page
    assert auditor.post(f"{LOTS}{lot.pk}/executer/").status_code == 404
    assert auditor.get(REQUESTS).status_code == 404
