"""Lines that the database itself keeps as they were certified."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.ddl_references import Statement, Table

from normandata.procedure.guards import WrittenOnce

from .states import FROZEN

_CERTIFIED = "EXISTS (SELECT 1 FROM booster_ia_paymentrequest WHERE id = {row}.request_id AND state IN ({states}))"
_STATES = ", ".join(f"'{one}'" for one in FROZEN)
_SQLITE = "CREATE TRIGGER {name}_{verb} BEFORE {VERB} ON %(table)s WHEN {when} BEGIN SELECT RAISE(ABORT, '{name}'); END"
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF (TG_OP <> 'INSERT' AND {old}) OR (TG_OP <> 'DELETE' AND {new}) THEN"
    " RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$;"
    " CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()"
)
_POSTGRESQL_FIGURES = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_OP = 'DELETE' THEN IF {kept} THEN"
    " RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END IF;"
    " IF {moved} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    " RETURN NEW; END $$;"
    " CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()"
)
_VERBS = {"insert": "NEW", "update": "OLD", "delete": "OLD"}


class FrozenOnceCertified(WrittenOnce):
    """Refuse to add, change or erase a row whose payment request is certified, as an IntegrityError.

    For a model with a `request`; by triggers on PostgreSQL and on SQLite, like `WrittenOnce`.
    """

    def _statements(self, model: Any, schema_editor: Any) -> Sequence[Statement]:
        table = Table(model._meta.db_table, schema_editor.quote_name)
        if schema_editor.connection.vendor != "sqlite":
            old, new = _when("OLD"), _when("NEW")
            return [Statement(_POSTGRESQL.format(name=self.name, old=old, new=new), table=table)]
        return [
            Statement(
                _SQLITE.format(name=self.name, verb=verb, VERB=verb.upper(), when=_when(row)),
                table=table,
            )
            for verb, row in _VERBS.items()
        ]


_FIGURES = (
    "award_id", "kind", "asked", "accepted", "justified", "other_public_aid", "final_grant", "effective", "overpayment",
    "amount", "explanation", "checked_by_id", "checked_at", "certified_by_id", "certified_at", "bank_id",
    "certificate_id",
)  # fmt: skip
"""What a certified request keeps; its mandate comes later, and may be corrected."""


class FiguresOnceCertified(WrittenOnce):
    """Refuse to erase a certified payment request, to change its figures or its people, or to take it back."""

    def _statements(self, model: Any, schema_editor: Any) -> Sequence[Statement]:
        table = Table(model._meta.db_table, schema_editor.quote_name)
        is_sqlite = schema_editor.connection.vendor == "sqlite"
        differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
        kept = f"OLD.state IN ({_STATES})"
        moved = " OR ".join(f"OLD.{one} {differs} NEW.{one}" for one in _FIGURES)
        moved = f"{kept} AND (NEW.state NOT IN ({_STATES}) OR {moved})"
        if is_sqlite:
            rows = {"update": moved, "delete": kept}
            return [
                Statement(_SQLITE.format(name=self.name, verb=verb, VERB=verb.upper(), when=when), table=table)
                for verb, when in rows.items()
            ]
        return [Statement(_POSTGRESQL_FIGURES.format(name=self.name, kept=kept, moved=moved), table=table)]


def _when(row: str) -> str:
    return _CERTIFIED.format(row=row, states=_STATES)
