"""Scenarios apart from what is final, proposals in a job with one outcome a row, a second person; each guard seen."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from booster_ia import programming as reading
from booster_ia.awards import Proposal
from booster_ia.programme import GRANT, LATER, REFUSE, Choice, Programme
from booster_ia.scenarios import Scenario, ScenarioLine
from booster_ia.services import decisions, programming
from booster_ia.services.programming import Typed
from booster_ia.waves import Wave
from normandata.accounts.models import Role, User
from normandata.dossiers.models import BulkJob, Dossier
from normandata.dossiers.services import bulk
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts
from tests.factories.accounts import make_user_with
from tests.factories.booster_scoring import make_lead, make_scorer
from tests.factories.committee import make_envelope
from tests.factories.programming import make_ranked, run, scorer_of
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
GRANTS = ("12500.00", "12499.99", "5000.02")
REASON = "Crédits insuffisants : l’enveloppe de la vague ne permet pas de financer ce projet."


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


def drawn(wave: Wave, panel: Panel, scenario: Scenario, user: User) -> Programme:
    return reading.programme_of(scenario, reading.scored(panel, user), reading.money_of(wave).available)


def opened(wave: Wave, panel: Panel, by: User, **fields: Any) -> Scenario:
    choices = reading.scored(panel, by).foreseen(reading.money_of(wave).available)
    return programming.open_scenario(wave, panel, choices, key=fields.pop("key", uuid.uuid4()), by=by, **fields)


def proposed(wave: Wave, panel: Panel, by: User, *, key: uuid.UUID | None = None) -> BulkJob:
    scenario = opened(wave, panel, by)
    return programming.propose(scenario, panel, drawn(wave, panel, scenario, by), key=key or uuid.uuid4(), by=by)


def standing(dossiers: list[Dossier]) -> dict[int, int]:
    return dict(Proposal.objects.filter(dossier__in=dossiers, ended_at=None).values_list("dossier", "pk"))


def typed(scenario: Scenario, revision: int | None = None, **choices: Choice) -> Typed:
    return Typed(
        scenario.name,
        scenario.note,
        {int(key[1:]): choice for key, choice in choices.items()},
        scenario.revision if revision is None else revision,
    )


# ---------------------------------------------------------------------------------------------------------- scenarios
def test_a_scenario_starts_from_the_ranking_and_changes_no_dossier() -> None:
    make_envelope("30000.00")
    wave, panel, dossiers = make_ranked(GRANTS)
    scenario = opened(wave, panel, make_lead())
    assert (scenario.name, scenario.revision) == ("Scénario 1", 1)
    lines = [(one.dossier_id, one.kind, one.amount, one.reason) for one in scenario.lines.all()]
    assert lines == [
        (dossiers[0].pk, GRANT, Decimal("12500.00"), ""),
        (dossiers[1].pk, GRANT, Decimal("12499.99"), ""),
        (dossiers[2].pk, REFUSE, None, REASON.replace(" :", "\u00a0:")),
    ]
    assert set(Dossier.objects.values_list("state", flat=True)) == {"review"}
    assert Proposal.objects.count() == 0


def test_the_same_key_is_one_scenario_and_names_never_clash() -> None:
    wave, panel, _ = make_ranked(GRANTS[:1])
    lead, key = make_lead(), uuid.uuid4()
    assert opened(wave, panel, lead, key=key) == opened(wave, panel, lead, key=key)
    second = opened(wave, panel, lead)
    copied = programming.copy_scenario(second, panel, key=uuid.uuid4(), by=lead)
    again = programming.copy_scenario(second, panel, key=uuid.uuid4(), by=lead)
    names = [one.name for one in wave.scenarios.all()]
    assert names == ["Scénario 1", "Scénario 2", "Scénario 2 (copie)", "Scénario 2 (copie) 2"]
    assert reading.chosen_in(copied) == reading.chosen_in(again) == reading.chosen_in(second)


def test_two_pages_never_overwrite_each_other() -> None:
    wave, panel, [dossier] = make_ranked(GRANTS[:1])
    lead, key = make_lead(), f"d{dossier.pk}"
    scenario = opened(wave, panel, lead)
    first = programming.save_scenario(scenario, panel, typed(scenario, **{key: Choice(GRANT, Decimal(9000))}), by=lead)
    assert first.revision == 2
    with pytest.raises(programming.Overtaken):
        programming.save_scenario(scenario, panel, typed(scenario, **{key: Choice(GRANT, Decimal(8000))}), by=lead)
    assert reading.chosen_in(first) == {dossier.pk: Choice(GRANT, Decimal(9000))}
    same = programming.save_scenario(scenario, panel, typed(scenario, **{key: Choice(GRANT, Decimal(9000))}), by=lead)
    assert same.revision == 2, "what is kept already is not written again, whichever page says it"


def test_the_lines_that_a_page_does_not_name_stay() -> None:
    wave, panel, dossiers = make_ranked(GRANTS)
    lead = make_lead()
    scenario = opened(wave, panel, lead)
    changed = typed(scenario, **{f"d{dossiers[1].pk}": Choice(LATER)})
    programming.save_scenario(scenario, panel, changed, by=lead)
    assert {pk: one.kind for pk, one in reading.chosen_in(scenario).items()} == {
        dossiers[0].pk: GRANT,
        dossiers[1].pk: LATER,
        dossiers[2].pk: GRANT,
    }


def test_a_name_taken_is_refused() -> None:
    wave, panel, _ = make_ranked(GRANTS[:1])
    lead = make_lead()
    opened(wave, panel, lead)
    second = opened(wave, panel, lead)
    with pytest.raises(programming.NameTaken):
        programming.save_scenario(second, panel, Typed("Scénario 1", "", {}, 1), by=lead)


def test_deleting_a_scenario_leaves_its_content_in_the_journal() -> None:
    wave, panel, [dossier] = make_ranked(GRANTS[:1])
    lead = make_lead()
    scenario = opened(wave, panel, lead)
    pk = scenario.pk
    programming.delete_scenario(scenario, panel, by=lead)
    assert not Scenario.objects.exists()
    event = Event.objects.about(wave).named("delete_scenario").get()
    assert (event.by, event.data) == (
        lead,
        {"scenario": pk, "name": "Scénario 1", "lines": [[dossier.pk, "grant", "12500.00", ""]]},
    )


def test_the_database_refuses_a_line_that_says_nothing() -> None:
    wave, panel, [dossier] = make_ranked(GRANTS[:1])
    scenario = opened(wave, panel, make_lead())
    for kind, amount, reason in ((GRANT, None, ""), (GRANT, Decimal(0), ""), (REFUSE, None, "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            ScenarioLine.objects.filter(scenario=scenario, dossier=dossier).update(
                kind=kind, amount=amount, reason=reason
            )


def test_who_may_write_a_scenario() -> None:
    wave, panel, _ = make_ranked(GRANTS[:1])
    for person in (make_scorer(), make_user_with(Role.AUDITOR, "booster_ia"), make_user_with(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            programming.open_scenario(wave, panel, {}, key=uuid.uuid4(), by=person)
    assert programming.open_scenario(wave, panel, {}, key=uuid.uuid4(), by=scorer_of(panel)).pk
    assert programming.may_read(make_user_with(Role.AUDITOR, "booster_ia"), panel)
    assert not programming.may_read(make_scorer(), panel)


# ---------------------------------------------------------------------------------------------------------- proposing
def test_a_scenario_becomes_one_proposal_a_dossier_with_its_place_and_score() -> None:
    make_envelope("30000.00")
    wave, panel, dossiers = make_ranked(("12500.00", "12499.99", "5000.02", "9000.00"), totals=(90, 80, 70, 48))
    lead = make_lead()
    job = proposed(wave, panel, lead)
    assert Proposal.objects.count() == 0, "nothing is done before the worker"
    assert run(job) == [("done", "")] * 4
    rows = Proposal.objects.order_by("dossier").values_list("dossier", "kind", "amount", "rank", "score", "by")
    assert list(rows) == [
        (dossiers[0].pk, "grant", Decimal("12500.00"), 1, "90,00", lead.pk),
        (dossiers[1].pk, "grant", Decimal("12499.99"), 2, "80,00", lead.pk),
        (dossiers[2].pk, "refuse", None, 3, "70,00", lead.pk),
        (dossiers[3].pk, "refuse", None, None, "48,00", lead.pk),
    ]
    reasons = [one.reason.replace("\u00a0", " ") for one in Proposal.objects.order_by("dossier")]
    assert reasons == ["", "", REASON, "Note de 48,00 sur 100, inférieure au plancher de 50."]


def test_a_double_click_is_one_job() -> None:
    wave, panel, _ = make_ranked(GRANTS)
    lead, key = make_lead(), uuid.uuid4()
    scenario = opened(wave, panel, lead)
    first = programming.propose(scenario, panel, drawn(wave, panel, scenario, lead), key=key, by=lead)
    run(first)
    again = programming.propose(scenario, panel, drawn(wave, panel, scenario, lead), key=key, by=lead)
    assert (again, BulkJob.objects.count(), Proposal.objects.count()) == (first, 1, 3)
    other = opened(wave, panel, lead)
    with pytest.raises(bulk.KeyTaken):
        programming.propose(other, panel, drawn(wave, panel, other, lead), key=key, by=lead)


@pytest.mark.django_db(transaction=True)
def test_the_same_click_at_the_same_instant_is_one_job() -> None:
    wave, panel, _ = make_ranked(GRANTS[:2])
    lead, key = make_lead(), uuid.uuid4()
    scenario = opened(wave, panel, lead)
    programme = drawn(wave, panel, scenario, lead)

    def click() -> int:
        return programming.propose(scenario, panel, programme, key=key, by=User.objects.get(pk=lead.pk)).pk

    made = together(*[click] * 4)
    assert [one for one in made if isinstance(one, Exception)] == []
    assert (len(set(made)), BulkJob.objects.count()) == (1, 1)


def test_a_job_is_frozen_when_it_is_posted() -> None:
    wave, panel, [dossier] = make_ranked(GRANTS[:1])
    lead = make_lead()
    scenario = opened(wave, panel, lead)
    job = programming.propose(scenario, panel, drawn(wave, panel, scenario, lead), key=uuid.uuid4(), by=lead)
    changed = typed(scenario, **{f"d{dossier.pk}": Choice(GRANT, Decimal(1))})
    programming.save_scenario(scenario, panel, changed, by=lead)
    run(job)
    assert Proposal.objects.get().amount == Decimal("12500.00")


def test_each_row_says_what_became_of_it() -> None:
    wave, panel, dossiers = make_ranked(("9000.00", "8000.00", "7000.00"))
    lead = make_lead()
    job = proposed(wave, panel, lead)
    decisions.propose(dossiers[0], amount=Decimal(5000), by=make_scorer())
    dossiers[1].partners.update(state="invited", confirmed_at=None, by_name="")
    done, refused, last = run(job)
    assert done == ("already", "Une proposition est déjà faite sur ce dossier.")
    assert refused[0] == "refused"
    assert "participation" in refused[1]
    assert last == ("done", "")


def test_nothing_beyond_the_envelope_is_proposed() -> None:
    make_envelope("30000.00")
    wave, panel, dossiers = make_ranked(GRANTS)
    lead = make_lead()
    scenario = opened(wave, panel, lead)
    third = typed(scenario, **{f"d{dossiers[2].pk}": Choice(GRANT, Decimal("5000.02"))})
    kept = programming.save_scenario(scenario, panel, third, by=lead)
    with pytest.raises(NotDone) as refused:
        programming.propose(kept, panel, drawn(wave, panel, kept, lead), key=uuid.uuid4(), by=lead)
    said = refused.value.messages[0].replace("\u00a0", " ").replace("\u202f", " ")
    assert said == "Ce scénario dépasse de 0,01 € ce que l’enveloppe peut encore payer."
    assert not BulkJob.objects.exists()


def test_what_is_proposed_already_leaves_less_for_the_next_scenario() -> None:
    make_envelope("30000.00")
    wave, panel, _ = make_ranked(GRANTS)
    run(proposed(wave, panel, make_lead()))
    money = reading.money_of(wave)
    assert (money.spoken_for, money.available) == (Decimal("24999.99"), Decimal("5000.01"))


# --------------------------------------------------------------------------------------------------------- validating
def test_another_person_validates_and_who_proposed_does_not() -> None:
    wave, panel, dossiers = make_ranked(GRANTS)
    lead, other = make_lead(), scorer_of(panel)
    run(proposed(wave, panel, lead))
    refused = run(programming.validate(wave, panel, standing(dossiers), key=uuid.uuid4(), by=lead))
    said = "Vous avez fait cette proposition : une autre personne la valide."
    assert [(state, cause.replace("\u00a0", " ")) for state, cause in refused] == [("refused", said)] * 3
    job = programming.validate(wave, panel, standing(dossiers), key=uuid.uuid4(), by=other)
    assert run(job) == [("done", "")] * 3
    assert set(Proposal.objects.values_list("is_validated", "decided_by")) == {(True, other.pk)}
    again = programming.validate(wave, panel, standing(dossiers), key=uuid.uuid4(), by=make_lead())
    assert run(again) == [("already", "Cette proposition est déjà validée.")] * 3


def test_a_proposal_changed_since_it_was_read_is_not_validated() -> None:
    wave, panel, dossiers = make_ranked(GRANTS[:1])
    run(proposed(wave, panel, make_lead()))
    job = programming.validate(wave, panel, standing(dossiers), key=uuid.uuid4(), by=scorer_of(panel))
    colleague = make_scorer()
    [dossier] = Dossier.objects.filter(pk=dossiers[0].pk)
    decisions.send_back(dossier, reason="À revoir.", by=colleague)
    decisions.propose(dossier, amount=Decimal(1), by=colleague)
    [(state, cause)] = run(job)
    assert (state, cause.replace("\u00a0", " ")) == ("refused", programming.CHANGED)
    assert not Proposal.objects.filter(is_validated=True).exists()


def test_a_conflict_closes_a_dossier_to_who_proposes_and_to_who_validates() -> None:
    wave, panel, dossiers = make_ranked(GRANTS)
    lead, other = make_lead(), make_lead()
    subjects = {one.key: one for one in Subject.objects.filter(panel=panel).select_related("panel")}
    conflicts.declare(lead, subjects[str(dossiers[1].pk)], by=lead, reason="Un parent y travaille.")
    seen = reading.scored(panel, lead)
    assert ([one.pk for one in seen.candidates], seen.withheld) == ([dossiers[0].pk, dossiers[2].pk], 1)
    assert [one.rank for one in seen.candidates] == [1, 2], "places are counted without what is closed"
    run(proposed(wave, panel, lead))
    assert dict(Proposal.objects.values_list("dossier", "rank")) == {dossiers[0].pk: 1, dossiers[2].pk: 3}
    conflicts.declare(other, subjects[str(dossiers[2].pk)], by=other, reason="Un ancien employeur.")
    job = programming.validate(wave, panel, standing(dossiers), key=uuid.uuid4(), by=User.objects.get(pk=other.pk))
    assert run(job) == [("done", ""), ("refused", "Un conflit d’intérêts vous ferme ce dossier.")]
