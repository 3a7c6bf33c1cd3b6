"""The directory: who keeps it, what is recorded with its proof, what is withdrawn, who opens a space."""

from datetime import date

import pytest
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.experts.models import Agreement, Expert
from normandata.experts.services import directory
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import make_listing

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Camille Exemple", "organisation": "", "email": " Camille@Exemple.invalid ", "skills": "santé"}
ASKED, LISTED = Agreement.Kind.ASKED, Agreement.Kind.LISTED


def test_an_agent_adds_an_expert_and_nobody_else_does() -> None:
    expert = directory.add(**FIELDS, by=make_agent("booster_ia"))
    assert (expert.email, expert.user) == ("camille@exemple.invalid", None)
    assert not Expert.objects.agreeing(ASKED).exists()
    for person in (make_user_with(Role.AUDITOR), make_user_with(Role.EXPERT), UserFactory()):
        with pytest.raises(NotAllowed):
            directory.add(**FIELDS, by=person)
        with pytest.raises(NotAllowed):
            directory.change(expert, **FIELDS, by=person)
        with pytest.raises(NotAllowed):
            directory.record_agreement(expert, ASKED, given_on=date(2026, 9, 1), proof="x", by=person)
        with pytest.raises(NotAllowed):
            directory.withdraw_agreement(expert, ASKED, by=person)
    with pytest.raises(NotDone, match="déjà celle d’un expert"):
        directory.add(**FIELDS, by=make_agent())
    assert [event.name for event in Event.objects.about(expert)] == ["expert_added"]


def test_the_address_of_an_account_is_changed_by_its_owner() -> None:
    expert, agent = make_expert(), make_agent()
    with pytest.raises(NotDone, match="a ouvert son espace"):
        directory.change(expert, name="A", organisation="", email="autre@exemple.invalid", skills="x", by=agent)
    changed = directory.change(expert, name="A", organisation="B", email=expert.email, skills="x", by=agent)
    assert str(changed) == "A, B"


def test_what_alone_stands_for_an_expert_in_public_is_not_emptied() -> None:
    agent, expert = make_agent(), make_expert(organisation="Atelier")
    make_listing(expert, shows_name=False, shows_organisation=True)
    said = {"name": expert.name, "email": expert.email, "skills": "x", "by": agent}
    with pytest.raises(NotDone, match="par sa structure seule"):
        directory.change(expert, organisation=" ", **said)
    assert directory.change(expert, organisation="Labo", **said).organisation == "Labo"
    make_listing(expert, shows_name=True, shows_organisation=True)
    assert directory.change(expert, organisation="", **said).organisation == ""


def test_an_agreement_has_a_day_and_a_proof_and_is_withdrawn_by_either_side() -> None:
    expert, agent = make_expert(agrees=()), make_agent()
    with pytest.raises(NotDone, match="passée ou du jour"):
        directory.record_agreement(expert, ASKED, given_on=date(2026, 10, 2), proof="x", by=agent)
    with pytest.raises(NotDone, match="ce qui prouve"):
        directory.record_agreement(expert, ASKED, given_on=date(2026, 10, 1), proof="  ", by=agent)
    for kind in (ASKED, LISTED):
        directory.record_agreement(expert, kind, given_on=date(2026, 10, 1), proof=" Courriel ", by=agent)
    with pytest.raises(NotNow):
        directory.record_agreement(expert, ASKED, given_on=date(2026, 10, 1), proof="x", by=agent)
    directory.withdraw_agreement(expert, ASKED, by=person_of(expert))
    directory.withdraw_agreement(expert, LISTED, by=agent)
    with pytest.raises(NotNow):
        directory.withdraw_agreement(expert, LISTED, by=agent)
    rows = Agreement.objects.filter(expert=expert).order_by("pk")
    assert [(one.proof, one.withdrawn_on) for one in rows] == [("Courriel", date(2026, 10, 1))] * 2
    directory.record_agreement(expert, ASKED, given_on=date(2026, 10, 1), proof="Second courriel", by=agent)
    assert list(Expert.objects.agreeing(ASKED)) == [expert]


def test_a_space_opens_for_the_address_that_agreed() -> None:
    silent = make_expert(is_joined=False, agrees=())
    with pytest.raises(NotAllowed):
        directory.join(UserFactory(email=silent.email))
    expert = make_expert(is_joined=False)
    person = UserFactory(email=expert.email)
    assert directory.expecting(person) == expert
    directory.join(person)
    assert directory.expecting(person) is None
    assert User.objects.get(pk=person.pk).holds(Role.EXPERT)
    expert.refresh_from_db()
    assert expert.user == person


def test_a_role_that_ended_is_not_taken_again_alone() -> None:
    expert = make_expert()
    person_of(expert).role_assignments.update(ended_at=timezone.now())
    with pytest.raises(NotAllowed):
        directory.join(person_of(expert))
