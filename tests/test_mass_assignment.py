"""Every column of every table, posted to every form: nothing changes but what the same form changes without them.

A form's own fields are those that its page shows. Beside them go the names of all columns (`state`, `owner_id`,
`is_superuser`…), with values that would do harm; what is written must be equal, row for row and column for column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import get_resolver, path, reverse
from django.utils import timezone

from normandata.accounts.models import StaffInvitation, User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import MemberInvitation, Organisation
from tests import world as w
from tests.access import cases, finish
from tests.factories.accounts import PASSWORD
from tests.factories.organisations import siret
from tests.normandata.documents.ordinary import pdf
from tests.world import World

pytestmark = pytest.mark.usefixtures("quiet")
UNWRITTEN = {"sessions.Session", "contenttypes.ContentType", "auth.Permission", "organisations.Territory"}
Rows = dict[str, dict[Any, dict[str, Any]]]


# ------------------------------------------------------------------------------------------------ what is in the tables
def every_model() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.label not in UNWRITTEN and model._meta.managed]


def snapshot() -> Rows:
    """Read every row of every table."""
    return {
        model._meta.label: {row[model._meta.pk.attname]: row for row in model._default_manager.values()}
        for model in every_model()
        if model._meta.pk is not None
    }


@dataclass(slots=True)
class Written:
    """What a request wrote: by table, the rows added or changed, in order, and the keys of those removed."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    removed: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def between(cls, before: Rows, after: Rows) -> "Written":
        found = cls()
        for label, rows in after.items():
            changed = sorted((row for pk, row in rows.items() if before[label].get(pk) != row), key=_said)
            gone = [pk for pk in before[label] if pk not in rows]
            if changed:
                found.rows[label] = changed
            if gone:
                found.removed[label] = gone
        return found

    def cells(self) -> dict[tuple[str, int, str], Any]:
        """Return each value by table, rank of its row, and column."""
        return {
            (label, rank, column): value
            for label, rows in self.rows.items()
            for rank, row in enumerate(rows)
            for column, value in row.items()
        }


def _said(row: Mapping[str, Any]) -> str:
    """Order rows by what they say: their keys are drawn, and a database gives them in any order."""
    return repr(
        [value for name, value in sorted(row.items()) if name != "id" and not isinstance(value, UUID | datetime)]
    )


# ------------------------------------------------------------------------------------------------- what is slipped in
def tempting(column: "models.Field[Any, Any]", world: World) -> list[str]:
    """Return values that a column would take."""
    if column.choices:
        return [str(value) for value, _ in column.flatchoices]
    if isinstance(column, models.ForeignKey | models.OneToOneField):
        other = column.related_model
        if other is User:
            return [str(world.people[w.STRANGER].pk)]
        keys = other._default_manager.order_by("-pk").values_list("pk", flat=True)[:2]  # type: ignore[union-attr]
        return [str(pk) for pk in keys] or ["1"]
    match column:
        case models.BooleanField():
            return ["on", "", "false"]
        case models.IntegerField() | models.DecimalField():
            return ["1", "4242"]
        case models.DateTimeField():
            return ["2020-01-01 00:00:00"]
        case models.DateField():
            return ["2020-01-01"]
        case models.UUIDField():
            return ["00000000-0000-4000-8000-000000004242"]
        case models.JSONField():
            return ['{"slipped": "in"}']
        case models.EmailField():
            return ["slipped@exemple.invalid"]
    return ["slipped"]


def slipped(world: World) -> list[dict[str, str]]:
    """Return rounds of column names with values: by its name, by its attribute, with each of its values."""
    values: dict[str, list[str]] = {}
    for model in every_model():
        for column in model._meta.concrete_fields:
            for name in {column.name, column.attname}:
                known = values.setdefault(name, [])
                known += [value for value in tempting(column, world) if value not in known]
    rounds = min(4, max(len(known) for known in values.values()))
    return [{name: known[rank % len(known)] for name, known in values.items()} for rank in range(rounds)]


# ------------------------------------------------------------------------------------------------------------- forms
class Fields(HTMLParser):
    """Collects the fields of a page's forms that post, and the values they come with."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.values: dict[str, str] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag in ("input", "select", "textarea", "button") and name:
            self.names.add(name)
        if tag == "input" and name and kind not in ("submit", "button", "file", "image"):
            is_box = kind in ("radio", "checkbox")
            if not is_box or "checked" in given:
                self.values[name] = given.get("value") or ("on" if is_box else "")
        if tag == "textarea":
            self.area, self.values[name] = name, ""
        if tag == "select":
            self.select = name
            self.values.setdefault(name, "")
        if tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data


@dataclass(frozen=True, slots=True)
class Post:
    """A form as somebody fills it: who, where, with what besides what the page proposes."""

    name: str
    persona: str
    address: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name} as {self.persona}"


# What each form is filled with, besides what its page proposes and what the access table says: a body that is accepted.
NEW = "neuve@exemple.invalid"
FILLED: dict[str, dict[str, Any]] = {
    "account_login": {"login": "@email", "password": PASSWORD},
    "account_signup": {
        "name": "Camille",
        "email": "neuve@exemple.invalid",
        "password1": "une phrase bien assez longue",
    },
    "account_reset_password": {"email": "@email"},
    "account_email": {"email": "neuve@exemple.invalid", "action_add": ""},
    "account_change_password": {"oldpassword": PASSWORD, "password1": "une phrase bien assez longue"},
    "accounts:account": {"name": "Un autre nom"},
    "accounts:people": {"email": "neuve@exemple.invalid", "role": "agent", "scheme": "diagnostic"},
    "accounts:end_role": {"reason": "Départ du service."},
    "organisations:add": {"siret": siret(77), "name": "Atelier", "street": "", "postal_code": "14000", "city": "Caen"},
    "organisations:describe": {"name": "Atelier", "postal_code": "14000", "city": "Caen"},
    "organisations:invite": {"email": "neuve@exemple.invalid", "role": "member"},
    "organisations:change_role": {"role": "manager"},
    "notifications:mail_text": {"action": "save", "subject": "Dossier {{ numero }} bien reçu"},
    "dossiers:start": {"structure": "autre", "siret": siret(78)},
    "dossiers:section": {"competences": "Trois techniciens."},
    "dossiers:review": {"qui": "moi", "accepte_questionnaire": "on", "accepte_exact": "on"},
    "dossiers:ask": {"demande-piece-complement": "on", "attendu-piece-complement": "Le plan.", "geste": "envoyer"},
    "dossiers:bulk": {"action": "start_review"},
}
# Nothing to fill in, nothing written, or the step of something begun elsewhere: signing in, the second factor.
WRITES_NOTHING = {
    "account_email_verification_sent",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "account_logout",
    "usersessions_list",
    "notifications:restore",
    "dossiers:bulk",
    "portal:operator_resend",
    "portal:operator_retry",
    "portal:operator_retry_document",
    "dossiers:answer",
}


def posts(world: World) -> Iterator[Post]:
    """Yield every form of the access table, and those of the administration."""
    person = world.people[w.MEMBER]
    for name, case in cases():
        people = [persona for status in sorted(case.post, reverse=True) for persona in case.post[status]]
        if not people:
            continue
        asked = {**case.body(world.mine), **FILLED.get(name, {})}
        data = {key: person.email if value == "@email" else value for key, value in asked.items()}
        if name == "dossiers:attach":
            data["fichier"] = SimpleUploadedFile("devis.pdf", pdf(), "application/pdf")
        if name == "dossiers:absences":
            data |= {"since": f"{timezone.localdate():%d/%m/%Y}", "until": f"{timezone.localdate():%d/%m/%Y}"}
        if name == "dossiers:bulk_launch":
            data["choix"] = Dossier.objects.get(key=world.mine["dossier"]).number
        inside = [persona for persona in people if persona not in (*w.OUT, *w.HALF_IN)]
        persona = PERSONAS.get(name) or (w.ANONYMOUS if w.ANONYMOUS in people else inside[0])
        yield Post(name, persona, case.address(name, case.kwargs(world.mine)), data)
    member = reverse("admin:accounts_user_change", args=[person.pk])
    yield Post("admin:accounts_user_change", w.ADMINISTRATOR, member, {"name": "Un autre nom"})
    yield Post(
        "admin:accounts_roleassignment_add",
        w.ADMINISTRATOR,
        reverse("admin:accounts_roleassignment_add"),
        {"user": str(person.pk), "role": "juror", "scheme": "datathon"},
    )


PERSONAS = {"organisations:invitation": w.LEFT, "accounts:invitation": w.JUROR}


@pytest.fixture
def house(world: World) -> World:
    """Make the house ready for every form: two invitations reach somebody, and an organisation is to be described."""
    MemberInvitation.objects.filter(pk=world.mine["invitation"]).update(email=world.people[w.LEFT].email)
    StaffInvitation.objects.filter(pk=world.mine["staff_invitation"]).update(email=world.people[w.JUROR].email)
    Organisation.objects.filter(siret=world.mine["siret"]).update(is_diffusible=False)
    return world


def own_fields(world: World, post: Post) -> Fields:
    """Read the fields of the page that posts there, which is at the same address; a button has none."""
    page = Fields()
    response = world.client(post.persona).get(post.address)
    if response.status_code == 200 and not response.streaming:
        page.feed(response.content.decode())
    finish(response)
    page.names |= set(post.data)
    return page


def send(world: World, post: Post, body: Mapping[str, Any], before: Rows) -> tuple[Written, int]:
    """Post a body, see what it wrote, and undo it."""
    for value in body.values():
        if hasattr(value, "seek"):
            value.seek(0)
    cache.clear()  # counted requests are not undone with the rest
    with transaction.atomic():
        response = world.client(post.persona).post(post.address, dict(body))
        finish(response)
        written = Written.between(before, snapshot())
        transaction.set_rollback(True)
    return written, response.status_code


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def differences(world: World, post: Post, rounds: list[dict[str, str]], before: Rows) -> tuple[list[str], bool]:
    """List what the slipped columns changed; tell also whether the form writes anything at all."""
    page = own_fields(world, post)
    body = {**page.values, **post.data}
    first, status = send(world, post, body, before)
    again, _ = send(world, post, body, before)
    cells, others = first.cells(), again.cells()
    # Instants, tokens, keys: what differs from one time to the next.
    drawn = {key for key in cells if not same(cells[key], others.get(key))}
    wrong = []
    for extra in rounds:
        added = {name: value for name, value in extra.items() if name not in page.names}
        written, got = send(world, post, {**body, **added}, before)
        if got != status or written.removed != first.removed:
            wrong.append(f"{post}: {got} instead of {status}, removed {written.removed}")
        found = written.cells()
        wrong += [
            f"{post}: {label}.{column} is {found.get(key)!r}, not {cells.get(key)!r}"
            for key in sorted({*found, *cells} - drawn)
            if not same(found.get(key), cells.get(key))
            for label, _, column in [key]
        ]
        taken = {str(value) for value in added.values()} - {""}
        wrong += [
            f"{post}: {label}.{column} took {found[key]!r}"
            for key in sorted(drawn & set(found))
            for label, _, column in [key]
            if isinstance(found[key], str | UUID | datetime | date) and str(found[key])[:19] in taken
        ]
    return wrong, bool(first.rows or first.removed)


def test_no_form_takes_a_field_that_it_does_not_show(house: World) -> None:
    rounds, before = slipped(house), snapshot()
    assert {"state", "turn", "number", "owner_id", "is_superuser", "role", "siret", "amount", "by"} <= set(rounds[0])
    wrong, names, writing, count = [], set(), set(), 0
    for post in posts(house):
        found, has_written = differences(house, post, rounds, before)
        wrong += found
        count += 1
        names.add(post.name)
        if has_written:
            writing.add(post.name)
    assert wrong == []
    assert count >= 45
    assert names - writing - WRITES_NOTHING == set()


# ---------------------------------------------------------------------------------------------------------- witnesses
def open_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Write whatever is posted: what no view of ours does."""
    user = get_object_or_404(User, pk=pk)
    for name, value in request.POST.items():
        if name != "pk" and name in {column.name for column in User._meta.concrete_fields} - {"id", "last_login"}:
            setattr(user, name, value == "on" if name.startswith("is_") else value)
    user.date_joined = User.objects.get(pk=pk).date_joined
    user.save()
    return HttpResponse("done")


def open_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note, and the owner if somebody thinks of it."""
    dossier = get_object_or_404(Dossier, pk=pk)
    dossier.owner_id = int(request.POST["owner_id"]) if "owner_id" in request.POST else dossier.owner_id
    dossier.save()
    return HttpResponse("done")


urlpatterns = [*get_resolver("normandata.urls").url_patterns]
urlpatterns += [path("ouvert/<int:pk>/", open_person), path("ouvert/dossier/<int:pk>/", open_dossier)]


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("/ouvert/{person}/", {"is_superuser", "is_staff", "name", "email"}),
        ("/ouvert/dossier/{dossier}/", {"owner_id"}),
    ],
)
def test_a_view_that_takes_what_it_is_given_is_seen(house: World, settings, address: str, columns: set[str]) -> None:
    settings.ROOT_URLCONF = __name__
    dossier = Dossier.objects.get(key=house.mine["dossier"])
    found = address.format(person=house.people[w.MEMBER].pk, dossier=dossier.pk)
    wrong, _ = differences(house, Post("open", w.MEMBER, found, {}), slipped(house), snapshot())
    assert columns <= {line.partition(": ")[2].partition(" ")[0].rpartition(".")[2] for line in wrong}
