"""The reference tables are whole, load twice into the same rows, and are searched alike on both databases."""

import csv
import io
from itertools import product
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, Sum
from django.test.utils import CaptureQueriesContext

from normandata.organisations import territories as tables
from normandata.organisations.models import Territory, searchable

COMMUNE, EPCI = Territory.Kind.COMMUNE, Territory.Kind.EPCI
TOTALS = {
    "14": (526, 709_441, 6),
    "27": (585, 602_714, 6),
    "50": (445, 497_522, 6),
    "61": (381, 275_201, 3),
    "76": (707, 1_260_964, 19),
}
"""Communes, population municipale 2023, communes of 10 000 to 100 000, by department."""


def names(text: str, limit: int | None = None) -> list[str]:
    return [territory.name for territory in Territory.objects.matching(text)[:limit]]


def rows() -> list[dict[str, object]]:
    return list(Territory.objects.order_by("siren").values())


# ------------------------------------------------------------------------------------------------ tables


@pytest.mark.usefixtures("territories")
def test_the_communes_of_each_department_are_all_there() -> None:
    in_reach = Count("siren", filter=Q(population__gte=10_000, population__lte=100_000))
    counted = (
        Territory.objects.filter(kind=COMMUNE)
        .values("department")
        .annotate(communes=Count("siren"), inhabitants=Sum("population"), in_reach=in_reach)
    )
    found = {row["department"]: (row["communes"], row["inhabitants"], row["in_reach"]) for row in counted}
    assert found == TOTALS
    assert tuple(map(sum, zip(*found.values(), strict=True))) == (2_644, 3_345_842, 40)


@pytest.mark.usefixtures("territories")
def test_the_groups_are_all_there_each_the_sum_of_its_communes() -> None:
    groups = Territory.objects.filter(kind=EPCI)
    assert groups.count() == 71
    assert groups.filter(department__in=TOTALS).count() == 69
    assert groups.filter(population__gte=10_000, population__lte=100_000).count() == 59
    assert groups.filter(department__in=TOTALS, population__gte=10_000, population__lte=100_000).count() == 58
    assert groups.aggregate(part=Sum("norman_population")) == {"part": 3_345_842}
    assert Territory.objects.filter(kind=COMMUNE, epci=None).count() == 0
    sums = groups.annotate(total=Sum("communes__population"))
    assert [group.name for group in sums if group.total != group.norman_population] == []


@pytest.mark.usefixtures("territories")
def test_the_groups_out_of_reach_are_those_of_the_law_page() -> None:
    groups = Territory.objects.filter(kind=EPCI)
    assert set(groups.filter(population__gt=100_000).values_list("population", flat=True)) == {
        503_000, 281_165, 267_308, 179_231, 116_271, 113_337, 103_526,
    }  # fmt: skip
    assert set(groups.filter(population__lt=10_000).values_list("population", flat=True)) == {
        7_864, 7_542, 5_595, 5_166, 4_808,
    }  # fmt: skip


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize(
    ("name", "population"),
    [
        ("Le Havre", 166_687),
        ("Rouen", 117_662),
        ("Caen", 109_400),
        ("Pont-Audemer", 10_023),
        ("Avranches", 10_143),
        ("Grand-Couronne", 9_768),
        ("Bernay", 9_765),
    ],
)
def test_a_commune_has_its_population_of_2023(name: str, population: int) -> None:
    commune = Territory.objects.get(kind=COMMUNE, name=name)
    assert (commune.population, commune.norman_population) == (population, population)
    assert commune.vintage == "2023 (en vigueur 2026-01-01)"


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize(
    ("name", "department", "population", "norman_part"),
    [("CA Agglo du Pays de Dreux", "28", 116_271, 10_814), ("CC Maine Saosnois", "72", 27_375, 528)],
)
def test_a_group_seated_elsewhere_keeps_its_norman_part(
    name: str, department: str, population: int, norman_part: int
) -> None:
    group = Territory.objects.get(name=name)
    assert (group.department, group.population, group.norman_population) == (department, population, norman_part)


@pytest.mark.usefixtures("territories")
def test_a_commune_says_where_it_is() -> None:
    havre = Territory.objects.select_related("epci").get(kind=COMMUNE, name="Le Havre")
    assert (havre.siren, havre.insee_code, havre.postal_code) == ("217603513", "76351", "76600")
    assert str(havre) == "Le Havre"
    assert (havre.epci.name, havre.epci.postal_code) == ("CU Le Havre Seine Métropole", "")


@pytest.mark.django_db
def test_loading_again_adds_nothing_and_mends_what_changed() -> None:
    assert tables.load() == tables.Loaded(2_644, 71)
    first = rows()
    assert len(first) == 2_715
    Territory.objects.filter(siren="217603513").update(
        name="Havre-de-Grâce", search_name=" x", population=1, norman_population=1, epci=None, postal_codes="",
        vintage="x", department="14", insee_code="00000",
    )  # fmt: skip
    assert rows() != first
    assert tables.load() == tables.Loaded(2_644, 71)
    assert rows() == first


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    tables.load()
    before = rows()
    for path in tables.DATA.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    communes = tmp_path / "communes_normandie.csv"
    content = communes.read_text(encoding="utf-8")
    communes.write_text(content.replace(",166687,", ",beaucoup,"), encoding="utf-8")
    with pytest.raises(ValueError, match="beaucoup"):
        tables.load(tmp_path)
    assert rows() == before


@pytest.mark.django_db
def test_the_command_says_what_it_loaded_and_its_sources() -> None:
    out = io.StringIO()
    call_command("territories", stdout=out)
    assert out.getvalue() == (
        "2644 communes, 71 EPCI. Sources : INSEE (COG 2026, populations de référence 2023), DGCL, "
        "La Poste – Licence Ouverte, via @etalab/decoupage-administratif 6.0.0\n"
    )


# ------------------------------------------------------------------------------------------- constraints


def commune(**changes: object) -> Territory:
    fields = {
        "siren": "000000001", "kind": COMMUNE, "name": "Ville", "insee_code": "14001", "department": "14",
        "population": 10, "norman_population": 10, "vintage": "2023",
    }  # fmt: skip
    return Territory(**(fields | changes))


def group(**changes: object) -> Territory:
    return commune(**({"siren": "000000002", "kind": EPCI, "name": "CC", "insee_code": ""} | changes))


@pytest.mark.django_db
def test_good_rows_are_accepted() -> None:
    group().save()
    commune(epci_id="000000002").save()
    group(siren="000000003", norman_population=0).save()
    assert Territory.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (commune(insee_code=""), "organisations_territory_kind"),
        (group(insee_code="14001"), "organisations_territory_kind"),
        (group(epci_id="000000009"), "organisations_territory_kind"),
        (commune(kind="region"), "organisations_territory_kind"),
        (commune(norman_population=11), "organisations_territory_norman_part"),
    ],
)
def test_the_database_refuses_a_row_that_does_not_hold(row: Territory, constraint: str) -> None:
    group(siren="000000009").save()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
def test_the_database_refuses_a_negative_population() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        commune(population=-1, norman_population=-1).save()


# ------------------------------------------------------------------------------------------------ search


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Saint-Lô", "saint lo"),
        ("ST LO", "saint lo"),
        ("Ste-Mère-Église", "sainte mere eglise"),
        ("L’Aigle", "l aigle"),
        ("L'Aigle", "l aigle"),
        ("Cricquebœuf", "cricqueboeuf"),
        ("CU d'Alençon", "cu d alencon"),
        ("%_\\'\"", ""),
        ("Ｌｉｓｉｅｕｘ", "lisieux"),
        ("Est", "est"),
    ],
)
def test_text_is_folded(text: str, expected: str) -> None:
    assert searchable(text) == expected


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Saint-Lô", "Saint-Lô"),
        ("st lo", "Saint-Lô"),
        ("ST.LO", "Saint-Lô"),
        ("saint lô", "Saint-Lô"),
        ("lo saint", "CA Saint-Lô Agglo"),
        ("L'Aigle", "L'Aigle"),
        ("l’aigle", "L'Aigle"),
        ("aigle l", "CC des Pays de L'Aigle"),
        ("cricqueboeuf", "Cricquebœuf"),
        ("CRICQUEBŒUF", "Cricquebœuf"),
        ("alencon", "Alençon"),
        ("evreux", "Évreux"),
        ("bayeux cc", "CC de Bayeux Intercom"),
        ("caen", "Caen"),
        ("havre le", "CU Le Havre Seine Métropole"),
        ("14100", "Lisieux"),
        ("61300", "L'Aigle"),
        ("76620", "Le Havre"),
        ("lisieux 14100", "Lisieux"),
        ("14100 lis", "Lisieux"),
    ],
)
def test_a_territory_is_found_as_people_type_it(typed: str, first: str) -> None:
    found = names(typed, 8)
    assert found[0] == first, found


@pytest.mark.usefixtures("territories")
def test_the_exact_name_comes_first_then_the_beginning_then_the_most_populated() -> None:
    found = list(Territory.objects.matching("ver"))
    exact = [t for t in found if t.name == "Ver"]
    leading = [t for t in found if t.search_name.startswith(" ver") and t not in exact]
    others = [t for t in found if t not in exact + leading]
    assert len(exact) == 1
    assert min(len(leading), len(others)) > 1
    assert found == exact + leading + others
    for group_of_equals in (leading, others):
        counts = [t.population for t in group_of_equals]
        assert counts == sorted(counts, reverse=True)
    assert names("caen", 2) == ["Caen", "CU Caen la Mer"]
    assert names("st lo", 2) == ["Saint-Lô", "Saint-Loup"]


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "%%", "_____", "\\", "'", "%' OR '1'='1", "🏖", "\x00", "lis_eux", "l%x"]
)
def test_wildcards_and_quotes_find_nothing_of_their_own(typed: str) -> None:
    assert names(typed) == ([] if "OR" not in typed else names("or 1 1"))


@pytest.mark.usefixtures("territories")
def test_a_word_is_found_at_its_beginning_only() -> None:
    assert "Lisieux" in names("lisi")
    assert names("isieux") == []
    assert names("4100") == []
    assert names("lisieux 75") == []


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize("typed", ["a " * 2_000, "14 " * 1_500], ids=["words", "codes"])
def test_a_long_text_is_searched_without_breaking(typed: str) -> None:
    assert len(names(typed, 8)) <= 8


@pytest.mark.usefixtures("territories")
def test_results_and_their_order_are_those_of_a_plain_reading_of_the_tables() -> None:
    """The same order on both databases: what is expected here is computed without either."""
    known = []
    with (tables.DATA / "communes_normandie.csv").open(encoding="utf-8", newline="") as file:
        known += [(r["nom"], r["siren"], r["population_municipale"], r["codes_postaux"]) for r in csv.DictReader(file)]
    with (tables.DATA / "epci_normandie.csv").open(encoding="utf-8", newline="") as file:
        known += [(r["nom"], r["siren"], r["population_municipale"], "") for r in csv.DictReader(file)]

    def expected(text: str) -> list[str]:
        words = searchable(text).split()
        ranked = []
        for name, siren, population, codes in known:
            key = searchable(name)
            if all(any(w.startswith(word) for w in [*key.split(), *codes.split()]) for word in words):
                phrase = " ".join(words)
                closeness = 0 if key == phrase else 1 if key.startswith(phrase) else 2
                ranked.append((closeness, -int(population), name, siren))
        return [siren for *_, siren in sorted(ranked)]

    for first, second in product(["14", "27", "50", "61", "76", "saint", "la", "le", "cc", "d", "s"], ["", " b", " e"]):
        found = list(Territory.objects.matching(first + second).values_list("siren", flat=True))
        assert found == expected(first + second), first + second


@pytest.mark.usefixtures("territories")
def test_a_search_is_one_query_and_as_many_objects_as_are_shown() -> None:
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            shown = list(Territory.objects.matching("saint").select_related("epci")[:8])
            [territory.epci and territory.epci.name for territory in shown]
        assert "LIMIT 8" in queries[0]["sql"]
        return len(queries), len(shown)

    assert cost() == (1, 8)
    more = [
        commune(siren=f"9{number:08d}", name=f"Saint-{number}", search_name=f" saint {number}")
        for number in range(3_000)
    ]
    Territory.objects.bulk_create(more)
    assert cost() == (1, 8)


@pytest.mark.django_db
def test_a_saved_territory_can_be_searched() -> None:
    commune(name="Œuf-sur-Mer", postal_codes=" 14999").save()
    assert names("oeuf mer 149") == ["Œuf-sur-Mer"]
