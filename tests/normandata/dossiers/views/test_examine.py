"""The agents' pages: what they show, to whom, in how many queries, whatever the length of a dossier's life."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from normandata.accounts.models import Role, User
from normandata.dossiers import facts
from normandata.dossiers.models import Attachment, Dossier, Reading, Section, ThreadFile, ThreadMessage
from normandata.dossiers.services import corrections, desk, thread
from normandata.dossiers.services.corrections import Asked
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from normandata.regulation.findings import Finding, Outcome, Verdict
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_dossier, make_draft
from tests.factories.organisations import MembershipFactory
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
TRADE = {**FIRM, "situation": {"creation": "12/05/2009", "activite": "trade"}}
NOW = datetime(2026, 10, 13, 8, 0, tzinfo=UTC)
DEPOSITED = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)
PAGES = ("examine", "exchanges", "organisation", "deliveries", "journal")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


def url(dossier: Dossier, name: str = "examine", *args: Any) -> str:
    return reverse(f"dossiers:{name}", args=[dossier.key, *args])


def text(client: Client, address: str) -> str:
    """Return what a page says, on one line, with ordinary spaces."""
    response = client.get(address)
    assert response.status_code == 200, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    main = content[content.index("<main") : content.index("</main>")]
    return re.sub(r"\s+", " ", strip_tags(re.sub(r"<(?=/?\w)", " <", main)).replace("&nbsp;", " ").replace("\xa0", " "))


def attach(dossier: Dossier, piece: str = "complement") -> Attachment:
    return Attachment.objects.create(
        dossier=dossier, piece=piece, upload=UploadFactory(uploaded_by=dossier.created_by), added_by=dossier.created_by
    )


# ------------------------------------------------------------------------------------------------------- what it says
def test_the_page_says_whose_turn_it_is_and_what_was_asked_on_the_day(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    desk.assign(dossier, agent, by=agent)
    said = text(client, url(dossier))
    assert dossier.organisation.label in said
    assert "DIA-2026-0001" in said
    assert "À vous depuis 12 jours. Responsable : vous." in said
    assert "Déposée le 1er octobre 2026 à 9 h 14. Version 1" in said
    assert "Complet le 1er octobre 2026" in said
    assert "Refus implicite 1er décembre 2026 dans 49 jours" in said
    assert "Dominique Exemple, Gérante" in said
    assert "Le remplacement du logiciel d’atelier." in said


def test_the_request_shown_is_the_frozen_one_not_the_draft_that_goes_on(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    Section.objects.filter(dossier=dossier, slug="motivations").update(answers={"projet": "Autre chose"})
    said = text(client, url(dossier))
    assert "Autre chose" not in said
    assert "Le remplacement du logiciel d’atelier." in said


def test_a_finding_to_review_comes_first_with_its_facts_its_source_and_its_article(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED, answers=TRADE)
    page = client.get(url(dossier)).content.decode()
    assert page.index("L’activité déclarée est") < page.index("La demande est possible depuis")
    assert f'href="{reverse("portal:regulation")}#diagnostic-activity"' in page
    said = text(client, url(dossier))
    assert "Source : déclaration de la structure. Retenu : activité commerce." in said
    assert "1 à examiner" in said
    anchors = set(re.findall(rf'href="{reverse("portal:regulation")}#([\w-]+)"', page))
    règlement = client.get(reverse("portal:regulation")).content.decode()
    assert len(anchors) == 8
    assert {one for one in anchors if f'id="{one}"' not in règlement} == set()


def test_the_directory_is_named_with_its_day_where_it_says_the_same(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    said = text(client, url(dossier))
    assert "Source : annuaire des entreprises, réponse du 13 octobre 2026. Retenu : département Calvados (14)" in said
    assert "Source : déclaration de la structure. Retenu : effectif (ETP) 45,5 ; minimum 10 ; maximum 250." in said


@pytest.mark.parametrize("population", [None, 12_000, 13_000])
def test_a_population_is_the_census_s_only_when_the_census_says_it(population: int | None) -> None:
    organisation = MembershipFactory().organisation
    one = Finding("x.population", "Population", Outcome.MET, "Bien.", None, {"population": "12000"})  # type: ignore[arg-type]
    expected = "INSEE" if population == 12_000 else "déclaration de la structure"
    assert facts.source(one, organisation, population) == expected


def test_every_fact_of_a_diagnostic_has_a_name(client: Client) -> None:
    for answers in (FIRM, TRADE):
        dossier = make_dossier(answers=answers)
        assert dossier.verdict is not None
        named = {name for one in Verdict.from_record(dossier.verdict).findings for name in one.facts}
        assert named - set(facts.LABELS) - {"cited_outcome"} == set()


def test_a_reading_is_asked_made_shown_and_changed(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED, answers=TRADE)
    address = url(dossier, "read_finding", "diagnostic.activity")
    assert "Votre lecture : Activité" in text(client, url(dossier))
    refused = client.post(address, {"outcome": "met", "reason": " "})
    assert (refused.status_code, Reading.objects.count()) == (422, 0)
    assert "Indiquez le motif de votre lecture." in refused.content.decode()
    done = client.post(address, {"outcome": "met", "reason": "Deux tiers d’usinage"})
    assert done.headers["Location"] == f"{url(dossier)}#constats"
    said = text(client, url(dossier))
    assert "Lu par Sacha Petit le 13 octobre 2026 : Deux tiers d’usinage Changer" in said
    assert "à examiner" not in said
    client.post(address, {"outcome": "unmet", "reason": "Commerce seul"})
    assert "1 non respecté" in text(client, url(dossier))
    assert [event.reason for event in Event.objects.about(dossier).named("read_finding")] == [
        "Commerce seul",
        "Deux tiers d’usinage",
    ]
    dossier.refresh_from_db()
    assert dossier.verdict is not None
    assert dossier.verdict["conclusion"] == "to_review"  # the verdict stays word for word


def test_a_decided_dossier_offers_no_reading_and_judges_no_file(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED, answers=TRADE)
    address = url(dossier, "read_finding", "diagnostic.activity")
    client.post(address, {"outcome": "met", "reason": "Deux tiers d’usinage"})
    Dossier.objects.filter(pk=dossier.pk).update(state="granted")
    said = text(client, url(dossier))
    assert "Lu par Sacha Petit le 13 octobre 2026 : Deux tiers d’usinage" in said
    assert (" Changer la lecture" in said, "Accepter" in said) == (False, False)
    for method in (client.get, client.post):
        assert method(address, {"outcome": "unmet", "reason": "Commerce seul"}).status_code == 404
    assert Reading.objects.get().outcome == "met"


@pytest.mark.parametrize("rule", ["diagnostic.fte", "diagnostic.nothing"])
def test_a_finding_that_needs_no_reading_takes_none(client: Client, agent: User, rule: str) -> None:
    dossier = make_dossier(answers=TRADE)
    address = url(dossier, "read_finding", rule)
    assert client.post(address, {"outcome": "unmet", "reason": "Non"}).status_code == 404
    assert Reading.objects.count() == 0


@pytest.mark.parametrize(
    ("silence_on", "state", "said", "is_alerted"),
    [
        (date(2026, 10, 29), "review", "il reste 16 jours", False),
        (date(2026, 10, 28), "review", "il reste 15 jours", True),
        (date(2026, 10, 14), "review", "il reste 1 jour.", True),
        (date(2026, 10, 13), "review", "aujourd’hui.", True),
        (date(2026, 10, 12), "review", "refusée par le silence de la Région depuis le 12 octobre 2026", True),
        (date(2026, 10, 14), "withdrawn", "est refusée par le silence", False),
    ],
)
def test_an_implicit_refusal_that_comes_near_is_alerted(
    client: Client, agent: User, silence_on: date, state: str, said: str, is_alerted: bool
) -> None:
    dossier = make_dossier(at=DEPOSITED)
    Dossier.objects.update(refused_by_silence_on=silence_on, state=state)
    assert (said in text(client, url(dossier))) is is_alerted


def test_the_files_of_the_deposit_are_judged_one_by_one(client: Client, agent: User, media: object) -> None:
    draft = make_draft()
    first, second = attach(draft), attach(draft)
    dossier = make_deposit(draft).dossier
    late = attach(dossier)
    page = client.get(url(dossier)).content.decode()
    assert page.count(reverse("dossiers:preview", args=[dossier.key, first.pk])) == 1
    assert late.upload.name not in page
    client.post(url(dossier, "accept_piece", first.pk))
    refused = client.post(url(dossier, "replace_piece", second.pk), {"reason": ""})
    assert refused.status_code == 422
    client.post(url(dossier, "replace_piece", second.pk), {"reason": "La signature manque."})
    assert list(Attachment.objects.order_by("pk").values_list("status", "reason")) == [
        ("accepted", ""),
        ("to_replace", "La signature manque."),
        ("received", ""),
    ]
    said = text(client, url(dossier))
    assert "Acceptée" in said
    assert "La signature manque." in said
    assert "La signature manque." in client.get(url(dossier, "ask")).content.decode()


def test_versions_are_read_frozen_and_compared(client: Client, agent: User, media: object) -> None:
    dossier = make_dossier(at=DEPOSITED)
    section = dossier.sections.get(slug="motivations")
    section.answers |= {"projet": "Un autre projet."}
    section.save()
    attach(dossier)
    make_deposit(dossier, at=NOW)
    assert "Voir ce qui a changé" in text(client, url(dossier))
    said = text(client, url(dossier, "changes", 1, 2))
    assert "1 réponse changée" in said
    assert "Le remplacement du logiciel d’atelier. Un autre projet." in said
    assert "Ajouté : devis-" in said
    assert "Un autre projet." not in text(client, url(dossier, "frozen", 1))
    assert "Un autre projet." in text(client, url(dossier, "frozen", 2))
    assert client.get(url(dossier, "frozen", 3)).status_code == 404
    assert client.get(url(dossier, "changes", 2, 3)).status_code == 404


def test_the_journal_says_each_act_in_french_with_its_verdict(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    other = make_agent(name="Alix Martin")
    desk.assign(dossier, other, by=agent, backup=agent, reason="Congés")
    procedure.fire(dossier, "start_review", by=agent)
    corrections.ask(dossier, [Asked("piece:signature", "Le pouvoir")], due_on=date(2026, 10, 30), by=agent)
    procedure.record(dossier, "an_act_of_tomorrow", by=None)
    said = text(client, url(dossier, "journal"))
    assert "Demande déposée le 1er octobre 2026 à 9 h 14, par Personne Fictive" in said
    assert "État : de « Brouillon » à « Déposé »" in said
    assert "Constats gardés avec cet acte, conclusion : éligible" in said
    assert "Responsable : Alix Martin, auparavant personne" in said
    assert "Suppléance : Sacha Petit" in said
    assert "Motif : Congés" in said
    assert "Demande signée : Le pouvoir" in said
    assert "an_act_of_tomorrow" in said
    assert "par Le portail" in said


def test_the_organisation_page_lists_only_dossiers_of_the_agent_s_schemes(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    mine = make_dossier(by=dossier.created_by, organisation=dossier.organisation)
    foreign = make_dossier(by=dossier.created_by, organisation=dossier.organisation)
    Dossier.objects.filter(pk=foreign.pk).update(scheme="booster_ia")
    make_draft(by=dossier.created_by, organisation=dossier.organisation)
    response = client.get(url(dossier, "organisation"))
    assert [one.pk for one in response.context["others"]] == [mine.pk]
    said = text(client, url(dossier, "organisation"))
    assert "Toute la structure 1" in said
    assert str(dossier.created_by) in said
    assert "Source : Annuaire fictif de démonstration, réponse du 13 octobre 2026." in said
    assert "Aides de minimis déclarées" in said


def test_mails_and_documents_say_where_they_stand(client: Client, agent: User) -> None:
    dossier = make_dossier(at=DEPOSITED)
    said = text(client, url(dossier, "deliveries"))
    assert "2 lignes" in said
    assert f"Accusé de réception {dossier.number}, version 1" in said
    assert dossier.created_by.email in said.replace(" ", "")
    assert "Dans la boîte d’envoi depuis le 13 octobre 2026" in said


# ---------------------------------------------------------------------------------------------------------- for whom
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_readers_see_everything_and_no_gesture(client: Client, role: str) -> None:
    dossier = make_dossier(answers=TRADE)
    sign_in(client, make_user_with(role))
    for name in PAGES:
        page = client.get(url(dossier, name)).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert "<form" not in main, name
        assert "btn" not in main, name
    for name, args in GESTURES:
        assert client.get(url(dossier, name, *args)).status_code in (404, 405), name
        assert client.post(url(dossier, name, *args), {}).status_code in (404, 405), name
    assert client.post(url(dossier, "exchanges"), {"text": "Bonjour"}).status_code == 404
    assert ThreadMessage.objects.filter(author__isnull=False).count() == 0


GESTURES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("ask", ()),
    ("cancel_correction", ()),
    ("read_finding", ("diagnostic.activity",)),
    ("accept_piece", (1,)),
    ("replace_piece", (1,)),
    ("assign", ()),
    ("take_over", ()),
    ("fire", ("start_review",)),
)


@pytest.mark.parametrize("who", ["nobody's agent", "agent of another scheme", "applicant", "expert"])
def test_for_others_the_dossier_does_not_exist(client: Client, who: str) -> None:
    dossier = make_dossier(answers=TRADE)
    people = {
        "nobody's agent": lambda: make_user_with(Role.PAYMENTS_OFFICER),
        "agent of another scheme": lambda: make_agent("booster_ia"),
        "applicant": lambda: dossier.created_by,
        "expert": lambda: make_user_with(Role.EXPERT),
    }
    sign_in(client, people[who]())
    for name in PAGES:
        assert client.get(url(dossier, name)).status_code == 404, name
    for name, args in GESTURES:
        for method in (client.get, client.post):
            assert method(url(dossier, name, *args)).status_code in (404, 405), name


def test_a_draft_is_not_shown_to_agents(client: Client, agent: User) -> None:
    draft = make_draft()
    assert client.get(url(draft)).status_code == 404


def test_gestures_of_the_organisation_are_not_fired_from_here(client: Client, agent: User) -> None:
    dossier = make_dossier()
    MembershipFactory(user=agent, organisation=dossier.organisation)
    for name in ("withdraw", "answer", "submit", "ask_correction", "cancel_correction", "expire_correction", "nothing"):
        assert client.post(url(dossier, "fire", name), {"seen": "submitted"}).status_code == 404, name
    dossier.refresh_from_db()
    assert dossier.state == "submitted"


# ---------------------------------------------------------------------------------------------------- in what it costs
def fill(dossier: Dossier, agent: User, count: int) -> None:
    """Give a dossier so many messages with a file, events, files and mails."""
    for _ in range(count):
        message = ThreadMessage.objects.create(dossier=dossier, side="region", author=agent, text="Bonjour")
        ThreadFile.objects.create(message=message, upload=UploadFactory(uploaded_by=agent))
        procedure.record(dossier, "message", by=agent)
        thread.alert(dossier, "dossiers.silence_alert", key=f"x{message.pk}", date="demain")


@pytest.mark.parametrize("name", PAGES)
def test_a_long_life_costs_the_same_queries_and_bounded_objects(
    client: Client, agent: User, media: object, name: str
) -> None:
    costs = []
    for count in (1, 60):
        draft = make_draft()
        for _ in range(min(count, 30)):
            attach(draft)
        dossier = make_deposit(draft).dossier
        fill(dossier, agent, count)
        client.get(url(dossier, name))
        made: list[str] = []

        def count_made(sender: type, made: list[str] = made, **kwargs: Any) -> None:
            made.append(sender.__name__)

        post_init.connect(count_made, weak=False)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(dossier, name)).status_code == 200
        post_init.disconnect(count_made)
        costs.append((len(queries), len(made)))
        assert len(queries) <= 20, "\n".join(query["sql"][:150] for query in queries)
    assert costs[0][0] == costs[1][0], costs
    if name not in ("deliveries", "examine"):
        assert costs[1][1] - costs[0][1] <= 90, costs


def test_old_messages_and_acts_are_on_further_pages(client: Client, agent: User, media: object) -> None:
    dossier = make_dossier()
    fill(dossier, agent, 30)
    for name in ("exchanges", "journal", "deliveries"):
        said = text(client, url(dossier, name))
        assert "Page 1 sur 2 Plus anciens" in said
        assert "Page 2 sur 2" in text(client, f"{url(dossier, name)}?page=2")
        assert "Page 2 sur 2" in text(client, f"{url(dossier, name)}?page=999")


def test_the_queue_it_was_opened_from_is_kept(client: Client, agent: User) -> None:
    dossier = make_dossier()
    page = client.get(f"{url(dossier)}?file=tour%3Dagent").content.decode()
    assert f'href="{url(dossier, "journal")}?file=tour%3Dagent"' in page
    assert f'href="{reverse("dossiers:queue")}?tour=agent"' in page
    done = client.post(f"{url(dossier, 'fire', 'start_review')}?file=tour%3Dagent", {"seen": "submitted"})
    assert done.headers["Location"] == f"{url(dossier)}?file=tour%3Dagent"


def test_the_next_and_the_previous_of_the_queue_are_one_click_away(client: Client, agent: User) -> None:
    dossiers = [make_dossier(at=datetime(2026, 10, day, 7, tzinfo=UTC)) for day in (1, 2, 3)]
    for dossier in dossiers:
        desk.assign(dossier, agent, by=agent)
    response = client.get(url(dossiers[1]))
    found = response.context["neighbours"]
    assert (found.position, found.previous_key, found.next_key) == (2, dossiers[0].key, dossiers[2].key)
    assert "File 2 sur 3 Précédent Suivant" in text(client, url(dossiers[1]))


def test_an_answer_that_the_directory_gives_too_names_it(client: Client, agent: User) -> None:
    draft = make_draft()
    draft.organisation.name = "Fonderie d’essai"
    draft.organisation.save()
    dossier = make_deposit(draft, at=DEPOSITED).dossier
    said = text(client, url(dossier))
    assert "Fonderie d’essai (annuaire des entreprises, réponse du 13 octobre 2026)" in said
    assert "1 rue des Essais, 61100 Flers (" not in said
