"""Predicates and querysets say the same of every person and every state."""

import pytest

from normandata.accounts.models import Role
from normandata.dossiers import permissions, states
from normandata.dossiers.models import Dossier
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.dossiers import make_draft
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def test_predicates_equal_querysets_for_everyone_in_every_state() -> None:
    organisation, elsewhere = OrganisationFactory.create_batch(2)
    begun = UserFactory()
    MembershipFactory(user=begun, organisation=organisation, requested=True)
    people = {
        "member": MembershipFactory(organisation=organisation).user,
        "manager": MembershipFactory(organisation=organisation, manager=True).user,
        "requested, began it": begun,
        "requested": MembershipFactory(organisation=organisation, requested=True).user,
        "left": MembershipFactory(organisation=organisation, left=True).user,
        "stranger": MembershipFactory(organisation=elsewhere).user,
        "agent": make_agent(),
        "lead": make_user_with(Role.LEAD_AGENT, "diagnostic"),
        "other agent": make_agent("booster_ia"),
        "auditor": make_user_with(Role.AUDITOR),
        "administrator": make_user_with(Role.ADMINISTRATOR),
        "data protection": make_user_with(Role.DATA_PROTECTION_OFFICER),
        "juror": make_user_with(Role.JUROR, "datathon"),
        "superuser": UserFactory(is_superuser=True, is_staff=True),
        "closed member": MembershipFactory(organisation=organisation).user,
        "closed agent": make_agent(),
    }
    for name in ("closed member", "closed agent"):
        people[name].is_active = False
        people[name].save()
    dossier = make_draft(by=begun, organisation=organisation)
    readers: dict[str, set[str]] = {}
    for rank, (slug, state) in enumerate(states.STATES.items()):
        is_draft = slug == states.DRAFT
        Dossier.objects.filter(pk=dossier.pk).update(
            state=slug,
            editable=state.editable.value,
            number=None if is_draft else f"DIA-2026-{rank:04d}",
            submitted_at=None if is_draft else dossier.created_at,
            version=0 if is_draft else 1,
        )
        dossier.refresh_from_db()
        for who, user in people.items():
            said = (
                permissions.is_applicant(user, dossier),
                permissions.can_read_as_region(user, dossier),
                permissions.can_read(user, dossier),
            )
            listed = tuple(
                rows.filter(pk=dossier.pk).exists()
                for rows in (
                    Dossier.objects.applied_by(user),
                    Dossier.objects.for_region(user),
                    Dossier.objects.visible_to(user),
                )
            )
            assert said == listed, (slug, who)
            if said[2]:
                readers.setdefault(slug, set()).add(who)
            assert permissions.can_edit(user, dossier) is (said[0] and state.editable.value == "all"), (slug, who)
    applicants = {"member", "manager", "requested, began it"}
    region = {"agent", "lead", "auditor", "administrator", "data protection"}
    assert readers.pop(states.DRAFT) == applicants
    assert set(map(frozenset, readers.values())) == {frozenset(applicants | region)}
