"""Writing a report over HTTP: nothing typed is lost, files each for itself, the box, the changes asked, the opening."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic.market import Market
from diagnostic.orders import Order
from diagnostic.reports import PARTS, Opening, Report, ReportFile
from diagnostic.services import reports
from normandata.accounts.models import Role, User
from normandata.documents import services as documents
from normandata.documents.models import Upload
from normandata.organisations.models import Membership
from normandata.procedure.models import Event
from tests.access import finish
from tests.diagnostic import writings
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.diagnostic import (
    fresh,
    make_accepted,
    make_company,
    make_delivered,
    make_market,
    make_provider,
    make_started,
    write_report,
)
from tests.factories.organisations import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)
AUTOSAVE = {"X-Requested-With": "autosave"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def market() -> Market:
    return make_market()


@pytest.fixture
def provider(client: Client, market: Market) -> User:
    return sign_in(client, make_provider(market.holders.get().company))


@pytest.fixture
def order(market: Market) -> Order:
    return make_started(market)


def url(order: Order, name: str, *args: Any) -> str:
    return reverse(f"diagnostic:{name}", args=[order.dossier.key, *args])


def text(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ")


def kept(order: Order, slug: str = "ia") -> str:
    return str(Report.objects.get(order=order).parts.get(slug=slug).text)


# ----------------------------------------------------------------------------------------------------------- the parts
def test_a_part_is_saved_as_it_is_typed(client: Client, provider: User, order: Order) -> None:
    address = url(order, "report_part", "ia")
    assert 'name="version" value="0"' in text(client.get(address))
    answer = client.post(address, {"text": "Une ligne.\r\nDeux.", "version": "0"}, headers=AUTOSAVE)
    assert answer.json() == {"version": 1, "saved": "Enregistré à 12\u00a0h\u00a000", "left": 4, "tag": ""}
    assert kept(order) == "Une ligne.\nDeux."
    assert client.post(address, {"text": "Une ligne.\nDeux.", "version": "1"}, headers=AUTOSAVE).json()["version"] == 1
    assert client.post(address, {"text": "", "version": "1"}, headers=AUTOSAVE).json() == {
        "version": 2,
        "saved": "Enregistré à 12\u00a0h\u00a000",
        "left": 5,
        "tag": "",
    }


def test_without_a_script_a_button_saves_and_leads_on(client: Client, provider: User, order: Order) -> None:
    answers = [
        client.post(url(order, "report_part", slug), {"text": "Écrit.", "version": "0", button: "1"})
        for slug, button in (("donnees", "garder"), ("freins", "suite"), ("suites", "suite"))
    ]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, url(order, "report_part", "donnees")),
        (302, url(order, "report_part", "ia")),
        (302, url(order, "report")),
    ]


def test_two_tabs_show_both_texts(client: Client, provider: User, order: Order) -> None:
    address = url(order, "report_part", "ia")
    client.post(address, {"text": "Premier onglet.", "version": "0"}, headers=AUTOSAVE)
    late = client.post(address, {"text": "Second onglet.", "version": "0"}, headers=AUTOSAVE)
    assert (late.status_code, late.json()) == (
        409,
        {"conflict": "Cette partie a été modifiée ailleurs à 12\u00a0h\u00a000.", "version": 1},
    )
    page = client.post(address, {"text": "Second onglet.", "version": "0"})
    assert page.status_code == 409
    assert "Premier onglet." in text(page)
    assert "Second onglet." in text(page)
    assert kept(order) == "Premier onglet."
    assert client.post(address, {"text": "Second onglet.", "version": "1"}).status_code == 302
    assert kept(order) == "Second onglet."


def test_a_part_that_does_not_exist_and_a_version_that_is_no_number(
    client: Client, provider: User, order: Order
) -> None:
    assert client.get(url(order, "report_part", "autre")).status_code == 404
    assert client.post(url(order, "report_part", "autre"), {"text": "x"}).status_code == 404
    assert client.post(url(order, "report_part", "ia"), {"text": "x", "version": "un"}).status_code == 302


def test_a_text_too_long_is_kept_on_screen(client: Client, provider: User, order: Order) -> None:
    typed = "é" * 40_001
    page = client.post(url(order, "report_part", "ia"), {"text": typed, "version": "0"})
    assert page.status_code == 422
    assert "Cette partie compte 40 001 signes ; la limite est de 40 000." in text(page)
    assert typed in text(page)
    saved = client.post(url(order, "report_part", "ia"), {"text": typed, "version": "0"}, headers=AUTOSAVE)
    assert saved.status_code == 410
    assert client.post(url(order, "report_part", "ia"), {"text": "é" * 40_000, "version": "0"}).status_code == 302


def test_a_report_that_left_is_not_written_any_more(client: Client, provider: User, order: Order) -> None:
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    page = client.post(url(order, "report_part", "ia"), {"text": "Trop tard.", "version": "1"})
    assert page.status_code == 409
    assert "Trop tard." in text(page)
    assert kept(order) == "Texte de la partie ia."
    saved = client.post(url(order, "report_part", "ia"), {"text": "Trop tard.", "version": "1"}, headers=AUTOSAVE)
    assert saved.status_code == 410
    assert "Le rapport est parti" in saved.json()["message"]
    assert client.post(url(order, "report_submit"), {"conforme": "on"}).status_code == 302
    assert Report.objects.get(order=order).versions.count() == 1


# ----------------------------------------------------------------------------------------------------------- the files
def image(name: str = "figure.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, writings.picture(300, 200), content_type="image/png")


def test_files_come_several_at_once_and_one_that_fails_keeps_the_others(
    client: Client, provider: User, order: Order
) -> None:
    wrong = SimpleUploadedFile("virus.exe", b"MZ not a picture")
    answer = client.post(url(order, "report_attach"), {"fichier": [image("un.png"), wrong, image("deux.png")]})
    assert answer.headers["Location"] == url(order, "report") + "#fichiers"
    page = text(client.get(url(order, "report")))
    assert "virus.exe" in page
    assert "Vos 2 autres fichiers sont bien reçus." in page
    assert [file.upload.name for file in ReportFile.objects.order_by("pk")] == ["un.png", "deux.png"]
    assert "20 Mo par fichier, 20 fichiers au plus" in page


def test_a_twenty_first_file_is_refused(client: Client, provider: User, order: Order) -> None:
    for rank in range(20):
        writings.join_picture(order, provider, name=f"image-{rank}.png")
    client.post(url(order, "report_attach"), {"fichier": [image()]})
    assert "dépasse le nombre de fichiers acceptés, 20 au plus" in text(client.get(url(order, "report")))
    assert ReportFile.objects.count() == Upload.objects.count() == 20


def test_a_file_is_described_shown_and_taken_away(client: Client, provider: User, order: Order) -> None:
    client.post(url(order, "report_attach"), {"fichier": [image()]})
    file = ReportFile.objects.get()
    assert client.get(url(order, "report_describe", file.pk)).status_code == 200
    said = {"caption": "Pannes par four", "part": "donnees", "is_confidential": "on"}
    assert client.post(url(order, "report_describe", file.pk), said | {"part": "autre"}).status_code == 422
    assert client.post(url(order, "report_describe", file.pk), said).status_code == 302
    file.refresh_from_db()
    assert (file.caption, file.part, file.is_confidential) == ("Pannes par four", "donnees", True)
    assert client.get(url(order, "report_preview_file", file.pk)).status_code == 200
    drawn = client.get(url(order, "report_image", file.pk))
    assert b"".join(drawn.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert client.post(url(order, "report_detach", file.pk)).status_code == 302
    assert client.post(url(order, "report_detach", file.pk)).status_code == 404
    assert (ReportFile.objects.count(), Upload.objects.count()) == (0, 0)


# ---------------------------------------------------------------------------------------------------- preview, sending
def test_the_preview_shows_the_parts_and_the_redacted_one_hides_what_is_marked(
    client: Client, provider: User, order: Order
) -> None:
    writings.write(order, writings.SHORT, by=provider)
    writings.join_picture(order, provider, caption=writings.SECRET_CAPTION, is_confidential=True)
    whole = text(client.get(url(order, "report_preview")))
    assert writings.SECRET in whole
    assert writings.SECRET_CAPTION in whole
    assert "<strong>six fichiers</strong>" in whole
    cut = text(client.get(url(order, "report_preview") + "?version=expurgee"))
    assert writings.SECRET not in cut
    assert writings.SECRET_CAPTION not in cut
    assert "[passage confidentiel retiré]" in cut


def test_the_box_is_compulsory_and_each_thing_wanting_is_named(client: Client, provider: User, order: Order) -> None:
    page = client.post(url(order, "report_submit"))
    assert page.status_code == 422
    assert "cochez qu’il ne comporte aucune donnée de la structure" in text(page)
    page = client.post(url(order, "report_submit"), {"conforme": "on"})
    assert page.status_code == 422
    said = text(page)
    assert all(f"La partie « {title} » est vide." in said for title in PARTS.values())
    assert "Notez au moins une demi-journée" in said
    assert "checked" in said
    assert fresh(order).dossier.turn == "provider"


def test_a_passage_never_closed_is_told_before_it_leaves(client: Client, provider: User, order: Order) -> None:
    write_report(order, by=provider)
    reports.save_part(order, "ia", "Un [[secret", version=1, by=provider)
    page = client.post(url(order, "report_submit"), {"conforme": "on"})
    assert page.status_code == 422
    assert f"Dans la partie « {PARTS['ia']} », un passage confidentiel ouvert par [[ n’est pas fermé par ]]." in text(
        page
    )


def test_a_report_is_sent_then_changes_are_asked_and_shown(client: Client, provider: User, order: Order) -> None:
    write_report(order, by=provider)
    assert client.post(url(order, "report_submit"), {"conforme": "on"}).status_code == 302
    assert fresh(order).dossier.turn == "agent"
    reports.ask_changes(order.dossier, reason="Précisez la partie 3.", by=make_agent())
    for name, args in (("mission", ()), ("report", ()), ("report_part", ("ia",))):
        assert "Précisez la partie 3." in text(client.get(url(order, name, *args))), name
    assert client.post(url(order, "report_submit"), {"conforme": "on"}).status_code == 302
    assert Report.objects.get(order=order).versions.count() == 2


def test_the_pages_of_a_report_cost_the_same_with_twenty_files(client: Client, provider: User, order: Order) -> None:
    write_report(order, by=provider)
    writings.join_picture(order, provider)
    client.get(url(order, "report"))
    with CaptureQueriesContext(connection) as one:
        client.get(url(order, "report"))
    for rank in range(19):
        writings.join_picture(order, provider, name=f"image-{rank}.png")
    with CaptureQueriesContext(connection) as twenty:
        assert client.get(url(order, "report")).status_code == 200
    assert len(twenty) == len(one) <= 20


# -------------------------------------------------------------------------------------------------- opening the report
def member(order: Order, **fields: Any) -> User:
    joined: Any = MembershipFactory(organisation=order.dossier.organisation, **fields)
    found: User = joined.user
    return found


def openings() -> list[tuple[str, bool]]:
    return list(Opening.objects.order_by("pk").values_list("purpose", "is_redacted"))


def test_the_provider_opens_its_report_and_it_is_written(client: Client, provider: User, market: Market) -> None:
    order = make_accepted(market)
    answer = client.get(url(order, "report_file"))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    finish(answer)
    assert openings() == [("author", False)]
    event = Event.objects.filter(name="report_opened").get()
    assert (event.by, event.data) == (provider, {"version": 1, "purpose": "author", "redacted": False})


def test_the_structure_opens_it_once_it_was_handed_over(client: Client, market: Market) -> None:
    order = make_accepted(market)
    sign_in(client, member(order))
    assert client.get(url(order, "report_file")).status_code == 404
    reports.deliver(order.dossier, presented_on=NOW.date(), by=make_provider(order.company))
    finish(client.get(url(order, "report_file")))
    assert openings() == [("owner", False)]


def test_an_agent_says_what_for(client: Client, market: Market) -> None:
    order = make_delivered(market)
    sign_in(client, make_agent())
    page = client.get(url(order, "report_file"))
    assert page.status_code == 200
    assert "À quelle fin ouvrez-vous ce rapport ?" in text(page)
    assert openings() == []
    wrong = client.post(url(order, "report_file"), {"purpose": "owner"})
    assert (wrong.status_code, openings()) == (422, [])
    answer = client.post(url(order, "report_file"), {"purpose": "feedback"})
    assert answer.headers["Content-Type"] == "application/pdf"
    finish(answer)
    assert openings() == [("feedback", False)]


def nobody(order: Order) -> dict[str, Any]:
    left = member(order, left=True)
    requested = member(order, requested=True)
    assert Membership.objects.filter(user=left, state=Membership.State.LEFT).exists()
    return {
        "stranger": UserFactory(),
        "left": left,
        "requested": requested,
        "another company": make_provider(make_company()),
        "no company": make_user_with(Role.PROVIDER, "diagnostic"),
        "another scheme": make_agent("booster_ia"),
        "auditor": make_user_with(Role.AUDITOR),
        "officer": make_user_with(Role.DATA_PROTECTION_OFFICER),
        "administrator": make_user_with(Role.ADMINISTRATOR),
    }


def test_everyone_else_finds_nothing(market: Market) -> None:
    order = make_delivered(market)
    reports.redact(order, by=make_agent())
    file = ReportFile.objects.first()
    assert file is None
    for who, person in nobody(order).items():
        client = Client()
        sign_in(client, person)
        for name in ("report_file", "report_redacted"):
            assert client.get(url(order, name)).status_code == 404, (who, name)
            assert client.post(url(order, name), {"purpose": "service"}).status_code == 404, (who, name)
        assert client.post(url(order, "report_redact")).status_code == 404, who
    assert openings() == []


def test_a_role_withdrawn_closes_the_report_at_once(client: Client, provider: User, market: Market) -> None:
    order = make_accepted(market)
    finish(client.get(url(order, "report_file")))
    provider.role_assignments.update(ended_at=NOW)
    assert client.get(url(order, "report_file")).status_code == 404


def test_a_redacted_report_is_asked_for_waited_for_and_opened(client: Client, market: Market) -> None:
    order = make_delivered(market)
    sign_in(client, member(order))
    assert client.get(url(order, "report_redacted")).status_code == 404
    for _ in range(2):
        assert client.post(url(order, "report_redact")).headers["Location"] == url(order, "report_redacted")
    assert "Le PDF se prépare" in text(client.get(url(order, "report_redacted")))
    version = reports.latest(order)
    assert version is not None
    assert version.redacted is not None
    state = client.get(url(order, "report_redacted"), headers={"HX-Request": "true"})
    assert (state.status_code, "<html" in text(state)) == (200, False)
    documents.make(version.redacted.pk)
    ready = client.get(url(order, "report_redacted"), headers={"HX-Request": "true"})
    assert (ready.status_code, "Le PDF est prêt" in text(ready)) == (286, True)
    assert openings() == []
    finish(client.get(url(order, "report_redacted")))
    assert openings() == [("owner", True)]
    assert Event.objects.filter(name="report_redacted").count() == 1


def test_a_report_not_accepted_is_not_redacted(client: Client, order: Order) -> None:
    sign_in(client, make_agent())
    answer = client.post(url(order, "report_redact"), follow=True)
    assert "Le rapport n’est pas encore accepté : il n’y a rien à expurger." in text(answer)
    assert client.get(url(order, "report_file")).status_code == 404


def test_a_file_of_the_report_follows_the_same_rule(client: Client, provider: User, order: Order) -> None:
    write_report(order, by=provider)
    file = writings.join_picture(order, provider)
    finish(client.get(url(order, "report_annex", file.pk)))
    assert openings() == []
    outsider = Client()
    sign_in(outsider, member(order))
    assert outsider.get(url(order, "report_annex", file.pk)).status_code == 404
    agent = Client()
    sign_in(agent, make_agent())
    assert agent.get(url(order, "report_annex", file.pk)).status_code == 404
    reports.submit(order.dossier, by=provider)
    assert agent.get(url(order, "report_annex", file.pk)).status_code == 200
    finish(agent.post(url(order, "report_annex", file.pk), {"purpose": "service"}))
    assert openings() == [("service", False)]
    assert Event.objects.filter(name="report_opened").get().data["file"] == "pannes.png"
