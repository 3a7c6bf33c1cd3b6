"""Which subsidies are published: the duty above a yearly amount, the choice below it, natural persons. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from normandata.regulation.formats import euros
from normandata.regulation.reglement import load

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))


@dataclass(frozen=True, slots=True)
class Policy:
    """What is published on a day. `threshold` is in euros a year and a beneficiary (loi 2000-321, article 10)."""

    threshold: Decimal
    below_too: bool
    persons_too: bool

    def withholds(self, *, is_person: bool, is_public: bool, yearly: Decimal) -> str:
        """Say why a beneficiary is not published, or nothing; `yearly` is all it was granted in the year, in euros."""
        if is_person and not self.persons_too:
            return "Le bénéficiaire est une personne physique."
        if not is_public and not self.persons_too:
            return "Le bénéficiaire a demandé que son identité ne soit pas publique."
        if not self.below_too and yearly <= self.threshold:
            return f"Le bénéficiaire n’a pas reçu plus de {euros(self.threshold, cents=False)} dans l’année."
        return ""


def policy(on: date) -> Policy:
    """Return what is published on a day."""
    figures = REGLEMENT.on(on)
    return Policy(figures.number("threshold"), figures.flag("below_too"), figures.flag("persons_too"))
