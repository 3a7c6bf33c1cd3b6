"""The de minimis regimes by code, and how a register's line names them. Pure.

Their figures (ceiling, period, last day) are dated and cited in `reglement.toml`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

GENERAL, EXPIRED, FARMING, FISHERY, SERVICES = "DM-2831", "DM-1407", "DM-AGRI", "DM-PECHE", "DM-SIEG"
GENERAL_SINCE = date(2024, 1, 1)
"""Entry into force of règlement (UE) 2023/2831 (article 8)."""


@dataclass(frozen=True, slots=True)
class Regime:
    """A regime; `counts` tells whether its aids fill the general ceiling (règlement 2023/2831, article 5)."""

    code: str
    number: str
    label: str
    counts: bool = True

    @property
    def regulation(self) -> str:
        """Name the regulation as a letter does."""
        return f"règlement (UE) {self.number}"


REGIMES = {
    regime.code: regime
    for regime in (
        Regime(GENERAL, "2023/2831", "Régime général"),
        Regime(EXPIRED, "n° 1407/2013", "Régime général, expiré"),
        Regime(FARMING, "n° 1408/2013", "Agriculture"),
        Regime(FISHERY, "n° 717/2014", "Pêche et aquaculture"),
        Regime(SERVICES, "2023/2832", "Services d’intérêt économique général", counts=False),
    )
}
CHOICES = [(regime.code, f"{regime.label} ({regime.number})") for regime in REGIMES.values()]
_NUMBER = re.compile(r"\d{3,4}/\d{4}")


def general_on(day: date) -> str:
    """Return the code of the general regime under which an aid of that day was granted."""
    return GENERAL if day >= GENERAL_SINCE else EXPIRED


def recognised(text: str) -> str | None:
    """Return the code of the regime that a register's cell names by code, number or word; None when it does not."""
    if text.strip().upper() in REGIMES:
        return text.strip().upper()
    for number in _NUMBER.findall(text):
        for regime in REGIMES.values():
            if number in regime.number:
                return regime.code
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    if "interet economique general" in letters:
        return SERVICES
    for code, word in ((SERVICES, "sieg"), (FARMING, "agri"), (FISHERY, "pech"), (FISHERY, "aquacult")):
        if word in letters:
            return code
    return GENERAL if "general" in letters else None
