"""What follows a grant besides money: an account kept then frozen, what agents note, and what closing waits for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from booster_ia.after import NetworkEntry, Outcome, Reply
from booster_ia.awards import Award
from booster_ia.services import after
from normandata.accounts.models import User
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.models import Dossier
from normandata.dossiers.questionnaires import Conflict
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.procedure.services import Firing
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.booster_after import ANSWERS, applicant_of, make_award
from tests.factories.documents import UploadFactory
from tests.factories.organisations import MembershipFactory
from tests.factories.waves import make_partner

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 6, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_june(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def award() -> Award:
    return make_award()


@pytest.fixture
def agent() -> User:
    return make_agent("booster_ia")


def again(award: Award) -> Award:
    found = after.followed(Dossier.objects.get(pk=award.dossier_id))
    assert found is not None
    return found


def wanting(award: Award) -> list[str]:
    firing: Any = Firing(again(award).dossier, None, None, NOW, "", {})  # type: ignore[arg-type]
    return after.after_is_told(firing)


def acts(award: Award) -> list[str]:
    return [one.name for one in Event.objects.about(award.dossier)]


# --------------------------------------------------------------------------------------------------------- the account
def test_the_indicators_are_those_of_the_application(award: Award) -> None:
    assert [(one.rank, one.name, one.target, one.unit) for one in after.declared(award)] == [
        (1, "Crues prévues à 24 heures", Decimal(95), "%"),
        (2, "Communes équipées", Decimal(12), ""),
    ]


def test_an_account_is_kept_as_typed_by_anybody_of_the_organisation(award: Award) -> None:
    colleague = MembershipFactory(organisation=award.organisation).user
    kept = after.save(award, {"appris": "Beau"}, version=0, by=applicant_of(award))
    assert (kept.version, kept.answers) == (1, {"appris": "Beau"})
    same = after.save(award, {"appris": "Beau"}, version=0, by=colleague)
    assert (same.version, same.saved_by) == (1, applicant_of(award))
    changed = after.save(award, {"appris": "Beaucoup"}, version=1, by=colleague)
    assert (changed.version, changed.saved_by) == (2, colleague)
    with pytest.raises(Conflict) as conflict:
        after.save(award, {"appris": "Peu"}, version=1, by=applicant_of(award))
    assert conflict.value.kept.answers == {"appris": "Beaucoup"}


def test_a_whole_account_is_sent_once_and_frozen(award: Award, agent: User) -> None:
    Dossier.objects.filter(pk=award.dossier_id).update(owner=agent)
    by = applicant_of(award)
    after.save(award, ANSWERS, version=0, by=by)
    kept = after.send(award, by=by)
    assert (kept.is_completed, kept.finished_on, kept.commons) == (True, date(2027, 5, 25), ["feedback"])
    assert (kept.sent_at, kept.sent_by) == (NOW, by)
    assert [(one.target, one.value, one.comment) for one in after.told(award)] == [
        (Decimal(95), Decimal("91.5"), ""),
        (Decimal(12), None, "Le déploiement est reporté."),
    ]
    assert acts(award) == ["outcome_sent"]
    assert [(one.kind, one.recipient) for one in Mail.objects.all()] == [("booster_ia.outcome_sent", agent)]
    for gesture in (lambda: after.save(award, {}, version=1, by=by), lambda: after.send(award, by=by)):
        with pytest.raises(NotNow) as refused:
            gesture()
        assert refused.value.messages == (after.SENT,)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"valeur1": ""}, "Indiquez la valeur atteinte, ou dites pourquoi elle n’a pas été mesurée."),
        ({"terme": ""}, "Dites si le projet est allé à son terme."),
        ({"fini_le": "03/06/2027"}, "Cette date est à venir."),
        ({"fini_le": "20/12/2026"}, "Le projet commence le 21 décembre 2026 : relisez cette date."),
        ({"communs": ["none", "contents"]}, "« Rien pour le moment » ne se coche pas avec une autre ligne."),
        ({"communs": ["none"], "communs_detail": ""}, "Dites où on les trouve, ou pourquoi rien n’est donné encore."),
        ({"appris": ""}, "Dites en quelques mots ce que vous avez appris."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(award: Award, change: dict[str, Any], sentence: str) -> None:
    by = applicant_of(award)
    after.save(award, {**ANSWERS, **change}, version=0, by=by)
    with pytest.raises(NotDone) as refused:
        after.send(award, by=by)
    (said,) = (one.replace("\u00a0", " ") for one in refused.value.messages)
    assert said.casefold().endswith(sentence.casefold())
    assert not Outcome.objects.get(award=award).is_sent


def test_nothing_given_is_an_empty_list_of_commons(award: Award) -> None:
    after.save(award, {**ANSWERS, "communs": ["none"]}, version=0, by=applicant_of(award))
    assert after.send(award, by=applicant_of(award)).commons == []


def test_only_the_organisation_types_its_account(award: Award, agent: User) -> None:
    for other in (agent, UserFactory()):
        with pytest.raises(NotAllowed):
            after.save(award, {}, version=0, by=other)
    assert Outcome.objects.count() == 0


@pytest.mark.parametrize("state", ["granted", "closed", "lapsed"])
def test_an_account_is_told_while_the_dossier_runs(award: Award, state: str) -> None:
    Dossier.objects.filter(pk=award.dossier_id).update(state=state)
    with pytest.raises(NotNow) as refused:
        after.save(award, {}, version=0, by=applicant_of(award))
    assert refused.value.messages == (after.OVER,)


def test_an_account_opens_with_the_project(award: Award) -> None:
    with time_machine.travel("2026-12-20T12:00:00+01:00", tick=False), pytest.raises(NotNow) as refused:
        after.save(award, {}, version=0, by=applicant_of(award))
    assert refused.value.messages == ("Le bilan s’ouvre quand le projet commence, le 21\u00a0décembre\u00a02026.",)


def test_before_its_notification_a_grant_is_not_followed() -> None:
    award = make_award(notified_on=None)
    assert after.followed(award.dossier) is None


# ------------------------------------------------------------------------------------------------------- what is noted
def test_an_exchange_is_noted_and_told_once(award: Award, agent: User) -> None:
    after.note_exchange(award, on=date(2027, 6, 1), mode="remote", notes="Bien.", by=agent)
    after.note_exchange(award, on=date(2027, 6, 1), mode="remote", notes="Très bien.", by=agent)
    found = Outcome.objects.get(award=award)
    assert (found.exchange_on, found.exchange_mode, found.exchange_notes) == (date(2027, 6, 1), "remote", "Très bien.")
    assert acts(award) == ["exchange_held", "exchange_held"]
    (told,) = ThreadMessage.objects.filter(dossier=award.dossier)
    assert "le 1er\u00a0juin\u00a02027, à distance" in told.text
    assert "bien" not in told.text
    assert Mail.objects.get().recipient == applicant_of(award)


def test_a_day_to_come_is_refused(award: Award, agent: User) -> None:
    tomorrow = date(2027, 6, 3)
    for gesture in (
        lambda: after.note_exchange(award, on=tomorrow, mode="remote", notes="", by=agent),
        lambda: after.note_review(award, on=tomorrow, attended=True, by=agent),
        lambda: after.enter(
            award, award.organisation.siret, is_new=True, is_public=False, joined_on=tomorrow, by=agent
        ),
    ):
        with pytest.raises(NotDone):
            gesture()
    assert (Event.objects.filter(name__in=after.ACTS).count(), NetworkEntry.objects.count()) == (0, 0)


def test_the_review_says_who_came(award: Award, agent: User) -> None:
    for _ in range(2):
        after.note_review(award, on=date(2027, 6, 1), attended=False, by=agent)
    assert (Outcome.objects.get().review_attended, acts(award)) == (False, ["project_review"])


def test_the_two_answers_are_apart_and_each_is_kept(award: Award, agent: User) -> None:
    after.reply(award, "proof", is_yes=False, by=agent)
    after.reply(award, "proof", is_yes=False, by=agent)
    after.reply(award, "feedback", is_yes=True, link="https://exemple.invalid/rex", by=agent)
    after.reply(award, "proof", is_yes=True, by=agent)
    held = after.replies(award)
    assert {question: one.is_yes for question, one in held.items()} == {"proof": True, "feedback": True}
    assert [(one.question, one.number, one.is_yes) for one in Reply.objects.order_by("pk")] == [
        ("proof", 1, False),
        ("feedback", 1, True),
        ("proof", 2, True),
    ]
    assert (held["proof"].by, held["proof"].at) == (agent, NOW)
    assert acts(award) == ["proof_answered", "feedback_answered", "proof_answered"]


def test_feedback_is_a_link_or_a_file_which_stays(award: Award, agent: User, media: object) -> None:
    with pytest.raises(NotDone):
        after.reply(award, "feedback", is_yes=True, by=agent)
    upload = UploadFactory()
    after.reply(award, "feedback", is_yes=True, upload=upload, by=agent)
    changed = after.reply(award, "feedback", is_yes=True, link="https://exemple.invalid/", by=agent)
    assert (changed.upload, changed.link) == (upload, "https://exemple.invalid/")
    assert after.reply(award, "feedback", is_yes=False, by=agent).upload is None


def test_the_database_refuses_feedback_that_is_nowhere(award: Award, agent: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.create(award=award, question="feedback", number=1, is_yes=True, by=agent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.create(award=award, question="proof", number=1, is_yes=True, link="https://a.b/", by=agent)


def test_each_structure_of_the_project_is_said_new_or_known(award: Award, agent: User) -> None:
    partner, gone = make_partner(award.dossier), make_partner(award.dossier)
    gone.state = "withdrawn"
    gone.save()
    assert [(one.role, one.is_public) for one in after.structures(award)] == [("Porteur", False), ("Partenaire", None)]
    said: dict[str, Any] = {"is_new": True, "is_public": True, "joined_on": date(2027, 1, 4)}
    for _ in range(2):
        after.enter(award, partner.siret, by=agent, **said)
    after.enter(award, partner.siret, by=agent, **(said | {"is_new": False, "joined_on": None}))
    held = after.structures(award)[1].entry
    assert held is not None
    assert (held.number, held.is_new, held.is_public, held.siren) == (2, False, True, partner.siren)
    assert list(NetworkEntry.objects.current()) == [held]
    with pytest.raises(LookupError):
        after.enter(award, gone.siret, by=agent, **said)


def test_agents_alone_note_and_still_do_once_it_is_closed(award: Award, agent: User) -> None:
    for other in (applicant_of(award), make_agent("diagnostic")):
        with pytest.raises(NotAllowed):
            after.reply(award, "proof", is_yes=True, by=other)
    Dossier.objects.filter(pk=award.dossier_id).update(state="closed")
    assert after.reply(again(award), "proof", is_yes=True, by=agent).is_yes


# ------------------------------------------------------------------------------------------------------------- closing
def test_closing_waits_for_the_account_and_the_exchange(award: Award, agent: User) -> None:
    account = "La structure n’a pas envoyé son bilan, avec ses indicateurs d’avancée."
    exchange = "L’échange de fin de projet n’est pas noté."
    assert wanting(award) == [account, exchange]
    after.save(award, ANSWERS, version=0, by=applicant_of(award))
    assert wanting(award) == [account, exchange]
    after.note_exchange(award, on=timezone.localdate(), mode="in_person", notes="", by=agent)
    assert wanting(award) == [account]
    after.send(award, by=applicant_of(award))
    assert wanting(award) == []
