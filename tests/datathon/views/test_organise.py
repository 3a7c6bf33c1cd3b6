"""The organisers' pages: what each shows, to whom; nothing typed is lost; long lists cost what short ones cost."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from datathon import phases
from datathon.models import Criterion, DataSet, Edition, Meeting, Mentor, Registration, Team
from normandata.accounts.models import Role, StaffInvitation, User
from normandata.procedure.models import Event
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.datathon import SCHEME, make_edition, make_juror, make_organiser, make_registration, make_team
from tests.factories.datathon_mentors import make_meeting, make_mentor, make_offer
from tests.test_consistency import badly_spaced

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
HOME = "/instruction/datathon/"


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel("2027-09-20T09:00:00+02:00", tick=True):
        yield


@pytest.fixture
def lead(client: Client) -> User:
    return sign_in(client, make_user_with(Role.LEAD_AGENT, SCHEME, name="Lou Chef"))


def words(content: str) -> str:
    found = re.sub(r"<[^>]+>", " ", content.replace("\u00a0", " ").replace("&nbsp;", " "))
    return re.sub(r"\s+", " ", found)


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return words(content)


def at(edition: Edition, rest: str = "") -> str:
    return f"{HOME}{edition.slug}/{rest}"


def send(client: Client, address: str, status: int = 302, **data: Any) -> str:
    response = client.post(address, data)
    content = response.content.decode()
    assert response.status_code == status, words(content)[-600:]
    assert badly_spaced(content) == [], address
    return words(content)


# --------------------------------------------------------------------------------------------------------------- list
def test_the_list_shows_what_one_follows_and_alerts_for_a_year_without_edition(client: Client, lead: User) -> None:
    assert "Aucune édition en 2027 : le règlement en prévoit au moins 1 par an." in page(client, HOME)
    cancelled, mine = make_edition(phases.CANCELLED), make_edition(phases.PREPARING, year=2028)
    assert "Aucune édition en 2027" in page(client, HOME)
    make_edition()
    text = page(client, HOME)
    assert "Aucune édition en 2027" not in text
    assert text.index(mine.title) < text.index(cancelled.title)
    sign_in(client, make_organiser(mine))
    text = page(client, HOME)
    assert (mine.title in text, cancelled.title in text, "Nouvelle édition" in text) == (True, False, False)
    assert client.get(f"{HOME}nouvelle/").status_code == 404
    assert client.get(reverse("dossiers:home")).headers["Location"] == HOME


@pytest.mark.parametrize("role", [Role.JUROR, Role.MENTOR, Role.ADMINISTRATOR, Role.COMMITTEE_CLERK])
def test_for_others_there_is_no_such_page(client: Client, role: Role) -> None:
    edition = make_edition()
    sign_in(client, make_user_with(role, SCHEME))
    for address in (HOME, at(edition), at(edition, "equipes/"), at(edition, "inscriptions/")):
        assert client.get(address).status_code == 404


def test_an_agent_follows_without_reading_who_registered(client: Client) -> None:
    edition = make_edition(phases.CHALLENGE)
    sign_in(client, make_user_with(Role.AGENT, SCHEME))
    assert "Réglages" not in page(client, at(edition))
    page(client, at(edition, "equipes/"))
    for rest in ("inscriptions/", "fichiers/equipes.csv", "fichiers/inscriptions.csv", "reglages/", "presences/lot/"):
        assert client.get(at(edition, rest)).status_code == 404


# -------------------------------------------------------------------------------------------------------------- making
def test_an_edition_is_made_and_says_what_it_lacks(client: Client, lead: User) -> None:
    text = send(client, f"{HOME}nouvelle/", 422, title="", year="deux mille")
    assert "Titre : donnez un titre à l’édition." in text
    send(client, f"{HOME}nouvelle/", title="Datathon des forêts", year="2028")
    edition = Edition.objects.get()
    text = page(client, at(edition))
    assert "Il manque, pour essayer ou ouvrir :" in text
    for missing in ("le début des inscriptions", "le règlement", "un thème au moins"):
        assert missing in text
    text = send(client, f"{HOME}nouvelle/", 422, title="Datathon des forêts", year="2028")
    assert "Adresse de la page" in text


def test_a_clone_is_made_with_its_dates_later(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    assert 'value="2028"' in client.get(at(edition, "reprendre/")).content.decode()
    send(client, at(edition, "reprendre/"), title="Datathon 2028", year="2028", dates="later")
    made = Edition.objects.get(slug="datathon-2028")
    assert (made.opens_on, made.cloned_from) == (date(2028, 8, 30), edition)
    text = send(client, at(edition, "reprendre/"), 422, title="Autre", year="2027", dates="later")
    assert "Les dates se décalent vers une année suivante" in text
    sign_in(client, make_organiser(edition))
    assert client.get(at(edition, "reprendre/")).status_code == 404


def settings_of(client: Client, edition: Edition, **changes: str) -> dict[str, str]:
    """Return what the form of the settings holds, as a browser would send it."""
    form = client.get(at(edition, "reglages/")).context["form"]
    held = {name: form[name].value() for name in form.fields}
    sent = {name: str(value) for name, value in held.items() if value not in (None, False)}
    return sent | {"revision": str(edition.revision)} | changes


def test_settings_are_typed_again_as_they_were_read(client: Client, lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    send(client, at(edition, "reglages/"), **settings_of(client, edition))
    assert (Edition.objects.get().revision, Event.objects.count()) == (1, 0), "nothing changed"
    send(client, at(edition, "reglages/"), **settings_of(client, edition, closing_at="31/10/2027 à 14 h", quorum="5"))
    edition.refresh_from_db()
    assert (edition.quorum, edition.closing_at and edition.closing_at.hour) == (5, 13)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("28/03/2027 à 2 h 30", "Cette heure n’existe pas : cette nuit-là, l’heure d’été commence"),
        ("31/10/2027 à 2 h 30", "Cette heure existe deux fois : cette nuit-là, l’heure d’hiver commence."),
        ("à midi", "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30."),
    ],
)
@pytest.mark.parametrize("name", ["deliverables_due_at", "closing_at", "embargo_until"])
def test_an_hour_that_does_not_exist_is_refused_beside_it(
    client: Client, lead: User, name: str, typed: str, sentence: str
) -> None:
    edition = make_edition(phases.PREPARING)
    response = client.post(at(edition, "reglages/"), settings_of(client, edition, **{name: typed}))
    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (422, [name])
    assert form.errors[name][0].startswith(sentence)
    assert typed in response.content.decode(), "what was typed stays"


def test_two_pages_compare_before_one_overwrites_the_other(client: Client, lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    mine = settings_of(client, edition, closing_place="Rouen")
    send(client, at(edition, "reglages/"), **settings_of(client, edition, closing_place="Caen"))
    response = client.post(at(edition, "reglages/"), mine)
    text = words(response.content.decode())
    assert response.status_code == 422
    assert "Cette édition a changé depuis que vous avez ouvert la page." in text
    assert response.context["differences"] == [("Lieu de la clôture", "Rouen", "Caen")]
    assert Edition.objects.get().closing_place == "Caen"
    send(client, at(edition, "reglages/"), **(mine | {"revision": str(response.context["revision"])}))
    assert Edition.objects.get().closing_place == "Rouen"


# ------------------------------------------------------------------------------------------------------------ contents
def test_what_an_edition_says_is_written_page_by_page(client: Client, lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    revision = {"revision": "1"}
    text = send(client, at(edition, "contenu/donnees/nouveau/"), 422, title="Marées", url="ftp", licence="", rank="1")
    assert "Indiquez la licence : les équipes doivent la citer." in text
    theme = str(edition.themes.get().pk)
    given = {"title": "Marées", "url": "https://a.invalid", "licence": "ODbL", "rank": "2", "theme": theme}
    send(client, at(edition, "contenu/donnees/nouveau/"), **given, **revision)
    assert DataSet.objects.get().theme_id == int(theme)
    criterion = edition.criteria.get(slug="originality")
    text = send(
        client, at(edition, f"contenu/criteres/{criterion.pk}/"), 422, label="Originalité", weight="0", rank="2"
    )
    assert "Un poids est au-dessus de zéro" in text
    changed = {"label": "Originalité", "weight": "2,5", "rank": "1", "revision": "2"}
    send(client, at(edition, f"contenu/criteres/{criterion.pk}/"), **changed)
    assert str(Criterion.objects.get(pk=criterion.pk).weight) == "2.50"
    send(client, at(edition, f"contenu/criteres/{criterion.pk}/retirer/"), revision="3")
    send(client, at(edition, "contenu/reglement/"), text="Article 1", change="Tout.", revision="4")
    assert edition.rules_texts.count() == 2
    text = page(client, at(edition, "contenu/"))
    assert "Marées ODbL" in text
    assert "publiée par Lou Chef" in text
    other = make_edition(phases.PREPARING)
    for rest in (f"contenu/themes/{theme}/", "contenu/autres/nouveau/"):
        assert client.get(at(other, rest)).status_code == 404


@pytest.mark.parametrize(
    ("prizes", "sentence"),
    [
        ("2000\n1500\n1000\n500", "4 équipes lauréates sont prévues ; le règlement en admet 3 au plus."),
        ("1500\n1500", "Chaque prix doit valoir moins que celui du rang précédent."),
        (
            "2 500 €\n1500\n1000,01",
            "Le total des prix est de 5 000,01 € ; il dépasse les 5 000,00 € admis par édition.",
        ),
        ("2500\n0", "Un prix doit valoir plus de zéro euro : rang 2."),
        ("beaucoup", "Écrivez ce nombre en chiffres, par exemple 2 500."),
    ],
)
def test_prizes_are_refused_by_the_form_in_the_words_of_the_rule(
    client: Client, lead: User, prizes: str, sentence: str
) -> None:
    edition = make_edition()
    response = client.post(at(edition, "contenu/prix/"), {"prizes": prizes, "revision": "1"})
    assert response.status_code == 422
    assert [text.replace("\u00a0", " ") for text in response.context["form"].errors["prizes"]] == [sentence]
    assert prizes.split("\n")[0] in response.content.decode()
    assert Edition.objects.get().prizes == ()
    send(client, at(edition, "contenu/prix/"), prizes="2500\n1500\n1 000 €", revision="1")
    assert [str(prize) for prize in Edition.objects.get().prizes] == ["2500.00", "1500.00", "1000.00"]


def test_a_phase_is_shut_by_unticking_it(client: Client, lead: User) -> None:
    edition = make_edition()
    opened = client.get(at(edition, "contenu/phases/")).context["form"].initial["opened"]
    send(
        client,
        at(edition, "contenu/phases/"),
        opened=[one for one in opened if one != "registration:board"],
        revision="1",
    )
    assert [(one.phase, one.right) for one in edition.shut.all()] == [("registration", "board")]
    assert "Inscriptions ouvertes : les participants voient qui cherche une équipe" in page(
        client, at(edition, "contenu/")
    )


# ------------------------------------------------------------------------------------------------------------- phases
def test_an_edition_is_tried_opened_started_and_cancelled_from_its_board(client: Client, lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    send(client, at(edition, "gestes/rehearse/"), revision="1")
    assert "Vous êtes à l’essai." in page(client, at(edition))
    make_registration(edition, rehearsal=True)
    assert "1 inscription de l’essai" in page(client, at(edition, "inscriptions/"))
    send(client, at(edition, "gestes/open_registration/"), revision="1")
    assert "rechargez-la" in page(client, at(edition))
    edition.refresh_from_db()
    send(client, at(edition, "gestes/open_registration/"), revision=str(edition.revision))
    assert "0 inscription" in page(client, at(edition, "inscriptions/"))
    assert client.get(at(edition, "gestes/reopen_registration/")).status_code == 404
    send(client, at(edition, "gestes/start_challenge/"), revision="3")
    assert "Indiquez le motif" in send(client, at(edition, "gestes/cancel/"), 422, reason="", revision="4")
    send(client, at(edition, "gestes/cancel/"), reason="Reportée.", revision="4")
    edition.refresh_from_db()
    assert edition.state == phases.CANCELLED
    assert client.get(at(edition, "reglages/")).status_code == 404


@pytest.mark.parametrize("name", ["open_scoring", "publish", "close_deliberation", "inconnu"])
def test_the_gestures_of_the_jury_are_not_here(client: Client, lead: User, name: str) -> None:
    edition = make_edition(phases.CHALLENGE)
    for method in (client.get, client.post):
        assert method(at(edition, f"gestes/{name}/")).status_code == 404


# -------------------------------------------------------------------------------------------------------------- people
class Objects:
    """Counts the rows made into objects."""

    def __enter__(self) -> Counter[str]:
        self.made: Counter[str] = Counter()
        post_init.connect(self._count)
        return self.made

    def __exit__(self, *error: object) -> None:
        post_init.disconnect(self._count)

    def _count(self, sender: type, **kwargs: Any) -> None:
        self.made[sender.__name__] += 1


def cost(client: Client, address: str) -> tuple[int, int]:
    """Return the queries and the objects that a page costs."""
    client.get(address)
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        Objects() as made,
    ):
        response = client.get(address)
    assert response.status_code == 200
    return len(queries), sum(made.values())


@pytest.mark.parametrize(("rest", "queries"), [("equipes/", 6), ("inscriptions/", 6)])
def test_a_list_costs_the_same_queries_at_one_row_and_at_thirty(
    client: Client, lead: User, rest: str, queries: int
) -> None:
    edition = make_edition(phases.CHALLENGE)
    make_team(edition)
    one = cost(client, at(edition, rest))
    for _ in range(29):
        make_team(edition)
    thirty = cost(client, at(edition, rest))
    assert one[0] == thirty[0] <= queries
    by_row = {"equipes/": 4, "inscriptions/": 2}[rest]  # a team, its seat, its registration, its person
    assert thirty[1] - one[1] == 29 * by_row


def test_the_organisers_list_at_a_thousand_teams_costs_what_it_costs_at_fifty(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    for _ in range(51):
        make_team(edition)
    first = {rest: cost(client, at(edition, rest)) for rest in ("equipes/", "inscriptions/")}
    make_many(edition, 950)
    assert Team.objects.count() >= 1000
    for rest, expected in first.items():
        assert cost(client, at(edition, rest)) == expected
        last = (
            Registration.objects.order_by("-pk")[40].pk
            if rest == "inscriptions/"
            else Team.objects.order_by("-pk")[40].pk
        )
        far = cost(client, at(edition, f"{rest}?apres={last}"))
        assert far[0] == expected[0]
        assert far[1] <= expected[1]


def make_many(edition: Edition, count: int) -> None:
    """Make teams of one quickly: whole columns at once."""
    from uuid import uuid4

    from datathon.models import Seat

    people = User.objects.bulk_create(User(email=f"p{n}@beaucoup.invalid", name=f"P {n}") for n in range(count))
    rules = edition.rules_texts.get()
    rows = Registration.objects.bulk_create(Registration(edition=edition, person=one, rules=rules) for one in people)
    keys = [uuid4() for _ in range(count)]
    teams = Team.objects.bulk_create(
        Team(edition=edition, name=f"Équipe nombreuse {n}", code=f"N{n:06d}", referent_id=keys[n]) for n in range(count)
    )
    Seat.objects.bulk_create(
        Seat(pk=key, edition=edition, team=team, registration=row, number=1)
        for key, team, row in zip(keys, teams, rows, strict=True)
    )


def test_pages_follow_each_other_without_a_gap_or_a_repeat(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    make_many(edition, 120)
    seen, address = [], at(edition, "equipes/")
    for _ in range(3):
        found = client.get(address).context["page"]
        seen += [team.pk for team in found.rows]
        address = at(edition, f"equipes/?apres={found.after}")
    assert (seen, found.after) == (list(Team.objects.order_by("pk").values_list("pk", flat=True)), None)
    back = client.get(at(edition, f"equipes/?avant={found.before}")).context["page"]
    assert [team.pk for team in back.rows] == seen[50:100]
    assert client.get(at(edition, "equipes/?apres=abc&avant=-1")).status_code == 200


def test_lists_are_filtered(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    tides = make_team(edition, 2, name="Les Marées")
    make_team(edition, name="Les Haies")
    make_registration(edition, wants_team=True, profile="student")
    make_registration(edition, state="withdrawn")
    text = page(client, at(edition, "equipes/?equipes=seules"))
    assert ("Les Haies" in text, "Les Marées" in text) == (True, False)
    text = page(client, at(edition, "equipes/?q=maré"))
    assert ("Les Haies" in text, "Les Marées" in text, "1 équipe " in text) == (False, True, True)
    counts = {
        query: re.search(r"(\d+) inscription", page(client, at(edition, f"inscriptions/?{query}")))[1]  # type: ignore[index]
        for query in ("", "etat=withdrawn", "profil=student", "equipe=cherche", "equipe=sans-equipe", "q=personne")
    }
    assert counts == {
        "": "5", "etat=withdrawn": "1", "profil=student": "1", "equipe=cherche": "1", "equipe=sans-equipe": "2",
        "q=personne": "5",
    }  # fmt: skip
    assert tides.pk


def test_files_hold_the_rows_filtered_and_no_formula(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    make_team(edition, 2, name="=1+1", project="+33")
    make_registration(edition, rehearsal=True)
    response = client.get(at(edition, "fichiers/equipes.csv"))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert (len(rows), rows[1][0], rows[1][2], rows[1][5]) == (2, "'=1+1", "'+33", "2")
    assert response["Content-Disposition"] == f'attachment; filename="equipes-{edition.slug}-2027-09-20.csv"'
    response = client.get(at(edition, "fichiers/inscriptions.csv?etat=registered"))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert (len(rows), rows[0][0], rows[1][5], rows[1][9]) == (3, "Nom", "'=1+1", "non")
    for rest in ("fichiers/autre.csv", "fichiers/equipes.pdf"):
        assert client.get(at(edition, rest)).status_code == 404


def test_presences_are_ticked_by_two_people_at_once(client: Client, lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    one, two = make_registration(edition), make_registration(edition)
    assert "Présences à la clôture" in page(client, at(edition, "presences/presence/"))
    shown = {"shown": [one.pk, two.pk]}
    send(client, at(edition, "presences/presence/noter/"), **shown, tick=[one.pk])
    send(client, at(edition, "presences/presence/noter/"), **shown, tick=[two.pk])
    present = Registration.objects.filter(present_at__isnull=False)
    assert set(present) == {one, two}, "the second page did not undo the first"
    send(client, at(edition, "presences/presence/noter/"), **shown, was=[one.pk, two.pk], tick=[two.pk])
    assert set(present.all()) == {two}
    assert client.get(at(make_edition(), "presences/presence/")).status_code == 404


# -------------------------------------------------------------------------------------------------- staff and mentors
def test_organisers_and_mentors_are_invited_and_answered(client: Client) -> None:
    edition = make_edition()
    me, other = make_organiser(edition, name="Camille Moi"), make_organiser(edition, name="Alix Autre")
    sign_in(client, me)
    text = page(client, at(edition, "organisateurs/"))
    assert ("Retirer le rôle de Alix Autre" in text, "Retirer le rôle de Camille Moi" in text) == (True, False)
    assert "Écrivez une adresse complète" in send(client, at(edition, "organisateurs/"), 422, email="alix")
    send(client, at(edition, "organisateurs/"), email="nouveau@exemple.invalid")
    assert "nouveau@exemple.invalid" in page(client, at(edition, "organisateurs/"))
    held = other.role_assignments.get().pk
    send(client, at(edition, f"organisateurs/{held}/retirer/"), reason="Mutation.")
    assert client.get(at(edition, f"organisateurs/{held}/retirer/")).status_code == 404
    offers = [make_offer(edition, about="Hydrologue"), make_offer(edition)]
    assert "Propositions à étudier" in page(client, at(edition, "mentors/"))
    send(client, at(edition, f"mentors/{offers[0].pk}/accepter/"))
    assert "Écrivez un mot" in send(client, at(edition, f"mentors/{offers[1].pk}/decliner/"), 422, message="")
    send(client, at(edition, f"mentors/{offers[1].pk}/decliner/"), message="Merci.")
    send(client, at(edition, "mentors/"), email="mentor@exemple.invalid")
    send(client, at(edition, f"mentors/{offers[0].pk}/retirer/"), reason="Il part.")
    assert (Mentor.objects.active().count(), StaffInvitation.objects.filter(role="mentor").count()) == (0, 1)
    assert client.post(at(make_edition(), f"mentors/{offers[0].pk}/accepter/")).status_code == 404


def test_meetings_are_fixed_moved_and_cancelled(client: Client, lead: User) -> None:
    edition = make_edition()
    given = {
        "title": "Point",
        "starts_at": "12/10/2027 à 14 h",
        "ends_at": "12/10/2027 à 13 h",
        "place": "",
        "team": "",
    }
    assert "Une réunion finit après avoir commencé." in send(client, at(edition, "reunions/nouvelle/"), 422, **given)
    given["ends_at"] = "12/10/2027 à 15 h"
    send(client, at(edition, "reunions/nouvelle/"), **given)
    meeting = Meeting.objects.get()
    moved = given | {"place": "Rouen", "revision": "1", "notes": ""}
    send(client, at(edition, f"reunions/{meeting.pk}/"), **moved)
    response = client.post(at(edition, f"reunions/{meeting.pk}/"), moved | {"place": "Caen"})
    assert (response.status_code, response.context["differences"]) == (422, [("Lieu ou lien", "Caen", "Rouen")])
    file = client.get(reverse("datathon:meeting_file", args=[meeting.pk])).content.decode()
    assert ("SEQUENCE:1\r\n" in file, "DTSTART:20271012T120000Z" in file, "LOCATION:Rouen" in file) == (True,) * 3
    send(client, at(edition, f"reunions/{meeting.pk}/annuler/"), reason="Grève.")
    file = client.get(reverse("datathon:meeting_file", args=[meeting.pk])).content.decode()
    assert ("SEQUENCE:2\r\n" in file, "METHOD:CANCEL" in file, "STATUS:CANCELLED" in file) == (True,) * 3
    assert "Annulée" in page(client, at(edition, "reunions/"))
    assert client.get(at(edition, f"reunions/{meeting.pk}/")).status_code == 404


def test_the_calendar_file_of_a_meeting_is_for_those_invited(client: Client) -> None:
    edition = make_edition()
    team, other = make_team(edition), make_team(edition)
    of_all, of_team = make_meeting(edition), make_meeting(edition, team=team)
    member, neighbour = (one.seats.get().registration.person for one in (team, other))
    people = {
        member: (200, 200), neighbour: (200, 404), make_mentor(edition).person: (200, 200),
        make_juror(edition).person: (200, 200), make_mentor(make_edition()).person: (404, 404),
        make_user_with(Role.AGENT, "diagnostic"): (404, 404),
    }  # fmt: skip
    for person, expected in people.items():
        sign_in(client, person)
        got = [client.get(f"/espace/datathon/reunions/{one.pk}.ics").status_code for one in (of_all, of_team)]
        assert tuple(got) == expected
