"""The scheme's export, that of a wave with its places where they may be read, and the register's columns."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from booster_ia import exports
from booster_ia.awards import Award
from booster_ia.services import scoring
from booster_ia.waves import Wave
from normandata.accounts.models import Role, User
from normandata.deminimis import declarations
from normandata.dossiers.models import Dossier
from normandata.indicators.definitions import Cell
from normandata.scoring.services import conflicts, panels
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.booster import NO_AID, REGIME
from tests.factories.booster_after import make_award, make_recovery, make_reply, make_told
from tests.factories.booster_scoring import make_dossiers, make_lead, make_scorer, open_wave, score, subjects
from tests.factories.committee import GOOD, decide, make_envelope, make_proposed, make_scored, put_on_agenda
from tests.factories.waves import make_application, make_partner, make_wave

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def read(user: User) -> list[dict[str, Cell]]:
    labels = [column.label for column in exports.COLUMNS]
    return [dict(zip(labels, row, strict=True)) for row in exports.rows(user)]


def of_wave(wave: Wave, user: User) -> list[dict[str, Cell]]:
    labels = [column.label for column in exports.WAVE_COLUMNS]
    return [dict(zip(labels, row, strict=True)) for row in exports.wave_rows(wave, user)]


# ---------------------------------------------------------------------------------------------------------- the scheme
def test_a_whole_life_on_one_line() -> None:
    award = make_award("local_authority", amount="10000.00", wave=make_wave(), aid_regime="hors_aide")
    dossier = award.dossier
    make_partner(dossier)
    make_partner(dossier, state="confirmed", confirmed_at=dossier.submitted_at, by_name="Camille Exemple")
    make_partner(dossier, state="withdrawn")
    Award.objects.update(paid=D("5000.00"))
    for state, amount in (("issued", "1200.50"), ("opened", "99.00")):
        make_recovery(award, state, amount)
    make_told(award, on=date(2027, 6, 2), finished_on=date(2027, 5, 25))
    make_reply(award, "proof", True, on=date(2027, 6, 3))
    make_reply(award, "proof", False, on=date(2027, 6, 4), number=2)
    make_reply(award, "feedback", True, on=date(2027, 6, 4))
    (line,) = read(make_agent("booster_ia"))
    assert list(line)[:2] == ["Structure", "SIRET"]
    expected: dict[str, Cell] = {
        "Structure": dossier.organisation.name,
        "Numéro": dossier.number,
        "Projet": "Prévoir les crues du bocage",
        "État": "En cours",
        "Déposé le": date(2026, 9, 20),
        "Vague, année": "2026",
        "Vague, numéro": 2,
        "Nature du porteur": "Collectivités et regroupements",
        "Récupère la TVA": "Oui",
        "Partenaires": 2,
        "Partenaires confirmés": 1,
        "Dépenses éligibles (euros)": D("20000.00"),
        "Subvention calculée (euros)": D("10000.00"),
        "Régime d’aide": "Hors aide d’État : l’activité n’est pas économique",
        "Proposition": None,
        "Décision": "Accordé",
        "Séance du": date(2026, 12, 14),
        "Délibération": "CP D 26-12-1",
        "Subvention (euros)": D("10000.00"),
        "Notifiée le": date(2026, 12, 20),
        "Payé (euros)": D("5000.00"),
        "Titres de recette (euros)": D("1200.50"),
        "Bilan envoyé le": date(2027, 6, 2),
        "Mené à son terme": "Oui",
        "Fini le": date(2027, 5, 25),
        "Preuve de concept validée": "Non",
        "Retour d’expérience produit": "Oui",
    }
    assert {name: line[name] for name in expected} == expected


def test_no_score_is_in_the_export_of_the_scheme() -> None:
    """Auditors and others read it while the panel is blind to them."""
    labels = " ".join(column.label for column in exports.COLUMNS).casefold()
    assert [word for word in ("note", "place", "rang", "moyenne", "fiche") if word in labels] == []


def test_each_reads_what_is_theirs() -> None:
    make_application()
    readers = [make_agent("booster_ia"), make_user_with(Role.AUDITOR), make_user_with(Role.ADMINISTRATOR)]
    others = [make_agent("diagnostic"), UserFactory()]
    assert [len(read(user)) for user in readers] == [1, 1, 1]
    assert [len(read(user)) for user in others] == [0, 0]


def test_one_query_whatever_the_number(django_assert_max_num_queries: Any) -> None:
    agent = make_agent("booster_ia")
    make_award()
    with django_assert_max_num_queries(2) as few:
        assert len(read(agent)) == 1
    for _ in range(29):
        make_award()
    again = User.objects.get(pk=agent.pk)
    with django_assert_max_num_queries(2) as many:
        assert len(read(again)) == 30
    assert len(many) == len(few)


# ---------------------------------------------------------------------------------------------------------- the wave
FAIR, POOR = ("12", "20", "12", "6", "6", "6"), ("5",) * 6
"""Marks that make 62 and 30; the good ones make 77."""


def judged() -> tuple[list[Dossier], User, list[User]]:
    """Three dossiers scored by two people, in an order that is not that of their places."""
    wave, lead, scorers = make_wave(), make_lead(), [make_scorer(), make_scorer()]
    dossiers = make_dossiers(wave, 3)
    panel = open_wave(scorers, dossiers, lead=lead)
    for subject, marks in zip(subjects(panel), (FAIR, POOR, GOOD), strict=True):
        for person in scorers:
            score(subject, person, *marks)
    return dossiers, lead, scorers


def shown(lines: list[dict[str, Cell]]) -> list[tuple[Cell, ...]]:
    return [(line["Numéro"], line["Place"], line["Moyenne"], line["Fiches"]) for line in lines]


def test_a_wave_is_exported_by_places_once_its_scoring_is_closed() -> None:
    with time_machine.travel("2026-10-20T09:00:00+02:00", tick=True):
        (fair, poor, good), lead, scorers = judged()
        wave = Wave.objects.get()
        blind = [(one.number, None, None, None) for one in (fair, poor, good)]
        everybody = (lead, make_user_with(Role.AUDITOR), make_user_with(Role.ADMINISTRATOR), *scorers)
        assert [shown(of_wave(wave, person)) == blind for person in everybody] == [True] * 5
        panel = scoring.panel_of(wave)
        assert panel is not None
        panels.close_panel(panel, by=lead)
        first, second = (good.number, 1, D("77.00"), 2), (fair.number, 2, D("62.00"), 2)
        read_all = [first, second, (poor.number, None, D("30.00"), 2)]
        assert shown(of_wave(wave, lead)) == read_all
        assert shown(of_wave(wave, scorers[0])) == read_all
        assert shown(of_wave(wave, make_user_with(Role.ADMINISTRATOR))) == blind


def test_a_conflict_of_interest_takes_the_dossier_out_of_the_file() -> None:
    with time_machine.travel("2026-10-20T09:00:00+02:00", tick=True):
        (_, _, good), lead, _ = judged()
        panel = scoring.panel_of(Wave.objects.get())
        assert panel is not None
        subject = panel.subjects.about(good).get()
        conflicts.declare(lead, subject, by=lead, reason="Un parent y travaille.")
        again = User.objects.get(pk=lead.pk)
        assert good.number not in [line["Numéro"] for line in of_wave(Wave.objects.get(), again)]


def test_a_wave_without_a_panel_has_no_places() -> None:
    wave = make_wave()
    (dossier,) = make_dossiers(wave, 1)
    assert shown(of_wave(wave, make_lead())) == [(dossier.number, None, None, None)]


@pytest.mark.usefixtures("media")
def test_proposal_decision_and_register() -> None:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        answers = {"regime": REGIME | {"regime": "de_minimis"}, "aides": NO_AID}
        (dossier,) = make_scored(answers=answers)
        declarations.declare_section(dossier, "aides", by=None)
        make_envelope()
        agent = make_agent("booster_ia")
        empty = list(csv.reader(io.StringIO("".join(exports.de_minimis(agent)).lstrip("\ufeff")), delimiter=";"))
        assert len(empty) == 1
        make_proposed(dossier, amount="12000.00")
        (line,) = of_wave(Wave.objects.get(), agent)
        assert (line["Proposition"], line["Montant proposé (euros)"]) == ("Subvention", D("12000.00"))
        assert (line["Proposition validée"], line["Décision"]) == ("Validée", None)
        decide(put_on_agenda(dossier), amount="11000.50")
    (line,) = read(agent)
    assert (line["Décision"], line["Subvention (euros)"]) == ("Accordé", D("11000.50"))
    head, row = csv.reader(io.StringIO("".join(exports.de_minimis(agent)).lstrip("\ufeff")), delimiter=";")
    said = dict(zip(head, row, strict=True))
    assert (said["montant_esb"], said["date_octroi"]) == ("11000,50", "2026-12-14")
    assert said["identifiant_beneficiaire"] == dossier.organisation.siren
    assert len(list(exports.de_minimis(make_agent("diagnostic")))) == 1
