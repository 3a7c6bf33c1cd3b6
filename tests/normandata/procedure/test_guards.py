"""The guard of append-only tables follows the table through migrations."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from normandata.procedure.guards import WrittenOnce, set_aside

pytestmark = pytest.mark.django_db(transaction=True)


def make() -> Any:
    class Line(models.Model):
        text = models.TextField()

        class Meta:
            app_label = "procedure"
            db_table = "procedure_trial"
            constraints = [WrittenOnce(name="trial_append_only")]

    return Line


def guarded(sql: str) -> bool:
    """Tell whether the guard refuses a statement; any other error is raised."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError as error:
        return "trial_append_only" in str(error)
    return False


@isolate_apps("normandata.procedure")
def test_the_guard_is_made_kept_and_taken_away_with_the_schema() -> None:
    Line = make()
    constraint, longer = Line._meta.constraints[0], models.CharField(max_length=20, default="")
    longer.set_attributes_from_name("more")
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    Line.objects.create(text="Vrai")
    update, delete = "UPDATE procedure_trial SET text = 'Faux'", "DELETE FROM procedure_trial"
    assert guarded(update)
    assert guarded(delete)
    with connection.schema_editor() as editor:
        editor.add_field(Line, longer)
        editor.alter_field(Line, Line._meta.get_field("text"), _shorter())
    assert guarded(update)
    assert guarded(delete)
    Line._meta.constraints = []  # as a migration sees the model once the constraint is gone
    with connection.schema_editor() as editor:
        editor.remove_constraint(Line, constraint)
    assert not guarded(update)
    Line._meta.constraints = [constraint]
    with connection.schema_editor() as editor:
        editor.add_constraint(Line, constraint)
    assert guarded(update)
    assert guarded(delete)
    assert Line.objects.values_list("text", flat=True).get() == "Faux"
    with connection.schema_editor() as editor:
        editor.delete_model(Line)


def _shorter() -> "models.CharField[str, str]":
    field: models.CharField[str, str] = models.CharField(max_length=30)
    field.set_attributes_from_name("text")
    return field


def test_a_migration_names_it_and_forms_ignore_it() -> None:
    constraint = WrittenOnce(name="trial_append_only")
    text, _ = MigrationWriter.serialize(constraint)
    assert text == "normandata.procedure.guards.WrittenOnce(name='trial_append_only')"
    assert constraint == WrittenOnce(name="trial_append_only")
    constraint.validate(None, None)


@isolate_apps("normandata.procedure")
def test_an_erasure_sets_the_guard_of_one_table_aside_and_it_comes_back() -> None:
    Line = make()
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    try:
        Line.objects.create(text="Zoé")
        with transaction.atomic(), set_aside(Line):
            Line._base_manager.update(text="Personne 4F2A9C")
        assert Line.objects.get().text == "Personne 4F2A9C"
        assert guarded("UPDATE procedure_trial SET text = 'Faux'")
        assert guarded("DELETE FROM procedure_trial")
        with pytest.raises(ZeroDivisionError):
            _fail_while_aside(Line)
        assert guarded("UPDATE procedure_trial SET text = 'Faux'")
        assert Line.objects.get().text == "Personne 4F2A9C"
    finally:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Line, Line._meta.constraints[0])
            editor.delete_model(Line)


def _fail_while_aside(model: Any) -> None:
    with set_aside(model):
        model._base_manager.update(text="Perdu")
        1 / 0  # noqa: B018
