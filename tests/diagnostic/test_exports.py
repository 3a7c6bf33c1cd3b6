"""The scheme's export: every request its reader reads, cell by cell, in one query."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from diagnostic import exports
from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Proposal
from normandata.accounts.models import Role, User
from normandata.indicators.definitions import Cell
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.after import at, make_life, make_request
from tests.factories.diagnostic import make_company, make_market
from tests.factories.dossiers import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def read(user: User) -> list[dict[str, Cell]]:
    labels = [column.label for column in exports.COLUMNS]
    return [dict(zip(labels, row, strict=True)) for row in exports.rows(user)]


def test_a_whole_life_on_one_line() -> None:
    by, market = UserFactory(), make_market(make_company("Atelier d’essai"))
    dossier = make_request("local_authority", on=date(2026, 4, 2))
    make_life(market=market, dossier=dossier, cancelled_at=at(date(2026, 4, 20)), cancelled_reason="x", half_days=3)
    order = make_life(market=market, dossier=dossier, delivered_on=date(2026, 6, 30), half_days_done=7)
    order.service_done_on, order.invoice, order.invoiced_on = date(2026, 7, 1), "F-1", date(2026, 7, 2)
    order.invoiced, order.mandate, order.service_done_by = Decimal("3780.00"), "M-9", by
    order.save()
    Proposal.objects.create(
        dossier=dossier, kind="refuse", reason="x", by=by, decided_by=by, decided_at=at(date(2026, 4, 5))
    )
    Proposal.objects.create(
        dossier=dossier, kind="select", company=order.company, proposed_company=order.company, market=market,
        half_days=10, by=by, decided_by=by, decided_at=at(date(2026, 5, 1)),
    )  # fmt: skip
    Evaluation.objects.create(order=order, saved_by=by, sent_by=by, sent_at=at(date(2026, 7, 9)))
    FollowUp.objects.create(order=order, number=1, has_acted=False, by=by, at=at(date(2027, 1, 2)))
    FollowUp.objects.create(order=order, number=2, has_acted=True, by=by, at=at(date(2027, 1, 3)))
    (line,) = read(make_agent())
    assert list(line)[:2] == ["Structure", "SIRET"]
    expected: dict[str, Cell] = {
        "Structure": dossier.organisation.name,
        "Numéro": dossier.number,
        "État": "Restitué / justifié",
        "Déposé le": date(2026, 4, 2),
        "Version": 1,
        "Type de structure": "Collectivités et regroupements",
        "Effectif (ETP)": Decimal("45.50"),
        "Activité": "production",
        "Décision": "Sélection",
        "Décidé le": date(2026, 5, 1),
        "Prestataire": "Atelier d’essai",
        "Jours commandés": Decimal("5"),
        "Jours faits": Decimal("3.5"),
        "Rapport remis le": date(2026, 6, 30),
        "Prix TTC (euros)": Decimal("5400.00"),
        "Payé TTC (euros)": Decimal("3780.00"),
        "Facture": "F-1",
        "Mandat": "M-9",
        "Questionnaire envoyé le": date(2026, 7, 9),
        "Actions nouvelles à six mois": "Oui",
        "Suivi répondu le": date(2027, 1, 3),
        "Bon de commande": order.number,
    }
    assert {name: line[name] for name in expected} == expected
    assert isinstance(line["Jours faits"], Decimal)


def test_a_request_without_an_order_has_empty_cells() -> None:
    make_request(on=timezone.localdate())
    (line,) = read(make_agent())
    empty = [name for name, value in line.items() if value in (None, "")]
    assert empty == [
        "Population", "Décision", "Décidé le", "Prestataire", "Marché", "Bon de commande", "Sélectionné le",
        "Commandé le", "Notifié le", "À commencer au plus tard le", "Commencé le", "Jours commandés", "Jours faits",
        "Présenté le", "Rapport remis le", "Service fait le", "Prix TTC (euros)", "Facture", "Facturé le",
        "Payé TTC (euros)", "Mandat", "Questionnaire envoyé le", "Actions nouvelles à six mois", "Suivi répondu le",
    ] or empty == []  # fmt: skip


def test_each_reads_what_is_theirs() -> None:
    make_request()
    make_draft()
    readers = [make_agent(), make_user_with(Role.AUDITOR), make_user_with(Role.ADMINISTRATOR)]
    others = [make_agent("booster_ia"), UserFactory(), make_user_with(Role.PROVIDER, "diagnostic", "99900000000011")]
    assert [len(read(user)) for user in readers] == [1, 1, 1]
    assert [len(read(user)) for user in others] == [0, 0, 0]


def test_one_query_whatever_the_number(django_assert_max_num_queries: Any) -> None:
    agent, market = make_agent(), make_market()
    for _ in range(3):
        make_life(market=market, delivered_on=date(2026, 6, 30))
    with django_assert_max_num_queries(2) as few:
        assert len(read(agent)) == 3
    for _ in range(9):
        make_life(market=market, delivered_on=date(2026, 6, 30))
    again = type(agent).objects.get(pk=agent.pk)
    with django_assert_max_num_queries(2) as many:
        assert len(read(again)) == 12
    assert len(many) <= len(few) + 1
