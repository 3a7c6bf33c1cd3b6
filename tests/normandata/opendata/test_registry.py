"""What the schemes hand up; a slug is given once, for ever: it is an address."""

import pytest

from normandata.opendata import registry
from tests.normandata.opendata.samples import make_set


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registry", dict(registry._registry))


def test_the_sets_of_the_portal_by_title() -> None:
    assert [one.slug for one in registry.every()] == [
        "feuille-de-route",
        "dispositifs",
        "indicateurs",
        "feuille-de-route-jalons",
        "projets-datathon",
        "subventions",
    ]


def test_another_scheme_needs_only_to_hand_its_sets_up() -> None:
    new = make_set("appels", [])
    registry.register("essai", [new])
    registry.register("essai", [new])
    assert registry.find("appels") is new
    assert registry.find("inconnu") is None


@pytest.mark.parametrize(
    ("owner", "slugs"), [("essai", ["a", "a"]), ("essai", ["subventions"]), ("booster_ia", ["autre"])]
)
def test_a_slug_taken_or_other_sets_are_refused(owner: str, slugs: list[str]) -> None:
    with pytest.raises(ValueError, match="open data"):
        registry.register(owner, [make_set(slug, []) for slug in slugs])


def test_no_column_asks_for_a_person() -> None:
    words = ("prenom", "courriel", "email", "telephone", "adresse", "signataire", "contact", "naissance")
    names = [field.name.lower() for one in registry.every() for field in one.fields]
    assert [name for name in names if any(word in name for word in words)] == []
