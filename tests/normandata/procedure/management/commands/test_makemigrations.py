"""What `makemigrations` writes of a new table."""

from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel, RemoveConstraint

from normandata.procedure.management.commands.makemigrations import folded

POSITIVE = models.CheckConstraint(condition=models.Q(size__gt=0), name="box_size")
ONCE = models.UniqueConstraint(fields=["owner"], name="box_owner_once")
BY_SIZE = models.Index(fields=["size"], name="box_by_size")


def box() -> CreateModel:
    return CreateModel("Box", [("id", models.AutoField(primary_key=True)), ("size", models.IntegerField())])


def lid() -> CreateModel:
    box_of_it = models.ForeignKey("boxes.Box", models.CASCADE)
    return CreateModel("Lid", [("id", models.AutoField(primary_key=True)), ("box", box_of_it)])


def test_constraints_and_indexes_are_written_with_their_table() -> None:
    operations = folded([box(), lid(), AddConstraint("box", POSITIVE), AddIndex("box", BY_SIZE)], "boxes")
    made = [(one.name, one.options) for one in operations if isinstance(one, CreateModel)]
    assert made == [("Box", {"constraints": [POSITIVE], "indexes": [BY_SIZE]}), ("Lid", {})]
    assert len(operations) == 2


def test_a_table_that_gains_a_column_keeps_its_constraints_apart() -> None:
    gained = AddField("box", "owner", models.IntegerField(null=True))
    operations = folded([box(), gained, AddConstraint("box", ONCE)], "boxes")
    assert [type(one) for one in operations] == [CreateModel, AddField, AddConstraint]


def test_what_is_not_new_is_left_alone() -> None:
    given = [AddConstraint("box", POSITIVE), RemoveConstraint("box", "box_old"), AddIndex("box", BY_SIZE)]
    assert folded(given, "boxes") == given
