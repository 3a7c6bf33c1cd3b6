"""The Datathon's prizes (délibération AP D 25-12-5, annexe 5). Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from normandata.regulation.findings import Answer, Verdict, amount, compared, not_applicable, to_review
from normandata.regulation.formats import euros, listing, plural
from normandata.regulation.judgment import judge
from normandata.regulation.money import ZERO
from normandata.regulation.reglement import Figures, Reglement, load

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))


@dataclass(frozen=True, slots=True)
class Facts:
    """The prizes of an edition by rank, in euros (None: not given), on the day they are judged."""

    on: date
    prizes: tuple[Decimal, ...] | None

    @property
    def total(self) -> Decimal | None:
        return None if self.prizes is None else sum(self.prizes, ZERO)


def evaluate(facts: Facts, *, reglement: Reglement = REGLEMENT) -> Verdict:
    """Judge the prizes of an edition by the règlement in force on that day."""
    return judge(RULES, facts, reglement.on(facts.on))


def count(facts: Facts, figures: Figures) -> Answer:
    most = int(figures.number("laureates_max"))
    if facts.prizes is None:
        return _missing()
    given = len(facts.prizes)
    return compared(
        given <= most,
        f"{plural(given, 'équipe lauréate', 'équipes lauréates')} ; {most} au plus.",
        f"{given} équipes lauréates sont prévues ; le règlement en admet {most} au plus.",
        count=str(given),
        maximum=str(most),
    )


def values(facts: Facts, figures: Figures) -> Answer:
    if facts.prizes is None:
        return _missing()
    if not facts.prizes:
        return not_applicable("Aucun prix n’est prévu.")
    wrong = [str(rank) for rank, prize in enumerate(facts.prizes, start=1) if prize <= 0]
    return compared(
        not wrong,
        "Chaque prix a une valeur supérieure à zéro.",
        f"Un prix doit valoir plus de zéro euro : rang {listing(wrong)}.",
        wrong_ranks=", ".join(wrong),
    )


def order(facts: Facts, figures: Figures) -> Answer:
    if facts.prizes is None:
        return _missing()
    if len(facts.prizes) < 2:
        return not_applicable("L’ordre se juge à partir de deux prix.")
    strictly = figures.flag("prizes_strictly_decreasing")
    pairs = list(zip(facts.prizes, facts.prizes[1:], strict=False))
    decreases = all(high > low if strictly else high >= low for high, low in pairs)
    return compared(
        decreases,
        "La valeur des prix décroît avec le rang.",
        "Chaque prix doit valoir moins que celui du rang précédent." if strictly else "Un prix dépasse le précédent.",
        prizes=", ".join(amount(prize) for prize in facts.prizes),
    )


def total(facts: Facts, figures: Figures) -> Answer:
    most = figures.number("prizes_total")
    if facts.total is None:
        return _missing()
    return compared(
        facts.total <= most,
        f"Le total des prix est de {euros(facts.total)} ; l’édition en admet {euros(most)}.",
        f"Le total des prix est de {euros(facts.total)} ; il dépasse les {euros(most)} admis par édition.",
        total=amount(facts.total),
        maximum=amount(most),
    )


def _missing() -> Answer:
    return to_review("Les prix ne sont pas indiqués.", prizes=None)


RULES = {"prizes.count": count, "prizes.values": values, "prizes.order": order, "prizes.total": total}
