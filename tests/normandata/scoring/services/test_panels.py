"""A panel from its making to its closing, and back with a second person."""

import pytest
from django.core.exceptions import ValidationError

from normandata.accounts.models import Role, User
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.scoring import reading
from normandata.scoring.errors import InConflict
from normandata.scoring.models import Panel, Seat, Subject
from normandata.scoring.services import conflicts, panels
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.scoring import SCHEME, first, make_grid, make_lead, make_panel, make_scorer, make_thing

pytestmark = pytest.mark.django_db


def test_only_those_who_lead_make_fill_and_seat(lead: User, ana: User) -> None:
    grid, thing = make_grid(), make_thing()
    panel = panels.create_panel(SCHEME, "Vague", grid, by=lead, about=thing)
    assert panels.panel_about(thing) == panel
    with pytest.raises(ValidationError, match="Un jury existe déjà ici"):
        panels.create_panel(SCHEME, "Vague", grid, by=lead, about=thing)
    elsewhere = make_user_with(Role.LEAD_AGENT, "diagnostic")
    for somebody in (ana, elsewhere, UserFactory()):
        for gesture in (
            lambda by: panels.create_panel(SCHEME, "Autre", grid, by=by),
            lambda by: panels.add_subjects(panel, [make_thing()], by=by),
            lambda by: panels.seat(panel, ana, by=by),
            lambda by: panels.open_panel(panel, by=by),
        ):
            with pytest.raises(NotAllowed):
                gesture(somebody)
    assert not Subject.objects.exists()
    assert not Seat.objects.exists()


def test_subjects_keep_their_order_and_come_once(lead: User) -> None:
    things = [make_thing() for _ in range(3)]
    panel = make_panel(subjects=things[:2])
    added = panels.add_subjects(panel, [things[2], things[0], things[2]], by=lead)
    assert [(one.key, one.rank) for one in added] == [(str(things[2].pk), 3), (str(things[0].pk), 1)]
    panels.remove_subject(added[0], by=lead, reason="Autre vague.")
    assert panel.subjects.judged().count() == 2
    assert panels.add_subjects(panel, [things[2]], by=lead)[0].removed_at is None
    assert panel.subjects.judged().count() == 3


def test_a_panel_that_lacks_something_does_not_open(lead: User) -> None:
    grid = make_grid()
    grid.criteria.all().delete()
    panel = panels.create_panel(SCHEME, "Vague", grid, by=lead)
    with pytest.raises(Unmet) as refused:
        panels.open_panel(panel, by=lead)
    assert list(refused.value.messages) == [
        "La grille n’a pas de critère.",
        "Aucun projet à noter : ajoutez-en avant d’ouvrir la notation.",
        "Personne ne siège : désignez les personnes qui notent.",
    ]
    grid.refresh_from_db()
    assert (panel.state, grid.frozen_at) == ("preparing", None)


def test_opening_freezes_the_grid_and_closing_says_who(lead: User) -> None:
    panel = make_panel(lead=lead)
    assert (panel.is_open, panel.grid.frozen_at is not None) == (True, True)
    panels.close_panel(panel, by=lead)
    panel.refresh_from_db()
    assert (panel.is_closed, panel.closed_by) == (True, lead)
    for gesture in (
        lambda: panels.close_panel(panel, by=lead),
        lambda: panels.seat(panel, make_scorer(), by=lead),
        lambda: panels.unseat(panel.seats.get(), by=lead, reason="x"),
        lambda: panels.add_subjects(panel, [make_thing()], by=lead),
        lambda: panels.remove_subject(first(panel), by=lead, reason="x"),
        lambda: panels.ask_sheet(first(panel), by=lead, reason="x"),
    ):
        with pytest.raises(NotNow):
            gesture()


def test_reopening_takes_a_second_person_and_a_reason(lead: User, ana: User) -> None:
    panel = make_panel(lead=lead)
    panels.close_panel(panel, by=lead)
    second = make_lead()
    with pytest.raises(Unmet, match="une autre personne"):
        panels.reopen_panel(panel, by=lead, reason="Une fiche manque.")
    with pytest.raises(ReasonMissing):
        panels.reopen_panel(panel, by=second, reason="")
    with pytest.raises(NotAllowed):
        panels.reopen_panel(panel, by=ana, reason="x")
    panels.reopen_panel(panel, by=second, reason="Une fiche manque.")
    panel.refresh_from_db()
    assert (panel.state, panel.closed_by, panel.closed_at) == ("open", None, None)
    event = Event.objects.about(panel)[0]
    assert (event.name, event.by, event.reason) == ("reopen_panel", second, "Une fiche manque.")


def test_a_seat_is_held_once_and_asks_for_its_role(lead: User) -> None:
    panel = make_panel()
    person = make_scorer()
    place = panels.seat(panel, person, by=lead, role=Role.AGENT, quality="Agente")
    assert panels.seat(panel, person, by=lead) == place
    with pytest.raises(NotDone, match="rôle"):
        panels.seat(panel, make_agent("diagnostic"), by=lead, role=Role.AGENT)
    panels.unseat(place, by=lead, reason="Mutation.")
    assert panels.seat(panel, person, by=lead) != place


def test_another_sheet_is_asked_for_of_somebody_without_conflict(lead: User) -> None:
    panel = make_panel()
    subject, person = first(panel), make_scorer()
    with pytest.raises(ReasonMissing):
        panels.ask_sheet(subject, by=lead, reason="")
    with pytest.raises(NotAllowed):
        panels.ask_sheet(subject, by=person, reason="x")
    assert panels.ask_sheet(subject, by=lead, reason="Écart.", person=person).extra == 1
    assert panel.seats.active().filter(person=person).exists()
    conflicts.declare(person, subject, by=person, reason="Parent.")
    with pytest.raises(InConflict):
        panels.ask_sheet(subject, by=lead, reason="Écart.", person=person)
    for _ in range(9):
        panels.ask_sheet(subject, by=lead, reason="Écart.")
    with pytest.raises(NotDone, match="10"):
        panels.ask_sheet(subject, by=lead, reason="Écart.")
    assert Panel.objects.get().subjects.get().extra == 10


def test_an_organiser_leads_the_edition_of_that_scope_only() -> None:
    mine = make_user_with(Role.ORGANISER, "datathon", scope="2027")
    panels.create_panel("datathon", "Jury 2027", make_grid(), by=mine, scope="2027")
    with pytest.raises(NotAllowed):
        panels.create_panel("datathon", "Jury 2026", make_grid(), by=mine, scope="2026")


def test_no_sheet_is_asked_of_who_has_read_the_results(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob], lead=lead)
    panels.close_panel(panel, by=lead)
    reading.result(first(panel), bob)
    panels.reopen_panel(Panel.objects.get(pk=panel.pk), by=make_lead(), reason="Une fiche manque.")
    with pytest.raises(NotDone, match="a lu les résultats"):
        panels.ask_sheet(first(panel), by=lead, reason="Écart.", person=bob)
    assert first(panel).extra == 0
    assert panels.ask_sheet(first(panel), by=lead, reason="Écart.", person=ana).extra == 1
