"""The gallery: filled at the publication, and what an organiser takes off or puts back, with a reason."""

import pytest

from datathon import phases
from datathon.services import gallery
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition, make_organiser, make_team

pytestmark = pytest.mark.django_db


def test_what_was_presented_is_shown_and_nothing_else() -> None:
    edition = make_edition(phases.PUBLISHED)
    shown = make_team(edition)
    make_team(edition, presents=False)
    make_team(edition, rehearsal=True)
    make_team(make_edition(phases.PUBLISHED))
    assert gallery.fill(edition) == 1
    assert list(edition.teams.filter(shown_in_gallery=True)) == [shown]


def test_an_organiser_takes_a_project_off_and_puts_it_back_with_a_reason() -> None:
    edition = make_edition(phases.PUBLISHED)
    team, organiser = make_team(edition, shown_in_gallery=True), make_organiser(edition)
    with pytest.raises(ReasonMissing):
        gallery.show(team, is_shown=False, reason=" ", by=organiser)
    gallery.show(team, is_shown=False, reason="À sa demande", by=organiser)
    assert not team.shown_in_gallery
    with pytest.raises(NotNow):
        gallery.show(team, is_shown=False, reason="À sa demande", by=organiser)
    gallery.show(team, is_shown=True, reason="Accord retrouvé", by=organiser)
    told = Event.objects.about(team).values_list("name", "reason")
    assert list(told) == [("show_in_gallery", "Accord retrouvé"), ("hide_from_gallery", "À sa demande")]


def test_nobody_else_and_no_other_phase() -> None:
    edition = make_edition(phases.DECIDED)
    team = make_team(edition)
    with pytest.raises(NotAllowed):
        gallery.show(team, is_shown=True, reason="Pour voir", by=UserFactory())
    with pytest.raises(NotNow):
        gallery.show(team, is_shown=True, reason="Pour voir", by=make_organiser(edition))
