"""What lead agents do with a panel: open, seat, refresh, moderate, close, open again; each refusal says why."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booster_ia.services import scoring
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.procedure.models import Event
from normandata.scoring.models import Conflict, Panel, Sheet
from normandata.scoring.services import conflicts, panels
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.booster_scoring import (
    dossier_of,
    make_dossiers,
    make_lead,
    make_scorer,
    open_wave,
    score,
    subjects,
)
from tests.factories.organisations import MembershipFactory
from tests.factories.waves import make_wave

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def lead(client: Client) -> User:
    return sign_in(client, make_lead(name="Lou Chef"))


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def on_wave(panel: Panel, name: str, *args: int) -> str:
    return reverse(f"booster_ia:{name}", args=[int(panel.key), *args])


def lifting(conflict: Conflict) -> str:
    return reverse("booster_ia:conflict_lift", args=[conflict.pk])


def on_dossier(subject: Any, name: str) -> str:
    return reverse(f"booster_ia:{name}", args=[dossier_of(subject).key])


def test_a_wave_is_opened_to_scorers(client: Client, lead: User) -> None:
    wave, scorer, stranger = make_wave(), make_scorer(name="Ange Petit"), make_agent("diagnostic", name="Ailleurs")
    first, second = make_dossiers(wave, 2)
    address = reverse("booster_ia:scoring_people", args=[wave.pk])
    assert "La notation n’est pas encore ouverte." in text(client.get(reverse("booster_ia:scoring", args=[wave.pk])))
    assert "Ailleurs" not in text(client.get(address))
    nobody = client.post(address, {})
    assert (nobody.status_code, Panel.objects.count()) == (422, 0)
    assert "Choisissez au moins une personne" in text(nobody)
    assert client.post(address, {"personnes": [stranger.pk]}).status_code == 422
    response = client.post(address, {"personnes": [scorer.pk, lead.pk]})
    assert (response.status_code, response.headers["Location"]) == (302, reverse("booster_ia:scoring", args=[wave.pk]))
    panel = Panel.objects.get()
    assert (panel.state, panel.grid.frozen_at is not None) == ("open", True)
    assert [one.key for one in subjects(panel)] == [str(first.pk), str(second.pk)]
    assert dict(panel.seats.values_list("person", "role")) == {scorer.pk: Role.AGENT, lead.pk: Role.LEAD_AGENT}


def test_a_wave_without_dossier_is_not_opened(client: Client, lead: User) -> None:
    wave = make_wave()
    response = client.post(reverse("booster_ia:scoring_people", args=[wave.pk]), {"personnes": [make_scorer().pk]})
    assert response.status_code == 422
    assert "Aucun dossier de cette vague n’est en instruction : il n’y a rien à noter." in text(response)
    assert Panel.objects.count() == 0


def test_people_change_with_a_reason_for_who_leaves(client: Client, lead: User) -> None:
    one, other = make_scorer(), make_scorer()
    panel = open_wave([one], lead=lead)
    address = on_wave(panel, "scoring_people")
    refused = client.post(address, {"personnes": [other.pk]})
    assert refused.status_code == 422
    assert "Indiquez le motif" in text(refused)
    assert client.post(address, {"personnes": [other.pk], "motif": "Congé."}).status_code == 302
    assert list(panel.seats.active().values_list("person", flat=True)) == [other.pk]


def test_dossiers_that_come_and_go(client: Client, lead: User) -> None:
    panel = open_wave([make_scorer()], 2, lead=lead)
    first, _ = subjects(panel)
    Dossier.objects.filter(pk=first.key).update(state="withdrawn")
    new = make_dossiers(scoring.wave_of(panel), 1)[0]
    response = client.post(on_wave(panel, "scoring_refresh"), follow=True)
    assert "1 dossier ajouté, 1 retiré." in text(response)
    assert [one.key for one in panel.subjects.judged()] == [
        one.key for one in subjects(panel) if one.key in (subjects(panel)[1].key, str(new.pk))
    ]
    assert "0 dossier ajouté, 0 retiré." in text(client.post(on_wave(panel, "scoring_refresh"), follow=True))


def test_closing_says_what_is_not_ranked_and_a_second_person_opens_again(client: Client, lead: User) -> None:
    panel = open_wave([make_scorer()], 2, lead=lead)
    assert "2 dossiers n’ont pas assez de fiches et ne seront pas classés." in text(
        client.get(on_wave(panel, "scoring_close"))
    )
    assert client.post(on_wave(panel, "scoring_close")).headers["Location"] == on_wave(panel, "ranking")
    again = client.post(on_wave(panel, "scoring_reopen"), {"motif": "Une fiche manque."})
    assert again.status_code == 422
    assert "Vous avez clos cette notation : une autre personne doit la rouvrir." in text(again)
    sign_in(client, make_lead())
    assert client.post(on_wave(panel, "scoring_reopen"), {"motif": ""}).status_code == 422
    assert client.post(on_wave(panel, "scoring_reopen"), {"motif": "Une fiche manque."}).status_code == 302
    panel.refresh_from_db()
    assert (panel.state, Event.objects.get(name="reopen_panel").reason) == ("open", "Une fiche manque.")


def test_a_sheet_is_reopened_with_a_reason_and_no_mark_is_seen(client: Client, lead: User) -> None:
    scorer = make_scorer(name="Ange Petit")
    panel = open_wave([scorer, make_scorer(name="Sans Fiche")], lead=lead)
    subject = subjects(panel)[0]
    score(subject, scorer, "17,31", "20", "10", "5", "5", "5")
    address = on_dossier(subject, "sheet_reopen")
    page = text(client.get(address))
    assert "Ange Petit" in page
    assert "Sans Fiche" not in page
    assert "17,31" not in page
    assert client.post(address, {"personne": scorer.pk, "motif": " "}).status_code == 422
    assert client.post(address, {"personne": scorer.pk, "motif": "Une pièce est arrivée."}).status_code == 302
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.points) == ("draft", None)
    event = Event.objects.get(name="reopen_sheet")
    assert (event.by, event.reason) == (lead, "Une pièce est arrivée.")
    assert client.post(address, {"personne": scorer.pk, "motif": "Encore."}).status_code == 422, "it is a draft by now"


def test_one_sheet_more_is_asked_for(client: Client, lead: User) -> None:
    scorer, newcomer = make_scorer(), make_scorer()
    panel = open_wave([scorer], lead=lead)
    subject = subjects(panel)[0]
    address = on_dossier(subject, "sheet_ask")
    assert client.post(address, {"personne": newcomer.pk, "motif": ""}).status_code == 422
    assert client.post(address, {"personne": newcomer.pk, "motif": "Écart de 20 points."}).status_code == 302
    assert client.post(address, {"personne": "", "motif": "Encore."}).status_code == 302
    subject.refresh_from_db()
    assert subject.extra == 2
    assert panel.seats.active().filter(person=newcomer).exists()
    assert "0 sur 4" in text(client.get(on_wave(panel, "scoring")))


def test_a_sheet_asked_of_a_tied_person_is_refused_beside_what_was_typed(client: Client, lead: User) -> None:
    tied = make_scorer(name="Ange Petit")
    subject = subjects(open_wave([make_scorer()], lead=lead))[0]
    MembershipFactory(user=tied, organisation=dossier_of(subject).organisation)
    response = client.post(on_dossier(subject, "sheet_ask"), {"personne": tied.pk, "motif": "Écart de 20 points."})
    assert response.status_code == 422
    assert "Un conflit d’intérêts ferme ce dossier à Ange Petit : demandez la fiche à une autre" in text(response)
    assert "Écart de 20 points." in text(response)
    subject.refresh_from_db()
    assert subject.extra == 0


def test_closing_brings_the_panel_up_to_date_and_says_so(client: Client, lead: User) -> None:
    scorer = make_scorer()
    panel = open_wave([scorer], 2, lead=lead)
    gone, stays = subjects(panel)
    for one in (gone, stays):
        score(one, scorer, "12", "18", "12", "6", "6", "6")
    assert " dans la notation." not in text(client.get(on_wave(panel, "scoring_close")))
    Dossier.objects.filter(pk=gone.key).update(state="withdrawn")
    MembershipFactory(user=lead, organisation=dossier_of(gone).organisation)
    back = make_dossiers(scoring.wave_of(panel), 1)[0]
    shown = text(client.get(on_wave(panel, "scoring_close")))
    assert "1 dossier de la vague entre dans la notation. 1 dossier sort de la notation." in shown
    assert client.post(on_wave(panel, "scoring_close")).status_code == 302
    panel.refresh_from_db()
    assert panel.state == "closed"
    assert [one.key for one in panel.subjects.judged().order_by("rank")] == [stays.key, str(back.pk)]


def test_a_conflict_is_lifted_by_somebody_else(client: Client, lead: User) -> None:
    scorer = make_scorer(name="Ange Petit")
    panel = open_wave([scorer, lead], lead=lead)
    theirs = conflicts.declare(scorer, subjects(panel)[0], by=scorer, reason="Ma sœur y travaille.")
    mine = conflicts.declare_with_panel(lead, panel, by=lead, reason="Vague de mon ancien service.")
    shown = text(client.get(on_wave(panel, "scoring")))
    assert "Vague de mon ancien service." in shown
    assert "Ma sœur" not in shown, "closed to this lead agent, all of it"
    assert client.post(lifting(mine), {"motif": "Fini."}).status_code == 404
    sign_in(client, make_lead())
    assert "Ma sœur y travaille." in text(client.get(on_wave(panel, "scoring")))
    assert client.post(lifting(theirs), {"motif": " "}).status_code == 422
    assert client.post(lifting(theirs), {"motif": "Elle est partie."}).status_code == 302
    assert list(Conflict.objects.active()) == [mine]


def test_one_withdraws_from_the_whole_wave(client: Client) -> None:
    scorer = sign_in(client, make_scorer())
    panel = open_wave([scorer], 2)
    assert client.post(on_wave(panel, "scoring_withdraw"), {"motif": "Je pars chez un candidat."}).status_code == 302
    shown = text(client.get(on_wave(panel, "scoring")))
    assert "2 dossiers vous sont fermés par un conflit d’intérêts." in shown


def test_an_agent_leads_nothing(client: Client) -> None:
    scorer = sign_in(client, make_scorer())
    panel = open_wave([scorer])
    subject = subjects(panel)[0]
    conflict = conflicts.declare(make_scorer(), subject, by=make_lead(), reason="Lien.")
    addresses = [
        *(on_wave(panel, name) for name in ("scoring_people", "scoring_close", "scoring_reopen")),
        lifting(conflict),
        *(on_dossier(subject, name) for name in ("sheet_ask", "sheet_reopen")),
    ]
    assert {client.get(address).status_code for address in addresses} == {404}
    assert {client.post(address, {"motif": "x"}).status_code for address in addresses} == {404}
    assert client.post(on_wave(panel, "scoring_refresh")).status_code == 404
    panel.refresh_from_db()
    assert panel.state == "open"


def test_another_schemes_lead_has_nothing_here(client: Client) -> None:
    panel = open_wave([make_scorer()])
    sign_in(client, make_user_with(Role.LEAD_AGENT, "diagnostic"))
    for name in ("scoring", "scoring_people", "scoring_close", "ranking"):
        assert client.get(on_wave(panel, name)).status_code == 404


def test_a_closed_panel_takes_no_sheet(client: Client) -> None:
    scorer, lead = make_scorer(), make_lead()
    panel = open_wave([scorer], lead=lead)
    sign_in(client, scorer)
    client.post(on_dossier(subjects(panel)[0], "sheet_begin"))
    panels.close_panel(panel, by=lead)
    sheet = Sheet.objects.get()
    save = reverse("booster_ia:sheet_save", args=[sheet.pk])
    sent = {"version": "1", "note-quality": "12", "etait-quality": ""}
    late = client.post(save, sent, headers={"X-Requested-With": "autosave"})
    assert (late.status_code, late.json()["message"]) == (
        410, "La notation est close : plus aucune fiche ne change."
    )  # fmt: skip
    assert "Votre fiche n’était pas remise : elle ne compte pas." in text(client.post(save, sent, follow=True))
