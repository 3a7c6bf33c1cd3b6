"""What the pages say of the actions: sentences, filters, groups, shares."""

from datetime import date

import pytest

from normandata.ui.charts import Mark
from roadmap import catalogue, presentation
from roadmap.models import Action
from roadmap.presentation import Filters, Paragraph
from tests.factories.roadmap import make_action

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
DUE, HELD, LATER = date(2026, 9, 30), date(2026, 9, 28), date(2027, 3, 31)
NBSP = "\u00a0"


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def test_a_card_says_all_that_its_drawing_does() -> None:
    action = make_action([(2, DUE, HELD), (1, date(2026, 10, 31), None), (2, LATER, None)])
    card = presentation.card(action, TODAY)
    assert plain(card.steps) == "1 jalon sur 3"
    assert plain(card.progress) == "40 %"
    assert plain(card.period) == "févr. 2026 à juin 2027"
    assert (card.tag.label, card.direction, card.bar) == ("Jalon en retard", "À désigner", "40%")
    assert [one.kind for one in card.lane.marks] == ["held", "late", "coming"]
    # 30 September 2026 is 272 days after 1 January, of 1 096
    assert card.lane.marks[0] == Mark("24.82%", "held")
    titles = [one.title for one in action.milestones.all()]
    assert [plain(one) for one in card.marks] == [
        f"{titles[0]}, 30 septembre 2026 (tenu)",
        f"{titles[1]}, 31 octobre 2026 (en retard)",
        f"{titles[2]}, 31 mars 2027 (à venir)",
    ]


def test_an_action_as_voted_says_what_is_missing() -> None:
    card = presentation.card(make_action(state="planned", starts_on=None, ends_on=None), TODAY)
    assert (card.steps, card.progress, card.period, card.tag.label) == ("Aucun jalon", "", "Dates à fixer", "Prévue")
    assert card.lane.length == ""


def test_the_table_of_milestones_lets_anybody_add_up() -> None:
    action = make_action([(2, DUE, HELD), (1, date(2026, 10, 31), None), (2, LATER, None)])
    shown = presentation.shown_steps(action, TODAY)
    assert [one.share for one in shown] == ["2 sur 5", "1 sur 5", "2 sur 5"]
    assert [plain(one.standing) for one in shown] == ["Tenu le 28 septembre 2026", "En retard de 23 jours", "À venir"]
    assert [one.icon for one in shown] == ["met", "alert", "clock"]


@pytest.mark.parametrize(
    ("states", "late", "said"),
    [
        (["planned"] * 3, 0, "0 action sur 3 a commencé. Aucun jalon n’est en retard."),
        (
            ["in_progress", "done", "abandoned"], 0,
            "2 actions sur 3 ont commencé et 1 est achevée. Aucun jalon n’est en retard.",
        ),
        (["in_progress", "planned"], 1, "1 action sur 2 a commencé. 1 jalon est en retard : « Base »."),
        (
            ["in_progress", "done", "done"], 2,
            "3 actions sur 3 ont commencé et 2 sont achevées. 2 jalons sont en retard : « Base » et « Base ».",
        ),
        (["in_progress"], 4, "1 action sur 1 a commencé. 4 jalons sont en retard."),
    ],
)  # fmt: skip
def test_one_sentence_sums_the_roadmap_up(states: list[str], late: int, said: str) -> None:
    for rank, state in enumerate(states):
        action = make_action(state=state, state_reason="Motif")
        for _ in range(0 if rank else late):
            action.milestones.create(title="Base", due_on=DUE, weight=1)
    shown = presentation.summary(list(Action.objects.whole()), TODAY)
    assert plain(shown) == f"Au 23 novembre 2026, {said}"


def test_filters_keep_what_is_asked_and_forget_what_is_not_understood() -> None:
    catalogue.load()
    Action.objects.filter(slug="foncier").update(pilot_direction="Économie", state="in_progress")
    actions = list(Action.objects.whole())

    def kept(**asked: str) -> list[str]:
        return [one.slug for one in Filters.read(asked, actions).keep(actions)]

    assert len(kept()) == len(kept(axe="3", etat="autre", pilote="Personne")) == 21
    assert len(kept(axe="1")) == 12
    assert len(kept(axe="2")) == 9
    assert kept(etat="in_progress") == kept(pilote="Économie") == ["foncier"]
    assert kept(axe="2", etat="in_progress") == []
    assert not Filters.read({"axe": "3"}, actions).is_set
    assert Filters.read({"q": "x"}, actions).is_set


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("l'accès au soin", ["acces-au-soin"]),
        ("L’ACCES AU SOIN", ["acces-au-soin"]),
        ("accroitre", ["preuves-de-concept"]),
        ("décrire l'environnement", ["environnement-industriel"]),
        ("zzz", []),
    ],
)
def test_a_search_folds_accents_and_apostrophes(words: str, slugs: list[str]) -> None:
    catalogue.load()
    actions = list(Action.objects.whole())
    assert [one.slug for one in Filters.read({"q": words}, actions).keep(actions)] == slugs


def test_actions_are_grouped_as_in_the_deliberation_or_by_state() -> None:
    catalogue.load()
    Action.objects.filter(slug="foncier").update(state="done")
    cards = [presentation.card(one, TODAY) for one in Action.objects.whole()]
    found = presentation.sections(cards)
    assert [(one.axis.number, [len(group.cards) for group in one.groups]) for one in found] == [
        (1, [2, 3, 7]),
        (2, [3, 2, 4]),
    ]
    assert [(one.state.slug, len(one.cards)) for one in presentation.by_state(cards)] == [("planned", 20), ("done", 1)]


def test_a_voted_text_is_cut_where_it_breaks() -> None:
    assert presentation.paragraphs("Un.\n- a,\n- b.\nDeux.") == [
        Paragraph("Un."),
        Paragraph(items=("a,", "b.")),
        Paragraph("Deux."),
    ]
    assert presentation.paragraphs("") == []
