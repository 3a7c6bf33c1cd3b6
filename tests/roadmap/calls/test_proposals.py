"""A proposal on the kernel's dossiers: its dates are its call's, its deposit is kept, its carrier is answered."""

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict

from normandata.dossiers import cards, drafts, periods
from normandata.dossiers.models import Dossier, Section
from normandata.dossiers.services import drafts as gestures
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from normandata.regulation.findings import Outcome
from roadmap.calls import proposals, services
from roadmap.calls.models import Call, CallProposal
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.calls import answers, deposit, make_answered, make_call, make_proposal, make_proposal_draft
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.normandata.scoring.test_costs import cost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
LAST = date(2026, 11, 30)
"""Closes at 24:00 in Paris, 23:00 UTC in winter, and five minutes of grace."""


def closing() -> Call:
    return make_call(opens_on=date(2026, 11, 1), closes_on=LAST)


def test_a_deposit_keeps_what_the_assessment_counts() -> None:
    call = make_call()
    found = make_proposal(call, theme=2, scale=1, places=("76", "14", "hors"), public=True, title="Ferry ouvert")
    dossier = found.dossier
    assert (dossier.number, dossier.state, dossier.scheme) == ("AMI-2026-0001", "submitted", "roadmap")
    assert (found.call, found.title, found.theme.label, found.scale.label) == (
        call, "Ferry ouvert", "Énergie", "Intercommunale",
    )  # fmt: skip
    assert (found.is_from_public, found.is_outside) == (True, True)
    assert [place.department for place in found.places.all()] == ["14", "76"]
    assert (found.summary, found.climate, found.outcome) == ("Compter, puis publier.", "Moins de déplacements.", "")
    assert dossier.refused_by_silence_on == date(2027, 1, 23)


def test_a_new_version_replaces_what_was_kept() -> None:
    call = make_call()
    dossier = make_proposal(call, places=("14", "50")).dossier
    Section.objects.filter(dossier=dossier, slug="projet").update(
        answers=answers(call, theme=1, places=("hors",), title="Autrement")["projet"]
    )
    deposit(dossier)
    found = CallProposal.objects.get(pk=dossier.pk)
    assert (dossier.version, found.title, found.theme.label, found.is_outside) == (2, "Autrement", "Santé", True)
    assert not found.places.exists()


def test_a_deposited_proposal_does_not_move_to_another_call() -> None:
    first, second = make_call(title="Premier"), make_call()
    dossier = make_proposal(first).dossier
    for slug, typed in answers(second).items():
        Section.objects.filter(dossier=dossier, slug=slug).update(answers=typed)
    with pytest.raises(Unmet) as caught:
        deposit(dossier)
    assert "Premier" in caught.value.messages[0]
    dossier.refresh_from_db()
    assert (dossier.version, CallProposal.objects.get(pk=dossier.pk).call) == (1, first)


def test_a_theme_of_another_call_is_no_answer() -> None:
    call, other = make_call(), make_call()
    dossier = make_proposal_draft(call)
    typed = answers(call)["projet"] | {"theme": str(other.themes[0].pk)}
    Section.objects.filter(dossier=dossier, slug="projet").update(answers=typed)
    state = drafts.read(dossier).section("projet")
    assert state is not None
    assert list(state.form.errors) == ["theme"]
    with pytest.raises(Unmet):
        deposit(dossier)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 10, 31, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 23, 5, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 23, 5, 1, tzinfo=UTC), False),
    ],
)
def test_the_dates_of_a_call_are_days_of_paris_with_the_grace_of_the_reglement(at: datetime, is_open: bool) -> None:
    call = closing()
    assert proposals.window(call, at).is_open is is_open
    dossier = make_proposal_draft(call)
    if is_open:
        assert deposit(dossier, at=at).state == "submitted"
        return
    with pytest.raises(Unmet):
        deposit(dossier, at=at)


def test_what_arrived_in_time_is_taken_whoever_closed_the_call_meanwhile() -> None:
    call = closing()
    dossier = make_proposal_draft(call)
    Call.objects.filter(pk=call.pk).update(state="closed")
    assert deposit(dossier, at=datetime(2026, 11, 30, 23, 4, tzinfo=UTC)).state == "submitted"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("cancelled", "Cet appel est annulé. Votre brouillon est gardé."),
        ("announced", "Le dépôt n’est pas encore ouvert. Votre brouillon est gardé. Le prochain dépôt ouvre le 13"),
        ("draft", "Choisissez d’abord l’appel auquel vous répondez. Votre brouillon est gardé."),
    ],
)
def test_a_call_that_is_not_open_says_why(state: str, sentence: str) -> None:
    call = make_call()
    dossier = make_proposal_draft(call)
    Call.objects.filter(pk=call.pk).update(state=state, state_reason="Motif.")
    assert periods.window_of(dossier, datetime(2026, 11, 23, tzinfo=UTC)).refusal.startswith(sentence)


def test_a_draft_without_a_call_waits_for_one() -> None:
    membership = MembershipFactory()
    draft = gestures.begin("roadmap", membership.organisation, QueryDict(), by=membership.user)
    assert "Choisissez d’abord l’appel" in cards.sentence(draft, datetime(2026, 11, 23, tzinfo=UTC))


def test_the_page_of_a_call_fills_the_call_in() -> None:
    organisation: Organisation = OrganisationFactory()
    first, second = make_call(), make_call()
    made = proposals.prefill(organisation, QueryDict(f"appel={second.slug}"))
    assert made["appel"] == {"appel": second.slug}
    assert made["structure"]["nom"] == organisation.name
    assert "appel" not in proposals.prefill(organisation, QueryDict("appel=inconnu"))
    Call.objects.filter(pk=second.pk).update(state="closed")
    assert proposals.prefill(organisation, QueryDict(""))["appel"] == {"appel": first.slug}


def test_the_cards_of_drafts_cost_the_same_for_1_and_30() -> None:
    call, user = make_call(), UserFactory()
    for _ in range(30):
        make_proposal_draft(call, by=user, organisation=MembershipFactory(user=user).organisation)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    found = Dossier.objects.applied_by(user)

    def read(count: int) -> list[str]:
        return [one.sentence for one in cards.cards(cards.ready(found.order_by("pk")[:count]), at)]

    assert set(read(30)) == {"Dossier non déposé. Date limite : 3\u00a0décembre\u00a02026 à 23 h 59."}
    assert cost(lambda: read(1))[0] == cost(lambda: read(30))[0]


def test_the_verdict_looks_at_the_period_and_the_carrier() -> None:
    call = make_call()
    known, unknown = OrganisationFactory(), OrganisationFactory(pending=True)
    answered = make_proposal(call, organisation=known).dossier.verdict
    assert answered is not None
    assert [(one["rule"], one["outcome"]) for one in answered["findings"]] == [
        ("roadmap.period", "met"),
        ("roadmap.carrier", "met"),
    ]
    draft = make_proposal_draft(call, organisation=unknown)
    Section.objects.filter(dossier=draft, slug="structure").update(
        answers={**answers(call)["structure"], "departement": "14"}
    )
    doubtful = deposit(draft).verdict
    assert doubtful is not None
    assert doubtful["findings"][1]["outcome"] == Outcome.TO_REVIEW.value


def test_an_answer_closes_the_dossier_tells_the_carrier_and_ends_the_silence() -> None:
    call = make_call()
    found = make_answered(call, "oriented")
    dossier = found.dossier
    assert (dossier.state, dossier.turn, dossier.refused_by_silence_on) == ("closed", "nobody", None)
    assert (found.outcome, found.answer) == ("oriented", "Merci.")
    told = dossier.messages.order_by("-pk")[0]
    assert told.subject == f"Réponse à votre proposition {dossier.number}"
    assert "Suite donnée\u00a0: Orientée vers un dispositif." in told.text
    assert call.title in told.text
    assert cards.sentence(dossier, datetime(2026, 11, 23, tzinfo=UTC)) == (
        "Examen terminé : votre proposition est orientée vers un dispositif."
    )


def test_only_an_agent_of_the_calls_answers_and_only_under_review() -> None:
    dossier = make_proposal(make_call()).dossier
    agent = make_agent("roadmap")
    with pytest.raises(NotNow):
        services.conclude(dossier, outcome="noted", answer="Merci.", by=agent)
    procedure.fire(dossier, "start_review", by=agent)
    for other in (make_agent("diagnostic"), dossier.created_by):
        with pytest.raises(NotAllowed):
            services.conclude(dossier, outcome="noted", answer="Merci.", by=other)


def test_an_answer_is_taken_back_with_a_reason_until_the_assessment() -> None:
    call, agent = make_call(), make_agent("roadmap")
    found = make_answered(call, agent=agent)
    dossier = found.dossier
    procedure.fire(dossier, "reconsider", by=agent, reason="Une pièce oubliée.")
    found.refresh_from_db()
    assert (dossier.state, found.outcome, found.answer) == ("review", "", "")
    assert "Une pièce oubliée." in dossier.messages.order_by("-pk")[0].text
    services.conclude(dossier, outcome="retained", answer="Oui.", by=agent)
    Call.objects.filter(pk=call.pk).update(state="published")
    with pytest.raises(Unmet, match="bilan"):
        procedure.fire(dossier, "reconsider", by=agent, reason="Encore.")


def test_a_call_that_names_carriers_asks_them_first() -> None:
    call = make_call(names_carriers=True)
    draft = make_proposal_draft(call)
    with pytest.raises(Unmet, match="engagement"):
        deposit(draft)
    assert deposit(draft, accepted=("exact", "publication")).state == "submitted"
