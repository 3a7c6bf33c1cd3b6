"""What limits a sheet: conflicts declared by anybody, the last day, results read, versions; its cost in every state."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booster_ia.services import scoring, waves
from normandata.accounts.models import Role, User
from normandata.procedure.errors import ReasonMissing
from normandata.procedure.models import Event
from normandata.scoring.errors import InConflict
from normandata.scoring.models import Conflict, Mark, Panel, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.booster_scoring import (
    deposit_again,
    dossier_of,
    make_dossiers,
    make_full_dossier,
    make_lead,
    make_scorer,
    open_wave,
    score,
    subjects,
    typed,
)
from tests.factories.organisations import MembershipFactory, OrganisationFactory, siret
from tests.factories.waves import make_application, make_partner, make_wave

from .test_scoring import AUTOSAVE, FORTY_SEVEN, begun, page, queries, save, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]


# --------------------------------------------------------------------------------------------- conflicts without a seat
@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD_AGENT, Role.AUDITOR])
def test_whoever_reads_the_dossier_for_the_region_declares_a_conflict(client: Client, role: Role) -> None:
    """Judged by a panel where this person has no seat, then not judged at all."""
    user = sign_in(client, make_user_with(role, "booster_ia"))
    judged = dossier_of(subjects(open_wave([make_scorer()]))[0])
    alone = make_application()
    for dossier in (judged, alone):
        address = reverse("booster_ia:sheet_withdraw", args=[dossier.key])
        examine = reverse("dossiers:examine", args=[dossier.key])
        assert address in client.get(examine).content.decode()
        assert client.post(address, {"motif": ""}).status_code == 422
        response = client.post(address, {"motif": "Mon conjoint y travaille."})
        assert (response.status_code, response.headers["Location"]) == (302, reverse("dossiers:queue"))
        assert [client.get(one).status_code for one in (examine, address)] == [404, 404]
        assert dossier.number not in text(client.get(f"{reverse('dossiers:queue')}?responsable=tous"))
    assert {one.key for one in Conflict.objects.filter(person=user)} == {str(judged.pk), str(alone.pk)}


def test_others_of_the_house_declare_nothing(client: Client) -> None:
    dossier = make_application()
    address = reverse("booster_ia:sheet_withdraw", args=[dossier.key])
    for user in (make_user_with(Role.LEAD_AGENT, "diagnostic"), dossier.created_by):
        sign_in(client, user)
        assert client.post(address, {"motif": "x"}).status_code == 404
    assert not Conflict.objects.exists()


def test_a_lead_agent_reads_and_lifts_it_from_the_dossier(client: Client) -> None:
    dossier, agent = make_application(), make_scorer(name="Ange Petit")
    made = conflicts.declare_on(agent, dossier, scheme="booster_ia", by=agent, reason="Ma sœur y travaille.")
    examine, lift = reverse("dossiers:examine", args=[dossier.key]), reverse("booster_ia:conflict_lift", args=[made.pk])
    sign_in(client, make_scorer())
    assert "Ma sœur" not in text(client.get(examine)), "the reason is for who leads"
    assert client.get(lift).status_code == 404
    sign_in(client, make_lead())
    assert "Ma sœur y travaille." in text(client.get(examine))
    response = client.post(lift, {"motif": "Elle est partie."})
    assert (response.status_code, response.headers["Location"]) == (302, examine)
    sign_in(client, agent)
    assert client.get(examine).status_code == 200


@pytest.mark.parametrize("state", ["invited", "confirmed"])
def test_a_member_of_a_partner_does_not_judge_the_dossier(client: Client, scorer: User, state: str) -> None:
    """By SIREN: another establishment of the partner is the partner."""
    subject = subjects(open_wave([scorer], 2))[0]
    signed = {"confirmed_at": "2026-09-25T10:00Z", "by_name": "Camille"} if state == "confirmed" else {}
    partner = make_partner(dossier_of(subject), state=state, **signed)
    assert client.get(page(subject)).status_code == 200, "the witness"
    elsewhere = OrganisationFactory(siret=siret(int(partner.siren[4:8]), establishment=2))
    assert (elsewhere.siren, elsewhere.siret == partner.siret) == (partner.siren, False)
    MembershipFactory(user=scorer, organisation=elsewhere)
    assert client.get(page(subject)).status_code == 404, "the tie closes the dossier, declared or not"
    assert client.get(reverse("dossiers:examine", args=[dossier_of(subject).key])).status_code == 404
    with pytest.raises(InConflict, match="membre d’une structure partenaire"):
        sheets.start(subject, by=scorer)
    listed = text(client.get(reverse("booster_ia:scoring", args=[int(subject.panel.key)])))
    assert "1 dossier vous est fermé par un conflit d’intérêts." in listed


def test_a_partner_that_the_carrier_names_no_more_ties_nobody(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([scorer]))[0]
    partner = make_partner(dossier_of(subject), state="withdrawn")
    MembershipFactory(user=scorer, organisation=OrganisationFactory(siret=partner.siret))
    assert client.get(page(subject)).status_code == 200


# --------------------------------------------------------------------------------------------------------- the last day
LATE = datetime(2026, 11, 6, 23, 5, 1, tzinfo=UTC)
"""A second after the grace of five minutes."""


def test_after_the_last_day_a_sheet_is_kept_and_not_submitted(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    with time_machine.travel(LATE, tick=False):
        sign_in(client, scorer)
        response = save(client, sheet, typed(FORTY_SEVEN, 1, acte="remettre"))
        shown = text(response)
    assert response.status_code == 422
    assert "Les fiches se remettaient jusqu’au 6 novembre 2026 à 23 h 59, heure de Paris." in shown
    assert "Un responsable peut repousser ce jour, avec un motif." in shown
    assert 'value="12"' in shown
    assert "Remettre et passer au suivant" not in shown
    sheet.refresh_from_db()
    assert (sheet.state, sheet.marks.count()) == ("draft", 6)


def test_the_grace_is_that_of_the_deposits(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    with time_machine.travel(datetime(2026, 11, 6, 23, 5, tzinfo=UTC), tick=False):
        sign_in(client, scorer)
        save(client, sheet, typed(FORTY_SEVEN, 1, acte="remettre"))
    sheet.refresh_from_db()
    assert sheet.state == "submitted"


def test_the_lead_agent_puts_the_day_off_with_a_reason(client: Client, scorer: User) -> None:
    lead = make_lead()
    panel = open_wave([scorer], lead=lead)
    wave, sheet = scoring.wave_of(panel), begun(subjects(panel)[0], scorer)
    listing, edit = (reverse(f"booster_ia:{name}", args=[wave.pk]) for name in ("scoring", "wave_edit"))
    with time_machine.travel(LATE, tick=False):
        sign_in(client, scorer)
        assert "jusqu’au 6 novembre 2026" in text(client.get(listing))
        assert edit not in client.get(listing).content.decode()
        sign_in(client, lead)
        assert edit in client.get(listing).content.decode()
        with pytest.raises(ReasonMissing):
            waves.change_wave(wave, by=lead, scoring_closes_on=date(2026, 11, 10))
        waves.change_wave(wave, by=lead, reason="Une agente était malade.", scoring_closes_on=date(2026, 11, 10))
        assert "jusqu’au 6 novembre 2026" not in text(client.get(listing))
        sign_in(client, scorer)
        save(client, sheet, typed(FORTY_SEVEN, 1, acte="remettre"))
    sheet.refresh_from_db()
    assert sheet.state == "submitted"


# ------------------------------------------------------------------------------------------- versions, and results read
def test_the_author_is_offered_to_look_again_at_a_new_version(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([scorer]))[0]
    score(subject, scorer, "12", "12", "12", "4", "4", "3")
    assert "J’ai relu" not in text(client.get(page(subject))), "the witness"
    deposit_again(subject)
    shown = text(client.get(page(subject)))
    assert "Cette fiche est jugée sur la version 1 ; la version 2 est arrivée le 20 septembre 2026." in shown
    changes = reverse("dossiers:changes", args=[dossier_of(subject).key, 1, 2])
    assert changes in shown
    assert client.get(changes).status_code == 200
    listing = reverse("booster_ia:scoring", args=[int(subject.panel.key)])
    assert "jugée sur la version 1" in text(client.get(listing))
    client.post(page(subject, "sheet_confirm"), {"lue": "1"})
    assert Sheet.objects.get().subject_version == "1", "another version than the one that was read"
    client.post(page(subject, "sheet_confirm"), {"lue": "2"})
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.subject_version, str(sheet.points)) == ("submitted", "2", "47.0000")
    event = Event.objects.about(sheet).named("confirm_sheet").get()
    assert event.data == {"version": "2", "before": "1"}
    assert "jugée sur la version 1" not in text(client.get(listing))


def test_the_version_of_anothers_sheet_is_not_told_to_who_is_blind(client: Client, scorer: User) -> None:
    other = make_scorer()
    subject = subjects(open_wave([scorer, other]))[0]
    score(subject, other, "12", "12", "12", "4", "4", "3")
    deposit_again(subject)
    listing = reverse("booster_ia:scoring", args=[int(subject.panel.key)])
    assert "jugée sur la version" not in text(client.get(listing))
    score(subject, scorer, "12", "12", "12", "4", "4", "3")
    assert "1 fiche jugée sur la version 1" in text(client.get(listing)), "the witness"


def test_who_has_read_the_results_finds_the_sheet_closed_when_the_panel_reopens(client: Client, scorer: User) -> None:
    lead = make_lead()
    panel = open_wave([scorer, make_scorer()], 2, lead=lead)
    one, two = subjects(panel)
    sheet = begun(two, scorer)
    panels.close_panel(panel, by=lead)
    for subject in (one, two):
        assert client.get(page(subject, "sheet_results")).status_code == 200
    panels.reopen_panel(Panel.objects.get(), by=make_lead(), reason="Une fiche manque.")
    for subject in (one, two):
        assert "Vous avez lu les résultats de ce projet quand la notation était close" in text(
            client.get(page(subject))
        )
    late = save(client, sheet, typed(FORTY_SEVEN, 1), **AUTOSAVE)
    assert late.status_code == 410
    assert late.json()["message"].startswith("Vous avez lu les résultats de ce projet")
    client.post(page(one, "sheet_begin"))
    assert (Sheet.objects.count(), Mark.objects.count()) == (1, 0)
    listing = text(client.get(reverse("booster_ia:scoring", args=[int(panel.key)])))
    assert listing.count("résultats lus, plus de fiche") == 2


# ---------------------------------------------------------------------------------------------------------------- cost
EXPECTED = {
    "begin": 12,
    "draft": 10,
    "late": 10,
    "reopened": 10,
    "abstained": 9,
    "submitted": 9,
    "outdated": 9,
    "closed": 9,
}


def in_state(subject: Subject, state: str, scorer: User, lead: User) -> None:
    """Bring one's own sheet to a state by the gestures that people make."""
    if state == "begin":
        return
    sheet = begun(subject, scorer)
    if state in ("reopened", "submitted", "outdated"):
        score(subject, scorer, *FORTY_SEVEN.values())
    if state == "reopened":
        sheets.reopen(Sheet.objects.get(), by=lead, reason="Une pièce est arrivée.")
    elif state == "abstained":
        sheets.abstain(sheet, by=scorer, revision=sheet.revision)
    elif state == "outdated":
        deposit_again(subject)
    elif state == "closed":
        panels.close_panel(subject.panel, by=lead)


@pytest.mark.parametrize("state", EXPECTED)
def test_the_page_of_a_sheet_is_within_twelve_queries_in_every_state(
    client: Client, scorer: User, media: Any, state: str
) -> None:
    lead = make_lead()
    panel = open_wave([scorer], [make_full_dossier(make_wave())], lead=lead)
    subject = subjects(panel)[0]
    in_state(subject, state, scorer, lead)
    here, found = page(subject), []
    with time_machine.travel(LATE if state == "late" else datetime(2026, 10, 21, 10, tzinfo=UTC), tick=False):
        sign_in(client, scorer)
        found.append(queries(lambda: client.get(here)))
        assert len(client.get(here).content) < 60_000
        make_dossiers(scoring.wave_of(panel), 29)
        if panel.is_open and state != "closed":
            scoring.refresh(panel, by=lead)
        found.append(queries(lambda: client.get(here)))
    assert found == [EXPECTED[state]] * 2
    assert EXPECTED[state] <= 12
