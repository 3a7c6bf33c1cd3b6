"""A table that the database itself only lets grow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

SQLITE = (
    "CREATE TRIGGER {name}_update BEFORE UPDATE ON %(table)s {unless}BEGIN SELECT RAISE(ABORT, '{name}'); END",
    "CREATE TRIGGER {name}_delete BEFORE DELETE ON %(table)s BEGIN SELECT RAISE(ABORT, '{name}'); END",
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN{unless}"
    " RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$;"
    " CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()",
)


class WrittenOnce(BaseConstraint):
    """Refuse UPDATE and DELETE of any row, as an IntegrityError, by triggers on PostgreSQL and on SQLite.

    `forgets` names the columns that may become NULL, and nothing else with them: who did a thing, once that person's
    data are erased.

    A constraint of the model, so that a migration written anew by `makemigrations` carries it. PostgreSQL's TRUNCATE,
    which only `manage.py flush` uses, is not covered.
    """

    def __init__(self, *, name: str, forgets: Sequence[str] = ()) -> None:
        super().__init__(name=name)
        self.forgets = tuple(forgets)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WrittenOnce):
            return NotImplemented
        return (self.name, self.forgets) == (other.name, other.forgets)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | ({"forgets": self.forgets} if self.forgets else {})

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
        is_sqlite = schema_editor.connection.vendor == "sqlite"
        table = Table(model._meta.db_table, schema_editor.quote_name)
        unless = self._unless(model, is_sqlite=is_sqlite) if self.forgets else ""
        templates = SQLITE if is_sqlite else POSTGRESQL
        return [Statement(text.format(name=self.name, unless=unless), table=table) for text in templates]

    def _unless(self, model: Any, *, is_sqlite: bool) -> str:
        """Write what lets an UPDATE through: what may be forgotten is NULL, every other column is as it was."""
        columns = [field.column for field in model._meta.local_fields]
        forgotten = [model._meta.get_field(name).column for name in self.forgets]
        if is_sqlite:
            same = [f'NEW."{one}" IS OLD."{one}"' for one in columns if one not in forgotten]
            kept = [f'NEW."{one}" IS NULL' for one in forgotten]
            return f"WHEN NOT ({' AND '.join([*same, *kept])}) "
        same = [f'NEW."{one}" IS NOT DISTINCT FROM OLD."{one}"' for one in columns if one not in forgotten]
        kept = [f'NEW."{one}" IS NULL' for one in forgotten]
        return f" IF TG_OP = 'UPDATE' AND {' AND '.join([*same, *kept])} THEN RETURN NEW; END IF;"


@contextmanager
def set_aside(model: Any) -> Iterator[None]:
    """Take the triggers of one table away for the length of a `with`; what goes wrong there puts them back.

    Only the erasure of a person and an elimination do it, for columns of words: nobody else writes meanwhile, since
    SQLite lets one transaction write and PostgreSQL locks the table until it ends.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
            cursor.execute(asked, [model._meta.db_table])
            guards = cursor.fetchall()
            for name, _ in guards:
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
            yield
            for _, text in guards:
                cursor.execute(text)
            return
        table = connection.ops.quote_name(model._meta.db_table)
        # A table with checks to come cannot be altered: foreign keys are checked now.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
