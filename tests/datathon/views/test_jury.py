"""The juror's space: invitations, the list, the ballot, what is refused, what two tabs do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from datathon import phases
from datathon.models import Edition, Juror
from datathon.services import deliberations, scoring
from normandata.accounts.models import Role, User
from normandata.documents import services as documents
from normandata.scoring.models import Conflict, Sheet
from normandata.scoring.services import sheets
from tests.factories.accounts import UserFactory, make_user_with, sign_in
from tests.factories.datathon import make_edition, make_organiser
from tests.factories.datathon_jury import (
    SLUGS,
    cast,
    close,
    deliberate,
    make_ready,
    make_scoring,
    people,
    subject_of,
    teams_of,
)

pytestmark = pytest.mark.django_db
AUTOSAVE = {"headers": {"x-requested-with": "autosave"}}


def text(answer: Any) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.fixture
def edition() -> Edition:
    return make_scoring(["A", "B", "C"], 3)


@pytest.fixture
def juror(client: Client, edition: Edition) -> User:
    return sign_in(client, people(edition)[0])


def at(name: str, edition: Edition, *more: Any) -> str:
    return reverse(f"datathon:{name}", args=[edition.slug, *more])


def ballot(edition: Edition, place: int = 0) -> Sheet:
    return sheets.start(subject_of(teams_of(edition)[place]), by=people(edition)[0])


def levels(*marks: int | None, **more: str) -> dict[str, str]:
    return {f"palier-{slug}": str(mark) for slug, mark in zip(SLUGS, marks, strict=False) if mark is not None} | more


def test_somebody_invited_accepts_or_declines_from_the_home(client: Client) -> None:
    edition = make_edition()
    person = sign_in(client, make_user_with(Role.JUROR, "datathon", edition.slug))
    juror = Juror.objects.create(edition=edition, name="Ada", email=person.email, quality="elected")
    assert "J’accepte de siéger" in text(client.get(reverse("datathon:jury")))
    client.post(reverse("datathon:jury_answer", args=[juror.pk]), {"reponse": "oui"})
    juror.refresh_from_db()
    assert (juror.person, juror.accepted_at is not None) == (person, True)
    assert "La notation n’est pas encore ouverte." in text(client.get(at("jury_projects", edition)))
    assert client.post(reverse("datathon:jury_answer", args=[juror.pk]), {"reponse": "non"}).status_code == 302
    juror.refresh_from_db()
    assert juror.declined_at is None, "an answer is given once"


def test_the_space_is_that_of_the_jury(client: Client, edition: Edition) -> None:
    strangers = (UserFactory(), make_user_with(Role.JUROR, "datathon", "autre"), make_organiser(edition))
    for user in strangers:
        sign_in(client, user)
        for name, more in (("jury_projects", []), ("jury_next", []), ("ballot", [teams_of(edition)[0].pk])):
            assert client.get(at(name, edition, *more)).status_code == 404
    assert client.get(reverse("datathon:jury")).status_code == 404


def test_the_conflict_box_comes_first_then_the_ballot(client: Client, edition: Edition, juror: User) -> None:
    team = teams_of(edition)[0]
    page = text(client.get(at("ballot", edition, team.pk)))
    assert "Avez-vous un intérêt dans ce projet ?" in page
    assert "palier-" not in page
    client.post(at("ballot_begin", edition, team.pk))
    assert 'name="palier-relevance"' in text(client.get(at("ballot", edition, team.pk)))
    client.post(at("ballot_recuse", edition, team.pk), {"motif": "Ma sœur y participe."})
    assert Conflict.objects.get().reason == "Ma sœur y participe."
    assert client.get(at("ballot", edition, team.pk)).status_code == 403
    assert "Déport" in text(client.get(at("jury_projects", edition)))


def test_validating_leads_to_the_next_and_saves_what_was_touched(client: Client, edition: Edition, juror: User) -> None:
    sheet = ballot(edition)
    address = reverse("datathon:ballot_save", args=[sheet.pk])
    answer = client.post(address, levels(5, 4, 3, 2, 1, 0, version="1", acte="valider"))
    assert answer.headers["Location"] == at("ballot", edition, teams_of(edition)[1].pk)
    sheet.refresh_from_db()
    assert (sheet.state, str(sheet.points)) == ("submitted", "32.0000")
    assert "3,20 / 5" in text(client.get(at("ballot", edition, teams_of(edition)[0].pk)))


def test_a_ballot_with_a_criterion_missing_comes_back_with_what_was_typed(
    client: Client, edition: Edition, juror: User
) -> None:
    sheet = ballot(edition)
    answer = client.post(
        reverse("datathon:ballot_save", args=[sheet.pk]), levels(5, 4, 3, 2, 1, version="1", acte="valider")
    )
    page = text(answer)
    assert answer.status_code == 422
    assert "Le bulletin n’est pas validé ; il est enregistré." in page
    assert "Qualité de la présentation orale : Donnez une note, même nulle." in page
    assert page.count(" checked") == 5
    sheet.refresh_from_db()
    assert (sheet.state, sheet.marks.count()) == ("draft", 5)


def test_autosave_answers_in_a_few_words_and_two_tabs_never_overwrite(
    client: Client, edition: Edition, juror: User
) -> None:
    address = reverse("datathon:ballot_save", args=[ballot(edition).pk])
    first = client.post(address, levels(5, version="1"), **AUTOSAVE)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    late = client.post(address, levels(0, version="1"), **AUTOSAVE)
    assert (late.status_code, late.json()["conflict"].startswith("Ce bulletin a été modifié ailleurs")) == (409, True)
    plain = client.post(address, levels(0, version="1", acte="valider"))
    assert plain.status_code == 409
    assert "Gardé par l’autre page :</strong> 5" in text(plain)
    assert str(Sheet.objects.get().marks.get().value) == "5.00"
    wrong = client.post(address, levels(7, version="2"), **AUTOSAVE).json()
    assert wrong["saved"].replace("\u00a0", " ").endswith("sauf 1 critère")


def test_skipping_writes_nothing_and_abstaining_is_written(client: Client, edition: Edition, juror: User) -> None:
    one, two, three = teams_of(edition)
    skipped = client.get(at("jury_next", edition), {"apres": subject_of(one).pk})
    assert skipped.headers["Location"] == at("ballot", edition, two.pk)
    assert not Sheet.objects.exists()
    sheet = ballot(edition, 1)
    gone = client.post(
        reverse("datathon:ballot_save", args=[sheet.pk]), {"version": "1", "acte": "abstenir", "motif": "Hors sujet."}
    )
    assert gone.headers["Location"] == at("ballot", edition, three.pk)
    assert "Vous vous êtes abstenu" in text(client.get(at("ballot", edition, two.pk)))
    client.post(at("ballot_resume", edition, two.pk))
    sheet.refresh_from_db()
    assert sheet.state == "draft"
    assert client.get(at("jury_previous", edition), {"apres": subject_of(two).pk}).headers["Location"] == at(
        "ballot", edition, one.pk
    )


def test_the_live_mean_is_weighted_and_leaves_out_what_is_not_marked(
    client: Client, edition: Edition, juror: User
) -> None:
    """(3×5 + 2×3) / 5 = 4.2."""
    sheet = ballot(edition)
    client.post(reverse("datathon:ballot_save", args=[sheet.pk]), levels(5, 3, version="1"), **AUTOSAVE)
    page = text(client.post(reverse("datathon:ballot_total", args=[sheet.pk])))
    assert "4,20 / 5" in page
    assert "2 critères notés sur 6" in page


def test_a_ballot_is_its_authors_alone(client: Client, edition: Edition, juror: User) -> None:
    sheet = ballot(edition)
    for user in (people(edition)[1], make_organiser(edition)):
        sign_in(client, user)
        for name in ("ballot_save", "ballot_total"):
            assert client.post(reverse(f"datathon:{name}", args=[sheet.pk]), {"version": "1"}).status_code == 404


def test_an_edition_may_shut_the_projects_to_the_jury(client: Client, edition: Edition, juror: User) -> None:
    team = teams_of(edition)[0]
    ballot(edition)
    assert "Projet A" in text(client.get(at("ballot", edition, team.pk)))
    edition.shut.create(phase=phases.SCORING, right="jury_reads")
    page = text(client.get(at("ballot", edition, team.pk)))
    assert "ne sont pas ouverts au jury dans cette phase" in page
    assert "Projet A" not in page
    assert client.get(at("jury_piece", edition, team.pk, 1)).status_code == 404


def test_organisers_compose_order_and_open(client: Client) -> None:
    edition = make_ready(["A", "B"], 3)
    organiser = sign_in(client, make_organiser(edition))
    desk = at("jury_desk", edition)
    answer = client.post(
        at("juror_new", edition), {"name": "Ada", "email": "ada@exemple.invalid", "quality": "expert", "title": "Mer"}
    )
    assert answer.headers["Location"] == desk
    made = Juror.objects.get(email="ada@exemple.invalid")
    assert (made.quality, made.title, made.accepted_at) == ("expert", "Mer", None)
    twice = client.post(at("juror_new", edition), {"name": "Ada", "email": "ada@exemple.invalid", "quality": "expert"})
    assert (twice.status_code, "déjà dans le jury" in text(twice)) == (422, True)
    bad = client.post(at("juror_new", edition), {"name": "", "email": "x", "quality": ""})
    assert "Indiquez le prénom et le nom." in text(bad)
    client.post(at("juror_edit", edition, made.pk), {"name": "Ada B", "quality": "expert", "preside": "oui"})
    made.refresh_from_db()
    assert (made.name, made.is_chair) == ("Ada B", True)
    client.post(at("juror_remove", edition, made.pk), {"motif": "Empêchée."})
    one, two = teams_of(edition)
    body = {"version": str(edition.revision), f"ordre-{one.pk}": "2", f"ordre-{two.pk}": "2"}
    assert "Le rang 2 est donné deux fois." in text(client.post(at("jury_order", edition), body))
    client.post(at("jury_order", edition), body | {f"ordre-{two.pk}": "1"})
    assert [team.name for team in scoring.presenting(edition)] == ["B", "A"]
    client.post(at("juror_edit", edition, edition.jurors.order_by("pk")[0].pk), {
        "name": "A. Vauclin", "quality": "elected", "preside": "oui",
    })  # fmt: skip
    edition.refresh_from_db()
    stale = client.post(at("jury_open", edition), {"vue": "0"})
    assert "a changé depuis" in text(stale)
    client.post(at("jury_open", edition), {"vue": str(edition.revision)})
    edition.refresh_from_db()
    assert edition.state == phases.SCORING
    assert organiser.pk


@pytest.mark.usefixtures("media")
def test_the_minutes_of_a_closing_that_was_reopened_stay_readable(client: Client) -> None:
    edition = make_scoring(["A", "B"], 3)
    cast(edition, {"A": (4, 4, 4), "B": (2, 2, 2)})
    organiser, other = make_organiser(edition), make_organiser(edition)
    deliberate(edition, organiser)
    former = close(edition, organiser).record
    assert former is not None
    documents.make(former.pk)
    room = reverse("datathon:deliberation", args=[edition.slug])
    address = reverse("datathon:deliberation_earlier", args=[edition.slug, former.pk])
    sign_in(client, organiser)
    assert address not in client.get(room).content.decode()
    assert client.get(address).status_code == 404, "it stands: its own page gives it"
    deliberations.reopen_deliberation(Edition.objects.get(pk=edition.pk), by=other, reason="Un rang mal lu.")
    assert address in client.get(room).content.decode()
    assert b"".join(client.get(address).streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    close(Edition.objects.get(pk=edition.pk), other)
    assert "clôture n°\u00a01" in client.get(room).content.decode().replace("&nbsp;", "\u00a0")
    sign_in(client, UserFactory())
    assert client.get(address).status_code == 404
