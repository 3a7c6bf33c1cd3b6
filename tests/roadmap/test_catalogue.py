"""The 21 actions word for word, against the text of the annexes; loading twice adds nothing and spares the pilots."""

import re
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from normandata.dossiers import schemes
from roadmap import catalogue, services
from roadmap.models import Action, Axis, Chantier, SchemeLink
from tests.factories.roadmap import make_pilot

ANNEXES = Path(__file__).with_name("data") / "annexes-1-et-2.txt"
"""Annexes 1 and 2 as extracted from the deliberation, page numbers and notes included."""
NUMBERS = [("1", "1"), ("1", "2"), ("1", "3"), ("2", "1"), ("2", "2"), ("2", "3")]


def act() -> str:
    """Return the text of the annexes on one line, without the call of note that sticks to « ESRI »."""
    return re.sub(r"\s+", " ", ANNEXES.read_text(encoding="utf-8")).replace("ESRI3", "ESRI")


def titles(nature: str) -> list[str]:
    return [one.title for one in catalogue.read() if one.nature == nature]


def test_every_title_is_word_for_word_and_in_order() -> None:
    text, places = act(), []
    for title in titles("action"):
        assert text.count(title) == 1, title
        places.append(text.index(title))
    assert places == sorted(places)
    assert len(places) == 21
    assert len(re.findall(r"#[A-ZÉ]", text)) == 21


def test_every_action_begins_where_its_title_ends() -> None:
    """What follows each title is the text of its action, which the second file holds."""
    text = act()
    for one in catalogue.read():
        if one.nature == "action":
            said = catalogue.texts()[".".join(one.key)].splitlines()[0]
            assert text[text.index(one.title) + len(one.title) :].startswith(f" {said[:60]}"), one.title


def test_the_voted_texts_are_word_for_word() -> None:
    """Line by line, a word broken at the end of a line and the notes in the middle of a page aside."""
    text = act().replace("socio- économiques", "socio-économiques").replace("bas- carbone", "bas-carbone")
    missing = [
        sentence
        for body in catalogue.texts().values()
        for line in body.splitlines()
        for sentence in re.split(r"(?<=[.…]) (?=[A-ZÀÉ])", line)
        if sentence not in text
    ]
    # Two pages break in the middle of these sentences: a note stands there in the extract.
    assert [sentence[:40] for sentence in missing] == [
        "Il s’agit d’identifier les industriels s",
        "La mesure continue de la fréquentation p",
    ]


def test_chantiers_are_known_by_annex_and_number() -> None:
    found = [one for one in catalogue.read() if one.nature == "chantier"]
    assert [one.key for one in found] == NUMBERS
    text = act()
    assert [text.count(f"Chantier N°{one.key[1]} : {one.title}") for one in found] == [1] * 6
    assert [text.count(title) for title in titles("sous-titre")] == [1] * 3


def test_accents_and_apostrophes_of_origin_are_kept() -> None:
    assert "#Accroitre les retours d’expérience de preuves de concept d’IA." in titles("action")
    assert "Elargir DataNormandie à l’exploitation des données ouvertes" in titles("chantier")
    assert "Favoriser l'employabilité des normands en développant leurs compétences" in titles("chantier")
    assert titles("sous-titre")[1].startswith("Connaitre et faire connaitre")


def test_the_axes_are_those_of_the_region() -> None:
    assert titles("axe") == [
        "Développer les usages de la donnée et de l'IA pour la mise en œuvre des politiques publiques régionales",
        "Faciliter les usages de la donnée et de l'IA au travers de la politique numérique",
    ]


@pytest.mark.django_db
def test_loading_writes_two_axes_six_chantiers_and_twenty_one_actions() -> None:
    assert catalogue.load() == catalogue.Loaded(axes=2, chantiers=6, actions=21)
    counts = {(one.axis.number, one.number): one.actions.count() for one in Chantier.objects.select_related("axis")}
    assert counts == {(1, 1): 2, (1, 2): 3, (1, 3): 7, (2, 1): 3, (2, 2): 2, (2, 3): 4}
    assert {one.state for one in Action.objects.all()} == {"planned"}
    assert [one.progress for one in Action.objects.whole()] == [None] * 21


@pytest.mark.django_db
def test_three_actions_open_a_scheme_and_no_other() -> None:
    catalogue.load()
    links = {one.action.slug: one.scheme for one in SchemeLink.objects.select_related("action")}
    assert links == {
        "passage-a-l-action": "diagnostic",
        "preuves-de-concept": "booster_ia",
        "reutilisations-innovantes": "datathon",
    }
    assert set(links.values()) == {one.slug for one in schemes.aids()}


@pytest.mark.django_db
def test_loading_again_adds_nothing_and_spares_what_the_pilot_wrote() -> None:
    catalogue.load()
    action = Action.objects.get(slug="foncier")
    pilot = make_pilot(action)
    said = dict.fromkeys(services.DESCRIBED, "") | {"starts_on": None, "ends_on": None, "pilot_direction": "Économie"}
    services.describe(action, said, by=pilot)
    services.add_milestone(action, title="Essai", due_on=date(2026, 9, 30), weight=1, by=pilot)
    other = SchemeLink.objects.get(scheme="diagnostic")
    services.unlink_scheme(other, reason="Clos.", by=make_pilot(other.action))
    Action.objects.filter(pk=action.pk).update(title="Abîmé")
    keys = list(Action.objects.values_list("pk", flat=True))
    out = StringIO()
    call_command("roadmap", stdout=out)
    assert out.getvalue() == "2 axes, 6 chantiers, 21 actions.\n"
    assert list(Action.objects.values_list("pk", flat=True)) == keys
    assert (Axis.objects.count(), Chantier.objects.count(), SchemeLink.objects.count()) == (2, 6, 2)
    again = Action.objects.whole().get(pk=action.pk)
    assert (again.title, again.pilot_direction, again.revision) == ("#Cartographier le foncier.", "Économie", 3)
    assert [one.title for one in again.milestones.all()] == ["Essai"]
