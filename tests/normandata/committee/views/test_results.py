"""The pages after a session: thirty lines on one form, errors beside their field, a second person, the files."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from normandata.accounts.models import User
from normandata.budgets.models import Envelope
from normandata.committee.models import Paper, Recusal, Session
from normandata.documents import services as documents
from normandata.dossiers.models import Dossier
from tests.access import finish
from tests.factories.accounts import make_agent, sign_in
from tests.factories.committee import SCHEME, make_clerk, make_envelope
from tests.factories.sessions import (
    NUMBER,
    make_lead,
    make_prepared,
    make_recorded,
    make_tabled,
    make_validated,
    make_waiting,
)
from tests.normandata.committee.views.test_agenda import at, page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def clerk(client: Client) -> User:
    return sign_in(client, make_clerk(name="Camille Greffe"))


def typed(session: Session, **more: str) -> dict[str, str]:
    """Write what the page sends when nothing departs from the report."""
    said = {"revision": str(session.revision), "deliberation_number": NUMBER, "pour": "40", "contre": "2"}
    said |= {f"p{pk}_decision": "as_proposed" for pk in session.items.values_list("pk", flat=True)}
    return said | more


def test_all_as_proposed_takes_one_gesture(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_tabled(make_waiting(3, refusals=1), by=clerk)
    text = page(client, at(session, "resultats/"))
    assert "3 dossiers, 20 000,00 € HT proposés" in text
    client.post(at(session, "resultats/"), typed(session, envoyer="1"))
    session.refresh_from_db()
    assert (session.state, session.recorded_by) == ("recorded", clerk)
    rows = session.items.values_list("outcome", "decided_amount", "votes_for", "votes_against", "abstentions")
    assert list(rows) == [("granted", D(10000), 40, 2, 0)] * 2 + [("refused", None, 40, 2, 0)]


def test_exceptions_are_typed_as_french_people_write(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_tabled(make_waiting(2), by=clerk)
    one, two = session.items.all()
    more = {
        f"p{one.pk}_montant": "8 750,50 €",
        f"p{one.pk}_motif": "Moins cher.",
        f"p{one.pk}_pour": "30",
        f"p{one.pk}_deports": "A. Elbeuf (Adjointe)\n\nB. Andaine",
        f"p{two.pk}_decision": "adjourned",
        f"p{two.pk}_motif": "À revoir.",
    }
    client.post(at(session, "resultats/"), typed(session, **more))
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.outcome, one.decided_amount, one.votes_for, one.abstentions) == ("granted", D("8750.50"), 30, 0)
    assert (two.outcome, two.reason, two.votes_for) == ("adjourned", "À revoir.", 40)
    assert list(Recusal.objects.values_list("name", "reason")) == [("A. Elbeuf", "Adjointe"), ("B. Andaine", "")]
    assert Session.objects.get().state == "tabled", "kept, and not sent"
    content = client.get(at(session, "resultats/")).content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    assert 'value="8 750,50"' in content, "what was kept is shown again"
    assert "A. Elbeuf (Adjointe)\nB. Andaine" in content
    assert content.count("<details open>") == 2


def test_errors_are_beside_their_field_and_nothing_is_lost(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_tabled(make_waiting(3), by=clerk)
    one, two, three = session.items.all()
    more = {
        f"p{one.pk}_montant": "beaucoup",
        f"p{two.pk}_decision": "refused",
        f"p{two.pk}_montant": "12",
        f"p{three.pk}_deports": "x" * 151,
        "executory_on": "demain",
    }
    response = client.post(at(session, "resultats/"), typed(session, envoyer="1", **more))
    content = response.content.decode()
    text = words(content)
    assert response.status_code == 422
    for field in ("montant", "deports"):
        assert f'id="id_p{one.pk if field == "montant" else three.pk}_{field}_error"' in content
    assert f"{one.dossier.number}, montant accordé : écrivez ce nombre en chiffres" in text
    assert "Un refus ou un ajournement n’a pas de montant : effacez-le." in text
    assert 'value="beaucoup"' in content
    assert "x" * 151 in content
    assert "4 points sont à revoir." in text
    response = client.post(at(session, "resultats/"), typed(session, envoyer="1", **{f"p{one.pk}_montant": "20000"}))
    text = words(response.content.decode())
    assert (response.status_code, session.items.exclude(outcome="").count()) == (422, 0)
    assert "Au plus 12 499,99 € : ce qui peut être accordé ce jour-là." in text
    assert "Dites pourquoi la décision s’écarte de la proposition." in text


def test_what_keeps_results_from_being_sent_keeps_nothing(client: Client, clerk: User) -> None:
    """Kept or sent is one gesture: what is refused leaves no half."""
    make_envelope()
    session = make_tabled(make_waiting(), by=clerk)
    response = client.post(at(session, "resultats/"), typed(session, envoyer="1", deliberation_number=""))
    assert response.status_code == 422
    assert "Indiquez le numéro de la délibération." in words(response.content.decode())
    assert session.items.get().outcome == ""


def test_an_old_tab_overwrites_nothing(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_tabled(make_waiting(), by=clerk)
    old = typed(session)
    client.post(at(session, "resultats/"), old | {"presided_by": "Première"})
    response = client.post(at(session, "resultats/"), old | {"presided_by": "Seconde"})
    assert response.status_code == 409
    assert 'value="Seconde"' in response.content.decode()
    assert Session.objects.get().presided_by == "Première"


def test_a_second_person_reads_what_will_happen_then_validates(client: Client, clerk: User) -> None:
    envelope = make_envelope("100000")
    session = make_recorded(make_waiting(3, refusals=1), by=clerk)
    assert client.get(at(session, "validation/")).status_code == 404, "not whoever typed"
    sign_in(client, make_agent(SCHEME))
    assert client.get(at(session, "validation/")).status_code == 404
    sign_in(client, make_lead())
    text = page(client, at(session, "validation/"))
    assert "Accordé : 2 dossiers 20 000,00 €" in text
    assert "Refusé : 1 dossier –" in text
    assert "Engagé sur l’enveloppe 20 000,00 €" in text
    assert "Après cette séance, il reste 80 000,00 € HT." in text
    response = client.post(at(session, "validation/"), {"revision": str(session.revision)}, follow=True)
    assert "La séance est validée" in words(response.content.decode())
    envelope.refresh_from_db()
    assert envelope.committed == D(20000)
    assert "Il reste 80 000,00 € sur 100 000,00 € HT." in words(client.get(at(session)).content.decode())


def test_a_validation_refused_names_each_dossier(client: Client) -> None:
    make_envelope("100000")
    one, two = make_waiting(2)
    session = make_recorded([one, two])
    Dossier.objects.filter(pk=two.pk).update(state="lapsed")
    sign_in(client, make_lead())
    response = client.post(at(session, "validation/"), {"revision": str(session.revision)})
    assert response.status_code == 422
    assert f"{two.number} n’est plus devant la Commission (caduc)" in words(response.content.decode())
    assert Envelope.objects.get().committed == 0


def test_undoing_asks_for_a_reason_and_another_person(client: Client) -> None:
    make_envelope()
    session = make_validated(make_waiting())
    first = session.validated_by
    assert first is not None
    sign_in(client, first)
    response = client.post(at(session, "motif/reopen_results/"), {"reason": "Erreur."})
    assert "Vous avez validé cette séance : une autre personne la rouvre." in words(response.content.decode())
    sign_in(client, make_lead())
    assert client.post(at(session, "motif/reopen_results/"), {"reason": ""}).status_code == 422
    client.post(at(session, "motif/reopen_results/"), {"reason": "Erreur."})
    assert Session.objects.get().state == "recorded"
    client.post(at(session, "motif/send_back/"), {"reason": "À retaper."})
    assert Session.objects.get().state == "tabled"
    for name in ("validate", "table", "reopen_results", "inconnu"):
        assert client.get(at(session, f"motif/{name}/")).status_code == 404


def test_the_deliberation_is_completed_after_the_session(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_validated(make_waiting(), by=clerk)
    said = {"deliberation_url": "https://exemple.invalid/cp", "executory_on": "18/12/2026"}
    assert client.post(at(session, "deliberation/"), said | {"deliberation_url": "rien de bon"}).status_code == 422
    client.post(at(session, "deliberation/"), said | {"revision": str(Session.objects.get().revision)})
    assert Session.objects.get().executory_on == date(2026, 12, 18)
    assert f"Délibération {NUMBER}" in page(client, at(session))


# --------------------------------------------------------------------------------------------------------------- files
def rows_of(client: Client, session: Session) -> list[dict[str, str]]:
    content = b"".join(client.get(at(session, "annexe.csv")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content), delimiter=";"))


def test_the_annex_adds_up_to_the_envelope_to_the_cent(client: Client, clerk: User) -> None:
    make_envelope("100000")
    session = make_validated(make_waiting(4, refusals=1, amount="3333.33"), by=clerk)
    *lines, total = rows_of(client, session)
    assert [line["Ordre"] for line in lines] == ["1", "2", "3", "4"]
    assert (total["Dossier"], total["Montant proposé"], total["Montant décidé"]) == ("Total", "9999,99", "9999,99")
    decided = sum(D(line["Montant décidé"].replace(",", ".") or 0) for line in lines)
    assert decided == Envelope.objects.get().committed == D("9999.99")
    assert lines[3]["Motif"] == "Note inférieure à celle des autres projets."


def test_before_the_results_the_annex_totals_what_is_proposed(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_prepared(make_waiting(2), by=clerk)
    total = rows_of(client, session)[-1]
    assert (total["Montant proposé"], total["Montant décidé"]) == ("20000,00", "")


def test_no_cell_of_the_annex_computes_and_amounts_stay_numbers(client: Client, clerk: User) -> None:
    make_envelope()
    [dossier] = make_waiting()
    dossier.organisation.name = "=1+1"
    dossier.organisation.save()
    session = make_prepared([dossier], by=clerk)
    assert rows_of(client, session)[0]["Structure"].startswith("'=1+1")
    sent = client.get(at(session, "annexe.xlsx"))
    book = zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content)))  # type: ignore[attr-defined]
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<v>10000.00</v>") == 2, "the dossier and the total"
    assert client.get(at(session, "annexe.ods")).status_code == 404


def test_the_report_is_made_by_the_worker_then_downloaded(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_prepared(make_waiting(), by=clerk)
    response = client.post(at(session, "rapport/"))
    paper = Paper.objects.get()
    assert response.headers["Location"] == at(session, f"documents/{paper.pk}/")
    assert "Le PDF se prépare." in page(client, at(session, f"documents/{paper.pk}/"))
    documents.make(paper.document.pk)
    sent = client.get(at(session, f"documents/{paper.pk}/"))
    assert sent.headers["Content-Disposition"] == 'attachment; filename="projet-de-rapport-cp-2026-12-14.pdf"'
    finish(sent)
    assert client.get(at(session, "documents/999999/")).status_code == 404
