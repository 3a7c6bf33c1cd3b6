"""The gestures that make an edition: create it, clone it, set it, its prizes, what each phase lets see."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, Unmet
from normandata.regulation.findings import Outcome, Verdict

from .. import edition_mails, permissions, phases
from ..criteria import CRITERIA
from ..days import Days
from ..editions import Criterion, DataSet, Edition, PhaseSetting, Theme
from ..phases import RIGHTS, SETTABLE
from ..rules import Facts, evaluate
from . import contents
from .holding import LIVING, OPEN, hold, keep_described, touch

RESERVED = frozenset({"nouvelle"})
"""Addresses that the organisers' pages use."""
DATES = tuple(one.name for one in fields(Days))
TOLD = (*DATES, "closing_place")
"""What participants are told of when it changes."""
JUDGED_BY = ("quorum", "recusal_is_whole", "spread_alert")
"""What is frozen with the grid when scoring opens."""
SETTINGS = (
    *("title", "summary", "format", "registration_mode", "registration_url"),
    *TOLD,
    *JUDGED_BY,
    "embargo_until",
)
CLONED = ("summary", "format", "registration_mode", "registration_url", *JUDGED_BY, "prize_1", "prize_2", "prize_3")
PRICED_IN = (*OPEN, phases.SCORING)


@transaction.atomic
def create(*, title: str, year: int, slug: str = "", by: User) -> Edition:
    """Create an edition with the six criteria of annexe 5, and nobody.

    Raises NotAllowed, NotDone, ValidationError.
    """
    edition = _made(title, year, slug, by)
    Criterion.objects.bulk_create(
        Criterion(edition=edition, rank=rank, slug=code, label=label, hint=hint)
        for rank, (code, label, hint) in enumerate(CRITERIA, start=1)
    )
    procedure.record(edition, "create", by=by)
    return edition


@transaction.atomic
def clone(source: Edition, *, title: str, year: int, slug: str = "", keeps_dates: bool, by: User) -> Edition:
    """Make an edition out of another: themes, data sets, criteria, settings, rules as version 1; people never.

    Its dates move by whole weeks, one year for each between the two, or are left to be typed. Raises as `create`, and
    NotDone for dates that would not move.
    """
    if keeps_dates and year <= source.year:
        raise NotDone("Les dates se décalent vers une année suivante : laissez-les vides, ou changez l’année.")
    edition = _made(title, year, slug, by, source)
    if keeps_dates:
        moved = source.days.later(year - source.year)
        for name in DATES:
            setattr(edition, name, getattr(moved, name))
        edition.save(update_fields=DATES)
    _copy_contents(source, edition)
    last = source.rules_texts.first()
    if last is not None:
        contents.write_rules(edition, text=last.text, version=1, change="", by=by)
    procedure.record(edition, "clone", by=by, data={"from": source.slug, "keeps_dates": keeps_dates})
    return edition


@transaction.atomic
def change(edition: Edition, *, by: User, seen: int | None = None, **values: Any) -> list[str]:
    """Change settings, by name (`SETTINGS`); participants are told when a date or the place changes.

    Returns the names of what changed. Raises what `hold` raises, Unmet when an open edition would lack something,
    ValidationError.
    """
    hold(edition, *LIVING, by=by, seen=seen)
    changed = sorted(name for name, value in values.items() if getattr(edition, name) != value)
    if unknown := set(changed) - set(SETTINGS):
        raise ValueError(f"not settings: {sorted(unknown)}")
    if edition.state not in OPEN and set(changed) & set(JUDGED_BY):
        raise NotNow("La notation est ouverte : la façon de juger ne change plus.")
    if not changed:
        return []
    for name in changed:
        setattr(edition, name, values[name])
    edition.full_clean(exclude=["created_by", "cloned_from"])
    keep_described(edition)
    touch(edition, *changed)
    procedure.record(edition, "change", by=by, data={"changed": changed})
    if edition.state in (phases.REGISTRATION, phases.CHALLENGE) and set(changed) & set(TOLD):
        edition_mails.tell_dates(edition)
    return changed


@transaction.atomic
def set_prizes(edition: Edition, prizes: Sequence[Decimal], *, by: User, seen: int | None = None) -> Verdict:
    """Set the prizes by rank, in euros; the verdict of the règlement is kept with the act.

    Raises what `hold` raises, Unmet with the sentence of each rule that fails (annexe 5, « Modalités de paiement »).
    """
    hold(edition, *PRICED_IN, by=by, seen=seen)
    verdict = evaluate(Facts(timezone.localdate(), tuple(prizes)))
    if refused := verdict.with_outcome(Outcome.UNMET):
        raise Unmet(*(finding.message for finding in refused))
    padded = [*prizes, None, None, None]
    edition.prize_1, edition.prize_2, edition.prize_3 = padded[:3]
    touch(edition, "prize_1", "prize_2", "prize_3")
    procedure.record(edition, "set_prizes", by=by, data={"prizes": [str(one) for one in prizes]}, verdict=verdict)
    return verdict


def settable() -> list[tuple[str, str]]:
    """List the pairs of a phase and of what it opens that an edition may shut."""
    return [(phase, right) for phase in RIGHTS for right in SETTABLE if getattr(RIGHTS[phase], right)]


@transaction.atomic
def shut(edition: Edition, pairs: Collection[tuple[str, str]], *, by: User, seen: int | None = None) -> None:
    """Shut these pairs of a phase and a right, and open all others again.

    Raises what `hold` raises, ValueError for a pair that no phase opens.
    """
    hold(edition, *LIVING, by=by, seen=seen)
    if unknown := set(pairs) - set(settable()):
        raise ValueError(f"nothing to shut: {sorted(unknown)}")
    edition.shut.all().delete()
    PhaseSetting.objects.bulk_create(
        PhaseSetting(edition=edition, phase=phase, right=right) for phase, right in sorted(pairs)
    )
    touch(edition)
    procedure.record(edition, "shut", by=by, data={"shut": [":".join(pair) for pair in sorted(pairs)]})


def _made(title: str, year: int, slug: str, by: User, source: Edition | None = None) -> Edition:
    if not permissions.may_create(by):
        raise NotAllowed(procedure.FORBIDDEN)
    address = slugify(slug or title)[:60]
    if address in RESERVED:
        raise NotDone("Cette adresse est prise par le portail : choisissez-en une autre.")
    copied: dict[str, Any] = {name: getattr(source, name) for name in CLONED} if source else {}
    edition = Edition(title=title.strip(), year=year, slug=address, created_by=by, cloned_from=source, **copied)
    edition.full_clean(exclude=["created_by", "cloned_from"])
    edition.save()
    return edition


def _copy_contents(source: Edition, edition: Edition) -> None:
    themes: dict[int | None, Theme | None] = {None: None}
    for theme in source.themes.all():
        themes[theme.pk] = Theme.objects.create(
            edition=edition, rank=theme.rank, title=theme.title, summary=theme.summary
        )
    DataSet.objects.bulk_create(
        DataSet(
            edition=edition,
            theme=themes[one.theme_id],
            **{name: getattr(one, name) for name in ("rank", "title", "producer", "url", "licence")},
        )
        for one in source.data_sets.all()
    )
    Criterion.objects.bulk_create(
        Criterion(edition=edition, **{name: getattr(one, name) for name in ("rank", "slug", "label", "hint", "weight")})
        for one in source.criteria.all()
    )
    PhaseSetting.objects.bulk_create(
        PhaseSetting(edition=edition, phase=one.phase, right=one.right) for one in source.shut.all()
    )
