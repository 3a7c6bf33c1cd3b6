"""Two pilots who write at the same instant on what the same page showed: one is written, the other is told."""

from datetime import date

import pytest

from normandata.procedure.models import Event
from roadmap import services
from roadmap.models import Action
from tests.factories.roadmap import make_action, make_pilot
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS = 4, 3
SHEET = dict.fromkeys(services.DESCRIBED, "") | {"starts_on": date(2026, 2, 1), "ends_on": date(2027, 6, 30)}


def test_of_those_who_write_together_one_alone_is_written() -> None:
    action = make_action()
    pilots = [make_pilot() for _ in range(WRITERS)]
    for turn in range(1, ROUNDS + 1):

        def write(rank: int, seen: int) -> None:
            said = SHEET | {"partners": f"Du pilote {rank}, tour {seen}"}
            services.describe(Action.objects.get(pk=action.pk), said, by=pilots[rank], seen=seen)

        given = together(*[lambda rank=rank, seen=turn: write(rank, seen) for rank in range(WRITERS)])
        assert sorted(type(one).__name__ for one in given) == ["Changed"] * (WRITERS - 1) + ["NoneType"]
        winner = given.index(None)
        action.refresh_from_db()
        assert (action.revision, action.partners) == (turn + 1, f"Du pilote {winner}, tour {turn}")
        assert Event.objects.count() == turn
