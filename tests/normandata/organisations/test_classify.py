"""The table of law.md 3, worked by hand."""

import subprocess
import sys

import pytest

from normandata.organisations import classify

SURE, DOUBTFUL = True, False
TABLE = [
    # legal category, NAF, FINESS, type, certain
    ("7210", "84.11Z", False, "local_authority", SURE),
    ("7220", "84.11Z", False, "local_authority", SURE),
    ("7230", "84.11Z", False, "local_authority", SURE),
    ("7340", "", False, "local_authority", SURE),
    ("7343", "", False, "local_authority", SURE),
    ("7344", "", False, "local_authority", SURE),
    ("7345", "", False, "local_authority", SURE),
    ("7346", "", False, "local_authority", SURE),
    ("7348", "", False, "local_authority", SURE),
    ("7349", "", False, "local_authority", SURE),
    ("7353", "", False, "local_authority", SURE),
    ("7354", "", False, "local_authority", SURE),
    ("7355", "", False, "local_authority", SURE),
    ("7357", "", False, "local_authority", SURE),
    ("7361", "88.99B", False, "local_authority", DOUBTFUL),
    ("7367", "88.99B", False, "local_authority", DOUBTFUL),
    ("4140", "37.00Z", False, "other", DOUBTFUL),
    ("7331", "85.31Z", False, "other", SURE),
    ("7372", "84.25Z", False, "other", SURE),
    ("7381", "94.11Z", False, "other", SURE),
    ("7389", "", False, "other", SURE),
    ("7410", "", False, "other", SURE),
    ("7490", "", False, "other", SURE),
    ("7113", "84.11Z", False, "other", DOUBTFUL),
    ("7364", "86.10Z", True, "health_facility", SURE),
    ("7364", "86.10Z", False, "health_facility", SURE),
    ("7365", "86.10Z", False, "health_facility", DOUBTFUL),
    ("7470", "", False, "health_facility", DOUBTFUL),
    ("9970", "", False, "health_facility", DOUBTFUL),
    ("5599", "86.10Z", True, "health_facility", DOUBTFUL),
    ("9220", "86.10Z", True, "health_facility", DOUBTFUL),
    ("5599", "86.10Z", False, "enterprise", DOUBTFUL),
    ("7366", "87.10A", True, "other", DOUBTFUL),
    ("6511", "86.21Z", True, "enterprise", DOUBTFUL),
    ("5499", "47.73Z", True, "enterprise", SURE),
    ("9220", "87.10A", True, "association", SURE),
    ("9210", "94.99Z", False, "association", SURE),
    ("9220", "94.99Z", False, "association", SURE),
    ("9230", "94.99Z", False, "association", SURE),
    ("9240", "94.91Z", False, "association", SURE),
    ("9260", "94.99Z", False, "association", SURE),
    ("9300", "94.99Z", False, "association", DOUBTFUL),
    ("1000", "32.12Z", False, "enterprise", SURE),
    ("2110", "", False, "enterprise", SURE),
    ("3120", "", False, "enterprise", SURE),
    ("3220", "", False, "other", DOUBTFUL),
    ("5710", "25.62B", False, "enterprise", SURE),
    ("6220", "", False, "enterprise", SURE),
    ("6540", "68.20B", False, "enterprise", DOUBTFUL),
    ("8210", "65.12Z", False, "enterprise", DOUBTFUL),
    ("9110", "", False, "other", DOUBTFUL),
    ("", "", False, "other", DOUBTFUL),
]


@pytest.mark.parametrize(("category", "naf", "finess", "kind", "is_certain"), TABLE)
def test_the_type_of_structure_is_proposed(category: str, naf: str, finess: bool, kind: str, is_certain: bool) -> None:
    proposal = classify.structure_type(category, activity_code=naf, has_finess=finess)
    assert (proposal.structure_type, proposal.is_certain) == (kind, is_certain)
    assert proposal.reason.endswith(".")


@pytest.mark.parametrize(
    ("naf", "activity"),
    [
        ("01.50Z", "other"), ("03.11Z", "other"), ("05.10Z", "production"), ("25.62B", "production"),
        ("43.99C", "production"), ("45.11Z", "trade"), ("47.61Z", "trade"), ("49.41A", "services"),
        ("62.01Z", "services"), ("82.99Z", "services"), ("84.11Z", "other"), ("85.31Z", "services"),
        ("96.09Z", "services"), ("97.00Z", "other"), ("99.00Z", "other"), ("", "other"), ("XX", "other"),
    ],
)  # fmt: skip
def test_the_activity_follows_the_division(naf: str, activity: str) -> None:
    assert classify.activity(naf) == activity


def test_primary_production_staff_and_labels() -> None:
    assert [classify.is_primary_production(code) for code in ("01.50Z", "02.10Z", "03.11Z", "10.51C", "")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert classify.staff_range("12") == "20 à 49 salariés"
    assert classify.staff_range("") == ""
    assert classify.legal_label("7210") == "Commune"
    assert classify.legal_label("5800") == "catégorie juridique 5800"
    assert classify.legal_label("") == ""


def test_it_imports_without_django() -> None:
    code = "import sys; sys.modules['django'] = None; import normandata.organisations.classify"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
