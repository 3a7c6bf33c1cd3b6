"""Prepares schemes and figures of the règlement for the pages that show them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from normandata.deminimis.rules import REGLEMENT as DE_MINIMIS
from normandata.dossiers import schemes
from normandata.dossiers.delays import REGLEMENT as DELAYS
from normandata.dossiers.schemes import Scheme, Way
from normandata.dossiers.sheets import Sheet
from normandata.opendata.rules import REGLEMENT as OPEN_DATA
from normandata.regulation import formats
from normandata.regulation.citation import Citation
from normandata.regulation.findings import Outcome, Verdict
from normandata.regulation.reglement import Dated, Parameter, Reglement, Value
from normandata.regulation.territory import NORMAN_NAMES
from normandata.ui import charts

from .orientation import REGLEMENT as ORIENTATION

NORMAN_PLACES = {code: f"{name} ({code})" for code, name in NORMAN_NAMES.items()}
ARTICLE = re.compile(r"\bune? ", re.IGNORECASE)
UNIT_WORDS = {"mois": ("mois", "mois"), "ans": ("an", "ans"), "ETP": ("ETP", "ETP")}


@dataclass(frozen=True, slots=True)
class Status:
    """Where a scheme stands on a day: the tag shown on its card."""

    tone: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a règlement as the public reads it."""

    anchor: str
    label: str
    written: str
    since: date
    citation: Citation
    is_choice: bool
    is_future: bool
    note: str
    others: tuple["Figure", ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A règlement on its page: its figures, and its rules as (anchor, label, citation)."""

    reglement: Reglement
    figures: list[Figure]
    rules: list[tuple[str, str, Citation]]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with the address of its rule on the page of the règlement."""

    label: str
    message: str
    outcome: str
    citation: Citation
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its finding as title, its drawing, and the heads of its table."""

    title: str
    unit: str
    column: str
    bars: list[charts.Bar]


@dataclass(frozen=True, slots=True)
class Card:
    """A scheme as pages show it."""

    slug: str
    url_slug: str
    sheet: Sheet
    status: Status
    has_simulator: bool
    takes_dossiers: bool = False

    @property
    def start_url(self) -> str:
        """Where a request begins, or nothing for a scheme that is asked for elsewhere."""
        return reverse("dossiers:start", args=[self.url_slug]) if self.takes_dossiers else ""

    @property
    def url(self) -> str:
        return reverse("portal:scheme", args=[self.url_slug])

    @property
    def simulator_url(self) -> str:
        return reverse("portal:simulator", args=[self.url_slug])


def cards(on: date) -> list[Card]:
    """Prepare every scheme for its card."""
    return [card(scheme, on) for scheme in schemes.aids()]


def card(scheme: Scheme, on: date) -> Card:
    values = {code: _written(scheme.slug, p, p.on(on).value) for code, p in scheme.reglement.parameters.items()}
    sheet = scheme.sheet.with_figures(values)
    return Card(
        scheme.slug,
        scheme.url_slug,
        sheet,
        status(scheme, on),
        has_simulator=scheme.simulator is not None,
        takes_dossiers=scheme.application is not None,
    )


def status(scheme: Scheme, on: date) -> Status:
    """Say whether the scheme is in force on a day, from its règlement."""
    opens_on = scheme.reglement.on(on).date("opening")
    if on < opens_on:
        return Status("todo", "clock", f"Ouvre le {formats.day(opens_on)}")
    if scheme.has_editions:
        return Status("plain", "clock", "Par éditions, à leurs dates")
    return Status("done", "met", f"Ouvert depuis le {formats.day(opens_on)}")


def de_minimis_years(on: date) -> str:
    """Write the period over which de minimis aids add up."""
    parameter = DE_MINIMIS.parameters["years_2831"]
    return written(parameter.on(on).value, parameter.unit)


def voted_dates() -> list[tuple[str, date]]:
    """List the days from which each scheme applies, earliest first."""
    dates = [
        (f"{scheme.sheet.short_title} : {parameter.label[0].lower()}{parameter.label[1:]}", value.value)
        for scheme in schemes.aids()
        if (parameter := scheme.reglement.parameters["opening"])
        for value in parameter.values
    ]
    return sorted(((formats.spaced(label), day) for label, day in dates if isinstance(day, date)), key=lambda d: d[1])


def reglements() -> list[Reglement]:
    """List the règlements the portal applies: the schemes', those of every request, the continuum's."""
    return [*(scheme.reglement for scheme in schemes.every()), DE_MINIMIS, DELAYS, OPEN_DATA, ORIENTATION]


def chapter(reglement: Reglement, on: date) -> Chapter:
    """Prepare a règlement for its page, as it stands on a day."""
    rules = [
        (rule_anchor(f"{reglement.slug}.{rule.code}"), rule.label, rule.on(on)) for rule in reglement.rules.values()
    ]
    return Chapter(reglement, figures(reglement, on), rules)


def figures(reglement: Reglement, on: date) -> list[Figure]:
    """Write the figures of a règlement as they stand on a day, with their other dated values."""
    return [_figure(reglement.slug, parameter, on) for parameter in reglement.parameters.values()]


def scoring_chart(reglement: Reglement, on: date) -> Chart | None:
    """Draw the scoring grid of a scheme that has one; the title says which criterion weighs most."""
    grid = [parameter for parameter in reglement.parameters.values() if parameter.code.startswith("grid_")]
    if not grid:
        return None
    figures_of_day = reglement.on(on)
    rows = [(parameter.label, figures_of_day.number(parameter.code)) for parameter in grid]
    total = sum(points for _, points in rows)
    heaviest, most = max(rows, key=lambda row: row[1])
    return Chart(
        title=formats.spaced(
            f"{heaviest} : le critère qui compte le plus, {formats.plural(most, 'point')} sur {total}"
        ),
        unit="Points",
        column="Critère",
        bars=charts.bars([(formats.spaced(label), points, formats.number(points)) for label, points in rows]),
    )


def written(value: Value, unit: str, words: Mapping[str, str] = NORMAN_PLACES) -> str:
    """Write the value of a parameter with its unit; `words` says what its codes mean."""
    match value:
        case bool():
            return "oui" if value else "non"
        case date():
            return formats.day(value)
        case tuple():
            return formats.listing([words.get(code, code) for code in value])
        case Decimal() if unit.startswith("€"):
            return formats.euros(value, cents=False) + unit.removeprefix("€").replace(" ", formats.NBSP)
        case Decimal() if unit == "%":
            return formats.percent(value)
        case Decimal() if unit == "nombre":
            return formats.number(value)
        case Decimal():
            one, many = UNIT_WORDS.get(unit, (unit.rstrip("s"), unit))
            return formats.plural(value, one, many)
    return str(value)


def findings(verdict: Verdict) -> list[ShownFinding]:
    """Prepare findings for the page; what does not concern the applicant comes last."""
    page = reverse("portal:regulation")
    shown = [
        ShownFinding(
            finding.label,
            finding.message,
            finding.outcome.value,
            finding.citation,
            f"{page}#{rule_anchor(finding.rule)}",
        )
        for finding in verdict.findings
    ]
    return sorted(shown, key=lambda finding: finding.outcome == Outcome.NOT_APPLICABLE)


def link(way: Way) -> str:
    """Return the address a way leads to."""
    if way.scheme:
        return reverse("portal:scheme", args=[schemes.by_slug()[way.scheme].url_slug])
    return f"{reverse('portal:schemes')}#{way.anchor}"


def rule_anchor(rule: str) -> str:
    """Return the address of a rule on the page of the règlement: `diagnostic.fte` → `diagnostic-fte`."""
    return rule.replace(".", "-").replace("_", "-")


def _figure(slug: str, parameter: Parameter, on: date) -> Figure:
    current = parameter.on(on)
    others = tuple(_dated(slug, parameter, value, on) for value in parameter.values if value is not current)
    return _dated(slug, parameter, current, on, others)


def _dated(slug: str, parameter: Parameter, value: Dated, on: date, others: Iterable[Figure] = ()) -> Figure:
    return Figure(
        anchor=rule_anchor(f"{slug}.{parameter.code}.chiffre"),
        label=formats.spaced(parameter.label),
        written=formats.spaced(_written(slug, parameter, value.value)),
        since=value.since,
        citation=value.citation,
        is_choice=value.is_choice,
        is_future=value.since > on,
        note=formats.spaced(value.note),
        others=tuple(others),
    )


def _written(slug: str, parameter: Parameter, value: Value) -> str:
    scheme = schemes.by_slug().get(slug)
    words = scheme.words.get(parameter.code) if scheme else None
    if words is None:
        return written(value, parameter.unit)
    bare = {code: ARTICLE.sub("", label).lower() for code, label in words.items()}
    return written(value, parameter.unit, bare)
