"""Every model says what it holds of people: a new table, a new column of words, a new link to a person fails here."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from normandata.privacy import registry
from normandata.privacy.registry import Holding
from normandata.privacy.retention import retention


def faults(model: type[models.Model], holding: Holding | None) -> Iterator[str]:
    """List what a model holds and its room did not declare, or declared and does not hold."""
    if holding is None:
        yield f"{model._meta.label}: undeclared"
        return
    texts = {one.name for one in registry.texts_of(model)}
    said = [*holding.words, *holding.plain]
    yield from (f"{model._meta.label}.{name}: words or plain?" for name in sorted(texts - set(said)))
    # What is drawn from a list may be declared too: it names nobody.
    columns = {one.name for one in model._meta.local_concrete_fields}
    yield from (f"{model._meta.label}.{name}: no such column" for name in sorted(set(said) - columns))
    yield from (f"{model._meta.label}.{name}: twice" for name in sorted({one for one in said if said.count(one) > 1}))
    people = {one.name for one in registry.people_of(model)}
    links = [*holding.about, *holding.signed]
    yield from (f"{model._meta.label}.{name}: about or signed?" for name in sorted(people ^ set(links)))


def test_every_model_is_declared_column_by_column() -> None:
    known = {one.table: one for one in registry.every()}
    assert [fault for model in apps.get_models() for fault in faults(model, known.get(model))] == []
    assert len(known) == len(registry.every()) == len(apps.get_models()) >= 140


def test_an_address_a_name_or_a_number_is_never_called_plain() -> None:
    personal = re.compile(r"mail|phone|(^|_)name$|comment|reason|message|notes?$|person", re.IGNORECASE)
    allowed = {
        ("auth.Permission", "name"), ("auth.Group", "name"), ("organisations.Territory", "name"),
        ("organisations.Territory", "search_name"), ("auth.Permission", "codename"),
    }  # fmt: skip
    called = {(one.model, name) for one in registry.every() for name in one.plain if personal.search(name)}
    emails = {
        (model._meta.label, one.name)
        for model in apps.get_models()
        for one in model._meta.local_concrete_fields
        if isinstance(one, models.EmailField)
    }
    words = {(one.model, name) for one in registry.every() for name in one.words}
    assert called == allowed & called
    assert emails
    assert emails <= words


def test_every_treatment_is_explained() -> None:
    purposes = {one.purpose for one in registry.every()} - {"nobody"}
    assert purposes <= {one.slug for one in retention().treatments}
    empty = [
        one.model for one in registry.every() if one.purpose == "nobody" and (one.about or one.signed or one.words)
    ]
    assert empty == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (models.CharField(max_length=9), "accounts.User.new: words or plain?"),
        (models.JSONField(), "accounts.User.new: words or plain?"),
        (models.ForeignKey("accounts.User", models.CASCADE, related_name="+"), "accounts.User.new: about or signed?"),
    ],
)
def test_a_new_column_that_nobody_declared_is_seen(field, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = apps.get_model("accounts.User")
    field.set_attributes_from_name("new")
    field.model = model
    if field.is_relation:
        field.remote_field.model = model
    monkeypatch.setattr(model._meta, "local_concrete_fields", [*model._meta.local_concrete_fields, field])
    assert list(faults(model, registry.of(model))) == [expected]


def test_a_model_that_nobody_declared_is_seen() -> None:
    model = apps.get_model("accounts.User")
    assert list(faults(model, None)) == ["accounts.User: undeclared"]
    with pytest.raises(ValueError, match="declared twice"):
        registry.declare(Holding("accounts.User", "account"))
