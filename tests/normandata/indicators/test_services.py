"""Values typed in: dated, signed, written once, corrected by another one; counted as they held on a day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from normandata.accounts.models import User
from normandata.indicators import registry, services
from normandata.indicators.definitions import Indicator, Period
from normandata.indicators.models import Statement
from normandata.procedure.errors import NotAllowed, NotDone, ReasonMissing
from normandata.procedure.models import Event, Immutable
from normandata.regulation.formats import spaced
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.datathon import PARIS

pytestmark = pytest.mark.django_db
SLUG = "structures-des-reseaux"


def on(day: date) -> Any:
    return time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=PARIS), tick=False)


def census() -> Indicator:
    found = registry.find("diagnostic", SLUG)
    assert found
    return found


def state(by: User, value: str = "130", **fields: Any) -> Statement:
    said = {"label": "CRIGE", "measured_on": date(2027, 1, 31), "source": "Rapport", "structure": "enterprise"}
    return services.state("diagnostic", census(), by=by, value=Decimal(value), **said | fields)


def value(first: int, last: int, as_of: date) -> Any:
    return census().count(Period(date(first, 1, 1), date(last, 12, 31), as_of)).value


def test_a_correction_holds_from_its_hour_and_keeps_the_former() -> None:
    agent = make_agent()
    with on(date(2027, 2, 1)):
        former = state(agent)
    with on(date(2027, 3, 1)):
        row = services.correct(
            former, by=agent, value=Decimal(131), measured_on=date(2027, 1, 31), source="Rapport", reason="Un oubli."
        )
    with on(date(2027, 4, 1)):
        services.correct(row, by=agent, value=None, measured_on=row.measured_on, source="Rapport", reason="Double.")
    days = (date(2027, 1, 31), date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1))
    assert [value(2027, 2027, day) for day in days] == [0, 130, 131, 0]
    assert [(one.value, one.reason) for one in Statement.objects.order_by("pk")] == [
        (Decimal(130), ""),
        (Decimal(131), "Un oubli."),
        (None, "Double."),
    ]
    assert list(Event.objects.order_by("pk").values_list("name", "by")) == [
        ("state", agent.pk),
        ("correct", agent.pk),
        ("withdraw", agent.pk),
    ]


def test_a_value_sent_twice_is_one_and_another_hand_or_number_is_another() -> None:
    agent = make_agent()
    with on(date(2027, 2, 1)):
        first = state(agent)
        assert state(agent) == first
        assert state(make_agent()) != first
        assert state(agent, "131") != first
        services.correct(
            first, by=agent, value=None, measured_on=first.measured_on, source="Rapport", reason="Une erreur."
        )
        assert state(agent) != first  # withdrawn, it may be typed again
    assert Event.objects.filter(name="state").count() == 4


def test_a_census_is_corrected_by_whole_structures() -> None:
    agent, client = make_agent(), Client()
    with on(date(2027, 2, 1)):
        row = state(agent)
        said = {"by": agent, "measured_on": row.measured_on, "source": "Rapport", "reason": "Un oubli."}
        with pytest.raises(NotDone, match="nombre entier"):
            services.correct(row, value=Decimal("12.5"), **said)  # type: ignore[arg-type]
        sign_in(client, agent)
        here = f"/instruction/indicateurs/diagnostic/saisies/{row.pk}/corriger/"
        typed = {"value": "12,5", "measured_on": "31/01/2027", "source": "Rapport", "reason": "Un oubli."}
        answer = client.post(here, typed)
        assert answer.status_code == 422
        assert "Écrivez un nombre entier, sans virgule." in answer.content.decode()
        assert client.post(here, typed | {"value": ""}).status_code == 302
    assert Statement.objects.order_by("-pk")[0].value is None


def test_a_correction_sent_too_late_is_refused_with_what_was_typed() -> None:
    agent, client = make_agent(), Client()
    with on(date(2027, 2, 1)):
        row = state(agent)
        services.correct(
            row, by=agent, value=Decimal(131), measured_on=row.measured_on, source="Rapport", reason="Un oubli."
        )
        sign_in(client, agent)
        here = f"/instruction/indicateurs/diagnostic/saisies/{row.pk}/corriger/"
        typed = {"value": "140", "measured_on": "31/01/2027", "source": "Autre rapport", "reason": "Un autre oubli."}
        answer = client.post(here, typed)
        assert client.get(here).status_code == 404
    page = answer.content.decode()
    assert answer.status_code == 422
    assert spaced(services.ALREADY) in page
    assert all(f'value="{typed[name]}"' in page for name in ("value", "source", "reason"))


def test_the_last_reading_of_each_network_holds_and_networks_add_up() -> None:
    agent = make_agent()
    with on(date(2028, 6, 1)):
        state(agent, "100", measured_on=date(2026, 12, 1))
        state(agent, "120", measured_on=date(2027, 12, 1))
        state(agent, "30", label="DataLab", structure="local_authority", department="14")
        assert [value(year, year, date(2028, 6, 1)) for year in (2026, 2027, 2028)] == [100, 150, 150]


def test_a_value_is_typed_by_whoever_may_for_what_is_typed() -> None:
    agent = make_agent()
    counted = registry.find("diagnostic", "diagnostics-realises")
    assert counted
    with on(date(2027, 2, 1)):
        for by in (UserFactory(), make_agent("booster_ia")):
            with pytest.raises(NotAllowed):
                state(by)
        with pytest.raises(NotDone, match="compté par le portail"):
            services.state(
                "diagnostic", counted, by=agent, label="x", value=Decimal(1), measured_on=date(2027, 1, 1), source="y"
            )
        with pytest.raises(NotDone, match="à venir"):
            state(agent, measured_on=date(2027, 2, 2))
        with pytest.raises(ValidationError):
            state(agent, source=" ")
        row = state(agent)
        said = {"by": agent, "value": Decimal(1), "measured_on": date(2027, 1, 1), "source": "Rapport"}
        with pytest.raises(ReasonMissing):
            services.correct(row, reason=" ", **said)  # type: ignore[arg-type]
        services.correct(row, reason="Un oubli.", **said)  # type: ignore[arg-type]
        with pytest.raises(NotDone, match="déjà été corrigée"):
            services.correct(row, reason="Un autre.", **said)  # type: ignore[arg-type]


def test_what_was_written_stays() -> None:
    with on(date(2027, 2, 1)):
        row = state(make_agent())
    row.value = Decimal(1)
    with pytest.raises(Immutable):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.update(value=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.all().delete()


def test_an_agent_types_corrects_and_reads_both_values() -> None:
    agent, client = make_agent(name="Zoé Essai"), Client()
    with on(date(2027, 2, 1)):
        sign_in(client, agent)
        here = "/instruction/indicateurs/diagnostic/saisies/"
        typed = {"label": "CRIGE", "value": "cent", "measured_on": "31/01/2027", "source": "Rapport"}
        wrong = client.post(f"{here}{SLUG}/ajouter/", typed)
        assert wrong.status_code == 422
        assert 'value="cent"' in wrong.content.decode()
        assert "Écrivez ce nombre en chiffres" in wrong.content.decode()
        assert client.post(f"{here}{SLUG}/ajouter/", typed | {"value": "130"}).status_code == 302
        row = Statement.objects.get()
        fixed = typed | {"value": "131", "reason": "Un oubli."}
        assert client.post(f"{here}{row.pk}/corriger/", fixed).status_code == 302
        page = client.get(here).content.decode()
    assert "Zoé Essai" in page
    assert "Remplace 130 structures" in page
    assert "Motif&nbsp;: Un oubli." in page
    assert client.get(f"{here}{row.pk}/corriger/").status_code in (302, 404)
