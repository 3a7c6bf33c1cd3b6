"""The assessment of a call as a real PDF: every number of its page, the names its règlement allows, and no other."""

import re
from datetime import date, datetime

import pypdfium2
import pytest

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.dossiers.delays import PARIS
from roadmap.calls import paper, presentation
from roadmap.calls.history import past_calls
from roadmap.calls.models import Call
from tests.factories.calls import make_answered, make_call
from tests.factories.organisations import OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "today")]
TODAY = date(2026, 11, 23)


def words(document: Document) -> str:
    """Make a PDF and read its words, in one line."""
    documents.make(document.pk)
    document.refresh_from_db()
    with document.file.open("rb") as file:
        pdf = pypdfium2.PdfDocument(bytes(file.read()))
    found = []
    for page in pdf:
        text = page.get_textpage()
        found.append(text.get_text_bounded())
        text.close()
        page.close()
    pdf.close()
    return re.sub(r"\s+", " ", " ".join(found))


def make_assessed(*, names: bool = False) -> Call:
    """Make an assessed call with three proposals: two from the Calvados, one of them elsewhere too."""
    call = make_call(title="Vélos : la suite", slug="velos", names_carriers=names)
    known, hidden = OrganisationFactory(name="Mairie d’Exemple"), OrganisationFactory(name="Caché", is_diffusible=False)
    make_answered(call, theme=0, scale=0, places=("14",), public=True, title="Compteurs", organisation=known)
    make_answered(call, theme=0, scale=1, places=("14", "76", "hors"), title="Pistes", organisation=hidden)
    make_answered(call, theme=2, scale=1, places=("27",), title="Ateliers", organisation=known)
    Call.objects.filter(pk=call.pk).update(
        state="published", state_since=datetime(2026, 11, 20, 10, tzinfo=PARIS), opens_on=date(2026, 11, 1)
    )
    return Call.objects.whole().get(pk=call.pk)


def test_the_paper_says_every_number_of_the_page() -> None:
    text = words(paper.ask(paper.of_call(make_assessed())))
    for said in (
        "Vélos : la suite",
        "du 1er novembre 2026 au 3 décembre 2026",
        "3 propositions : 1 par des structures publiques, 2 par d’autres structures.",
        "Échelle en tête, Intercommunale : 2 sur 3",
        "Thématique en tête, Mobilité : 2 sur 3",
        "Le Calvados vient en tête, avec 2 propositions sur 3",
        "publiés le 20 novembre 2026",
        "Échelle Propositions Communale 1 Intercommunale 2 Infradépartementale 0 Départementale 0 Régionale 0 "
        "Nationale ou européenne 0 Ensemble 3",
        "Thématique Propositions Mobilité 2 Santé 0 Énergie 1 Ensemble 3",
        "Département Propositions Calvados 2 Eure 1 Seine-Maritime 1 Manche 0 Orne 0 Hors Normandie 1",
        "leur somme peut dépasser le total",
        "Document de démonstration.",
    ):
        assert said in text, said
    for unsaid in ("Compteurs", "Mairie d’Exemple", "provisoire", "Source"):
        assert unsaid not in text, unsaid


def test_the_paper_names_those_whom_the_reglement_names_and_no_hidden_identity() -> None:
    text = words(paper.ask(paper.of_call(make_assessed(names=True))))
    assert "Ateliers Mairie d’Exemple" in text
    assert "Compteurs Mairie d’Exemple" in text
    assert "Intercommunale Énergie" in text
    assert "Pistes" not in text
    assert "Caché" not in text
    assert "chaque porteur l’a acceptée" in text


def test_what_a_pilot_asks_for_beforehand_says_that_it_is_provisional() -> None:
    call = make_call(title="Trains", slug="trains", opens_on=date(2026, 11, 1))
    asked = paper.ask(paper.of_call(call, on=TODAY))
    assert (asked.title, asked.filename) == (
        "Bilan de l’appel «\u00a0Trains\u00a0», provisoire au 23\u00a0novembre\u00a02026",
        "bilan-trains-provisoire-au-2026-11-23.pdf",
    )
    text = words(asked)
    assert "Bilan provisoire, compté le 23 novembre 2026. Il n’est pas publié" in text
    assert "Aucune proposition." in text


def test_the_past_call_is_printed_with_its_source_and_what_it_does_not_say() -> None:
    asked = paper.ask(paper.of_past(past_calls()["donnees-et-territoires"]))
    assert asked.filename == "bilan-donnees-et-territoires.pdf"
    text = words(asked)
    assert "43 projets" in text
    assert presentation.NOT_SAID in text
    assert "1 projet non ventilé" in text
    assert "Source :" in text
    assert "démonstration" not in text


def test_the_same_figures_make_one_document_and_others_another(settings) -> None:
    call = make_assessed()
    first = paper.ask(paper.of_call(call))
    assert paper.ask(paper.of_call(call)) == first
    assert first.filename == "bilan-velos.pdf"
    make_answered(make_call(slug="autre"))
    assert paper.ask(paper.of_call(call)) == first
    Call.objects.filter(pk=call.pk).update(state_since=datetime(2026, 11, 22, 10, tzinfo=PARIS))
    assert paper.ask(paper.of_call(Call.objects.get(pk=call.pk))) != first
    settings.PRODUCTION = True
    assert paper.of_call(call)["is_demonstration"] is False


def test_a_long_title_fits_its_column() -> None:
    call = make_call(title="é" * 200)
    asked = paper.ask(paper.of_call(call, on=TODAY))
    asked.full_clean(exclude=["file", "kind"])
    assert f"{'é' * 119}…" in asked.title
