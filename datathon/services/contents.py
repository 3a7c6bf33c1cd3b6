"""The gestures on what an edition says: its themes, its data sets, its criteria, its rules text."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone

from .. import edition_mails, papers, phases
from ..editions import Criterion, DataSet, Edition, RulesText, Theme
from .holding import OPEN, hold, keep_described, touch

Row = Theme | DataSet | Criterion
CHOSEN = "Des équipes ont choisi ce thème : il ne se retire plus."


@transaction.atomic
def put(row: Row, *, by: User, seen: int | None = None) -> Row:
    """Add a theme, a data set or a criterion to its edition, or save it changed.

    Raises what `hold` raises, NotNow once scoring is open, ValidationError.
    """
    edition = row.edition
    hold(edition, *OPEN, by=by, seen=seen)
    is_new = row.pk is None
    if isinstance(row, Criterion) and not row.slug:
        row.slug = _code(edition, row.label)
    row.full_clean(exclude=["edition"])
    row.save()
    touch(edition)
    procedure.record(edition, "put", by=by, data={"kind": row._meta.model_name, "key": row.pk, "is_new": is_new})
    return row


@transaction.atomic
def take_out(row: Row, *, by: User, seen: int | None = None) -> None:
    """Take a theme, a data set or a criterion out of its edition.

    Raises what `hold` raises, NotDone for a theme that a team chose, Unmet for the last one of an open edition.
    """
    edition = row.edition
    hold(edition, *OPEN, by=by, seen=seen)
    said = {"kind": row._meta.model_name, "key": row.pk}
    try:
        row.delete()
    except ProtectedError:
        raise NotDone(CHOSEN) from None
    keep_described(edition)
    touch(edition)
    procedure.record(edition, "take_out", by=by, data=said)


@transaction.atomic
def publish_rules(edition: Edition, *, text: str, change: str = "", by: User, seen: int | None = None) -> RulesText:
    """Publish the rules of an edition, or a new version that says what changes; nobody edits a published one.

    Those who accepted an earlier version keep it and are told. Raises what `hold` raises, NotDone, ValidationError.
    """
    hold(edition, *OPEN, by=by, seen=seen)
    last = edition.rules_texts.first()
    if last is not None and not change.strip():
        raise NotDone("Dites ce qui change : les participants le lisent.")
    if last is not None and last.text == text.strip():
        raise NotDone("Ce texte est celui de la version publiée : rien n’a changé.")
    number = 1 if last is None else last.version + 1
    rules = write_rules(edition, text=text, version=number, change=change if last else "", by=by)
    touch(edition)
    procedure.record(edition, "publish_rules", by=by, data={"version": rules.version})
    if last is not None and edition.state in (phases.REGISTRATION, phases.CHALLENGE):
        edition_mails.tell_rules(edition, rules)
    return rules


def write_rules(edition: Edition, *, text: str, version: int, change: str, by: User) -> RulesText:
    """Write a version of the rules and ask for its PDF, in the caller's transaction."""
    rules = RulesText(edition=edition, version=version, text=text.strip(), change=change.strip(), published_by=by)
    rules.full_clean(exclude=["edition", "published_by", "document"])
    rules.document = documents.request_document(papers.RULES, **papers.rules(edition, rules))
    rules.save()
    return rules


def _code(edition: Edition, label: str) -> str:
    """Make a code out of a criterion's words, unlike those that are there."""
    taken = set(edition.criteria.values_list("slug", flat=True))
    base = slugify(label)[:36] or "critere"
    return next(
        code
        for number in range(1, len(taken) + 2)
        if (code := base if number == 1 else f"{base}-{number}") not in taken
    )
