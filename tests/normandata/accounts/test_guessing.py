"""Passwords and codes are not guessed, addresses are not counted, mailboxes are not bombed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from normandata.accounts import services, throttle
from normandata.accounts.adapter import AccountAdapter
from normandata.accounts.models import Role, StaffInvitation, User
from tests.factories.accounts import PASSWORD, UserFactory, enrol, make_user_with, sign_in, totp_code

from .steps import body, is_signed_in, last_code, location, mails, sign_in_by_form, sign_up

pytestmark = pytest.mark.django_db
UNKNOWN = "inconnue@exemple.invalid"
TOO_MANY = "Trop d’essais en peu de temps"


def tries_allowed(email: str, **extra: Any) -> int:
    """Try wrong passwords, each from a new browser, and count those that were looked at."""
    looked_at = 0
    for number in range(9):
        response = sign_in_by_form(Client(), email, f"mauvaise phrase {number}", **extra)
        looked_at += response.status_code == 200
    # The fifth try is looked at too, and answered that it was the last.
    return looked_at + 1


@pytest.mark.parametrize("is_known", [True, False])
def test_an_account_has_five_tries_in_five_minutes(client: Client, is_known: bool) -> None:
    email = UserFactory().email if is_known else UNKNOWN
    assert tries_allowed(email) == 5
    refused = sign_in_by_form(client, email)
    assert refused.status_code == 429
    assert TOO_MANY in refused.content.decode()
    assert f'value="{email}"' in refused.content.decode()
    assert not is_signed_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=2)):
        assert (sign_in_by_form(client, email).status_code == 302) is is_known


def test_the_fifth_try_with_the_right_password_opens(client: Client) -> None:
    user = UserFactory()
    for number in range(4):
        sign_in_by_form(Client(), user.email, f"mauvaise phrase {number}")
    assert location(sign_in_by_form(client, user.email)) == "/espace/"


def test_a_spoofed_forwarding_header_gives_no_try_more() -> None:
    user = UserFactory()
    codes = [
        sign_in_by_form(
            Client(), user.email, f"mauvaise {n}", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}", HTTP_X_REAL_IP=f"10.0.1.{n}"
        ).status_code
        for n in range(7)
    ]
    assert codes == [200] * 4 + [429] * 3


def test_capitals_and_another_browser_give_no_try_more() -> None:
    user = UserFactory()
    typed = [user.email, user.email.upper(), user.email.title(), f" {user.email} ", user.email, user.email.upper()]
    codes = [
        sign_in_by_form(Client(), email, "mauvaise phrase", HTTP_USER_AGENT=f"n {n}").status_code
        for n, email in enumerate(typed)
    ]
    assert codes == [200] * 4 + [429] * 2


def test_one_address_cannot_try_every_account() -> None:
    codes = [
        sign_in_by_form(Client(), f"personne{number}@exemple.invalid", "mauvaise phrase", REMOTE_ADDR="10.1.1.1")
        for number in range(22)
    ]
    assert [one.status_code for one in codes] == [200] * 20 + [429] * 2
    assert sign_in_by_form(Client(), UNKNOWN, "mauvaise", REMOTE_ADDR="10.1.1.2").status_code == 200


def test_a_rotating_header_does_not_hide_one_address() -> None:
    codes = [
        sign_in_by_form(Client(), f"p{n}@exemple.invalid", "mauvaise", HTTP_X_FORWARDED_FOR=f"10.9.0.{n}").status_code
        for n in range(22)
    ]
    assert codes[-1] == 429


def test_behind_our_proxy_one_hop_is_read_and_no_more(settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    codes = [
        sign_in_by_form(
            Client(), f"p{n}@exemple.invalid", "mauvaise", HTTP_X_FORWARDED_FOR=f"10.9.0.{n}, 192.0.2.7"
        ).status_code
        for n in range(21)
    ]
    assert codes == [200] * 20 + [429]
    other = sign_in_by_form(Client(), UNKNOWN, "mauvaise", HTTP_X_FORWARDED_FOR="192.0.2.7, 192.0.2.8")
    assert other.status_code == 200


def test_each_of_the_two_counters_suffices_and_without_both_guessing_goes_on(settings) -> None:
    settings.AXES_ENABLED = False
    user = UserFactory()
    codes = [sign_in_by_form(Client(), user.email, f"mauvaise {n}").status_code for n in range(7)]
    assert codes == [200] * 5 + [429] * 2
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": None}
    assert [sign_in_by_form(Client(), user.email, f"mauvaise {n}").status_code for n in range(9)] == [200] * 9
    settings.AXES_ENABLED = True
    codes = [sign_in_by_form(Client(), user.email, f"mauvaise {n}").status_code for n in range(7)]
    assert codes == [200] * 4 + [429] * 3


def test_the_administration_has_no_sign_in_of_its_own(client: Client) -> None:
    person = make_user_with(Role.ADMINISTRATOR)
    for _ in range(7):
        answer = client.post("/administration/login/", {"username": person.email, "password": PASSWORD})
        assert location(answer) == "/connexion/?next=%2Fadministration%2F"
    assert not is_signed_in(client)
    assert tries_allowed(person.email) == 5


def test_a_reset_opens_an_account_that_somebody_else_locked(client: Client) -> None:
    user = UserFactory()
    tries_allowed(user.email)
    client.post("/mot-de-passe/", {"email": user.email})
    client.post("/mot-de-passe/code/", {"code": last_code(user.email)})
    another = "une autre phrase assez longue"
    assert location(client.post("/mot-de-passe/nouveau/", {"password1": another})) == "/espace/"
    assert location(sign_in_by_form(Client(), user.email, another)) == "/espace/"


def test_codes_of_the_second_factor_are_not_guessed(client: Client) -> None:
    user = UserFactory()
    enrol(user)
    sign_in_by_form(client, user.email)
    answers = [client.post("/connexion/second-facteur/", {"code": f"00000{n}"}) for n in range(7)]
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    other = Client()
    sign_in_by_form(other, user.email)
    right = other.post("/connexion/second-facteur/", {"code": totp_code(user)})
    assert right.status_code == 429, "another browser gives no try more"
    assert not is_signed_in(other)


def test_a_code_of_the_second_factor_serves_once() -> None:
    user = UserFactory()
    enrol(user)
    code = totp_code(user)
    first, second = Client(), Client()
    sign_in_by_form(first, user.email)
    sign_in_by_form(second, user.email)
    assert first.post("/connexion/second-facteur/", {"code": code}).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(seconds=25)):
        assert second.post("/connexion/second-facteur/", {"code": code}).status_code == 200
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


# ----------------------------------------------------------------------------------------------------- enumeration
def pair() -> tuple[str, str]:
    """Return an address with an account and one without, of the same length."""
    known = UserFactory(email="connue@exemple.invalid").email
    return known, "absent@exemple.invalid"


def seen(response: Any, email: str) -> tuple[int, str, str, dict[str, str]]:
    headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "Expires")}
    return response.status_code, location(response), body(response).replace(email, "ADRESSE"), headers


def test_signing_in_says_nothing_of_who_has_an_account() -> None:
    known, absent = pair()
    answers = [[seen(sign_in_by_form(Client(), one, "mauvaise"), one) for _ in range(7)] for one in (known, absent)]
    assert answers[0] == answers[1]
    assert {status for status, *_ in answers[0]} == {200, 429}


def test_signing_up_says_nothing_of_who_has_an_account() -> None:
    answers = []
    for email in pair():
        client = Client()
        asked = seen(sign_up(client, email), email)
        page = seen(client.get("/inscription/code/"), email)
        wrong = [seen(client.post("/inscription/code/", {"action": "verify", "code": "BBBBBB"}), email)]
        again = seen(client.post("/inscription/code/", {"action": "resend"}), email)
        after = seen(client.get("/inscription/code/"), email)
        answers.append([asked, page, *wrong, again, after, bool(mails(email))])
    assert answers[0] == answers[1]


def test_asking_for_a_reset_says_nothing_of_who_has_an_account() -> None:
    answers = []
    for email in pair():
        client = Client()
        asked = seen(client.post("/mot-de-passe/", {"email": email}), email)
        page = seen(client.get("/mot-de-passe/code/"), email)
        wrong = [seen(client.post("/mot-de-passe/code/", {"code": "BBBBBB"}), email) for _ in range(3)]
        again = [seen(client.post("/mot-de-passe/", {"email": email}), email) for _ in range(5)]
        answers.append([asked, page, *wrong, *again, len(mails(email))])
    assert answers[0] == answers[1]
    assert answers[0][-1] == 3


def test_inviting_says_nothing_of_who_has_an_account(client: Client) -> None:
    by = sign_in(client, make_user_with(Role.ADMINISTRATOR))
    client.get("/compte/personnes/")
    answers = []
    for email in pair():
        data = {"email": email, "role": "agent", "scheme": "diagnostic"}
        sent = [seen(client.post("/compte/personnes/", data), email) for _ in range(2)]
        token = mails(email)[-1].split("/invitation/")[1].split("/")[0]
        shown = seen(Client().get(f"/invitation/{token}/"), email)
        sent += [seen(client.post("/compte/personnes/", data), email) for _ in range(2)]
        refused = re.sub(r"invitations/\d+/", "invitations/N/", sent.pop()[2])
        answers.append([*sent, refused, shown[2].replace(token, "JETON"), len(mails(email))])
        for waiting in StaffInvitation.objects.filter(email=email, cancelled_at=None):
            services.cancel(waiting, by=by)
    assert answers[0] == answers[1]


def test_the_comparison_sees_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    known, absent = pair()

    def indiscreet(adapter: AccountAdapter, code: str, *args: Any) -> ValidationError:
        return ValidationError("connue" if User.objects.filter(email=adapter.request.POST["login"]) else "inconnue")

    monkeypatch.setattr(AccountAdapter, "validation_error", indiscreet)
    answers = [seen(sign_in_by_form(Client(), one, "mauvaise"), one) for one in (known, absent)]
    assert answers[0] != answers[1]


# ----------------------------------------------------------------------------------------------------- mail bombing
def bomb(email: str) -> list[int]:
    """Ask for mails in every way there is, again and again, each time from a new browser."""
    statuses = []
    for _ in range(5):
        statuses.append(Client().post("/mot-de-passe/", {"email": email}).status_code)
        client = Client()
        statuses.append(sign_up(client, email).status_code)
        statuses.append(client.post("/inscription/code/", {"action": "resend"}).status_code)
    return statuses


@pytest.mark.parametrize("is_known", [True, False])
def test_an_address_gets_three_mails_an_hour_at_most(is_known: bool) -> None:
    email = UserFactory().email if is_known else UNKNOWN
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert set(bomb(email)) == {302}
        assert len(mails(email)) == 3
        clock.shift(timedelta(minutes=59))
        cache.clear()
        bomb(email)
        assert len(mails(email)) == 3
        clock.shift(timedelta(minutes=2))
        cache.clear()
        bomb(email)
        assert len(mails(email)) == 6


def test_resending_stops_at_three_mails(client: Client) -> None:
    sign_up(client, UNKNOWN)
    for _ in range(4):
        client.post("/inscription/code/", {"action": "resend"})
    assert len(mails(UNKNOWN)) == 3
    assert location(client.post("/inscription/code/", {"action": "verify", "code": last_code(UNKNOWN)})) == "/espace/"


def test_invitations_are_counted_with_the_rest(client: Client) -> None:
    sign_in(client, make_user_with(Role.ADMINISTRATOR))
    bomb(UNKNOWN)
    page = client.post("/compte/personnes/", {"email": UNKNOWN, "role": "agent", "scheme": "diagnostic"})
    assert "Trois messages sont déjà partis" in page.content.decode()
    assert len(mails(UNKNOWN)) == 3


def test_without_the_counter_mailboxes_are_bombed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "take_slot", lambda address: True)
    bomb(UNKNOWN)
    assert len(mails(UNKNOWN)) > 10


def test_a_code_that_was_not_sent_cannot_be_used() -> None:
    user = UserFactory()
    for _ in range(3):
        throttle.take_slot(user.email)
    client = Client()
    client.post("/mot-de-passe/", {"email": user.email})
    state = client.session["account_password_reset_verification"]
    assert state.get("code", "") == ""
    assert client.post("/mot-de-passe/code/", {"code": ""}).status_code == 200
    sign_up(client, UNKNOWN)
    for _ in range(3):
        throttle.take_slot(UNKNOWN)
    client = Client()
    sign_in_by_form(client, UNKNOWN)
    assert client.session["account_email_verification_code"]["code"] == ""
    assert client.post("/inscription/code/", {"action": "verify", "code": "-"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_share_three_mails() -> None:
    def take(_: int) -> bool:
        try:
            return throttle.take_slot(UNKNOWN)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(24))) == 3


def test_no_secret_reaches_the_logs(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    user = UserFactory()
    secret = "canari tres secret 1234"
    sign_in_by_form(client, user.email, secret)
    client.post("/mot-de-passe/", {"email": user.email})
    code = last_code(user.email)
    client.post("/mot-de-passe/code/", {"code": code})
    client.post("/mot-de-passe/nouveau/", {"password1": secret})
    kept = "".join(f"{one.post_data}{one.get_data}" for one in AccessAttempt.objects.all())
    written = caplog.text + kept
    assert [word for word in (secret, code, user.email) if word in written] == []
