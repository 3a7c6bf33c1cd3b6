"""`manage.py flush`: empties every table, those that the database keeps append-only too.

The triggers that guard rows stand aside meanwhile. Where numbers need not start again, as between two tests, only the
tables that hold rows are emptied: truncating a hundred tables costs PostgreSQL seconds. What Django writes there of the
code itself, content types and permissions, stays then: it would be written again the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_OF_THE_CODE = ("django_content_type", "auth_permission")
_ON_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_ON_POSTGRESQL = (
    "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
)


class Command(Flush):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        if not (options["interactive"] or options.get("reset_sequences", True)):
            _delete(connection)
            if not options.get("inhibit_post_migrate", False):
                emit_post_migrate_signal(options["verbosity"], False, connection.alias)
        elif connection.vendor == "sqlite":
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor, _unguarded(cursor, []):
                super().handle(**options)
        else:
            super().handle(**options)


def _delete(connection: BaseDatabaseWrapper) -> None:
    """Delete the rows of every table that has some, in one transaction at whose end foreign keys are checked."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        filled = _filled(connection, cursor)
        with _unguarded(cursor, filled):
            for name in filled:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608


def _filled(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> list[str]:
    """List the tables that hold a row."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = {name: f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1" for name in names}  # noqa: S608
    found = []
    for name, query in asked.items():
        cursor.execute(query)
        if name not in _OF_THE_CODE and cursor.fetchone():
            found.append(name)
    return found


@contextmanager
def _unguarded(cursor: CursorWrapper, tables: list[str]) -> Iterator[None]:
    """Take the guards of rows away while tables are emptied."""
    quote = cursor.db.ops.quote_name
    if cursor.db.vendor == "sqlite":
        cursor.execute(_ON_SQLITE)
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {quote(name)}")
        yield
        for _, text in guards:
            cursor.execute(text)
        return
    cursor.execute(_ON_POSTGRESQL)
    guarded = [name for (name,) in cursor.fetchall() if name in tables]
    for name in guarded:
        cursor.execute(f"ALTER TABLE {quote(name)} DISABLE TRIGGER USER")
    yield
    # Foreign keys are checked now: a table with checks to come cannot be altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name in guarded:
        cursor.execute(f"ALTER TABLE {quote(name)} ENABLE TRIGGER USER")
