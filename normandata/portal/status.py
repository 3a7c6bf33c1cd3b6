"""What works now, for citizens: the probes of the operator's page, in words and without a figure of the house."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.utils import timezone

from normandata.documents.services import MAKE
from normandata.notifications.services import SEND
from normandata.outbox import carrier
from normandata.outbox.models import Message
from normandata.regulation.formats import day, plural, spaced

from . import announcing, operator
from .announcing import Notice
from .models import Announcement

logger = logging.getLogger(__name__)
SCAN = "documents.scan"
STOPPED = timedelta(minutes=30)
"""How long something may be due before its service is said to be down."""
TRIED, SEVERAL = 2, 3
"""Tries after which a message does not get through, and how many of them are no longer one wrong address."""
FRESH = timedelta(hours=36)
"""A backup older than this is said to be late: there is one every night."""


class Standing(StrEnum):
    """How a service does, the worst last."""

    UNKNOWN = "unknown"
    OK = "ok"
    SLOW = "slow"
    DOWN = "down"


TAGS = {
    Standing.UNKNOWN: ("plain", "na", "Non communiqué"),
    Standing.OK: ("done", "met", "Fonctionne"),
    Standing.SLOW: ("todo", "clock", "Ralenti"),
    Standing.DOWN: ("no", "unmet", "Interrompu"),
}
HEADLINES = {Standing.SLOW: ("est ralenti", "sont ralentis"), Standing.DOWN: ("est interrompu", "sont interrompus")}


@dataclass(frozen=True, slots=True)
class Service:
    """A service as citizens know it: how it does, and what that changes for them."""

    code: str
    label: str
    standing: Standing
    sentence: str

    @property
    def tag(self) -> tuple[str, str, str]:
        return TAGS[self.standing]


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the portal at an instant; `now`, `ahead` and `over` are what administrators announced."""

    at: datetime
    services: tuple[Service, ...]
    now: tuple[Notice, ...]
    ahead: tuple[Notice, ...]
    over: tuple[Notice, ...]

    @property
    def standing(self) -> Standing:
        found = {one.standing for one in self.services}
        return next((one for one in (Standing.DOWN, Standing.SLOW) if one in found), Standing.OK)

    @property
    def headline(self) -> str:
        """Say the worst in a sentence: `2 services sont ralentis.`"""
        if self.standing is Standing.OK:
            return f"{self.now[0].label} en cours." if self.now else "Tout fonctionne."
        count, (one, many) = sum(found.standing is self.standing for found in self.services), HEADLINES[self.standing]
        return f"Un service {one}." if count == 1 else f"{plural(count, 'service')} {many}."

    def as_record(self) -> dict[str, Any]:
        """Return the same, as JSON."""
        return {
            "status": self.standing.value,
            "headline": spaced(self.headline),
            "checked_at": self.at.isoformat(timespec="seconds"),
            "services": [
                {"code": one.code, "label": one.label, "status": one.standing.value, "message": spaced(one.sentence)}
                for one in self.services
            ],
            "announcements": [
                {
                    "kind": one.kind,
                    "title": one.title,
                    "text": one.text,
                    "starts_at": one.starts_at.isoformat(timespec="seconds"),
                    "ends_at": one.ends_at.isoformat(timespec="seconds") if one.ends_at else None,
                    "is_current": one in self.now,
                }
                for one in (*self.now, *self.ahead)
            ],
        }


def report() -> Report:
    """Probe each service; three queries, and a page even when the database is down."""
    at = timezone.now()
    try:
        lags = _lags(at)
        ahead = tuple(announcing.notice(one) for one in Announcement.objects.ahead(at))
        over = tuple(announcing.notice(one) for one in Announcement.objects.over(at))
    except DatabaseError:
        logger.exception("The status page found the database down.")
        return Report(at, tuple(_without_database()), tuple(announcing.banners()), (), ())
    shown = [one for one in ahead if one.shown_from <= at]
    now = tuple(one for one in shown if one.is_on(at))
    return Report(at, tuple(_services(lags, at)), now, tuple(one for one in shown if one not in now), over)


def _lags(at: datetime) -> Mapping[str, timedelta]:
    """Return, by handler, for how long its oldest message should have left; one query on the partial index."""
    tried = Q(attempts__gte=TRIED)
    rows = Message.objects.unfinished().order_by().values_list("handler")
    found: Any = rows.annotate(
        due=Min("due_at", filter=Q(due_at__lte=at)),
        stuck=Min("created_at", filter=tried),
        many=Count("pk", filter=tried),
    )
    oldest = {
        handler: min(filter(None, (due, stuck if many >= SEVERAL else None)), default=at)
        for handler, due, stuck, many in found
    }
    return {handler: at - since for handler, since in oldest.items()}


def _services(lags: Mapping[str, timedelta], at: datetime) -> Iterator[Service]:
    yield Service("site", "Le site", Standing.OK, "Les pages et les formulaires répondent.")
    yield Service("database", "Les dossiers", Standing.OK, "Les dossiers s’ouvrent, s’enregistrent et se déposent.")
    yield _carried(
        "mails",
        "Les courriels",
        lags.get(SEND),
        ok="Accusés, demandes et décisions partent tout de suite.",
        late="Les courriels partent en retard ; aucun n’est perdu, et un dépôt compte dès qu’il est fait.",
    )
    yield _carried(
        "documents",
        "Les documents PDF",
        lags.get(MAKE),
        ok="Accusés, lettres et simulations se préparent en quelques secondes.",
        late="Les PDF se préparent en retard ; ils apparaîtront d’eux-mêmes.",
    )
    yield _carried(
        "files",
        "La vérification des fichiers reçus",
        lags.get(SCAN),
        ok="Les pièces jointes sont vérifiées dès leur arrivée.",
        late="Les pièces jointes attendent leur vérification ; inutile de les renvoyer.",
    )
    yield _jobs(max(lags.values(), default=timedelta(0)))
    yield _backup(at)


def _carried(code: str, label: str, lag: timedelta | None, *, ok: str, late: str) -> Service:
    standing = _standing(lag or timedelta(0))
    return Service(code, label, standing, ok if standing is Standing.OK else late)


def _standing(lag: timedelta) -> Standing:
    if lag > STOPPED:
        return Standing.DOWN
    return Standing.SLOW if lag > operator.LATE else Standing.OK


def _jobs(lag: timedelta) -> Service:
    standing, sentence = _standing(lag), "Relances, échéances et publications se font à l’heure."
    try:
        carrier.waiting()
    except Exception:  # whatever the broker does, the page is shown
        standing = max(standing, Standing.SLOW, key=list(Standing).index)
    if standing is not Standing.OK:
        sentence = "Relances et publications se font en retard ; rien n’est perdu."
    return Service("jobs", "Le travail en arrière-plan", standing, sentence)


def _backup(at: datetime) -> Service:
    """Read when the last backup ended: the date of the file that the backup touches."""
    label, stamp = "La sauvegarde", settings.BACKUP_STAMP
    try:
        ended = datetime.fromtimestamp(Path(stamp).stat().st_mtime, at.tzinfo) if stamp else None
    except OSError:
        ended = None
    if ended is None:
        return Service("backup", label, Standing.UNKNOWN, "Sa date n’est pas communiquée au portail.")
    standing = Standing.OK if at - ended <= FRESH else Standing.SLOW
    return Service("backup", label, standing, f"La dernière date du {day(timezone.localdate(ended))}.")


def _without_database() -> Iterator[Service]:
    yield Service(
        "site", "Le site", Standing.SLOW, "Les pages d’information répondent ; les autres, pas pour le moment."
    )
    yield Service(
        "database",
        "Les dossiers",
        Standing.DOWN,
        "Les dossiers ne s’ouvrent pas pour le moment. Ce qui était enregistré n’est pas perdu ; réessayez plus tard.",
    )
