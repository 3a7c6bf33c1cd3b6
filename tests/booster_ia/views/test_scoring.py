"""The pages of who scores: begin, type, save, submit, skip, abstain, withdraw; what is typed is never lost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from normandata.accounts.models import User
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.models import Event
from normandata.scoring.models import Conflict, Mark, Panel, Sheet, Subject
from normandata.scoring.services import panels, sheets
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import (
    MARKS,
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
from tests.factories.organisations import MembershipFactory
from tests.factories.waves import make_wave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]
FORTY_SEVEN = dict(zip(MARKS, ("12", "12", "12", "4", "4", "3"), strict=True))
"""The marks of the mock-up: 12 + 12 + 12 + 4 + 4 + 3 = 47."""
AUTOSAVE = {"X-Requested-With": "autosave"}


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def page(subject: Subject, name: str = "sheet") -> str:
    return reverse(f"booster_ia:{name}", args=[dossier_of(subject).key])


def begun(subject: Subject, by: User) -> Sheet:
    return sheets.start(subject, by=by)


def save(client: Client, sheet: Sheet, sent: dict[str, str], **headers: str) -> Any:
    return client.post(reverse("booster_ia:sheet_save", args=[sheet.pk]), sent, headers=headers or None)


def test_the_conflict_box_comes_first(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([scorer]))[0]
    first = client.get(page(subject))
    assert "Avez-vous un intérêt dans ce projet ?" in text(first)
    assert "note-quality" not in first.content.decode()
    assert Sheet.objects.count() == 0, "reading a page begins nothing"
    response = client.post(page(subject, "sheet_begin"))
    assert (response.status_code, response.headers["Location"]) == (302, page(subject))
    begun = client.get(page(subject))
    assert "Vous avez déclaré n’avoir aucun intérêt dans ce projet." in text(begun)
    assert "Il manque 50 points pour atteindre 50" in text(begun)


def test_a_sheet_shows_the_evidence_of_each_criterion(client: Client, scorer: User, media: Any) -> None:
    dossier = make_full_dossier(make_wave())
    subject = subjects(open_wave([scorer], [dossier]))[0]
    begun(subject, scorer)
    shown = client.get(page(subject)).content.decode()
    assert [shown.count(f'id="preuve-{slug}"') for slug in MARKS] == [1] * 6
    assert "Besoin de l’usager et intérêt pour la Normandie" in shown
    assert f"/instruction/{dossier.key}/" in shown
    assert "La qualité globale de la proposition" in text(client.get(page(subject)))
    assert re.search(r"devis-\d+\.pdf</a>", shown)


def test_the_total_of_the_mock_up(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    answer = save(client, sheet, typed(FORTY_SEVEN, 1), **AUTOSAVE)
    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    assert answer.json()["saved"].startswith("Enregistré à ")
    live = client.post(reverse("booster_ia:sheet_total", args=[sheet.pk]), typed(FORTY_SEVEN, 2))
    assert "47 / 100" in text(live)
    assert "Il manque 3 points pour atteindre 50" in text(live)
    assert 'width="47.00%"' in live.content.decode()


def test_a_comma_is_read_and_the_floor_is_reached(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    save(client, sheet, typed(FORTY_SEVEN | {"feasibility": "14,5", "security": "4.5"}, 1), **AUTOSAVE)
    live = text(client.post(reverse("booster_ia:sheet_total", args=[sheet.pk]), {}))
    assert "50 / 100" in live
    assert "Le plancher de 50 est atteint" in live
    assert 'value="14,5"' in client.get(page(sheet.subject)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("25", "25 dépasse le maximum : écrivez une note de 0 à 20."),
        ("-3", "Une note n’est jamais négative : écrivez une note de 0 à 20."),
        ("douze", "Écrivez la note en chiffres, de 0 à 20, par exemple 10."),
        ("12,345", "Les notes avancent de 0,01 en 0,01 : 12,345 tombe entre."),
    ],
)
def test_a_wrong_mark_is_said_beside_its_field_and_nothing_is_lost(
    client: Client, scorer: User, wrong: str, message: str
) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    response = save(client, sheet, typed(FORTY_SEVEN | {"quality": wrong}, 1, acte="suivant"))
    assert response.status_code == 422
    shown = response.content.decode()
    beside = text(response).split('id="erreur-quality"')[1].split("</div>")[0]
    assert message in beside
    assert f'name="note-quality" inputmode="decimal" autocomplete="off" maxlength="20" value="{wrong}"' in shown
    assert "Parce que quality." in shown
    kept = {mark.criterion.slug: mark.value for mark in Mark.objects.select_related("criterion")}
    assert kept == {slug: None if slug == "quality" else int(FORTY_SEVEN[slug]) for slug in MARKS}
    live = client.post(reverse("booster_ia:sheet_total", args=[sheet.pk]), typed({"quality": wrong}, 2))
    assert message in text(live), "the live total says it too"
    assert "35 / 100" in text(live)


def test_without_script_the_control_that_changed_is_the_one_meant(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    sent = {"version": "1", "note-quality": "", "etait-quality": "", "palier-quality": "16"}
    assert save(client, sheet, sent).status_code == 302
    assert Mark.objects.get().value == 16
    sent = {"version": "2", "note-quality": "17,5", "etait-quality": "16", "palier-quality": "16"}
    save(client, sheet, sent)
    assert str(Mark.objects.get().value) == "17.50"
    sent = {"version": "3", "note-quality": "17,5", "etait-quality": "17,5", "palier-quality": "4"}
    save(client, sheet, sent)
    assert Mark.objects.get().value == 4


def test_two_tabs_never_overwrite_in_silence(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    save(client, sheet, typed({"quality": "12"}, 1), **AUTOSAVE)
    script = save(client, sheet, typed({"quality": "8"}, 1), **AUTOSAVE)
    assert script.status_code == 409
    assert script.json()["conflict"].startswith("Cette fiche a été modifiée ailleurs à ")
    plain = save(client, sheet, typed({"quality": "8"}, 1, acte="remettre"))
    assert plain.status_code == 409
    assert Mark.objects.get().value == 12
    shown = text(plain)
    assert "Gardé par l’autre page : 12, Parce que quality." in shown.replace("</strong>", "").replace("<strong>", "")
    assert 'value="8"' in shown
    assert 'name="version" value="2"' in shown
    assert save(client, sheet, typed({"quality": "8"}, 2, acte="garder")).status_code == 302
    assert Mark.objects.get().value == 8


def test_what_is_missing_is_named_and_kept(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    sent = typed(FORTY_SEVEN | {"security": ""}, 1, acte="remettre") | {"mot-quality": ""}
    response = save(client, sheet, sent)
    assert response.status_code == 422
    assert text(response).count("Donnez une note, même nulle.") == 2, "beside the field, and in the summary"
    assert text(response).count("Justifiez la note, même en une phrase.") == 2
    sheet.refresh_from_db()
    assert sheet.state == "draft"


def test_submitting_leads_to_the_next_and_the_sheet_is_read_only(client: Client, scorer: User) -> None:
    first, second = subjects(open_wave([scorer], 2))
    sheet = begun(first, scorer)
    response = save(client, sheet, typed(FORTY_SEVEN, 1, acte="remettre"))
    assert (response.status_code, response.headers["Location"]) == (302, page(second))
    sheet.refresh_from_db()
    assert (sheet.state, str(sheet.points), sheet.subject_version) == ("submitted", "47.0000", "1")
    shown = client.get(page(first))
    assert "47 / 100" in text(shown)
    assert "<textarea" not in shown.content.decode()
    late = save(client, sheet, typed({"quality": "20"}, sheet.revision), **AUTOSAVE)
    assert late.status_code == 410
    assert Mark.objects.get(criterion__slug="quality").value == 12


def test_another_version_of_the_dossier_is_read_first(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    response = save(client, sheet, typed(FORTY_SEVEN, 1, acte="remettre", lue="7"))
    assert response.status_code == 422
    assert "Le projet a changé : vous avez lu la version 7, la version 1 est arrivée." in text(response)


def test_enter_in_a_field_is_a_plain_save(client: Client, scorer: User) -> None:
    sheet = begun(subjects(open_wave([scorer]))[0], scorer)
    shown = client.get(page(sheet.subject)).content.decode()
    form = shown[shown.index('id="fiche"') :]
    first = next(tag for tag in re.findall(r"<button[^>]*>", form) if 'type="submit"' in tag)
    assert 'class="visually-hidden" type="submit" name="acte" value="enregistrer"' in first
    assert 'form="fiche"' not in shown[: shown.index('id="fiche"')], "no button outside comes before"


def test_the_author_reads_why_a_sheet_was_reopened(client: Client, scorer: User) -> None:
    lead = make_lead(name="Lou Chef")
    subject = subjects(open_wave([scorer], lead=lead))[0]
    score(subject, scorer, "12", "12", "12", "4", "4", "3")
    sheets.reopen(Sheet.objects.get(), by=lead, reason="Une pièce est arrivée.")
    assert "par Lou Chef.</strong> Motif : Une pièce est arrivée." in text(client.get(page(subject)))


def test_skipping_writes_nothing_and_comes_round(client: Client, scorer: User) -> None:
    first, second, third = subjects(open_wave([scorer], 3))
    wave = reverse("booster_ia:scoring_next", args=[int(first.panel.key)])
    assert client.get(wave).headers["Location"] == page(first)
    assert client.get(f"{wave}?apres={first.pk}").headers["Location"] == page(second)
    assert client.get(f"{wave}?apres={third.pk}").headers["Location"] == page(first)
    assert client.get(f"{wave}?apres=%C2%B2").headers["Location"] == page(first)
    assert Sheet.objects.count() == 0
    before = reverse("booster_ia:scoring_previous", args=[int(first.panel.key)])
    assert client.get(f"{before}?apres={second.pk}").headers["Location"] == page(first)
    assert client.get(f"{before}?apres={first.pk}").headers["Location"].endswith("/notation/")


def test_abstaining_is_written_and_taken_back(client: Client, scorer: User) -> None:
    first, second = subjects(open_wave([scorer], 2))
    sheet = begun(first, scorer)
    response = save(client, sheet, {"version": "1", "acte": "abstenir", "motif": "Hors de ma compétence."})
    assert response.headers["Location"] == page(second)
    assert Event.objects.get(name="abstain").reason == "Hors de ma compétence."
    assert "Vous vous êtes abstenu" in text(client.get(page(first)))
    client.post(page(first, "sheet_resume"))
    sheet.refresh_from_db()
    assert sheet.state == "draft"


def test_a_conflict_declared_after_a_sheet_was_begun_sets_it_aside(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([scorer], 2))[0]
    sheet = begun(subject, scorer)
    empty = client.post(page(subject, "sheet_withdraw"), {"motif": " "})
    assert (empty.status_code, Conflict.objects.count()) == (422, 0)
    response = client.post(page(subject, "sheet_withdraw"), {"motif": "Mon conjoint y travaille."})
    assert response.headers["Location"].endswith("/notation/")
    sheet.refresh_from_db()
    assert sheet.state == "set_aside"
    assert client.get(page(subject)).status_code == 404, "the dossier does not exist any more for this person"
    assert save(client, sheet, typed({"quality": "20"}, sheet.revision), **AUTOSAVE).status_code == 410
    listed = text(client.get(response.headers["Location"]))
    assert "1 dossier vous est fermé par un conflit d’intérêts." in listed
    assert dossier_of(subject).number not in listed


def test_a_member_of_the_applicant_organisation_does_not_judge_it(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([scorer]))[0]
    MembershipFactory(user=scorer, organisation=dossier_of(subject).organisation)
    assert client.get(page(subject)).status_code == 404, "the tie closes the dossier, declared or not"
    assert client.post(page(subject, "sheet_begin")).status_code == 404
    assert Sheet.objects.count() == 0
    listed = text(client.get(reverse("booster_ia:scoring", args=[int(subject.panel.key)])))
    assert "1 dossier vous est fermé par un conflit d’intérêts." in listed


def test_a_sheet_is_saved_by_its_author_alone(client: Client, scorer: User) -> None:
    other = make_scorer()
    sheet = begun(subjects(open_wave([scorer, other]))[0], other)
    for name in ("sheet_save", "sheet_total"):
        address = reverse(f"booster_ia:{name}", args=[sheet.pk])
        assert client.post(address, typed({"quality": "1"}, 1)).status_code == 404
    assert client.get(reverse("booster_ia:sheet_save", args=[sheet.pk])).status_code == 404
    assert Mark.objects.count() == 0


def test_who_does_not_sit_has_no_sheet(client: Client, scorer: User) -> None:
    subject = subjects(open_wave([make_scorer()]))[0]
    assert client.get(page(subject)).status_code == 404
    assert client.post(page(subject, "sheet_begin")).status_code == 404
    assert client.get(reverse("booster_ia:scoring", args=[int(subject.panel.key)])).status_code == 404


# ------------------------------------------------------------------------------------------------------------ blindness
CANARIES = ("17,31", "17.31", "88,31", "Canari")


def attacked(client: Client, panel: Panel, subject: Subject) -> str:
    """Read all that the portal answers about a scored dossier, with what could give an order away."""
    dossier, wave = dossier_of(subject), panel.key
    listing = reverse("booster_ia:scoring", args=[int(wave)])
    found = ""
    for address in (
        listing,
        f"{listing}?tri=note",
        f"{listing}?sort=-score&ordering=points",
        page(subject),
        page(subject, "sheet_results"),
        reverse("booster_ia:ranking", args=[int(wave)]),
        reverse("booster_ia:ranking_file", args=[int(wave), "csv"]),
        reverse("booster_ia:sheets_file", args=[int(wave), "nominatives", "csv"]),
        reverse("booster_ia:sheets_file", args=[int(wave), "anonymes", "xlsx"]),
        reverse("booster_ia:wave", args=[int(wave)]),
        reverse("dossiers:examine", args=[dossier.key]),
        reverse("dossiers:journal", args=[dossier.key]),
        reverse("dossiers:exchanges", args=[dossier.key]),
        reverse("dossiers:deliveries", args=[dossier.key]),
        f"{reverse('dossiers:queue')}?tri=note",
    ):
        response = client.get(address)
        content = b"".join(response) if response.streaming else response.content
        found += f"{address} {response.status_code} {dict(response.items())} {content.decode(errors='replace')}"
    return found


def scored_by_another(scorers: list[User], lead: User | None = None) -> tuple[Panel, Subject]:
    panel = open_wave(scorers, 3, lead=lead)
    last = subjects(panel)[-1]
    sheet = begun(last, scorers[-1])
    sent = {slug: sheets.Typed("17.31", "Canari.") for slug in ("quality", "feasibility", "regional_interest")}
    sent |= {slug: sheets.Typed("9.46", "Canari.") for slug in ("responsible_digital", "security", "reproducibility")}
    saved = sheets.save(sheet, sent, by=scorers[-1], revision=1)
    sheets.submit(saved.sheet, by=scorers[-1], revision=saved.sheet.revision)
    return panel, last


def order(client: Client, panel: Panel, query: str = "") -> list[int]:
    shown = client.get(reverse("booster_ia:scoring", args=[int(panel.key)]) + query).content.decode()
    return [shown.index(str(dossier_of(one).number)) for one in subjects(panel)]


def test_nothing_of_anothers_sheet_before_ones_own(client: Client, scorer: User) -> None:
    panel, subject = scored_by_another([scorer, make_scorer(name="Autre Personne")])
    found = attacked(client, panel, subject)
    assert [word for word in CANARIES if word in found] == []
    listing = client.get(reverse("booster_ia:scoring", args=[int(panel.key)]))
    assert "Autre Personne" not in text(listing), "nor who has done how many"
    for query in ("", "?tri=note", "?sort=-score"):
        assert order(client, panel, query) == sorted(order(client, panel, query)), "the highest does not come first"
    sheet = begun(subject, scorer)
    save(client, sheet, typed(FORTY_SEVEN, 1), **AUTOSAVE)
    found = attacked(client, panel, subject)
    assert [word for word in CANARIES if word in found] == [], "a draft opens nothing"
    assert (Message.objects.count(), Mail.objects.count()) == (0, 0), "scoring writes to nobody"


def test_ones_own_sheet_opens_the_others_on_this_dossier_only(client: Client, scorer: User) -> None:
    """The witness: the same readings find the canaries once they may."""
    panel, subject = scored_by_another([scorer, make_scorer(name="Autre Personne")])
    score(subject, scorer, "12", "12", "12", "4", "4", "3")
    found = attacked(client, panel, subject)
    assert "17,31" in found
    assert "Canari" in found
    assert "Autre Personne" in text(client.get(page(subject, "sheet_results")))
    other = subjects(panel)[0]
    response = client.get(page(other, "sheet_results"))
    assert response.status_code == 403
    assert "Remettez d’abord votre fiche" in text(response)


def test_a_lead_agent_without_a_sheet_reads_progress_only(client: Client) -> None:
    lead = sign_in(client, make_lead())
    panel, subject = scored_by_another([make_scorer(), make_scorer(name="Autre Personne")], lead)
    found = attacked(client, panel, subject)
    assert [word for word in CANARIES if word in found] == []
    listing = client.get(reverse("booster_ia:scoring", args=[int(panel.key)]))
    assert "Autre Personne 1 sur 3 0 0" in re.sub(r"<[^>]+>", " ", text(listing)).replace("  ", " ")
    panels.close_panel(panel, by=lead)
    assert [word for word in ("17,31", "Canari") if word not in attacked(client, panel, subject)] == []


# ----------------------------------------------------------------------------------------------------------------- cost
def queries(send: Any) -> int:
    send()
    with CaptureQueriesContext(connection) as captured:
        response = send()
    assert response.status_code == 200
    return sum("SAVEPOINT" not in one["sql"] for one in captured.captured_queries)


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_of_a_sheet_costs_the_same(client: Client, scorer: User, media: Any, count: int) -> None:
    wave = make_wave()
    dossier = make_full_dossier(wave)
    make_dossiers(wave, count - 1)
    panel = open_wave([scorer], [dossier])
    subject = next(one for one in subjects(panel) if one.key == str(dossier.pk))
    sheet = begun(subject, scorer)
    save(client, sheet, typed(FORTY_SEVEN, 1), **AUTOSAVE)
    here, total = page(subject), reverse("booster_ia:sheet_total", args=[sheet.pk])
    assert queries(lambda: client.get(here)) == 10
    assert len(client.get(here).content) < 60_000
    assert queries(lambda: client.post(total, {})) == 7
    revisions = iter(range(2, 4))
    sent = reverse("booster_ia:sheet_save", args=[sheet.pk])
    assert queries(lambda: client.post(sent, typed(FORTY_SEVEN, next(revisions)), headers=AUTOSAVE)) == 8
    listing = reverse("booster_ia:scoring", args=[int(panel.key)])
    assert queries(lambda: client.get(listing)) == 16
