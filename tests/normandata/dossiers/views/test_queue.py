import csv
import io

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.dossiers import queue
from normandata.dossiers.models import Absence, Dossier, SavedView
from normandata.ui.tables import inert
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db
PAGE = "/instruction/"


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


def shown(client: Client, query: str = "") -> str:
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == 200, query
    return answer.content.decode().replace("\u00a0", " ")


def test_a_row_says_all_that_is_expected(client: Client, agent: User) -> None:
    row = make_row(owner=agent, waited=12, organisation=OrganisationFactory(name="<b>Fonderie</b>"), amount="5400")
    page = shown(client)
    for said in (row.number, "&lt;b&gt;Fonderie&lt;/b&gt;", row.organisation.written_siret.replace("\u00a0", " "),
                 "Diagnostic", "Déposé", "5 400,00 €", "<strong>Vous</strong>", "12&nbsp;j", "plus de 10 jours",
                 f'href="{row.key}/"', "Ouvrir le plus ancien", "Exporter cette ligne"):  # fmt: skip
        assert str(said) in page, said
    assert "<b>Fonderie" not in page


def test_links_carry_the_queue_and_sorted_columns_say_so(client: Client, agent: User) -> None:
    row = make_row(owner=agent)
    page = shown(client, "?tri=montant&tour=vous")
    assert f'href="{row.key}/?file=tour%3Dvous%26tri%3Dmontant"' in page
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"><a class="nd-sort" href="?tour=vous&amp;tri=-montant">Montant' in page


def test_an_absent_owner_is_named(client: Client, agent: User) -> None:
    away = make_agent(name="Nadège Vauclin")
    make_row(owner=away)
    Absence.objects.create(agent=away, since="2020-01-01", backup=agent, declared_by=away)
    assert "Absent : Nadège Vauclin" in shown(client)


@pytest.mark.parametrize("path", ["", "?responsable=tous&etat=tous&tri=structure", "?q=fictive", "?jours=3"])
def test_queries_and_objects_are_the_same_at_1_and_30_rows(client: Client, agent: User, path: str) -> None:
    costs = []
    for rows in (1, 29):
        for _ in range(rows):
            make_row(owner=agent, waited=5)
        shown(client, path)
        made: list[type] = []
        count = lambda sender, made=made, **kwargs: made.append(sender)  # noqa: E731
        post_init.connect(count)
        try:
            with CaptureQueriesContext(connection) as queries:
                page = shown(client, path)
        finally:
            post_init.disconnect(count)
        costs.append((len(queries), len(made)))
        assert page.count('name="choix"') == (1 if rows == 1 else 30)
    assert costs[0] == costs[1]
    assert costs[0][0] <= 10
    assert Dossier not in made


def test_pages_follow_one_another(client: Client, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PER_PAGE", 2)
    rows = [make_row(owner=agent, waited=9 - day) for day in range(5)]
    first = shown(client)
    assert [row.number in first for row in rows] == [True, True, False, False, False]
    assert "1 à 2 sur 5" in first
    after = first.split("apres=")[1].split('"')[0]
    second = shown(client, f"?apres={after}")
    assert [row.number in second for row in rows] == [False, False, True, True, False]
    assert "3 à 4 sur 5" in second
    before = second.split("avant=")[1].split('"')[0]
    assert [row.number in shown(client, f"?avant={before}") for row in rows] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "query",
    ["?apres=%00", "?avant=zzz", "?apres=" + "é" * 900, "?q=%00", "?jours=-1&tri=;DROP", "?responsable=%F0%9F%92%A3",
     "?colonnes=,,,&colonne=x", "?etat=draft", "?q=" + "%25" * 100, "?choisir=page&apres=1"],
)  # fmt: skip
def test_hostile_addresses_are_pages(client: Client, agent: User, query: str) -> None:
    make_row(owner=agent)
    shown(client, query)
    assert client.get(f"/instruction/dossiers.csv{query}").status_code == 200
    assert client.get(f"/instruction/colonnes/{query}").status_code == 200


def test_all_the_rows_of_the_page_are_ticked_without_javascript(client: Client, agent: User) -> None:
    for _ in range(3):
        make_row(owner=agent)
    assert shown(client).count(" checked>") == 0
    assert shown(client, "?choisir=page").count(" checked>") == 3


def test_an_empty_queue_says_when_that_will_change(client: Client, agent: User) -> None:
    assert "Rien dans votre file pour l’instant." in shown(client)
    make_row(owner=agent, state="incomplete", refused_by_silence_on="2099-10-19")
    page = shown(client, "?tour=vous")
    assert "Le prochain de vos dossiers arrive à échéance le 19 octobre 2099." in page


def test_the_oldest_of_my_turn_opens(client: Client, agent: User) -> None:
    assert client.get("/instruction/plus-ancien/")["Location"] == "/instruction/?tour=vous"
    make_row(owner=agent, waited=1)
    old = make_row(owner=agent, waited=8)
    assert client.get("/instruction/plus-ancien/")["Location"] == f"/instruction/{old.key}/?file=tour%3Dvous"


def test_the_export_is_the_queue_in_a_few_queries(client: Client, agent: User) -> None:
    for name in ("=1+1", "Été & Fils", "\t=cmd"):
        make_row(owner=agent, organisation=OrganisationFactory(name=name), amount="5400.5")
    make_row(owner=agent, state="closed")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/instruction/dossiers.csv")
        content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert len(queries) <= 8
    assert content.startswith("\ufeffNuméro;Structure;SIRET;")
    rows = list(csv.DictReader(io.StringIO(content.lstrip("\ufeff")), delimiter=";"))
    assert sorted(row["Structure"] for row in rows) == ["'\t=cmd", "'=1+1", "Été & Fils"]
    assert {row["Montant (euros)"] for row in rows} == {"5400,50"}
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("cell", ["=A1", "+1", "-1", "@x", "\tx", "\rx", " =A1", "\n=A1"])
def test_no_cell_computes(cell: str) -> None:
    assert inert(cell) == f"'{cell}"
    assert inert(f"a{cell}") == f"a{cell}"


def test_a_view_is_kept_shared_and_forgotten(client: Client, agent: User) -> None:
    answer = client.post("/instruction/vues/?jours=10&bidon=1&tri=montant", {"name": "Les longs", "is_shared": "on"})
    assert answer["Location"] == "/instruction/?jours=10&tri=montant"
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_shared) == (agent, "Les longs", "jours=10&tri=montant", True)
    client.post("/instruction/vues/?jours=20", {"name": "Les longs"})
    view.refresh_from_db()
    assert (view.query, view.is_shared) == ("jours=20", False)
    assert client.post(f"/instruction/vues/{view.pk}/supprimer/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["Ma file", " ma  FILE ", "A mon tour", "Sans responsable", "Tous les dossiers"])
def test_a_view_does_not_take_the_name_of_a_built_in_one(client: Client, agent: User, name: str) -> None:
    answer = client.post("/instruction/vues/?jours=10", {"name": name, "is_shared": "on"})
    page = answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")
    assert answer.status_code == 200
    assert f"« {name.strip()} » est déjà le nom d’une vue de la file. Choisissez-en un autre." in page
    assert "Erreur" in page.split("</title>")[0]
    assert SavedView.objects.count() == 0
    client.post("/instruction/vues/?jours=10", {"name": f"{name} du mardi"})
    assert SavedView.objects.count() == 1


def test_views_of_others_are_seen_when_shared_and_never_deleted(client: Client, agent: User) -> None:
    other = make_agent()
    shared = SavedView.objects.create(owner=other, name="Pièces manquantes", query="etat=incomplete", is_shared=True)
    own = SavedView.objects.create(owner=other, name="Secrète", query="jours=3")
    make_row(owner=agent, state="incomplete")
    page = shown(client)
    assert 'Partagée : Pièces manquantes <span class="nd-nb">1</span>' in page
    assert "Secrète" not in page
    for view in (shared, own):
        assert client.post(f"/instruction/vues/{view.pk}/supprimer/").status_code == 404
    assert SavedView.objects.count() == 2
    assert client.post("/instruction/vues/", {"name": ""}).status_code == 200


READ = ("", "dossiers.csv", "colonnes/", "absences/")
ACT = ("vues/", "plus-ancien/")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_readers_read_and_do_nothing(client: Client, role: Role) -> None:
    sign_in(client, make_user_with(role))
    make_row(owner=make_agent())
    page = shown(client)
    assert 'name="choix"' not in page
    assert "nd-bulk" not in page
    assert [client.get(f"{PAGE}{path}").status_code for path in READ] == [200] * 4
    assert [client.get(f"{PAGE}{path}").status_code for path in ACT] == [404] * 2
    assert client.post("/instruction/lot/", {"action": "assign"}).status_code == 404
    assert client.post("/instruction/absences/", {}).status_code == 404


@pytest.mark.parametrize("role", [None, Role.PAYMENTS_OFFICER, Role.PROVIDER, Role.JUROR])
def test_nobody_else_knows_of_it(client: Client, role: Role | None) -> None:
    sign_in(client, make_user_with(role) if role else UserFactory())
    assert [client.get(f"{PAGE}{path}").status_code for path in (*READ, *ACT)] == [404] * 6


def test_absences_are_declared_and_ended(client: Client, agent: User) -> None:
    backup = make_agent(name="Morgan Lefèvre")
    said = {"agent": agent.pk, "since": "01/01/2020", "until": "", "backup": backup.pk}
    assert client.post("/instruction/absences/", said).status_code == 302
    absence = Absence.objects.get()
    assert (absence.agent, absence.backup, absence.until) == (agent, backup, None)
    assert "Je suis de retour" in client.get("/instruction/absences/").content.decode()
    assert "Une absence est déjà déclarée" in client.post("/instruction/absences/", said).content.decode()
    assert client.post(f"/instruction/absences/{absence.pk}/fin/").status_code == 302
    absence.refresh_from_db()
    assert absence.until is not None


def test_only_a_lead_declares_and_ends_for_others(client: Client, agent: User) -> None:
    other = make_agent()
    said = {"agent": other.pk, "since": "01/01/2030", "until": "", "backup": ""}
    assert client.post("/instruction/absences/", said).status_code == 200
    assert not Absence.objects.exists()
    absence = Absence.objects.create(agent=other, since="2030-01-01", declared_by=other)
    assert client.post(f"/instruction/absences/{absence.pk}/fin/").status_code == 404
    sign_in(client, make_user_with(Role.LEAD_AGENT, "diagnostic"))
    assert client.post(f"/instruction/absences/{absence.pk}/fin/").status_code == 302
    assert not Absence.objects.exists()
    assert client.post("/instruction/absences/", said).status_code == 302
