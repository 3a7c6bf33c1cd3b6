"""Loads that stop, and loads that are refused; each test starts from nothing."""

from dataclasses import replace

import pytest

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from normandata.portal.demonstration import script, services, tale
from normandata.portal.demonstration.tale import Step, Tale
from normandata.procedure.errors import NotDone


@pytest.mark.django_db
@pytest.mark.usefixtures("dossiers_alone")
def test_a_run_that_stops_half_way_is_taken_up_again(territories: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = script.read()
    few = replace(told, stories=tuple(one for one in told.stories if not one.is_conducted)[:3])
    monkeypatch.setattr(script, "read", lambda: few)
    original = Tale.deposit

    def break_at_the_second(told: Tale, step: Step) -> None:
        original(told, step)
        if told.story == few.stories[1]:
            raise NotDone("a power cut")

    monkeypatch.setitem(tale.GESTURES, "deposit", break_at_the_second)
    with pytest.raises(NotDone):
        services.load()
    # told together, all or none: nobody takes a place or a number that another one waits for
    assert Dossier.objects.count() == 0
    monkeypatch.setitem(tale.GESTURES, "deposit", original)
    assert services.load() == services.Loaded(3, 0)
    assert Dossier.objects.count() == 3
    assert services.load() == services.Loaded(0, 3)


@pytest.mark.django_db
def test_production_is_left_alone(settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(services.InProduction):
        services.load()
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
