"""The state of progress as a real PDF: every action, every figure, from the record alone."""

import re
from datetime import date

import pypdfium2
import pytest

from normandata.documents import services as documents
from normandata.documents.models import Document
from roadmap import catalogue, report
from roadmap.models import Action, Chantier, Milestone
from tests.factories.calls import make_call
from tests.factories.roadmap import make_action, make_pilot

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


def test_it_says_the_calls_of_a_chantier_its_subtitle_and_the_latest_news() -> None:
    catalogue.load()
    action, pilot = Action.objects.get(slug="foncier"), make_pilot()
    chantier = Chantier.objects.exclude(subtitle="").first()
    assert chantier is not None
    dates = {"opens_on": date(2026, 11, 2), "closes_on": date(2026, 12, 18)}
    make_call("open", chantier=chantier, title="Vélos", **dates)
    make_call("cancelled", chantier=chantier, title="Sols", state_reason="Reporté.", **dates)
    make_call("draft", chantier=chantier, title="Caché", **dates)
    action.calls.create(title="Appel européen", url="https://exemple.invalid/appel")
    action.calls.create(title="Appel annoncé")
    for day, said in ((3, "La plus récente."), (1, "L’ancienne."), (3, "La dernière écrite.")):
        action.news.create(on=date(2026, 11, day), text=said, by=pilot)
    text = read(report.ask())
    assert re.sub(r"\s+", " ", chantier.subtitle) in text.replace("\u00a0", " ")
    assert (
        "Appels du chantier : « Sols », du 2 novembre 2026 au 18 décembre 2026, annulé (Reporté.) ; "
        "« Vélos », du 2 novembre 2026 au 18 décembre 2026, ouvert." in text
    )
    assert "Appels liés Appel européen, https://exemple.invalid/appel Appel annoncé (à venir)" in text
    assert "Dernière nouvelle 3 novembre 2026 : La dernière écrite." in text
    assert [one in text for one in ("Caché", "La plus récente.", "L’ancienne.")] == [False] * 3


@pytest.mark.parametrize("count", [1, 30])
def test_it_asks_the_same_whatever_hangs_on_the_actions(count: int, django_assert_num_queries) -> None:
    action, pilot = make_action([(1, DUE, None)]), make_pilot()
    for rank in range(count):
        make_call("open", chantier=action.chantier)
        action.calls.create(title=f"Appel {rank}")
        action.news.create(on=DUE, text="Un pas.", by=pilot)
    actions = list(Action.objects.whole())
    with django_assert_num_queries(4):
        report.record(actions, date(2026, 11, 23))


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
