"""Filling a section: saved as typed, never over somebody else's text, never lost."""

import sys

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier, Section
from normandata.dossiers.services import drafts
from normandata.organisations.models import Organisation
from tests.factories.dossiers import FIRM, make_deposit, make_draft

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Requested-With": "autosave"}
PEOPLE = FIRM["personnes"]


@pytest.fixture
def draft(applicant: User, organisation: Organisation) -> Dossier:
    return make_draft(by=applicant, organisation=organisation)


def url(dossier: Dossier, slug: str) -> str:
    return f"/dossiers/{dossier.key}/sections/{slug}/"


def plain(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def answers(dossier: Dossier, slug: str) -> dict[str, str]:
    found: dict[str, str] = dossier.sections.get(slug=slug).answers
    return found


def test_an_autosave_says_when_and_how_far(client: Client, draft: Dossier) -> None:
    answer = client.post(url(draft, "motivations"), {"version": 1, "echanges": "Oui."}, headers=AUTOSAVE)
    said = answer.json()
    assert (answer.status_code, said["version"], said["fill"], said["tag"], said["left"]) == (
        200,
        2,
        "partial",
        "En cours",
        1,
    )
    assert said["saved"].startswith("Enregistré à ")
    assert answers(draft, "motivations") == {"echanges": "Oui."}


def test_what_is_not_valid_is_kept_as_typed(client: Client, draft: Dossier) -> None:
    client.post(url(draft, "structure"), {"version": 1, "nom": "X", "etp": "douze mille", "inconnu": "1"})
    assert answers(draft, "structure") == {"nom": "X", "etp": "douze mille"}
    page = plain(client.get(url(draft, "structure")))
    assert 'value="douze mille"' in page
    assert "invalid-feedback" not in page
    page = plain(client.post(url(draft, "structure"), {"version": 2, "nom": "X", "etp": "douze mille", "suite": "1"}))
    assert "Écrivez ce nombre en chiffres" in page
    assert "<title>Erreur : Votre structure" in page


def test_a_population_in_words_is_said_beside_its_field(client: Client, draft: Dossier) -> None:
    drafts.save_section(
        draft, "structure", FIRM["structure"] | {"type": "local_authority"}, version=1, by=draft.created_by
    )
    page = plain(client.post(url(draft, "situation"), {"version": 1, "population": "douze mille", "suite": "1"}))
    assert "Écrivez ce nombre en chiffres, par exemple 12 000." in page
    assert answers(draft, "situation")["population"] == "douze mille"


@pytest.mark.parametrize(
    ("slug", "name", "typed"),
    [("structure", "etp", "9" * 11), ("situation", "population", "9" * 11), ("aides", "aide1_montant", "9" * 11)],
)
def test_a_number_that_no_row_could_hold_is_said(
    client: Client, draft: Dossier, slug: str, name: str, typed: str
) -> None:
    if slug == "situation":
        kind = FIRM["structure"] | {"type": "local_authority"}
        drafts.save_section(draft, "structure", kind, version=1, by=draft.created_by)
    page = plain(client.post(url(draft, slug), {"version": 1, "recues": "oui", name: typed, "suite": "1"}))
    assert "Ce nombre est trop grand." in page
    assert typed in page


def test_a_filled_section_leads_on_and_the_last_one_to_the_pieces(client: Client, draft: Dossier) -> None:
    answer = client.post(url(draft, "personnes"), {"version": 1, **PEOPLE, "suite": "1"})
    assert answer.headers["Location"] == url(draft, "motivations")
    answer = client.post(url(draft, "motivations"), {"version": 1, **FIRM["motivations"], "suite": "1"})
    assert answer.headers["Location"] == f"/dossiers/{draft.key}/pieces/"


def test_lines_are_kept_as_on_the_screen_and_sent_again_change_nothing(client: Client, draft: Dossier) -> None:
    typed = {"version": 1, "projet": "Une ligne.\r\nUne autre.\r\n\r\nLa fin."}
    client.post(url(draft, "motivations"), typed, headers=AUTOSAVE)
    assert answers(draft, "motivations") == {"projet": "Une ligne.\nUne autre.\n\nLa fin."}
    again = client.post(url(draft, "motivations"), typed, headers=AUTOSAVE)
    assert (again.status_code, again.json()["version"]) == (200, 2)


def test_a_text_over_the_limit_is_kept_whole_and_counted(client: Client, draft: Dossier) -> None:
    long = "é" * 3001
    page = plain(client.post(url(draft, "motivations"), {"version": 1, "projet": long, "suite": "1"}))
    assert "Cette réponse compte 3001 signes ; la limite est de 3000." in page
    assert "maxlength" not in page
    assert answers(draft, "motivations")["projet"] == long


# ------------------------------------------------------------ two tabs
def test_two_tabs_never_overwrite_silently(client: Client, draft: Dossier) -> None:
    client.post(url(draft, "motivations"), {"version": 1, "projet": "Le premier onglet."}, headers=AUTOSAVE)
    late = client.post(url(draft, "motivations"), {"version": 1, "projet": "Le second."}, headers=AUTOSAVE)
    assert late.status_code == 409
    assert late.json()["conflict"].startswith("Cette section a été modifiée ailleurs à ")
    assert answers(draft, "motivations") == {"projet": "Le premier onglet."}
    shown = client.post(url(draft, "motivations"), {"version": 1, "projet": "Le second."})
    page = plain(shown)
    assert shown.status_code == 409
    assert "Le premier onglet." in page
    assert page.count("Le second.") == 2  # shown, and held to be kept
    kept = client.post(url(draft, "motivations"), {"version": 2, "projet": "Le second."})
    assert kept.status_code == 302
    assert answers(draft, "motivations") == {"projet": "Le second."}


def test_the_witness_without_the_version_check_the_first_tab_is_lost(
    client: Client, draft: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "normandata.dossiers.views.draft._version", lambda request: Section.objects.get(slug="motivations").version
    )
    with pytest.raises(AssertionError):
        test_two_tabs_never_overwrite_silently(client, draft)


def test_two_tabs_of_two_sections_do_not_meet(client: Client, draft: Dossier) -> None:
    assert client.post(url(draft, "motivations"), {"version": 1, "projet": "A"}, headers=AUTOSAVE).status_code == 200
    assert client.post(url(draft, "personnes"), {"version": 1, "projet_nom": "B"}, headers=AUTOSAVE).status_code == 200


# ------------------------------------------------------------ a section that concerns no more
def test_a_section_out_of_the_request_keeps_its_text_and_is_not_deposited(client: Client, draft: Dossier) -> None:
    kind = FIRM["structure"] | {"type": "local_authority"}
    drafts.save_section(draft, "structure", kind, version=1, by=draft.created_by)
    late = client.post(url(draft, "aides"), {"version": 1, "recues": "oui", "groupe": "999000011"}, headers=AUTOSAVE)
    assert late.status_code == 410
    assert "Vos réponses y sont gardées." in late.json()["message"]
    assert answers(draft, "aides")["groupe"] == "999000011"
    client.post(url(draft, "situation"), {"version": 1, "population": "12 000"})
    assert answers(draft, "situation") == {
        "population": "12 000",
        "creation": "12/05/2009",
        "activite": "production",
    }
    sent = make_deposit(draft)
    assert sorted(sent.answers) == ["motivations", "personnes", "situation", "structure"]
    assert sent.answers["situation"] == {"population": "12 000"}
    assert [part["slug"] for part in sent.recap] == [
        "structure",
        "situation",
        "personnes",
        "motivations",
        "signature",
    ]


def test_a_page_left_open_on_it_leads_to_the_dossier(client: Client, draft: Dossier) -> None:
    kind = FIRM["structure"] | {"type": "local_authority"}
    drafts.save_section(draft, "structure", kind, version=1, by=draft.created_by)
    answer = client.post(url(draft, "aides"), {"version": 1, "recues": "oui"}, follow=True)
    assert "cette section ne concerne plus votre demande" in plain(answer)
    assert client.get(url(draft, "inconnue")).status_code == 404
    assert client.post(url(draft, "inconnue"), {}).status_code == 404


# ------------------------------------------------------------ closed, gone, others
def test_a_dossier_under_review_takes_no_more_text_and_shows_it(client: Client, draft: Dossier) -> None:
    Dossier.objects.filter(pk=make_deposit(draft).dossier_id).update(state="review", editable="none")
    late = client.post(url(draft, "motivations"), {"version": 1, "projet": "Trop tard."}, headers=AUTOSAVE)
    assert (late.status_code, late.json()["message"]) == (410, drafts.NOT_EDITABLE)
    shown = client.post(url(draft, "motivations"), {"version": 1, "projet": "Trop tard."})
    assert shown.status_code == 409
    assert "Trop tard." in plain(shown)
    assert answers(draft, "motivations") == FIRM["motivations"]


def test_an_expired_session_is_answered_to_the_script_with_where_to_sign_in(client: Client, draft: Dossier) -> None:
    client.logout()
    late = client.post(url(draft, "motivations"), {"version": 1, "projet": "X"}, headers=AUTOSAVE)
    assert (late.status_code, "/connexion/" in late.json()["sign_in"]) == (401, True)
    assert answers(draft, "motivations") == FIRM["motivations"]


def test_somebody_elses_draft_does_not_exist(client: Client, applicant: User) -> None:
    other = make_draft()
    assert client.get(url(other, "structure")).status_code == 404
    assert client.post(url(other, "structure"), {"version": 1, "nom": "X"}, headers=AUTOSAVE).status_code == 404
    assert answers(other, "structure") == FIRM["structure"]


def test_rows_of_aids_grow_and_hold_what_was_typed(client: Client, draft: Dossier) -> None:
    page = client.get(url(draft, "aides"))
    assert len(page.context["form"].aids) == 3
    rows = {f"aide{n}_{part}": value for n in (1, 2, 3) for part, value in (("jour", "01/02/2025"), ("montant", "10"))}
    answer = client.post(url(draft, "aides"), {"version": 1, "recues": "oui", **rows, "garder": "lignes"})
    assert answer.headers["Location"].endswith("#lignes")
    assert len(client.get(url(draft, "aides")).context["form"].aids) == 4


def test_a_section_and_an_autosave_ask_few_queries(
    client: Client, draft: Dossier, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get(url(draft, "motivations"))
    with CaptureQueriesContext(connection) as shown:
        client.get(url(draft, "motivations"))
    with CaptureQueriesContext(connection) as saved:
        client.post(url(draft, "motivations"), {"version": 1, "projet": "X"}, headers=AUTOSAVE)
    with capsys.disabled():
        sys.stdout.write(f"\na section: {len(shown)} queries; an autosave: {len(saved)} queries")
    assert len(shown) <= 8
    assert len(saved) <= 16
