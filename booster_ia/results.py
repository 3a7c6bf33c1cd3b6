"""The grants of the scheme as everybody reads them: the lines of its open data, and the account they come from.

Amounts are in euros. A natural person, or a structure that asked Sirene for discretion, is counted and never named.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from normandata.budgets.models import Envelope
from normandata.bulletin.results import PAGE, Asked, Line, Part, Source, Table
from normandata.regulation.formats import euros, plural
from normandata.regulation.money import ZERO
from normandata.ui.tables import Column, Unit

from .awards import AwardQuerySet
from .opendata import SETS, listed
from .readings import standing
from .scheme import SCHEME

COLUMNS = (
    Column("Bénéficiaire"),
    Column("Projet"),
    Column("Subvention", Unit.EUROS),
    Column("Séance"),
    Column("Délibération"),
)
ACCOUNT = (
    Column("Enveloppe"),
    Column("Accordé", Unit.EUROS),
    Column("Rendu à l’enveloppe", Unit.EUROS),
    Column("Engagé", Unit.EUROS),
    Column("Payé", Unit.EUROS),
)
UNTITLED = "Sans titre"


def read(asked: Asked) -> Part:
    """Read a page of the grants and the account of their envelopes; four queries, whatever their number."""
    granted = _of_year(standing(asked.today), asked.year)
    shown = _found(_of_year(listed(asked.today), asked.year), asked.words)
    count, total = _sum(granted)
    found_count, found_total = _sum(shown)
    lines, after = _page(shown, asked.after)
    return Part(
        finding=_finding(count, total, asked.year),
        accounts=Table("Ce que l’enveloppe en dit", ACCOUNT, _accounts(granted)) if count else None,
        table=Table(_caption(found_count, found_total, asked), COLUMNS, lines),
        notes=_notes(count - found_count, total - found_total, asked),
        next=after,
        data_set=SETS[0].slug,
    )


def _of_year(rows: AwardQuerySet, year: int | None) -> AwardQuerySet:
    """Keep the grants on the envelopes of a year."""
    return rows if year is None else rows.filter(envelope__year=year)


def _found(rows: AwardQuerySet, words: Iterable[str]) -> AwardQuerySet:
    """Keep the grants in which each word is found: beneficiary, SIRET, project or deliberation."""
    for word in words:
        rows = rows.filter(
            Q(organisation__name__icontains=word)
            | Q(organisation__siret__startswith=word)
            | Q(title__icontains=word)
            | Q(deliberation__icontains=word)
        )
    return rows


def _sum(rows: AwardQuerySet) -> tuple[int, Decimal]:
    found = rows.aggregate(count=Count("pk"), total=Sum("amount"))
    return found["count"], found["total"] or ZERO


def _page(rows: AwardQuerySet, after: str) -> tuple[list[Line], str]:
    """Read the lines that follow one of them, and the key of the last where there are more."""
    place = _place(after)
    if place:
        rows = rows.filter(Q(granted_on__lt=place[0]) | Q(granted_on=place[0], pk__lt=place[1]))
    wanted = rows.order_by("-granted_on", "-pk").values_list(  # type: ignore[misc]  # `published` annotates the title
        "granted_on",
        "pk",
        "organisation__name",
        "title",
        "amount",
        "item__session__held_on",
        "deliberation",
        "item__session__deliberation_url",
    )
    found = list(wanted[: PAGE + 1])
    lines = [
        Line((name, title or UNTITLED, amount, held_on, number), source_url=url)
        for _, _, name, title, amount, held_on, number, url in found[:PAGE]
    ]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return lines, f"{last[0]:%Y%m%d}-{last[1]}" if last else ""


def _place(after: str) -> tuple[date, int] | None:
    """Read the key of a line; what is none starts from the top."""
    day, _, key = after.partition("-")
    if not (day.isascii() and day.isdigit() and len(day) == 8 and key.isascii() and key.isdigit() and len(key) < 12):
        return None
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:])), int(key)
    except ValueError:
        return None


def _accounts(granted: AwardQuerySet) -> list[Line]:
    """Tell where the grants of each envelope stand: what was granted is given back, committed, or paid."""
    rows = granted.order_by().values("envelope").annotate(total=Sum("amount"))
    sums = {row["envelope"]: row["total"] for row in rows}
    envelopes = Envelope.objects.of(SCHEME.slug).filter(pk__in=list(sums))
    return [
        Line((_named(one), sums[one.pk], sums[one.pk] - one.committed - one.paid, one.committed, one.paid))
        for one in envelopes
    ]


def _named(envelope: Envelope) -> str:
    return f"{envelope.label} {envelope.year or ''}".rstrip()


def _finding(count: int, total: Decimal, year: int | None) -> str:
    when = f" sur l’enveloppe {year}" if year else ""
    if not count:
        return f"Aucune subvention votée{when} pour le moment"
    return f"{plural(count, 'subvention votée', 'subventions votées')}{when}, {euros(total)} accordés"


def _caption(count: int, total: Decimal, asked: Asked) -> str:
    found = f" pour «\u00a0{' '.join(asked.words)}\u00a0»" if asked.words else ""
    return f"{plural(count, 'subvention publiée', 'subventions publiées')}{found}, {euros(total)}"


def _notes(count: int, total: Decimal, asked: Asked) -> tuple[str, ...]:
    """Say what is voted and not named, where nothing was searched."""
    if asked.words or count <= 0:
        return ()
    are = "n’est pas nommée" if count == 1 else "ne sont pas nommées"
    others = plural(count, "autre subvention votée", "autres subventions votées")
    sum_of_several = f" ({euros(total)})" if count > 1 else ""  # of one alone, it would be its amount
    return (
        f"{others}{sum_of_several} {are} ici : la lettre n’est pas encore notifiée, la délibération n’est pas encore "
        "exécutoire, ou le bénéficiaire est une personne physique.",
    )


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
