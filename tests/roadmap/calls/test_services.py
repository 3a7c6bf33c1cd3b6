"""The pilot's gestures on a call: what each writes, what it refuses, and that nobody overwrites anybody."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from normandata.accounts.models import Role
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.procedure.services import available
from roadmap.calls import permissions, services
from roadmap.calls.models import Call, Option
from roadmap.models import Chantier, Deliberation
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.calls import make_answered, make_call, make_proposal
from tests.factories.roadmap import ChantierFactory, make_action, make_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
TODAY = date(2026, 11, 23)
VALUES: dict[str, Any] = {
    "title": "Données de mobilité",
    "summary": "Proposez un projet.",
    "text": "Qui peut répondre.",
    "opens_on": TODAY,
    "closes_on": date(2026, 12, 31),
    "names_carriers": False,
    "contact": "Service des données",
    "email": "appel@exemple.invalid",
    "phone": "",
    "themes": ["Vélo", "Train"],
    "scales": ["Communale", "Régionale"],
    "deliberations": (),
}


def fresh(call: Call) -> Call:
    return Call.objects.whole().get(pk=call.pk)


def labels(call: Call, kind: str) -> list[str]:
    return [one.label for one in fresh(call).choices(kind)]


def test_a_pilot_begins_a_call_of_a_chantier_and_writes_it() -> None:
    action = make_action()
    pilot = make_pilot(action)
    call = services.create(action.chantier, "Données de mobilité", by=pilot)
    assert (call.slug, call.state, call.is_public) == ("donnees-de-mobilite", "draft", False)
    assert labels(call, Option.Kind.SCALE) == list(services.SCALES)
    act = Deliberation.objects.create(action=action, number="CP D 1", title="Appel", adopted_on=TODAY)
    services.describe(call, VALUES | {"deliberations": [act]}, by=pilot, seen=1)
    assert {name: getattr(fresh(call), name) for name in services.COLUMNS} == {
        name: VALUES[name] for name in services.COLUMNS
    }
    assert (labels(call, Option.Kind.THEME), labels(call, Option.Kind.SCALE)) == (
        ["Vélo", "Train"],
        ["Communale", "Régionale"],
    )
    assert list(call.deliberations.all()) == [act]
    assert [one.name for one in Event.objects.about(call)] == ["describe", "create_call"]


def test_two_calls_of_a_title_have_two_addresses_and_none_takes_that_of_a_past_one() -> None:
    action = make_action()
    pilot = make_pilot(action)
    made = [services.create(action.chantier, "Données et Territoires", by=pilot).slug for _ in range(2)]
    assert made == ["donnees-et-territoires-2", "donnees-et-territoires-3"]
    assert services.create(action.chantier, "Nouveau", by=pilot).slug == "nouveau-2"
    assert services.create(action.chantier, "???", by=pilot).slug == "appel"


def test_only_the_pilots_of_its_chantier_and_administrators_write_a_call() -> None:
    action, elsewhere = make_action(), make_action()
    call = make_call(chantier=action.chantier)
    writers = [make_pilot(action), make_pilot(), make_user_with(Role.ADMINISTRATOR, "roadmap")]
    others = [make_pilot(elsewhere), UserFactory(), make_user_with(Role.ADMINISTRATOR, "diagnostic")]
    assert [permissions.pilots(one, call) for one in writers + others] == [True] * 3 + [False] * 3
    assert [permissions.writes_calls(one) for one in writers + others] == [True] * 4 + [False] * 2
    for one in writers:
        assert list(Call.objects.piloted_by(one)) == [call]
        assert action.chantier in Chantier.objects.written_by(one)
    for one in others:
        assert not Call.objects.piloted_by(one).exists()
        with pytest.raises(NotAllowed):
            services.describe(call, VALUES, by=one)
    with pytest.raises(NotAllowed):
        services.create(action.chantier, "Ailleurs", by=others[0])


def test_two_pages_never_overwrite_each_other() -> None:
    call, pilot = make_call("draft"), make_pilot()
    services.describe(call, VALUES, by=pilot, seen=1)
    with pytest.raises(services.Changed):
        services.describe(fresh(call), VALUES | {"title": "Autre"}, by=pilot, seen=1)
    with pytest.raises(Unmet):
        services.fire(call, "open", by=pilot, seen=1)
    assert (fresh(call).title, fresh(call).state) == ("Données de mobilité", "draft")


def test_once_open_only_whom_to_ask_changes() -> None:
    call, pilot = make_call(title="Tel quel"), make_pilot()
    services.describe(call, VALUES, by=pilot)
    found = fresh(call)
    assert (found.title, found.email, found.contact) == ("Tel quel", "appel@exemple.invalid", "Service des données")
    assert labels(call, Option.Kind.THEME) == ["Mobilité", "Santé", "Énergie"]


def test_a_deliberation_of_another_chantier_is_not_linked() -> None:
    call = make_call("draft")
    other = Deliberation.objects.create(
        chantier=ChantierFactory.create(), number="CP D 2", title="Autre", adopted_on=TODAY
    )
    services.describe(call, VALUES | {"deliberations": [other]}, by=make_pilot())
    assert not call.deliberations.exists()


@pytest.mark.parametrize(
    ("wanting", "said"),
    [
        ({"text": ""}, "Écrivez le résumé et le texte de l’appel."),
        ({"closes_on": None}, "Fixez l’ouverture et la fermeture de l’appel."),
        ({"email": "", "phone": ""}, "Indiquez un contact\u00a0: un courriel ou un téléphone."),
        ({"themes": ["Vélo"]}, "Listez au moins deux thématiques."),
        ({"scales": []}, "Listez au moins deux échelles."),
    ],
)
def test_a_call_opens_whole(wanting: dict[str, Any], said: str) -> None:
    call, pilot = make_call("draft"), make_pilot()
    services.describe(call, VALUES | wanting, by=pilot)
    for name in ("announce", "open"):
        with pytest.raises(Unmet) as caught:
            services.fire(fresh(call), name, by=pilot)
        assert list(caught.value.messages) == [said]


def test_the_whole_life_of_a_call() -> None:
    call, pilot = make_call("draft", opens_on=TODAY, closes_on=TODAY), make_pilot()
    names = [[row.name for row in available(call, pilot)]]
    services.fire(call, "announce", by=pilot)
    services.fire(call, "open", by=pilot)
    names.append([row.name for row in available(call, pilot)])
    services.extend(call, TODAY + timedelta(days=5), by=pilot, reason="Beaucoup de questions.")
    assert (call.closes_on, call.state, call.state_reason) == (date(2026, 11, 28), "open", "Beaucoup de questions.")
    Call.objects.filter(pk=call.pk).update(state="closed")
    services.fire(fresh(call), "publish", by=pilot)
    services.fire(fresh(call), "take_back", by=pilot, reason="Une erreur.")
    services.fire(fresh(call), "publish", by=pilot)
    assert fresh(call).state == "published"
    assert names == [["announce", "open", "drop"], ["extend", "cancel"]]


def test_a_call_does_not_open_before_its_day_nor_after() -> None:
    pilot = make_pilot()
    early = make_call("announced", opens_on=date(2026, 11, 24))
    with pytest.raises(Unmet, match="24"):
        services.fire(early, "open", by=pilot)
    late = make_call("draft", closes_on=date(2026, 11, 22))
    for name in ("announce", "open"):
        with pytest.raises(Unmet, match="changez les dates"):
            services.fire(late, name, by=pilot)


@pytest.mark.parametrize("day", [date(2026, 12, 3), date(2026, 12, 2)])
def test_an_extension_gives_time_and_says_why(day: date) -> None:
    call, pilot = make_call(), make_pilot()
    assert call.closes_on == date(2026, 12, 3)
    with pytest.raises(Unmet) as caught:
        services.extend(call, day, by=pilot, reason="Motif.")
    assert caught.value.messages[0].field == "closes_on"  # type: ignore[attr-defined]
    with pytest.raises(ReasonMissing):
        services.extend(call, date(2026, 12, 20), by=pilot, reason=" ")


def test_an_assessment_waits_for_every_answer() -> None:
    call, pilot = make_call(), make_pilot()
    make_answered(call)
    left = make_proposal(call)
    Call.objects.filter(pk=call.pk).update(state="closed")
    with pytest.raises(Unmet, match="1\u00a0proposition n’a pas encore reçu sa réponse"):
        services.fire(fresh(call), "publish", by=pilot)
    procedure.fire(left.dossier, "withdraw", by=left.dossier.created_by)
    services.fire(fresh(call), "publish", by=pilot)
    assert fresh(call).state == "published"


def test_a_call_that_was_answered_is_not_cancelled() -> None:
    call, pilot = make_call(), make_pilot()
    make_proposal(call)
    with pytest.raises(Unmet, match="elles s’examinent"):
        services.fire(call, "cancel", by=pilot, reason="Budget.")
    other = make_call()
    services.fire(other, "cancel", by=pilot, reason="Budget.")
    assert (other.state, other.state_reason) == ("cancelled", "Budget.")
    with pytest.raises(NotNow):
        services.fire(other, "open", by=pilot)


def test_what_must_hold_of_a_call_is_refused_with_its_sentence() -> None:
    call, pilot = make_call("draft"), make_pilot()
    with pytest.raises(ValidationError) as caught:
        services.describe(call, VALUES | {"opens_on": date(2027, 1, 1)}, by=pilot)
    assert caught.value.messages == ["L’appel ferme après avoir ouvert."]


def test_a_draft_is_dropped_in_silence() -> None:
    call, pilot = make_call("draft"), make_pilot()
    assert [row.name for row in available(call, pilot)] == ["announce", "open", "drop"]
    services.fire(call, "drop", by=pilot)
    assert fresh(call).state == "dropped"
    assert list(Call.objects.public()) == []


WHOLE_CALL = "Écrivez le résumé et le texte de l’appel."
DATES = "Fixez l’ouverture et la fermeture de l’appel."
WHOM = "Indiquez un contact\u00a0: un courriel ou un téléphone."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"summary": ""}, {"summary": [WHOLE_CALL]}),
        ({"text": ""}, {"text": [WHOLE_CALL]}),
        ({"opens_on": None}, {"opens_on": [DATES]}),
        ({"closes_on": None}, {"closes_on": [DATES]}),
        ({"themes": ["Une seule"]}, {"themes": ["Listez au moins deux thématiques."]}),
        ({"scales": []}, {"scales": ["Listez au moins deux échelles."]}),
        ({"email": "", "phone": ""}, {"email": [WHOM]}),
        (
            {"opens_on": date(2026, 11, 1), "closes_on": date(2026, 11, 22)},
            {"closes_on": ["Les dépôts se seraient clos le 22\u00a0novembre\u00a02026\u00a0: changez les dates."]},
        ),
    ],
)
def test_an_announced_call_stays_whole_and_to_come(typed: dict[str, Any], said: dict[str, list[str]]) -> None:
    call, pilot = make_call("announced"), make_pilot()
    with pytest.raises(ValidationError) as caught:
        services.describe(fresh(call), VALUES | typed, by=pilot)
    assert caught.value.message_dict == said
    assert (fresh(call).revision, len(fresh(call).themes)) == (1, 3)
    services.describe(fresh(call), VALUES | {"closes_on": TODAY}, by=pilot)
    assert (fresh(call).closes_on, labels(call, Option.Kind.THEME)) == (TODAY, ["Vélo", "Train"])


@pytest.mark.parametrize("state", ["open", "closed", "published"])
def test_a_call_that_is_read_keeps_somebody_to_ask(state: str) -> None:
    call, pilot = make_call(state), make_pilot()
    with pytest.raises(ValidationError) as caught:
        services.describe(call, VALUES | {"email": "", "phone": ""}, by=pilot)
    assert caught.value.message_dict == {"email": [WHOM]}
    services.describe(fresh(call), VALUES | {"email": "", "phone": "02 31 00 00 00"}, by=pilot)
    assert (fresh(call).email, fresh(call).phone) == ("", "02 31 00 00 00")


def test_a_call_in_preparation_or_cancelled_may_lack_anything() -> None:
    pilot = make_pilot()
    empty = {"summary": "", "text": "", "opens_on": None, "closes_on": None, "email": "", "phone": ""}
    services.describe(make_call("draft"), VALUES | empty | {"themes": [], "scales": []}, by=pilot)
    services.describe(make_call("cancelled", state_reason="Budget."), VALUES | empty, by=pilot)
