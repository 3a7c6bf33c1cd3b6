from pathlib import Path

import pytest

from normandata.notifications import kinds
from normandata.notifications.kinds import Kind, Tag
from tests.factories import notifications as factories


def test_a_kind_is_found_by_its_slug(kind: Kind) -> None:
    assert kinds.get("portal.receipt") is kind
    assert kinds.register(kind) is kind
    assert (kind.room, kind.room_label) == ("portal", "Portail")
    assert kind.examples == {"numero": "DIA-2026-0001", "structure": "Atelier fictif du Perche"}
    with pytest.raises(LookupError):
        kinds.get("portal.unknown")


def test_kinds_come_room_by_room(kind: Kind) -> None:
    for slug in ("documents.b", "portal.a", "documents.a"):
        kinds.register(factories.kind(slug))
    assert [one.slug for one in kinds.every()] == ["documents.b", "documents.a", "portal.receipt", "portal.a"]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (factories.kind(), "already registered"),
        (factories.kind("receipt"), "is not <room>.<name>"),
        (factories.kind("portal.É"), "is not <room>.<name>"),
        (factories.kind("portal.x", tags={"Numéro": Tag("a", "b")}), "badly named tags"),
        (factories.kind("portal.x", default_text="Bonjour {{ nom }}"), "is not right"),
        (factories.kind("portal.x", default_subject=""), "is not right"),
    ],
)
@pytest.mark.usefixtures("kind")
def test_a_wrong_kind_stops_the_start(made: Kind, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        kinds.register(made)
    assert len(kinds.every()) == 1


def write(folder: Path, content: str) -> None:
    path = folder / "templates" / "email" / "portal"
    path.mkdir(parents=True)
    (path / "receipt.txt").write_text(content, encoding="utf-8")


def test_the_original_words_are_in_a_file(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    write(tmp_path, "Objet\u00a0: Dossier {{ numero }} reçu\n\nBonjour.\n\nÀ bientôt.\n")
    tags = {"numero": Tag("numéro", "1")}
    made = kinds.from_file("portal.receipt", label="Reçu", audience="le porteur", tags=tags)
    assert (made.default_subject, made.default_text) == ("Dossier {{ numero }} reçu", "Bonjour.\n\nÀ bientôt.")
    assert (made.label, made.audience, dict(made.tags)) == ("Reçu", "le porteur", tags)


@pytest.mark.parametrize("content", ["", "Objet : a", "Objet :\n\nBonjour.", "Bonjour.\n\nObjet : a", "Objet : a\nb"])
def test_a_file_without_the_right_shape_is_refused(settings, tmp_path: Path, content: str) -> None:
    settings.BASE_DIR = tmp_path
    write(tmp_path, content)
    with pytest.raises(ValueError, match=r"receipt.txt must hold « Objet : … »"):
        kinds.from_file("portal.receipt", label="Reçu", audience="le porteur", tags={})
