import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from normandata.documents.models import Document
from normandata.outbox.models import Message
from normandata.outbox.services import work

BASE = "/aides/diagnostic/simulateur"
FIRM = "structure=enterprise&departement=61&etp=45%2C5&creation=12%2F05%2F2009&activite=services"
PROJECT = (
    "porteur=public_establishment&departement=76&partenaires=14&partenaires=27&ia=oui&debut=01/12/2026&fin=31/05/2027"
    "&tva=oui&personnel=12000&permanent=8000&equipement=4000&prestations=18000&autres_aides=2000"
)


def follow(client: Client, address: str, **answers: str) -> str:
    """Send a form with the answers already in the address; return where it leads."""
    split = urlsplit(address)
    data = {name: values[-1] for name, values in parse_qs(split.query).items()} | answers | {"envoi": "1"}
    response = client.get(split.path, data)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_the_questions_follow_one_another_and_carry_the_answers(client: Client) -> None:
    address = client.get(f"{BASE}/")["Location"]
    assert address == f"{BASE}/structure/"
    address = follow(client, address, structure="enterprise")
    assert address == f"{BASE}/departement/?structure=enterprise"
    address = follow(client, address, departement="61")
    address = follow(client, address, etp="45,5")
    address = follow(client, address, creation="12/05/2009")
    address = follow(client, address, activite="services")
    assert address == f"{BASE}/resultat/?{FIRM}"
    assert "Vous pouvez demander un diagnostic" in client.get(address).content.decode()


def test_a_question_asked_too_early_leads_to_the_first_pending_one(client: Client) -> None:
    response = client.get(f"{BASE}/activite/?structure=enterprise")
    assert response["Location"] == f"{BASE}/departement/?structure=enterprise"
    assert client.get(f"{BASE}/resultat/?structure=enterprise")["Location"] == response["Location"]


def test_a_question_that_does_not_concern_the_applicant_is_left(client: Client) -> None:
    response = client.get(f"{BASE}/effectif/?structure=health_facility")
    assert response["Location"] == f"{BASE}/departement/?structure=health_facility"
    assert client.get(f"{BASE}/inconnue/").status_code == 404


def test_changing_the_structure_drops_the_answers_that_no_longer_apply(client: Client) -> None:
    address = follow(client, f"{BASE}/structure/?{FIRM}", structure="health_facility")
    assert address == f"{BASE}/resultat/?structure=health_facility&departement=61"


def test_an_answer_changed_from_the_result_leads_back_to_it(client: Client) -> None:
    address = follow(client, f"{BASE}/effectif/?{FIRM}", etp="9")
    assert address.startswith(f"{BASE}/resultat/?")
    assert "Vous ne pouvez pas demander un diagnostic" in client.get(address).content.decode()


@pytest.mark.parametrize("typed", ["douze mille", "", "-3", "<script>alert(1)</script>", "9" * 300, "\u0663"])
def test_nonsense_gets_its_message_and_is_kept(client: Client, typed: str) -> None:
    response = client.get(
        f"{BASE}/effectif/", {"structure": "enterprise", "departement": "61", "etp": typed, "envoi": 1}
    )
    content = response.content.decode()
    assert response.status_code == 200
    assert response.context["form"]["etp"].value() == typed
    assert "<title>Erreur&nbsp;: " in content
    assert len(re.findall(r'<a href="#id_etp">', content)) == 1
    assert content.count('aria-invalid="true"') == 1
    assert "<script>alert" not in content


@pytest.mark.django_db
def test_a_town_is_found_by_its_name_and_judged_on_its_population(client: Client, territories: None) -> None:
    address = f"{BASE}/collectivite/?structure=local_authority"
    found = client.get(address + "&recherche=lisieux").content.decode()
    assert re.findall(r'value="(\d{9})"', found) == ["211403662", "200069532"]
    result = follow(client, address, recherche="lisieux", territoire="211403662")
    assert result == f"{BASE}/resultat/?structure=local_authority&recherche=lisieux&territoire=211403662"
    content = client.get(result).content.decode()
    assert "Vous pouvez demander un diagnostic" in content
    assert content.replace("\u00a0", " ").count("19 645 habitants") == 2


@pytest.mark.django_db
def test_a_town_not_listed_gives_its_population(client: Client) -> None:
    address = f"{BASE}/collectivite/?structure=local_authority"
    address = follow(client, address, territoire="autre")
    address = follow(client, address, departement="14")
    address = follow(client, address, population="12 000 habitants")
    assert "Vous pouvez demander un diagnostic" in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_search_is_one_query_and_a_handful_of_rows(
    client: Client, territories: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = client.get("/collectivites/?recherche=saint")
    assert len(response.context["territories"]) == 8
    with django_assert_num_queries(0):
        assert client.get("/collectivites/?recherche=").status_code == 200


def test_the_result_shows_the_sum_line_by_line(client: Client) -> None:
    response = client.get(f"/aides/booster-ia/simulateur/resultat/?{PROJECT}")
    amounts = [
        (line.label.split(" :")[0], line.value.replace("\u00a0", " ")) for line in response.context["result"].amounts
    ]
    assert amounts == [
        ("Dépenses éligibles HT", "22 000,00 €"),
        ("50\u00a0% de ces dépenses", "11 000,00 €"),
        ("Plafond de la subvention", "12 500,00 €"),
        ("Dépenses moins autres aides publiques", "20 000,00 €"),
        ("Subvention possible", "11 000,00 €"),
    ]
    assert [line.replace("\u00a0", " ") for line in response.context["result"].refused_lines] == [
        "Équipement, 4 000,00 € : hors des catégories de dépenses éligibles.",
        "Frais de personnel, 8 000,00 € : personnel permanent d’un établissement public, exclu par le texte.",
    ]


def test_a_refusal_names_its_rule_its_article_and_another_scheme(client: Client) -> None:
    content = client.get(f"{BASE}/resultat/?structure=association").content.decode()
    assert '<h1 class="nd-flint mb-4">Une association ne peut pas demander un diagnostic</h1>' in content
    verdict = content[content.index("nd-verdict--no") : content.index("Règle par règle")]
    assert "Délibération AP D 25-12-5, annexe 3" in verdict
    assert 'href="/aides/booster-ia/"' in verdict


@pytest.fixture
def _paper(media: Path, db: None) -> None:
    """Store documents in the test's own folder."""


@pytest.mark.usefixtures("_paper")
@time_machine.travel("2026-10-13T14:40:00+02:00", tick=False)
def test_a_result_is_kept_as_a_pdf_made_by_the_worker(client: Client) -> None:
    response = client.post(f"{BASE}/resultat/pdf/?{FIRM}")
    again = client.post(f"{BASE}/resultat/pdf/?{FIRM}")
    assert (again["Location"], Document.objects.count(), Message.objects.count()) == (response["Location"], 1, 1)
    waiting = client.get(response["Location"])
    assert "Votre PDF se prépare." in waiting.content.decode()
    document = Document.objects.get()
    assert client.get(f"/documents/{document.pk}/fichier/").status_code == 404
    assert work(Message.objects.get().pk)
    assert "Votre PDF est prêt" in client.get(response["Location"]).content.decode()
    download = client.get(f"/documents/{document.pk}/fichier/")
    assert download["Content-Disposition"] == 'attachment; filename="simulation-diagnostic-2026-10-13.pdf"'
    assert download["Content-Type"] == "application/pdf"
    assert b"".join(download.streaming_content).startswith(b"%PDF-1.7")
    download.close()


@pytest.mark.usefixtures("_paper")
def test_a_document_whose_time_is_over_is_not_found_even_before_its_erasure(client: Client) -> None:
    address = client.post(f"{BASE}/resultat/pdf/?{FIRM}")["Location"]
    assert work(Message.objects.get().pk)
    document = Document.objects.get()
    Document.objects.update(expires_at=timezone.now())
    assert client.get(address).status_code == 404
    assert client.get(f"/documents/{document.pk}/fichier/").status_code == 404


@pytest.mark.usefixtures("_paper")
def test_the_result_says_where_to_apply(client: Client) -> None:
    content = client.get(f"/aides/booster-ia/simulateur/resultat/?{PROJECT}").content.decode()
    assert content.count('<a href="https://subventions.normandie.fr">') == 1


@pytest.mark.usefixtures("_paper")
def test_too_many_stored_documents_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post(f"{BASE}/resultat/pdf/?{FIRM}")
    work(Message.objects.get().pk)
    monkeypatch.setattr("normandata.documents.services.MOST_KEPT", 1)
    assert client.post(f"{BASE}/resultat/pdf/?structure=association").status_code == 503


@pytest.mark.usefixtures("_paper")
def test_the_way_back_stays_on_the_site(client: Client) -> None:
    address = client.post(f"{BASE}/resultat/pdf/?{FIRM}")["Location"]
    assert client.get(address).context["back"] == f"{BASE}/resultat/?{FIRM}"
    path = urlsplit(address).path
    for hostile in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/autre/"):
        assert client.get(path, {"retour": hostile}).context["back"] == "/aides/"


@pytest.mark.usefixtures("_paper")
def test_an_incomplete_result_is_not_kept(client: Client) -> None:
    assert client.post(f"{BASE}/resultat/pdf/?structure=enterprise")["Location"] == (
        f"{BASE}/departement/?structure=enterprise"
    )
    assert Document.objects.count() == 0


@pytest.mark.usefixtures("_paper")
def test_too_many_pending_documents_are_refused_with_another_way(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normandata.documents.services.MOST_PENDING", 1)
    client.post(f"{BASE}/resultat/pdf/?{FIRM}")
    response = client.post(f"{BASE}/resultat/pdf/?structure=association")
    assert (response.status_code, Document.objects.count()) == (503, 1)
    assert "Trop de PDF sont demandés en ce moment." in response.content.decode()
