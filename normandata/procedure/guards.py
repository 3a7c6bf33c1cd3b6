"""A table that the database itself only lets grow."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

SQLITE = (
    "CREATE TRIGGER {name}_update BEFORE UPDATE ON %(table)s BEGIN SELECT RAISE(ABORT, '{name}'); END",
    "CREATE TRIGGER {name}_delete BEFORE DELETE ON %(table)s BEGIN SELECT RAISE(ABORT, '{name}'); END",
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$;"
    " CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()",
)


class WrittenOnce(BaseConstraint):
    """Refuse UPDATE and DELETE of any row, as an IntegrityError, by triggers on PostgreSQL and on SQLite.

    A constraint of the model, so that a migration written anew by `makemigrations` carries it. PostgreSQL's TRUNCATE,
    which only `manage.py flush` uses, is not covered.
    """

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, WrittenOnce) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Put the triggers after the table: nothing of them stands inside CREATE TABLE."""
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return the first trigger; those after it are deferred."""
        first, *rest = self._statements(model, schema_editor)
        schema_editor.deferred_sql.extend(rest)
        return first

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop trigger and function on PostgreSQL; SQLite makes the table anew, without its triggers."""
        drop = f"DROP TRIGGER {self.name} ON %(table)s; DROP FUNCTION {self.name}()"
        return Statement(drop, table=Table(model._meta.db_table, schema_editor.quote_name))

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Say nothing of a form's values: it is the gesture that is refused, not a content."""

    def _statements(self, model: Any, schema_editor: Any) -> Sequence[Statement]:
        templates = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
        table = Table(model._meta.db_table, schema_editor.quote_name)
        return [Statement(text.format(name=self.name), table=table) for text in templates]
