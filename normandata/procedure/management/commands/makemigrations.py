"""`manage.py makemigrations`: each constraint and index is written with the table it guards, when both are new.

Django writes them as operations of their own, and each makes it build all the models anew: with three hundred
constraints, that was nine tenths of what migrating an empty database costs.
"""

from collections.abc import Iterable
from typing import Any

from django.core.management.commands.makemigrations import Command as MakeMigrations
from django.db.migrations.migration import Migration
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation


class Command(MakeMigrations):
    def write_migration_files(self, changes: dict[str, list[Migration]], *args: Any) -> None:
        for app, migrations in changes.items():
            for migration in migrations:
                migration.operations = folded(migration.operations, app)  # type: ignore[misc]
        super().write_migration_files(changes, *args)


def folded(operations: Iterable[Operation], app: str) -> list[Operation]:
    """Return the operations with the constraints and indexes of a new table put into its creation.

    A table that gains a column meanwhile keeps its own apart: they may name that column.
    """
    kept: list[Operation] = []
    made: dict[str, int] = {}
    for operation in operations:
        if isinstance(operation, AddConstraint | AddIndex) and operation.model_name_lower in made:
            place = made[operation.model_name_lower]
            reduced = kept[place].reduce(operation, app)
            if isinstance(reduced, list):
                kept[place : place + 1] = reduced
                continue
        if isinstance(operation, CreateModel):
            made[operation.name_lower] = len(kept)
        elif isinstance(operation, AddField):
            made.pop(operation.model_name_lower, None)
        kept.append(operation)
    return kept
