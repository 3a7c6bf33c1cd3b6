"""What the portal checks of a proposal to a call. Pure: facts and a day in, findings."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from normandata.regulation.findings import Answer, Verdict, compared, met, plain, to_review
from normandata.regulation.formats import day as written_day
from normandata.regulation.judgment import judge
from normandata.regulation.reglement import Figures, Reglement, load

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a proposal on the day of its first deposit; the dates are those of its call."""

    on: date
    opens_on: date
    closes_on: date
    is_confirmed: bool
    """Whether the directory knows the establishment that carries it."""
    is_closed: bool = False


def evaluate(facts: Facts, *, reglement: Reglement = REGLEMENT) -> Verdict:
    """Judge a proposal by the règlement in force on its day."""
    return judge(RULES, facts, reglement.on(facts.on))


def period(facts: Facts, figures: Figures) -> Answer:
    """Compare the day of the deposit with those of the call; the grace of the last evening falls on the next day."""
    between = f"du {written_day(facts.opens_on)} au {written_day(facts.closes_on)}"
    return compared(
        facts.opens_on <= facts.on and (facts.on - facts.closes_on).days <= 1,
        f"La proposition arrive pendant l’appel, {between}.",
        f"La proposition n’arrive pas pendant l’appel, {between}.",
        on=plain(facts.on),
        opens_on=plain(facts.opens_on),
        closes_on=plain(facts.closes_on),
    )


def carrier(facts: Facts, figures: Figures) -> Answer:
    """Look for the carrier in the directory of establishments."""
    if facts.is_closed:
        return to_review("L’annuaire donne cet établissement fermé.", is_closed=True)
    if not facts.is_confirmed:
        return to_review("L’annuaire ne confirme pas cet établissement.", is_confirmed=False)
    return met("L’annuaire confirme l’établissement porteur.", is_confirmed=True)


RULES = {"period": period, "carrier": carrier}
