"""The organisations of which somebody reads a dossier, one row a SIREN: searched, in keyset pages.

Rows come in the order of names, then of keys. A SIREN stands at its first establishment in that order, of those that
answer the search; a place in it is a signed token.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Count, DateTimeField, Exists, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier, DossierQuerySet
from normandata.organisations.models import LONGEST, Organisation, OrganisationQuerySet
from normandata.organisations.siret import written, written_siren

PER_PAGE = 45
SALT = "portal.organisations"


@dataclass(frozen=True, slots=True)
class Row:
    """An organisation, with how many of its dossiers this person reads and when the last was deposited."""

    siren: str
    name: str
    city: str
    dossiers: int
    last: datetime

    @property
    def written_siren(self) -> str:
        return written_siren(self.siren)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows shown, and the tokens of the pages around them."""

    rows: list[Row]
    after: str = ""
    before: str = ""


def clean(typed: str) -> str:
    """Return a search as it is made and shown again."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def page(user: User, search: str, after: str = "", before: str = "") -> Page:
    """Return one page, in one query: the first one, the one after a token, or the one before a token."""
    found = _first_of_each(_answering(user, search))
    if after and (place := _place(after)):
        rows = _taken(user, found.filter(_beyond(place)))
        return _page(rows[:PER_PAGE], has_before=True, has_after=len(rows) > PER_PAGE)
    if before and (place := _place(before)):
        rows = _taken(user, found.filter(_beyond(place, back=True)), back=True)
        return _page(rows[:PER_PAGE][::-1], has_before=len(rows) > PER_PAGE, has_after=True)
    rows = _taken(user, found)
    return _page(rows[:PER_PAGE], has_before=False, has_after=len(rows) > PER_PAGE)


def _answering(user: User, search: str) -> OrganisationQuerySet:
    """Keep the establishments that answer a search and of which this person reads a dossier."""
    rows = Organisation.objects.matching(search) if search else Organisation.objects.all()
    return rows.filter(Exists(Dossier.objects.for_region(user).filter(organisation=OuterRef("pk"))))


def _first_of_each(rows: OrganisationQuerySet) -> OrganisationQuerySet:
    ahead = Q(search_name__lt=OuterRef("search_name")) | Q(search_name=OuterRef("search_name"), pk__lt=OuterRef("pk"))
    return rows.filter(~Exists(rows.order_by().filter(ahead, siren=OuterRef("siren"))))


def _of_siren(user: User) -> DossierQuerySet:
    return Dossier.objects.for_region(user).filter(organisation__siren=OuterRef("siren")).order_by()


def _taken(user: User, rows: OrganisationQuerySet, *, back: bool = False) -> list[dict[str, Any]]:
    alike = _of_siren(user).values("organisation__siren")
    count, last = alike.annotate(of=Count("pk")).values("of"), alike.annotate(of=Max("submitted_at")).values("of")
    order = ("-search_name", "-pk") if back else ("search_name", "pk")
    found = rows.annotate(
        held=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        last=Subquery(last, output_field=DateTimeField()),
    ).order_by(*order)
    shown = found.values("pk", "search_name", "siren", "siret", "name", "city", "held", "last")[: PER_PAGE + 1]
    return [dict(one) for one in shown]


def _beyond(place: tuple[str, int], *, back: bool = False) -> Q:
    """Keep what comes after a place, or before it; the redundant bound is what an index starts from."""
    side, (name, pk) = "lt" if back else "gt", place
    tie = Q(**{f"search_name__{side}": name}) | Q(**{f"pk__{side}": pk})
    return Q(**{f"search_name__{side}e": name}) & tie


def _place(token: str) -> tuple[str, int] | None:
    try:
        name, pk = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return name, pk


def _page(rows: list[dict[str, Any]], *, has_before: bool, has_after: bool) -> Page:
    if not rows:
        return Page([])
    tokens = [signing.Signer(salt=SALT).sign_object([one["search_name"], one["pk"]]) for one in (rows[-1], rows[0])]
    shown = [
        Row(one["siren"], one["name"] or f"Structure {written(one['siret'])}", one["city"], one["held"], one["last"])
        for one in rows
    ]
    return Page(shown, tokens[0] if has_after else "", tokens[1] if has_before else "")
