"""Roles given and withdrawn, invitations sent and taken, second factors kept in cipher."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from normandata.accounts import services
from normandata.accounts.adapter import SecondFactorAdapter
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from tests.factories.accounts import UserFactory, enrol, make_user_with

from .steps import mails

pytestmark = pytest.mark.django_db
GUEST = "invitee@exemple.invalid"


@pytest.fixture
def administrator() -> User:
    return make_user_with(Role.ADMINISTRATOR)


def token_of(email: str = GUEST) -> str:
    return mails(email)[-1].split("/invitation/")[1].split("/")[0]


def test_a_role_is_given_once_and_withdrawn_once_with_its_reason(administrator: User) -> None:
    user = UserFactory()
    assert not user.holds(Role.AGENT)
    first = services.grant_role(user, Role.AGENT, "diagnostic", by=administrator)
    assert services.grant_role(user, Role.AGENT, "diagnostic", by=administrator) == first
    assert user.holds(Role.AGENT, scheme="diagnostic")
    assert (first.granted_by, RoleAssignment.objects.filter(user=user).count()) == (administrator, 1)
    assert services.end_role(first, "Départ du service", by=administrator)
    assert not services.end_role(first, "Encore", by=administrator)
    assert (first.ended_reason, first.ended_by) == ("Départ du service", administrator)
    assert not User.objects.get(pk=user.pk).holds(Role.AGENT)


def test_who_may_give_what(administrator: User) -> None:
    lead = make_user_with(Role.LEAD_AGENT, "diagnostic")
    agent = make_user_with(Role.AGENT, "diagnostic")
    auditor = make_user_with(Role.AUDITOR)
    allowed = {
        (name, role.value, scheme)
        for name, person in {"administrator": administrator, "lead": lead, "agent": agent, "auditor": auditor}.items()
        for role in (Role.AGENT, Role.LEAD_AGENT, Role.ADMINISTRATOR)
        for scheme in ("diagnostic", "booster_ia", "")
        if services.may_assign(person, role, scheme)
    }
    everything = {
        ("administrator", role, scheme)
        for role in ("agent", "lead_agent", "administrator")
        for scheme in ("diagnostic", "booster_ia", "")
    }
    assert allowed == everything | {("lead", "agent", "diagnostic")}
    for gesture in (
        lambda: services.grant_role(agent, Role.ADMINISTRATOR, by=lead),
        lambda: services.invite(GUEST, Role.AGENT, "booster_ia", by=lead),
        lambda: services.end_role(RoleAssignment.objects.get(user=auditor), by=lead),
        lambda: services.close_account(agent, by=lead),
        lambda: services.reopen_account(agent, by=lead),
        lambda: services.reset_second_factor(agent, by=lead),
    ):
        with pytest.raises(PermissionDenied):
            gesture()


def test_the_last_administrator_stays(administrator: User) -> None:
    held = RoleAssignment.objects.get(user=administrator)
    with pytest.raises(ValidationError, match="au moins un administrateur"):
        services.end_role(held, by=administrator)
    with pytest.raises(ValidationError, match="au moins un administrateur"):
        services.close_account(administrator, by=None)
    make_user_with(Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(ValidationError):
        services.end_role(held, by=administrator)
    make_user_with(Role.ADMINISTRATOR)
    assert services.end_role(held, by=administrator)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_leave_together() -> None:
    held = [RoleAssignment.objects.get(user=make_user_with(Role.ADMINISTRATOR)) for _ in range(2)]

    def leave(one: RoleAssignment) -> bool:
        try:
            return services.end_role(one, by=None)
        except ValidationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, held)) == [False, True]


def test_an_invitation_is_sent_and_taken_by_its_address_only(administrator: User) -> None:
    services.invite(f" {GUEST.upper()} ", Role.AGENT, "diagnostic", by=administrator)
    token = token_of()
    assert token not in str(StaffInvitation.objects.values_list())
    with pytest.raises(services.OtherAddress):
        services.accept(token, by=UserFactory())
    guest = UserFactory(email=GUEST)
    held = services.accept(token, by=guest)
    assert (held.user, held.role, held.scheme, held.granted_by) == (guest, "agent", "diagnostic", administrator)
    with pytest.raises(services.InvalidInvitation):
        services.accept(token, by=guest)


def test_an_invitation_ends_after_seven_days_cancelled_or_replaced(administrator: User) -> None:
    guest = UserFactory(email=GUEST)
    first = services.invite(GUEST, Role.AGENT, "diagnostic", by=administrator)
    old = token_of()
    second = services.invite(GUEST, Role.AGENT, "diagnostic", by=administrator)
    first.refresh_from_db()
    assert first.cancelled_at is not None
    with pytest.raises(services.InvalidInvitation):
        services.accept(old, by=guest)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)), pytest.raises(services.InvalidInvitation):
        services.accept(token_of(), by=guest)
    assert services.cancel(second, by=administrator)
    assert not services.cancel(second, by=administrator)
    with pytest.raises(services.InvalidInvitation):
        services.accept(token_of(), by=guest)


def test_an_invitation_falls_with_the_right_of_its_author() -> None:
    lead = make_user_with(Role.LEAD_AGENT, "diagnostic")
    services.invite(GUEST, Role.AGENT, "diagnostic", by=lead)
    services.end_role(RoleAssignment.objects.get(user=lead), by=None)
    with pytest.raises(services.InvalidInvitation):
        services.accept(token_of(), by=UserFactory(email=GUEST))


def test_a_fourth_mail_in_the_hour_leaves_the_invitations_as_they_were(administrator: User) -> None:
    for scheme in ("diagnostic", "booster_ia", "datathon"):
        services.invite(GUEST, Role.AGENT, scheme, by=administrator)
    with pytest.raises(ValidationError, match="Trois messages"):
        services.invite(GUEST, Role.AGENT, "diagnostic", by=administrator)
    assert StaffInvitation.objects.filter(cancelled_at=None).count() == 3
    assert len(mails(GUEST)) == 3


@pytest.mark.django_db(transaction=True)
def test_one_invitation_taken_at_the_same_instant_gives_one_role() -> None:
    guest = UserFactory(email=GUEST)
    services.invite(GUEST, Role.AGENT, "diagnostic", by=make_user_with(Role.ADMINISTRATOR))
    token = token_of()

    def take(_: int) -> bool:
        try:
            services.accept(token, by=guest)
        except services.InvalidInvitation:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, range(6))) == 1
    assert RoleAssignment.objects.filter(user=guest).count() == 1


def test_a_secret_is_kept_in_cipher_and_read_with_an_older_key(settings) -> None:
    user = UserFactory()
    services.enrol_totp(user, "JBSWY3DPEHPK3PXP")
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert "JBSWY3DPEHPK3PXP" not in str(list(Authenticator.objects.values_list("data", flat=True)))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé " * 5
    assert SecondFactorAdapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"


def test_the_code_is_the_one_of_the_standard() -> None:
    # RFC 6238, annex B: the secret « 12345678901234567890 » at 59 s gives 94287082, of which six digits are kept.
    with time_machine.travel(59, tick=False):
        assert services.current_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == "287082"


def test_a_lost_second_factor_is_forgotten_by_an_administrator(administrator: User) -> None:
    user = UserFactory()
    enrol(user)
    services.reset_second_factor(user, by=administrator)
    assert not Authenticator.objects.filter(user=user).exists()
    assert "second facteur est retiré" in mails(user.email)[-1]
