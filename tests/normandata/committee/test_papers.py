"""The report and the record of decisions as real PDFs: thirty dossiers, sums to the cent, every reason."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pypdfium2
import pytest
import time_machine

from booster_ia.awards import Proposal
from normandata.budgets.models import Envelope
from normandata.committee import papers
from normandata.committee.models import Paper, Session
from normandata.committee.reading import agenda
from normandata.committee.services import results, sessions
from normandata.committee.services.holding import items_of
from normandata.committee.services.results import Deliberation, Result
from normandata.documents import services as documents
from normandata.documents.models import Document
from tests.factories.committee import make_clerk, make_envelope
from tests.factories.sessions import NUMBER, VOTES, make_lead, make_prepared, make_tabled, make_validated, make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


def read(document: Document) -> str:
    """Make a PDF and read its words, in one line."""
    documents.make(document.pk)
    document.refresh_from_db()
    with document.file.open("rb") as file:
        pdf = pypdfium2.PdfDocument(bytes(file.read()))
    words = []
    for page in pdf:
        text = page.get_textpage()
        words.append(text.get_text_bounded())
        text.close()
        page.close()
    pdf.close()
    return re.sub(r"\s+", " ", " ".join(words))


def final(session: Session) -> Document:
    return Paper.objects.select_related("document").get(session=session, stage="final").document


def test_the_report_says_every_dossier_and_adds_up_to_the_cent() -> None:
    make_envelope("350000")
    dossiers = make_waiting(30, refusals=2, amount="12345.67")
    session = make_tabled(dossiers, place="Hôtel de Région, Caen", report_number="CP-26-12-07")
    text = read(final(session))
    assert [one.number for one in dossiers if one.number not in text] == []
    assert "28 subventions pour un total de 345 678,76 € HT" in text  # 28 × 12 345.67
    assert "Total 345 678,76 € HT" in text
    assert "Disponible avant la séance 350 000,00 €" in text
    assert "Disponible après la séance 4 321,24 €" in text
    assert text.count("Note inférieure à celle des autres projets.") == 4, "twice each: the refusals, then the sheets"
    assert "AP D 25-12-5" in text
    assert "d’autoriser le Président à signer tous les actes utiles" in text
    assert "Projet, sans valeur de décision" not in text


def test_a_sum_of_both_bases_says_so_and_each_amount_says_its_own() -> None:
    make_envelope("100000")
    one, two = make_waiting(2)
    Proposal.objects.filter(dossier=two).update(basis="TTC")
    session = make_tabled([one, two])
    text = read(final(session))
    assert "2 subventions pour un total de 20 000,00 € HT et TTC" in text
    assert "Montants en euros N°" in text
    assert [text.count(f"10 000,00 € {basis}") for basis in ("HT", "TTC")] == [2, 2], "the table, then the sheet"
    found = agenda(session, make_lead())
    assert (found.unit, found.is_mixed) == ("HT et TTC", True)


def test_before_the_agenda_is_settled_it_says_that_it_is_a_draft() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_prepared(make_waiting(), by=clerk)
    paper = papers.ask(session, Paper.Stage.DRAFT, items_of(session), by=clerk)
    assert papers.ask(session, Paper.Stage.DRAFT, items_of(session), by=clerk) == paper, "asked twice, made once"
    assert "Projet, sans valeur de décision." in read(paper.document)
    sessions.table(session, by=clerk)
    assert list(Paper.objects.order_by("pk").values_list("stage", flat=True)) == ["draft", "final"]


def test_the_record_of_decisions_says_outcomes_votes_and_recusals() -> None:
    make_envelope("100000")
    clerk = make_clerk()
    one, two, three = make_waiting(3)
    session = make_tabled([one, two, three], by=clerk)
    first, second, _ = session.items.all()
    typed = {
        first.pk: Result("granted", D("8000.00"), "Moins cher.", recusals=(("A. Elbeuf", "Adjointe"),)),
        second.pk: Result("adjourned", reason="Budget à préciser."),
    }
    results.record_results(
        session, typed, deliberation=Deliberation(NUMBER, presided_by="Élue d’essai"), votes=VOTES, by=clerk
    )
    results.record(session, by=clerk)
    results.validate(session, by=make_lead())
    text = read(Paper.objects.get(stage="minutes").document)
    assert f"Délibération {NUMBER}" in text
    assert "Total accordé 18 000,00 € HT" in text
    assert "Accordé, 8 000,00 € HT, autrement que proposé. Moins cher." in text
    assert "Déports A. Elbeuf (Adjointe)" in text
    assert text.count("40 pour, 2 contre, 1 abstention") == 3
    assert "Engagés avant la séance 0,00 €" in text
    assert "Disponible après la séance 82 000,00 €" in text
    assert text.count("Budget à préciser.") == 2


def test_what_the_record_of_decisions_says_is_what_the_envelope_holds() -> None:
    make_envelope("100000")
    session = make_validated(make_waiting(3, amount="3333.33"))
    document = Paper.objects.get(session=session, stage="minutes").document
    money = dict(papers.context(document)["money"])
    envelope = Envelope.objects.get()
    assert envelope.committed == D("9999.99")
    assert money["Subventions accordées"].replace("\u00a0", " ").replace("\u202f", " ") == "9 999,99 €"
    assert money["Disponible après la séance"].replace("\u00a0", " ").replace("\u202f", " ") == "90 000,01 €"


@pytest.mark.parametrize(
    ("counted", "words"),
    [([], ""), ([1, 0, 0], "1 pour, 0 contre, 0\u00a0abstention"), ([9, 8, 7], "9 pour, 8 contre, 7\u00a0abstentions")],
)
def test_a_vote_in_words(counted: list[int], words: str) -> None:
    assert papers.vote(counted) == words
