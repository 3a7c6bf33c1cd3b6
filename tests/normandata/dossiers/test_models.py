"""Every named constraint of the room refuses, in the database and in French."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from normandata.dossiers.models import Attachment, Counter, Deposit, Dossier, FilingPeriod, Frozen, Section
from tests.factories.accounts import UserFactory
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def changed(thing: models.Model, **fields: Any) -> models.Model:
    for name, value in fields.items():
        setattr(thing, name, value)
    return thing


def attached(**fields: Any) -> Attachment:
    draft = make_draft()
    upload = fields.pop("upload", None) or UploadFactory()
    return Attachment(dossier=draft, piece="complement", upload=upload, added_by=draft.created_by, **fields)


def joined_twice() -> Attachment:
    first = attached()
    first.save()
    return attached(upload=first.upload)


def second_deposit(**fields: Any) -> Deposit:
    sent = make_deposit()
    given = {"key": uuid.uuid4()} | fields
    return Deposit(
        dossier=sent.dossier, content_hash="x", answers_hash="x", by=sent.by, answers={}, recap=[], **given
    )  # fmt: skip


def sent_twice() -> Deposit:
    second = second_deposit(version=2)
    second.key = second.dossier.deposits.get().key
    return second


def once(first: models.Model, make: Callable[[], models.Model]) -> models.Model:
    first.save()
    return make()


def owned_by_its_backup() -> models.Model:
    user = UserFactory()
    return changed(make_draft(), owner=user, backup=user)


CASES: dict[str, tuple[Callable[[], models.Model], str]] = {
    "dossiers_state_known": (lambda: changed(make_draft(), state="lost"), "Cet état n’existe pas."),
    "dossiers_numbered_iff_deposited": (
        lambda: changed(make_draft(), number="DIA-2026-0001"),
        "Un dossier déposé, et lui seul, porte un numéro et une date de dépôt.",
    ),
    "dossiers_amount_says_its_basis": (
        lambda: changed(make_draft(), amount=Decimal(10)),
        "Un montant est positif et dit s’il est HT ou TTC.",
    ),
    "dossiers_backup_is_another": (owned_by_its_backup, "Le suppléant n’est pas le responsable."),
    "dossiers_section_once": (
        lambda: Section(dossier=make_draft(), slug="structure", answers={}),
        "Cette section existe déjà.",
    ),
    "dossiers_deposit_version_once": (lambda: second_deposit(version=1), "Cette version a déjà été déposée."),
    "dossiers_deposit_key_once": (sent_twice, "Cette page a déjà été envoyée."),
    "dossiers_deposit_version_from_one": (
        lambda: second_deposit(version=0),
        "La première version porte le numéro 1.",
    ),
    "dossiers_attachment_upload_once": (joined_twice, "Ce fichier est déjà joint."),
    "dossiers_attachment_to_replace_says_why": (
        lambda: attached(status="to_replace"),
        "Dites pourquoi la pièce est à remplacer.",
    ),
    "dossiers_counter_once": (
        lambda: once(Counter(prefix="DIA", year=2031), lambda: Counter(prefix="DIA", year=2031)),
        "Ce compteur existe déjà.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_constraint_refuses_and_says_why(name: str) -> None:
    make, message = CASES[name]
    broken = make()
    found = next(one for one in type(broken)._meta.constraints if one.name == name)
    with pytest.raises(ValidationError) as refused:
        found.validate(type(broken), broken)
    assert refused.value.messages == [message]
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save(broken)


def test_every_constraint_of_these_tables_is_proved() -> None:
    proved = {one.name for model in (Dossier, Section, Deposit, Attachment, Counter) for one in model._meta.constraints}
    assert proved == set(CASES)


def test_a_filing_period_closes_after_it_opens() -> None:
    period = FilingPeriod(scheme="diagnostic", opens_on=date(2026, 2, 1), closes_on=date(2026, 1, 1))
    with pytest.raises(ValidationError):
        period.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        period.save()


def test_a_deposit_is_frozen() -> None:
    sent = make_deposit()
    for gesture in (sent.save, sent.delete):
        with pytest.raises(Frozen):
            gesture()


def test_the_wait_counts_civil_days_and_starts_again_with_the_turn() -> None:
    dossier = make_deposit().dossier
    now = timezone.now()
    Dossier.objects.update(turn_since=now - timedelta(days=3))
    dossier.refresh_from_db()
    assert dossier.waiting_days(now) == 3
    state = dossier.standing
    dossier.enter(state, turn="agent", at=now)
    assert dossier.waiting_days(now) == 3
    dossier.enter(state, turn="applicant", at=now)
    assert dossier.waiting_days(now) == 0


def test_a_search_finds_by_number_siret_and_name_without_accents() -> None:
    dossier = make_deposit().dossier
    found = dossier.organisation
    found.name = "Forges d’Évreux"
    found.save()
    for typed in (dossier.number or "", (dossier.number or "")[:8].lower(), found.siret, "forges d evreux"):
        assert list(Dossier.objects.matching(typed)) == [dossier], typed
    assert list(Dossier.objects.matching("rien de tel")) == []
    assert list(Dossier.objects.matching("  ")) == [dossier]
