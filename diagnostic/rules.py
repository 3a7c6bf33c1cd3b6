"""Eligibility to the Diagnostic data/IA (délibération AP D 25-12-5, annexe 3). Pure: facts and a day in, findings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from normandata.deminimis.rules import Aid, assess
from normandata.deminimis.rules import Facts as AidFacts
from normandata.regulation.calendar import add_years
from normandata.regulation.findings import (
    Answer,
    Outcome,
    Verdict,
    compared,
    met,
    not_applicable,
    plain,
    to_review,
    unmet,
)
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, listing, number, plural
from normandata.regulation.judgment import judge
from normandata.regulation.reglement import Figures, Reglement, load
from normandata.regulation.territory import located

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))

STRUCTURES = {
    "local_authority": "Une collectivité ou un regroupement de collectivités",
    "enterprise": "Une entreprise",
    "health_facility": "Un établissement de santé",
    "association": "Une association",
    "other": "Une structure d’un autre type",
}
ACTIVITIES = {
    "production": "production",
    "services": "services",
    "trade": "commerce",
    "other": "autre activité",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an enterprise declares of its de minimis aids in the form; None is what it did not say.

    `value` is the price of its diagnostic in euros TTC, unknown until it is selected. `is_economic` is asked of health
    facilities only.
    """

    aids: tuple[Aid, ...] | None = None
    value: Decimal | None = None
    fiscal_year_end: tuple[int, int] = (12, 31)
    is_road_freight: bool = False
    is_agricultural: bool = False
    has_other_regime: bool = False
    is_economic: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a request on the day it is judged; None is a missing fact.

    `population` counts the municipal population of the whole territory, in inhabitants; `fte` the staff in full-time
    equivalents. `has_norman_communes` is for a group of communes seated outside Normandie that has some inside,
    or may have some. `declaration` is None outside the form, where de minimis aids are not asked.
    """

    on: date
    structure_type: str | None = None
    department: str | None = None
    population: Decimal | None = None
    fte: Decimal | None = None
    created_on: date | None = None
    activity: str | None = None
    has_norman_communes: bool = False
    declaration: Declaration | None = None


def evaluate(facts: Facts, *, reglement: Reglement = REGLEMENT) -> Verdict:
    """Judge a request by the règlement in force on its day."""
    return judge(RULES, facts, reglement.on(facts.on))


def opening(facts: Facts, figures: Figures) -> Answer:
    opens_on = figures.date("opening")
    return compared(
        facts.on >= opens_on,
        f"La demande est possible depuis le {written_day(opens_on)}.",
        f"Le dispositif ouvre le {written_day(opens_on)} : aucune demande n’est recevable avant.",
        on=plain(facts.on),
        opening=plain(opens_on),
    )


def beneficiary(facts: Facts, figures: Figures) -> Answer:
    kind = facts.structure_type
    if kind is None:
        return to_review("Le type de structure n’est pas indiqué.", structure_type=None)
    if kind in figures.codes("structure_types"):
        return met(f"{STRUCTURES[kind]} peut demander un diagnostic.", structure_type=kind)
    other_way = (
        " Booster IA lui est ouvert."
        if kind == "association"
        else " Booster IA est ouvert aux entreprises, associations, établissements et collectivités."
    )
    return unmet(
        f"{STRUCTURES[kind]} ne peut pas demander un diagnostic : il est réservé aux collectivités, aux entreprises "
        f"et aux établissements de santé.{other_way}",
        structure_type=kind,
    )


def normandy(facts: Facts, figures: Figures) -> Answer:
    departments = figures.codes("departments")
    used = {"department": facts.department, "departments": listing(departments)}
    if facts.department is None:
        return to_review("Le département de l’établissement n’est pas indiqué.", **used)
    if facts.department in departments:
        return met(f"L’établissement est {located(facts.department)}.", **used)
    if facts.structure_type == "local_authority" and facts.has_norman_communes:
        return to_review(
            f"Le siège du regroupement est {located(facts.department)}. S’il compte des communes normandes, il peut "
            "être admis : un agent examinera sa situation.",
            **used,
        )
    return unmet(
        f"L’établissement est {located(facts.department)}. C’est l’adresse de l’établissement "
        f"demandeur qui compte : elle doit être dans un des départements {listing(departments, 'ou')}.",
        **used,
    )


def population(facts: Facts, figures: Figures) -> Answer:
    if skipped := _only_for(facts, "local_authority", "les collectivités et leurs regroupements"):
        return skipped
    least, most = figures.number("population_min"), figures.number("population_max")
    used = {"minimum": plain(least), "maximum": plain(most)}
    if facts.population is None:
        return to_review(
            f"La population n’est pas indiquée. Elle doit se situer entre {number(least)} et {number(most)} habitants.",
            population=None,
            **used,
        )
    included = figures.flag("population_bounds_included")
    return compared(
        _between(facts.population, least, most, included),
        f"Le territoire compte {plural(facts.population, 'habitant')}. Il en faut entre {number(least)} et "
        f"{number(most)}{_bounds(included)}.",
        f"Le territoire compte {plural(facts.population, 'habitant')} ; il en faut entre {number(least)} et "
        f"{number(most)}{_bounds(included)}.",
        population=plain(facts.population),
        **used,
    )


def fte(facts: Facts, figures: Figures) -> Answer:
    if skipped := _only_for(facts, "enterprise", "les entreprises"):
        return skipped
    least, most = figures.number("fte_min"), figures.number("fte_max")
    used = {"minimum": plain(least), "maximum": plain(most)}
    if facts.fte is None:
        return to_review(
            f"L’effectif n’est pas indiqué. Il doit se situer entre {number(least)} et {number(most)} ETP.",
            fte=None,
            **used,
        )
    included = figures.flag("fte_bounds_included")
    sentence = (
        f"L’effectif déclaré est de {number(facts.fte)} ETP ; il en faut entre "
        f"{number(least)} et {number(most)}{_bounds(included)}."
    )
    return compared(_between(facts.fte, least, most, included), sentence, sentence, fte=plain(facts.fte), **used)


def age(facts: Facts, figures: Figures) -> Answer:
    if skipped := _only_for(facts, "enterprise", "les entreprises"):
        return skipped
    years = int(figures.number("age_min"))
    if facts.created_on is None:
        return to_review(
            f"La date de création n’est pas indiquée. Il faut au moins {plural(years, 'an')} d’existence.",
            created_on=None,
            years=str(years),
        )
    anniversary = add_years(facts.created_on, years)
    created = f"L’entreprise a été créée le {written_day(facts.created_on)}"
    return compared(
        anniversary <= facts.on,
        f"{created}. Il faut au moins {plural(years, 'an')} d’existence.",
        f"{created} ; il faut au moins {plural(years, 'an')} d’existence, soit une demande à partir du "
        f"{written_day(anniversary)}.",
        created_on=plain(facts.created_on),
        years=str(years),
        eligible_from=plain(anniversary),
    )


def activity(facts: Facts, figures: Figures) -> Answer:
    if skipped := _only_for(facts, "enterprise", "les entreprises"):
        return skipped
    if facts.activity is None:
        return to_review("L’activité n’est pas indiquée : le texte cite la production et les services.", activity=None)
    if facts.activity in figures.codes("activities"):
        return met(
            f"L’activité déclarée, {ACTIVITIES[facts.activity]}, est citée par le texte.", activity=facts.activity
        )
    return to_review(
        f"L’activité déclarée est « {ACTIVITIES[facts.activity]} ». Le texte cite la production et les services : "
        "un agent regardera l’activité réelle.",
        activity=facts.activity,
    )


def de_minimis(facts: Facts, figures: Figures) -> Answer:
    declared = facts.declaration
    if declared is None:
        return not_applicable(
            "Pour une entreprise, le plafond des aides de minimis est vérifié avec la demande, sur sa déclaration."
        )
    if facts.structure_type == "health_facility":
        return _health_activity(declared)
    if skipped := _only_for(facts, "enterprise", "les entreprises"):
        return skipped
    aid = AidFacts(
        on=facts.on,
        amount=declared.value,
        fiscal_year_end=declared.fiscal_year_end,
        is_road_freight=declared.is_road_freight,
        aids=declared.aids,
    )
    outcome, message, used = _ceiling(aid, figures)
    return outcome, message + _alerts(declared), used


def _ceiling(aid: AidFacts, figures: Figures) -> Answer:
    """Judge the price of the diagnostic; before it is known, the room left against all that it could cost."""
    found = assess(aid)
    finding = found.verdict.findings[0]
    if aid.amount is not None or found.room is None:
        return finding.outcome, finding.message, finding.facts
    most = figures.number("envelope")
    used = dict(finding.facts) | {"most": plain(most)}
    left = f"Il reste {euros(found.room)} sous le plafond des aides de minimis"
    if found.room >= most:
        return Outcome.MET, f"{left} : plus que le prix d’aucun diagnostic ({euros(most, cents=False)} au plus).", used
    if not found.room:
        return Outcome.UNMET, "Le plafond des aides de minimis est atteint : aucune aide ne peut s’y ajouter.", used
    return (
        Outcome.TO_REVIEW,
        f"{left}. Le prix du diagnostic n’est fixé qu’à la sélection : il sera comparé à ce reste.",
        used,
    )


def _health_activity(declared: Declaration) -> Answer:
    if declared.is_economic is False:
        return not_applicable("L’établissement déclare n’avoir pas d’activité économique.", is_economic=False)
    said = "déclare une activité économique" if declared.is_economic else "ne dit pas si son activité est économique"
    return to_review(
        f"L’établissement {said} : un agent examinera si les aides de minimis le concernent.",
        is_economic=declared.is_economic,
    )


def _alerts(declared: Declaration) -> str:
    alerts = ""
    if declared.is_agricultural:
        alerts += " Activité agricole (NAF, section A) : un autre règlement peut s’appliquer."
    if declared.has_other_regime:
        alerts += " Une autre aide est déclarée sur les mêmes coûts : le cumul est à vérifier."
    return alerts


RULES = {
    "opening": opening,
    "beneficiary": beneficiary,
    "normandy": normandy,
    "population": population,
    "fte": fte,
    "age": age,
    "activity": activity,
    "de_minimis": de_minimis,
}


def _only_for(facts: Facts, kind: str, whom: str) -> Answer | None:
    """Answer for a rule that does not concern this type of structure, or cannot tell while the type is unknown."""
    if facts.structure_type is None:
        return to_review(f"Cette règle concerne {whom} ; le type de structure n’est pas indiqué.")
    if facts.structure_type != kind:
        return not_applicable(f"Cette règle ne concerne que {whom}.")
    return None


def _between(value: Decimal, least: Decimal, most: Decimal, included: bool) -> bool:
    return least <= value <= most if included else least < value < most


def _bounds(included: bool) -> str:
    return ", bornes comprises" if included else ", bornes exclues"
