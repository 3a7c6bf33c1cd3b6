"""The account of an undertaking: what it holds, what an aid more would make of it, with every line that was counted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Left

from normandata.dossiers.models import Dossier
from normandata.organisations import undertakings
from normandata.organisations.classify import PRIMARY_PRODUCTION
from normandata.organisations.models import Organisation, Undertaking, UndertakingMember, searchable
from normandata.organisations.siret import written_siren
from normandata.organisations.undertakings import Whose
from normandata.regulation.findings import Verdict, plain
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, spaced

from . import reckoning, rules
from .models import Aid, Declaration
from .reckoning import Entry, Line
from .simulation import regimes as readings_record

hold = undertakings.hold
"""Lock an account until the end of the caller's transaction."""

REGION_SIREN = "200053403"
REGION_NAMES = ("region normandie", "conseil regional de normandie", REGION_SIREN)
YEAR_END = (12, 31)
_FIELDS = ("pk", "key", "on", "amount", "regime", "source", "authority", "operator", "declaration", "reverses")


@dataclass(frozen=True, slots=True)
class Said:
    """What the last version of a dossier declares, lines apart."""

    dossier: int
    fiscal_year_end: tuple[int, int]
    is_road_freight: bool
    has_other_regime: bool
    group: tuple[str, ...]
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What the portal knows of an undertaking; no key for a SIREN that it does not know yet.

    `declared` holds the current declarations, the newest first.
    """

    undertaking: int | None
    sirens: tuple[str, ...]
    lines: tuple[Line, ...]
    declared: tuple[Said, ...]
    is_agricultural: bool = False

    @property
    def counted(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.counts)

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The SIRENs of which no declaration speaks: those that joined after it and that it did not name."""
        return tuple(sorted(set(self.sirens) - {siren for said in self.declared for siren in said.covers}))

    def said_by(self, dossier: int | None) -> Said | None:
        """Return the declaration of the dossier of this key; without a dossier, the newest of all."""
        return next((said for said in self.declared if dossier is None or said.dossier == dossier), None)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The judgment of one aid more, with the account it was made on."""

    account: Account
    facts: rules.Facts
    assessment: rules.Assessment
    alerts: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        return self.assessment.verdict

    @property
    def room(self) -> Decimal | None:
        """The most that could be granted on that day, in euros; None while aids are not declared."""
        return self.assessment.room

    def as_record(self) -> dict[str, Any]:
        """Return what a decision keeps: verdict, both readings and their figures, every line, counted or not."""
        return {
            "on": self.facts.on.isoformat(),
            "amount": None if self.facts.amount is None else plain(self.facts.amount),
            "undertaking": self.account.undertaking,
            "sirens": list(self.account.sirens),
            "verdict": self.verdict.as_record(),
            "readings": {
                number: {**written, "ceiling": plain(self.assessment.readings[number].ceiling)}
                for number, written in readings_record(self.assessment).items()
            },
            "cited_differs": self.assessment.alert,
            "alerts": list(self.alerts),
            "is_declared": self.facts.aids is not None,
            "fiscal_year_end": list(self.facts.fiscal_year_end),
            "aids": [_line_record(line) for line in self.account.lines],
        }


def read(whose: Whose) -> Account:
    """Read an account in three queries for a SIREN, however many aids; nothing is written.

    Within `hold` it cannot change.
    """
    found, members = _members(whose)
    if found is None:
        return Account(None, (whose if isinstance(whose, str) else "",), (), ())
    return _account(found, members, _aids([found]).get(found, []), _declared([found]).get(found, []))


def read_all(sirens: Collection[str]) -> dict[str, Account]:
    """Read the accounts of several SIRENs in three queries, however many; that of one unknown is empty."""
    theirs = UndertakingMember.objects.filter(siren__in=sirens).values("undertaking")
    members: dict[int, list[tuple[str, bool]]] = {}
    for undertaking, siren, is_farming in _rows(UndertakingMember.objects.filter(undertaking__in=theirs)):
        members.setdefault(undertaking, []).append((siren, is_farming))
    aids, declared = _aids(members), _declared(members)
    found = {
        siren: _account(undertaking, rows, aids.get(undertaking, []), declared.get(undertaking, []))
        for undertaking, rows in members.items()
        for siren, _ in rows
    }
    return {siren: found.get(siren) or Account(None, (siren,), (), ()) for siren in sirens}


def _account(
    undertaking: int, members: Sequence[tuple[str, bool]], aids: Iterable[Entry], declared: Iterable[Said]
) -> Account:
    return Account(
        undertaking=undertaking,
        sirens=tuple(siren for siren, _ in members),
        lines=tuple(reckoning.reckon(aids)),
        declared=tuple(declared),
        is_agricultural=any(is_farming for _, is_farming in members),
    )


def facts_for(
    account: Account,
    *,
    on: date,
    amount: Decimal | None,
    dossier: Dossier | int | None = None,
    is_economic: bool = True,
) -> rules.Facts:
    """State the facts for the rules: `aids` is None while no declaration says what the portal cannot know.

    With a dossier, or its key, its own declaration is the one that is asked for (règlement 2023/2831, article 7(4));
    without, any of the undertaking's. Every SIREN of it has to be covered. After the last day of that article the
    register alone is enough.
    """
    said = account.said_by(dossier.pk if isinstance(dossier, Dossier) else dossier)
    is_declared = said is not None and not account.uncovered
    is_known = is_declared or on > rules.REGLEMENT.on(on).date("declared_until")
    return rules.Facts(
        on=on,
        amount=amount,
        is_economic=is_economic,
        fiscal_year_end=said.fiscal_year_end if said else YEAR_END,
        is_road_freight=bool(said and said.is_road_freight),
        aids=tuple(rules.Aid(line.entry.on, line.entry.amount) for line in account.counted) if is_known else None,
    )


def assess_for(
    whose: Whose,
    *,
    on: date,
    amount: Decimal | None,
    dossier: Dossier | None = None,
    is_economic: bool = True,
) -> Assessed:
    """Judge an aid of `amount` euros on a day by both readings, with what the undertaking holds now."""
    account = read(whose)
    facts = facts_for(account, on=on, amount=amount, dossier=dossier, is_economic=is_economic)
    assessment = rules.assess(facts)
    return Assessed(account, facts, assessment, tuple(_alerts(account, facts, assessment)) if is_economic else ())


def rooms(wanted: Mapping[int, tuple[str, Decimal]], *, on: date) -> dict[int, Decimal | None]:
    """Return the most that could be granted to each of several dossiers on a day, in euros; None where it is unknown.

    `wanted` gives by key of dossier the SIREN that asks and the amount that it asks for. Each is read alone, as if the
    others asked for nothing. Three queries, however many dossiers.
    """
    accounts = read_all({siren for siren, _ in wanted.values()})
    return {
        key: rules.assess(facts_for(accounts[siren], on=on, amount=amount, dossier=key)).room
        for key, (siren, amount) in wanted.items()
    }


def _members(whose: Whose) -> tuple[int | None, list[tuple[str, bool]]]:
    """Find an undertaking without making one, and the SIRENs in it, each with whether it farms, fishes or fells."""
    rows = UndertakingMember.objects.all()
    if isinstance(whose, Undertaking):
        known = _standing(whose)
        rows = rows.filter(undertaking=known)
    else:
        known = None
        rows = rows.filter(undertaking__members__siren=whose if isinstance(whose, str) else whose.siren)
    found = _rows(rows)
    return (found[0][0] if found else known), [(siren, is_farming) for _, siren, is_farming in found]


def _rows(members: QuerySet[UndertakingMember]) -> list[tuple[int, str, bool]]:
    """Read members as (undertaking, SIREN, whether it farms, fishes or fells), by SIREN."""
    coded = Organisation.objects.filter(siren=OuterRef("siren")).annotate(division=Left("activity_code", 2))
    farms = coded.filter(division__in=PRIMARY_PRODUCTION)
    return list(members.order_by("siren").values_list("undertaking", "siren", Exists(farms)))


def _standing(undertaking: Undertaking) -> int:
    """Return the key of an undertaking; an absorbed one leads to the one that absorbed it."""
    found = Undertaking.objects.select_related("absorbed_by").get(pk=undertaking.pk)
    return _standing(found.absorbed_by) if found.absorbed_by else found.pk


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        pk=row["pk"],
        key=row["key"],
        siren=row["siren"],
        on=row["on"],
        amount=row["amount"],
        regime=row["regime"],
        source=row["source"],
        authority=row["authority"],
        is_regional=is_regional(row["authority"], row["operator"]),
        declaration=row["declaration"],
        reverses=row["reverses"],
    )


def is_regional(*names: str) -> bool:
    """Tell whether a register's line names the Region as its authority, or as its operator."""
    return any(known in searchable(name).replace(" ", "") for name in names for known in _COMPACT_NAMES)


_COMPACT_NAMES = tuple(name.replace(" ", "") for name in REGION_NAMES)


def _aids(undertakings: Collection[int]) -> dict[int, list[Entry]]:
    """Read the standing aids of undertakings, by undertaking, in one query."""
    found: dict[int, list[Entry]] = {}
    rows = Aid.objects.filter(member__undertaking__in=undertakings).standing().order_by()
    for row in rows.values(*_FIELDS, siren=F("member__siren"), undertaking=F("member__undertaking")):
        found.setdefault(row["undertaking"], []).append(_entry(row))
    return found


def _declared(undertakings: Collection[int]) -> dict[int, list[Said]]:
    """Read the current declarations of undertakings, by undertaking, the newest first, in one query."""
    found: dict[int, list[Said]] = {}
    rows = (
        Declaration.objects.current()
        .filter(member__undertaking__in=undertakings)
        .order_by("-at", "-pk")
        .values_list(
            "member__undertaking", "dossier", "fiscal_month", "fiscal_day", "is_road_freight", "has_other_regime",
            "group", "covers",
        )
    )  # fmt: skip
    for undertaking, dossier, month, day, freight, other, group, covers in rows:
        said = Said(dossier, (month, day), freight, other, tuple(group), tuple(covers))
        found.setdefault(undertaking, []).append(said)
    return found


def _alerts(account: Account, facts: rules.Facts, assessment: rules.Assessment) -> list[str]:
    """Say what an agent has to look at and the ceiling does not tell."""
    alerts = []
    if account.is_agricultural:
        alerts.append(
            "Activité agricole, forestière ou de pêche (NAF, section A) : un autre règlement peut s’appliquer."
        )
    if any(line.why == reckoning.OTHER_CEILING for line in account.lines):
        alerts.append(
            "Une aide relève des services d’intérêt économique général : elle est comptée à part, à vérifier."
        )
    if any(said.has_other_regime for said in account.declared):
        alerts.append("Une autre aide est déclarée sur les mêmes coûts : le cumul est à vérifier.")
    named = sorted({siren for said in account.declared for siren in said.group} - set(account.sirens))
    if named:
        written = listing([written_siren(siren) for siren in named])
        alerts.append(f"La déclaration nomme des SIREN qui ne sont pas dans cette entreprise unique : {written}.")
    if account.declared and account.uncovered:
        alerts.append(f"{uncovered(account)}.")
    start = assessment.readings[rules.IN_FORCE].start
    if facts.aids and any(aid.on == start for aid in facts.aids):
        alerts.append(f"L’aide du {written_day(start)} compte encore ce jour ; elle sort de la période le lendemain.")
    return [spaced(alert) for alert in alerts]


def uncovered(account: Account) -> str:
    """Say which SIRENs no declaration covers, without a full stop."""
    written = listing([written_siren(siren) for siren in account.uncovered])
    return spaced(f"Aucune déclaration ne couvre ces SIREN de l’entreprise unique : {written}")


def _line_record(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "key": entry.key,
        "siren": entry.siren,
        "on": entry.on.isoformat(),
        "amount": plain(entry.amount),
        "regime": entry.regime,
        "source": entry.source,
        "authority": entry.authority,
        "counts": line.counts,
        "why": line.why,
        "same_as": line.same_as,
    }
