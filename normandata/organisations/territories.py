"""Loads the territories from the reference tables shipped with the portal."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from .models import Territory, with_search_keys

DATA = Path(__file__).with_name("data")
ATTRIBUTION = (
    "Sources : INSEE (COG 2026, populations de référence 2023), DGCL, La Poste – Licence Ouverte, "
    "via @etalab/decoupage-administratif 6.0.0"
)
UPDATED = [
    "kind", "name", "search_name", "insee_code", "department", "postal_codes", "epci", "population",
    "norman_population", "vintage",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    communes: int
    epci: int


@transaction.atomic
def load(folder: Path = DATA) -> Loaded:
    """Write the reference tables; loading them again updates the rows and adds none."""
    groups = with_search_keys(_groups(folder / "epci_normandie.csv"))
    communes = with_search_keys(_communes(folder / "communes_normandie.csv", {group.siren for group in groups}))
    for rows in (groups, communes):
        Territory.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["siren"], update_fields=UPDATED
        )
    return Loaded(len(communes), len(groups))


def reference_rows(folder: Path = DATA) -> list[Territory]:
    """Read the reference tables, groups first, without writing them."""
    groups = list(_groups(folder / "epci_normandie.csv"))
    return groups + list(_communes(folder / "communes_normandie.csv", {group.siren for group in groups}))


def _groups(path: Path) -> Iterator[Territory]:
    for row in _rows(path):
        yield Territory(
            siren=row["siren"],
            kind=Territory.Kind.EPCI,
            name=row["nom"],
            department=row["code_departement_principal"],
            population=int(row["population_municipale"]),
            norman_population=int(row["population_municipale_partie_normande"]),
            vintage=row["millesime_population"],
        )


def _communes(path: Path, groups: set[str]) -> Iterator[Territory]:
    for row in _rows(path):
        yield Territory(
            siren=row["siren"],
            kind=Territory.Kind.COMMUNE,
            name=row["nom"],
            insee_code=row["code_insee"],
            department=row["code_departement"],
            postal_codes=f" {row['codes_postaux']}" if row["codes_postaux"] else "",
            epci_id=row["code_epci"] if row["code_epci"] in groups else None,
            population=int(row["population_municipale"]),
            norman_population=int(row["population_municipale"]),
            vintage=row["millesime_population"],
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
