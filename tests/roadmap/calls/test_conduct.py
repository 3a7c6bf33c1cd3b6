"""What a call asks for before it moves, condition by condition, on calls that no database holds."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from normandata.procedure.services import Firing
from roadmap.calls import conduct, workflow

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 24)
WHOLE: dict[str, Any] = {
    "summary": "Proposez.",
    "text": "Qui peut répondre.",
    "opens_on": YESTERDAY,
    "closes_on": TOMORROW,
    "themes": ["Vélo", "Train"],
    "scales": ["Communale", "Régionale"],
    "email": "appel@exemple.invalid",
    "phone": "",
    "revision": 4,
    "state_reason": "",
}


def firing(at: datetime = MORNING, reason: str = "", call: dict[str, Any] | None = None, **data: Any) -> Firing:
    row = workflow.PROCEDURE.workflow.find("open")
    return Firing(SimpleNamespace(**(WHOLE | (call or {}))), row, None, at, reason, data)


def about(sentences: list[str]) -> list[tuple[str, str]]:
    return [(getattr(one, "field", ""), one.replace("\u00a0", " ")) for one in sentences]


@pytest.mark.parametrize(("seen", "is_told"), [(None, False), (4, False), (3, True), (0, True)])
def test_what_is_decided_on_is_what_the_page_showed(seen: int | None, is_told: bool) -> None:
    said = conduct.as_seen(firing(seen=seen))
    assert said == (
        ["Cet appel a changé entre-temps\u00a0: relisez ce qui est enregistré, puis envoyez à nouveau."] * is_told
    )


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({}, []),
        ({"summary": ""}, [("summary", "Écrivez le résumé et le texte de l’appel.")]),
        ({"text": ""}, [("text", "Écrivez le résumé et le texte de l’appel.")]),
        ({"opens_on": None}, [("opens_on", "Fixez l’ouverture et la fermeture de l’appel.")]),
        ({"closes_on": None}, [("closes_on", "Fixez l’ouverture et la fermeture de l’appel.")]),
        ({"themes": ["Vélo"]}, [("themes", "Listez au moins deux thématiques.")]),
        ({"scales": []}, [("scales", "Listez au moins deux échelles.")]),
        ({"email": ""}, [("email", "Indiquez un contact : un courriel ou un téléphone.")]),
        ({"email": "", "phone": "02 31 00 00 00"}, []),
        (
            {"summary": "", "themes": []},
            [
                ("summary", "Écrivez le résumé et le texte de l’appel."),
                ("themes", "Listez au moins deux thématiques."),
            ],
        ),
    ],
)
def test_a_call_is_whole(lacking: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert about(conduct.is_whole(firing(call=lacking))) == said


@pytest.mark.parametrize(
    ("closes_on", "said"),
    [
        (TODAY, []),
        (None, []),
        (YESTERDAY, [("closes_on", "Les dépôts se seraient clos le 22 novembre 2026 : changez les dates.")]),
    ],
)
def test_what_is_announced_is_to_come(closes_on: date | None, said: list[tuple[str, str]]) -> None:
    assert about(conduct.is_to_come(firing(call={"closes_on": closes_on}))) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((YESTERDAY, TOMORROW), []),
        ((TODAY, TODAY), []),
        ((None, TODAY), []),
        (
            (TOMORROW, TOMORROW),
            [("", "L’ouverture est fixée au 24 novembre 2026 : annoncez l’appel, il ouvrira ce jour-là.")],
        ),
        (
            (YESTERDAY, YESTERDAY),
            [("closes_on", "Les dépôts se seraient clos le 22 novembre 2026 : changez les dates.")],
        ),
    ],
)
def test_an_open_call_takes_proposals_that_day(
    days: tuple[date | None, date | None], said: list[tuple[str, str]]
) -> None:
    assert about(conduct.is_within(firing(call=dict(zip(("opens_on", "closes_on"), days, strict=True))))) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC), ["Les dépôts sont encore admis."]),
        (datetime(2026, 11, 23, 23, 5, 0, tzinfo=UTC), ["Les dépôts sont encore admis."]),
        (datetime(2026, 11, 23, 23, 5, 1, tzinfo=UTC), []),
    ],
)
def test_a_call_is_over_after_its_last_evening_and_five_minutes(at: datetime, said: list[str]) -> None:
    assert conduct.is_over(firing(at=at, call={"closes_on": TODAY})) == said


@pytest.mark.parametrize(
    ("closes_on", "to", "said"),
    [
        (TODAY, TOMORROW, []),
        (YESTERDAY, TODAY, []),
        (TODAY, TODAY, [("closes_on", "La nouvelle fermeture vient après le 23 novembre 2026.")]),
        (TODAY, None, [("closes_on", "La nouvelle fermeture vient après le 23 novembre 2026.")]),
        (date(2026, 11, 20), YESTERDAY, [("closes_on", "La nouvelle fermeture est à venir.")]),
    ],
)
def test_an_extension_gives_time(closes_on: date, to: date | None, said: list[tuple[str, str]]) -> None:
    assert about(conduct.is_later(firing(call={"closes_on": closes_on}, closes_on=to))) == said


class Counted:
    """Proposals that are counted and nothing else."""

    def __init__(self, count: int) -> None:
        self.count = lambda: count
        self.live = self.unanswered = lambda: self


@pytest.mark.parametrize(
    ("count", "answers", "proposals"),
    [
        (0, [], []),
        (
            1,
            ["1 proposition n’a pas encore reçu sa réponse : le bilan se publie ensuite."],
            ["1 proposition est déposée : elles s’examinent, l’appel ne s’annule plus."],
        ),
        (
            12,
            ["12 propositions n’ont pas encore reçu leur réponse : le bilan se publie ensuite."],
            ["12 propositions sont déposées : elles s’examinent, l’appel ne s’annule plus."],
        ),
    ],
)
def test_proposals_are_answered_before_the_assessment_and_keep_the_call(
    count: int, answers: list[str], proposals: list[str]
) -> None:
    one = firing(call={"proposals": Counted(count)})
    assert [text for _, text in about(conduct.all_answered(one))] == answers
    assert [text for _, text in about(conduct.has_no_proposal(one))] == proposals


def test_a_gesture_keeps_its_reason_and_lets_every_page_know() -> None:
    one = firing(reason="Budget.")
    conduct.keep(one)
    assert (one.thing.state_reason, one.thing.revision) == ("Budget.", 5)
    later = firing(reason="Questions.", closes_on=date(2026, 12, 20))
    conduct.put_off(later)
    call = later.thing
    assert (call.closes_on, call.updated_at, call.state_reason, call.revision) == (
        date(2026, 12, 20), MORNING, "Questions.", 5,
    )  # fmt: skip
