from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.filters import Desk, Filters
from normandata.dossiers.models import Absence, Dossier
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db


def found(query: str, user: User) -> set[str]:
    rows = Filters.read(query, Desk.of(user)).select()
    return set(rows.values_list("organisation__name", flat=True))


@pytest.fixture
def agent() -> User:
    return make_agent(name="Sacha Petit")


@pytest.fixture
def _several(agent: User) -> None:
    other = make_agent(name="Morgan Lefèvre")
    away, unowned = make_agent(name="Nadège Vauclin"), None
    today = timezone.localdate()
    Absence.objects.create(agent=away, since=today, until=today, backup=agent, declared_by=away)

    def row(name: str, owner: User | None, department: str = "14", **fields: object) -> Dossier:
        return make_row(organisation=OrganisationFactory(name=name, department=department), owner=owner, **fields)

    row("Mien", agent, waited=3)
    row("Long", agent, waited=11, department="61")
    row("Dix jours", agent, waited=10)
    row("À la structure", agent, state="incomplete")
    row("Clos", agent, state="closed", waited=40)
    row("Du collègue", other)
    row("De l’absente", away, state="review")
    row("Confié à un autre", away, backup=other)
    row("Sans personne", unowned)


OWN = {"Mien", "Long", "Dix jours", "À la structure", "De l’absente"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", OWN),
        ("etat=en-cours&responsable=les-miens", OWN),
        ("etat=tous", OWN | {"Clos"}),
        ("etat=closed", {"Clos"}),
        ("etat=review", {"De l’absente"}),
        ("tour=vous", OWN - {"À la structure"}),
        ("tour=applicant", {"À la structure"}),
        ("departement=61", {"Long"}),
        ("dispositif=diagnostic", OWN),
        ("dispositif=inconnu", OWN),
        ("responsable=personne", {"Sans personne"}),
        ("responsable=tous", OWN | {"Du collègue", "Confié à un autre", "Sans personne"}),
        ("jours=10", {"Long"}),
        ("jours=9", {"Long", "Dix jours"}),
        ("jours=10&etat=tous", {"Long"}),
        ("q=mien", {"Mien"}),
        ("q=collegue", {"Du collègue"}),
        ("q=collegue&responsable=les-miens", set()),
    ],
)
@pytest.mark.usefixtures("_several")
def test_each_filter_keeps_what_it_says(query: str, expected: set[str], agent: User) -> None:
    assert found(query, agent) == expected


@pytest.mark.usefixtures("_several")
def test_one_agent_may_be_looked_at(agent: User) -> None:
    other = User.objects.get(name="Morgan Lefèvre")
    assert found(f"responsable={other.pk}", agent) == {"Du collègue"}


@pytest.mark.usefixtures("_several")
def test_what_is_mine_is_said_the_same_of_a_row_and_of_the_list(agent: User) -> None:
    desk = Desk.of(agent)
    listed = set(Dossier.objects.filter(desk.mine()).values_list("pk", flat=True))
    said = {one.pk for one in Dossier.objects.all() if desk.answers_for(one.owner_id, one.backup_id)}
    assert said == listed
    assert len(said) == 6


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Œuvre de Saint-Lô", "oeuvre st lo"),
        ("Œuvre de Saint-Lô", "ŒUVRE"),
        ("Crèche des Élus", "creche elus"),
        ("Æthel et Cie", "aethel"),
        ("Crèche des Élus", "Élus   crèche"),
    ],
)
def test_names_are_found_without_accents_nor_ligatures(name: str, typed: str, agent: User) -> None:
    make_row(organisation=OrganisationFactory(name=name), owner=agent)
    make_row(organisation=OrganisationFactory(name="Tout autre chose"), owner=agent)
    assert found(f"q={typed}", agent) == {name}


def test_numbers_are_found_begun_spaced_or_in_lower_case(agent: User) -> None:
    one = make_row(organisation=OrganisationFactory(name="Une", siret="99950123400011", siren="999501234"))
    make_row(organisation=OrganisationFactory(name="Autre", siret="99951123400011", siren="999511234"))
    assert one.number
    for typed in ("999 501 234", "999501234 000 11", "999.501", one.number, one.number.lower(), f" {one.number} "):
        assert found(f"q={typed}", agent) == {"Une"}, typed
    assert found("q=999 501 234 000 112", agent) == set()


def test_a_reader_sees_every_dossier_by_default_and_has_no_turn() -> None:
    auditor = make_user_with(Role.AUDITOR)
    make_row(organisation=OrganisationFactory(name="Une"), owner=make_agent())
    assert found("", auditor) == found("tour=vous&responsable=les-miens", auditor) == {"Une"}


def test_a_foreign_scheme_and_a_draft_never_appear(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_row(organisation=OrganisationFactory(name="Ailleurs"), owner=agent, scheme="booster_ia")
    for query in ("", "etat=tous&responsable=tous", "q=ailleurs", "dispositif=booster_ia", "etat=draft"):
        assert found(query, agent) == set(), query
    # The witness: without `for_region` it would.
    monkeypatch.setattr("normandata.dossiers.models.DossierQuerySet.for_region", lambda rows, user: rows)
    assert found("etat=tous&responsable=tous", agent) == {"Ailleurs"}


def test_a_draft_never_appears(agent: User) -> None:
    organisation = OrganisationFactory(name="Brouillon")
    Dossier.objects.create(scheme="diagnostic", organisation=organisation, created_by=agent, owner=agent)
    for query in ("", "etat=tous&responsable=tous", "q=brouillon&etat=draft"):
        assert found(query, agent) == set()


HOSTILE = (
    "etat=x&tour=%00&departement=999&responsable=-1&jours=1e9&tri=--attente&colonnes=a,,b",
    "responsable=99999999999999999999&jours=٣٣&q=%00%00",
    "q=" + "a" * 5000,
    "q=%F0%9F%92%A3%25_%27%22%3B--",
    "&".join(f"a{n}=1" for n in range(3000)),
    "q=%ED%A0%80",
    "jours=9999&responsable=999999999",
)


@pytest.mark.parametrize("query", HOSTILE)
def test_a_made_up_address_is_read_without_a_word(query: str, agent: User) -> None:
    make_row(owner=agent)
    list(Filters.read(query, Desk.of(agent)).select())


@pytest.mark.parametrize(
    ("query", "shortest"),
    [
        ("etat=en-cours&responsable=les-miens&tri=attente", ""),
        ("q=&dispositif=&tour=&jours=", ""),
        ("tri=-attente&q=a%20%20b", "q=a+b&tri=-attente"),
        ("q=a&responsable=tous", "q=a"),
        ("q=a&responsable=les-miens", "q=a&responsable=les-miens"),
        ("colonne=etat&colonne=siret", "colonnes=siret%2Cetat"),
        ("colonnes=responsable,attente,tour,montant,etat,dispositif,siret", ""),
        ("jours=010", "jours=10"),
    ],
)
def test_the_address_written_is_the_shortest_and_reads_the_same(query: str, shortest: str, agent: User) -> None:
    desk = Desk.of(agent)
    filters = Filters.read(QueryDict(query), desk)
    assert filters.encoded == shortest
    assert Filters.read(filters.encoded, desk) == filters


def test_chips_say_each_filter_and_how_to_be_rid_of_it(agent: User) -> None:
    filters = Filters.read("dispositif=diagnostic&jours=10&departement=61", Desk.of(agent))
    assert filters.chips({}) == [
        ("Dispositif : Diagnostic", "departement=61&jours=10"),
        ("État : en cours", "dispositif=diagnostic&departement=61&jours=10&etat=tous"),
        ("Département : Orne", "dispositif=diagnostic&jours=10"),
        ("Responsable : vous et vos absents", "dispositif=diagnostic&departement=61&jours=10&responsable=tous"),
        ("Attente : plus de 10\u00a0jours", "dispositif=diagnostic&departement=61"),
    ]


def test_an_absence_that_is_over_or_to_come_changes_nothing(agent: User) -> None:
    away, today = make_agent(), timezone.localdate()
    make_row(organisation=OrganisationFactory(name="Le sien"), owner=away)
    for since, until in ((today - timedelta(days=9), today - timedelta(days=1)), (today + timedelta(days=1), None)):
        Absence.objects.create(agent=away, since=since, until=until, backup=agent, declared_by=away)
    assert found("", agent) == set()
