"""Schemes hand themselves up to the kernel, once each."""

import json
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from normandata.dossiers import schemes
from normandata.dossiers.schemes import Amount, Recap, Result, Scheme, Way, review_notice
from normandata.regulation.citation import Citation
from normandata.regulation.findings import Finding, Outcome, Verdict

ON = date(2026, 4, 1)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Scheme]:
    """Work on a copy of the registry."""
    copy = dict(schemes._registry)
    monkeypatch.setattr(schemes, "_registry", copy)
    return copy


def verdict(*outcomes: Outcome) -> Verdict:
    citation = Citation("Texte", "article 1", ON)
    return Verdict(tuple(Finding(f"x.{i}", "X", o, "Phrase.", citation) for i, o in enumerate(outcomes)), ON)


def test_the_schemes_are_known_in_the_order_of_the_continuum_then_the_calls() -> None:
    assert [(scheme.slug, scheme.url_slug, scheme.rank) for scheme in schemes.every()] == [
        ("diagnostic", "diagnostic", 1),
        ("booster_ia", "booster-ia", 2),
        ("datathon", "datathon", 3),
        ("roadmap", "appels", 4),
    ]
    assert [scheme.slug for scheme in schemes.aids()] == ["diagnostic", "booster_ia", "datathon"]
    assert {slug: scheme.simulator is not None for slug, scheme in schemes.by_slug().items()} == {
        "diagnostic": True,
        "booster_ia": True,
        "datathon": False,
        "roadmap": False,
    }


def test_each_scheme_is_found_by_its_own_slug_and_address() -> None:
    assert all(scheme.slug == slug == scheme.reglement.slug for slug, scheme in schemes.by_slug().items())
    assert len({scheme.url_slug for scheme in schemes.every()}) == 4


def test_a_slug_belongs_to_one_scheme(registry: dict[str, Scheme]) -> None:
    first = schemes.by_slug()["diagnostic"]
    schemes.register(first)
    with pytest.raises(ValueError, match="the scheme 'diagnostic' is already registered"):
        schemes.register(replace(first, rank=9))
    assert registry["diagnostic"] is first


def test_a_new_scheme_takes_its_rank(registry: dict[str, Scheme]) -> None:
    schemes.register(replace(schemes.by_slug()["diagnostic"], slug="essai", url_slug="essai", rank=0))
    assert [scheme.slug for scheme in schemes.every()] == ["essai", "diagnostic", "booster_ia", "datathon", "roadmap"]


def test_the_registry_is_not_handed_out(registry: dict[str, Scheme]) -> None:
    copy = schemes.by_slug()
    assert isinstance(copy, dict | MappingProxyType)
    if isinstance(copy, dict):
        copy.clear()
    assert len(schemes.every()) == 4


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), ""),
        ((Outcome.MET, Outcome.UNMET, Outcome.NOT_APPLICABLE), ""),
        ((Outcome.MET, Outcome.TO_REVIEW), "Un point sera examiné par un agent. Cela ne vous empêche pas de déposer."),
        (
            (Outcome.TO_REVIEW, Outcome.MET, Outcome.TO_REVIEW),
            "2 points seront examinés par un agent. Cela ne vous empêche pas de déposer.",
        ),
    ],
)
def test_points_to_review_are_counted(outcomes: tuple[Outcome, ...], expected: str) -> None:
    assert review_notice(verdict(*outcomes)) == expected


def test_a_result_is_kept_as_json_and_read_back_word_for_word() -> None:
    result = Result(
        title="Titre",
        summary="Résumé",
        verdict=verdict(Outcome.MET, Outcome.TO_REVIEW),
        recap=(Recap("Structure", "Une entreprise", "structure"),),
        amounts=(Amount("Total", "1 €", is_total=True),),
        refused_lines=("Équipement",),
        ways=(Way("Texte", "Lien", scheme="booster_ia"),),
    )
    record = json.loads(json.dumps(result.as_record()))
    assert record == {
        "title": "Titre",
        "summary": "Résumé",
        "verdict": result.verdict.as_record(),
        "recap": [{"label": "Structure", "value": "Une entreprise", "step": "structure"}],
        "amounts": [{"label": "Total", "value": "1 €", "is_total": True}],
        "refused_lines": ["Équipement"],
    }
    assert Verdict.from_record(record["verdict"]) == result.verdict
