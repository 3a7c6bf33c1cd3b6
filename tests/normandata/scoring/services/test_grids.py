"""The same content is the same version; another is the next one."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from normandata.scoring.arithmetic import Method
from normandata.scoring.models import Grid
from normandata.scoring.services import grids
from normandata.scoring.services.grids import Line
from tests.factories.scoring import make_grid, make_panel

pytestmark = pytest.mark.django_db
D = Decimal


def test_the_same_content_is_the_same_version() -> None:
    one = make_grid()
    assert make_grid() == one
    assert (one.version, one.best, one.denominator) == (1, 100, 1)
    assert one.lines[1].levels[2] == {"value": "12", "label": "Partiel"}


def test_another_content_is_the_next_version_and_panels_keep_theirs() -> None:
    panel = make_panel()
    changed = [make_grid(floor=D(60)), make_grid(floor=D(60), step="1")]
    assert [one.version for one in changed] == [2, 3]
    panel.refresh_from_db()
    assert (panel.grid.version, panel.grid.floor) == (1, 50)
    assert Grid.objects.latest_of("booster") == changed[-1]


@pytest.mark.parametrize("level", ["21", "-1", "0.3"])
def test_a_level_outside_its_scale_is_refused(level: str) -> None:
    with pytest.raises(ValueError, match="level"):
        grids.publish("x", "X", [Line("a", "A", D(20), levels=((D(level), "x"),))], method=Method.SUM, by=None)
    assert not Grid.objects.exists()


def test_a_criterion_without_scale_is_refused_whole() -> None:
    with pytest.raises(ValidationError):
        grids.publish("x", "X", [Line("a", "A", D(20)), Line("b", "B", D(0))], method=Method.SUM, by=None)
    assert not Grid.objects.exists()
