"""The state of progress as a real PDF: every action, every figure, from the record alone."""

import re
from datetime import date

import pypdfium2
import pytest

from normandata.documents import services as documents
from normandata.documents.models import Document
from roadmap import catalogue, report
from roadmap.models import Action, Milestone
from tests.factories.roadmap import make_action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "today")]
DUE, HELD = date(2026, 9, 30), date(2026, 9, 28)


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


def test_the_report_says_every_action_and_every_figure() -> None:
    catalogue.load()
    action = Action.objects.get(slug="foncier")
    said = {"starts_on": date(2026, 2, 1), "ends_on": date(2027, 6, 30), "pilot_direction": "Économie"}
    Action.objects.filter(pk=action.pk).update(state="in_progress", climate="Moins de terres prises.", **said)
    action.milestones.create(title="Inventaire", due_on=DUE, done_on=HELD, weight=2)
    action.milestones.create(title="Référentiel", due_on=date(2026, 10, 31), weight=3)
    action.deliberations.create(number="CP D 26-06-12", title="Suite", adopted_on=date(2026, 6, 15))
    Action.objects.filter(slug="observatoires").update(state="abandoned", state_reason="Repris ailleurs.")
    text = read(report.ask())
    for title in Action.objects.values_list("title", flat=True):
        assert text.count(title) >= 2, title
    assert "Au 23 novembre 2026, 1 action sur 21 a commencé. 1 jalon est en retard : « Référentiel »." in text
    assert "Prévue 19 En cours 1 Abandonnée 1 Ensemble 21" in text
    assert "40 %, 1 jalon sur 2" in text
    assert "Inventaire, 30 septembre 2026, poids 2 : tenu le 28 septembre 2026" in text
    assert "Référentiel, 31 octobre 2026, poids 3 : en retard" in text
    assert "Repris ailleurs." in text
    assert "Moins de terres prises." in text
    assert "CP D 26-06-12 du 15 juin 2026, Suite" in text
    assert "Document de démonstration." in text


def test_the_same_facts_make_one_document_and_a_change_another() -> None:
    make_action([(1, DUE, None)])
    first = report.ask()
    assert report.ask() == first
    Milestone.objects.update(done_on=HELD)
    second = report.ask()
    assert second != first
    assert first.record["axes"][0]["chantiers"][0]["actions"][0]["progress"] == 0
    assert second.record["axes"][0]["chantiers"][0]["actions"][0]["progress"] == 100
    assert second.filename == "feuille-de-route-etat-d-avancement-2026-11-23.pdf"


def test_in_production_it_does_not_speak_of_a_demonstration(settings) -> None:
    settings.PRODUCTION = True
    make_action()
    assert report.ask().record["is_demonstration"] is False
