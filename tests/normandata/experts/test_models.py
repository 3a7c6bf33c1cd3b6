"""What the database itself refuses, and the order of the directory."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from normandata.experts.models import (
    Agreement,
    Answer,
    Expert,
    Introduction,
    ListedDomain,
    Listing,
    Need,
    Opinion,
)
from tests.factories.accounts import make_agent
from tests.factories.experts import AGREED, TEXT, make_expert, make_given, make_opinion, open_for
from tests.factories.needs import make_accepted, make_listing

pytestmark = pytest.mark.django_db


def refused(rows: object, **values: object) -> bool:
    try:
        with transaction.atomic():
            rows.update(**values)  # type: ignore[attr-defined]
    except IntegrityError:
        return True
    return False


def test_an_answer_is_written_once_even_for_the_database() -> None:
    answer = make_given().answer
    with pytest.raises(TypeError):
        answer.save()
    assert refused(Answer.objects.filter(pk=answer.pk), text="Autre chose")
    with pytest.raises(Exception, match="experts_answer_append_only"), transaction.atomic():
        connection.cursor().execute("DELETE FROM experts_answer")
    assert Answer.objects.get().text == TEXT


def test_states_say_what_goes_with_them() -> None:
    opinion = open_for(make_opinion())
    rows = Opinion.objects.filter(pk=opinion.pk)
    now = timezone.now()
    assert refused(rows, state="lost")
    assert refused(rows, state="cancelled")
    assert refused(rows, closed_at=now)
    assert refused(rows, is_conflict=True)
    assert refused(rows, state="given", closed_at=now, no_conflict_at=None)
    assert refused(rows, state="given", closed_at=now, draft="reste")
    assert not refused(rows, state="declined", closed_at=now, is_conflict=True)


def test_one_open_question_for_an_expert_and_a_dossier() -> None:
    first = make_opinion()
    again = Opinion(
        dossier=first.dossier,
        deposit=first.deposit,
        expert=first.expert,
        question="Encore ?",
        is_confidential=True,
        due_on=first.due_on,
        asked_by=first.asked_by,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_an_agreement_stands_once_and_ends_with_a_name() -> None:
    expert = make_expert(agrees=("asked", "listed"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(expert=expert, kind="asked", given_on=AGREED, proof="x", recorded_by=expert.added_by)
    rows = Agreement.objects.filter(expert=expert, kind="asked")
    assert refused(rows, withdrawn_on=date(2026, 2, 1))
    assert refused(rows, withdrawn_on=date(2026, 1, 14), withdrawn_by=expert.added_by)
    assert not refused(rows, withdrawn_on=date(2026, 2, 1), withdrawn_by=expert.added_by)
    kept = rows.get()
    assert [kept.stands_on(date(2026, 1, day)) for day in (14, 15, 31)] == [False, True, True]
    assert not kept.stands_on(date(2026, 2, 1))
    assert list(Expert.objects.agreeing(Agreement.Kind.ASKED)) == []
    assert list(Expert.objects.agreeing(Agreement.Kind.LISTED)) == [expert]


def test_an_address_is_kept_in_lower_case_and_once() -> None:
    expert = make_expert(is_joined=False, email="un@exemple.invalid")
    rows = Expert.objects.filter(pk=expert.pk)
    assert refused(rows, email="Un@exemple.invalid")
    other = make_expert(is_joined=False)
    assert refused(rows, email=other.email)


def test_every_word_typed_is_looked_for() -> None:
    make_expert(name="Camille Exemple", organisation="Laboratoire A", skills="santé, images")
    make_expert(name="Dominique Exemple", organisation="Atelier B", skills="mer")
    assert [one.name for one in Expert.objects.matching("exemple images")] == ["Camille Exemple"]
    assert [one.name for one in Expert.objects.matching("atelier")] == ["Dominique Exemple"]
    assert Expert.objects.matching("").count() == 2
    assert Expert.objects.matching("santé mer").count() == 0


def test_nobody_but_the_expert_is_asked() -> None:
    opinion = make_opinion()
    other = make_expert()
    assert other.user is not None
    assert opinion.expert.user is not None
    assert list(Opinion.objects.asked_of(opinion.expert.user)) == [opinion]
    assert list(Opinion.objects.asked_of(other.user)) == []
    assert list(Opinion.objects.asked_of(make_agent())) == []
    opinion.expert.user.role_assignments.update(ended_at=timezone.now())
    del opinion.expert.user.assignments
    assert list(Opinion.objects.asked_of(opinion.expert.user)) == []


def test_a_core_request_holds_together_whatever_is_written() -> None:
    need = Need.objects.filter(pk=make_accepted().need_id)
    now, day = timezone.now(), timezone.localdate()
    assert refused(need, state="lost")
    assert refused(need, turn="ghost")
    assert refused(need, title="")
    assert refused(need, closed_at=now)
    assert refused(need, state="scheduled", exchange_at=None)
    assert refused(need, held_on=None)
    assert refused(need, outcome="feder", outcome_on=day)
    assert refused(need, state="closed", closed_at=now)
    assert refused(need, state="closed", closed_at=now, outcome="lost", outcome_on=day)
    assert not refused(need, state="closed", closed_at=now, outcome="feder", outcome_on=day)


def test_an_introduction_is_dated_once_answered_and_asked_once() -> None:
    offer = make_accepted()
    rows = Introduction.objects.filter(pk=offer.pk)
    assert refused(rows, state="lost")
    assert refused(rows, answered_at=None)
    assert refused(rows, state="pending")
    twin = Introduction(need=offer.need, expert=offer.expert, asked_by=offer.asked_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_public_entry_names_somebody_under_known_domains_once() -> None:
    listing = make_listing()
    rows = Listing.objects.filter(pk=listing.pk)
    assert refused(rows, shows_name=False, shows_organisation=False)
    assert refused(ListedDomain.objects.filter(listing=listing), domain="lost")
    with pytest.raises(IntegrityError), transaction.atomic():
        ListedDomain.objects.create(listing=listing, domain="sante")
