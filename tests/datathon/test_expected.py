"""What is expected of a participant at the end of an edition: nothing that an embargo still hides."""

from datetime import datetime, timedelta

import pytest

from datathon import expected, phases
from datathon.models import Edition, Registration
from tests.factories.datathon import PARIS, make_edition, make_registration, make_team

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 10, 26, 9, tzinfo=PARIS)


def said(registration: Registration) -> tuple[str, str, bool]:
    row = expected.ready(Registration.objects.filter(pk=registration.pk)).get()
    found = expected.of(row, NOW)
    return found.sentence.replace("\xa0", " "), found.action, found.is_awaited


def test_results_under_embargo_are_still_the_jurys() -> None:
    edition = make_edition(phases.PUBLISHED, embargo_until=NOW + timedelta(hours=1))
    one = make_registration(edition)
    assert said(one) == ("Le jury délibère. Les résultats seront publiés ici.", "", False)
    Edition.objects.update(embargo_until=NOW)
    assert said(one) == ("Cette édition est terminée. Merci d’y avoir participé.", "Lire les résultats", False)


def test_who_has_no_team_and_a_team_that_does_not_present_are_not_asked_to() -> None:
    edition = make_edition(phases.SCORING, closing_place="Caen")
    when = "le 23 octobre 2027 à 14 h 00, Caen"
    team, other = make_team(edition), make_team(edition, presents=False)
    assert said(team.seats.get().registration)[0] == f"Présentez votre projet au jury {when}."
    silent = f"Le jury entend les équipes {when}. La vôtre ne présente pas de projet."
    assert said(other.seats.get().registration)[0] == silent
    assert said(make_registration(edition))[0] == f"Le jury entend les équipes {when}. Vous n’êtes dans aucune."
