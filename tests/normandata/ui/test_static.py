"""Exactly the named files of the packages are published, under hashed names that every template finds."""

import re
from pathlib import Path, PurePosixPath

import pytest
from django.conf import settings as configured
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from normandata.ui.static import PUBLISHED, NodeFinder, PackageFile

NAMED = re.compile(r"""{%\s*static\s+['"]([^'"]+)['"]|\bstatic\(\s*['"]([^'"]+)['"]""")


@pytest.fixture
def packages(settings, tmp_path: Path) -> Path:
    """Stand in for node_modules: every published file, and two that are not."""
    settings.NODE_MODULES = tmp_path / "node_modules"
    for relative in (*PUBLISHED.values(), "bootstrap/dist/css/bootstrap.css", "bootstrap/package.json"):
        path = settings.NODE_MODULES / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"/* {relative} */", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    return settings.NODE_MODULES


def test_the_published_files_are_found_under_their_public_names(packages: Path) -> None:
    finder = NodeFinder()
    for public, relative in PUBLISHED.items():
        assert finder.find(public) == str(packages / relative)
        assert finder.find(public, find_all=True) == [str(packages / relative)]
    assert [name for name, _ in finder.list([])] == list(PUBLISHED)


def test_a_listed_file_is_read_whole(packages: Path) -> None:
    for name, storage in NodeFinder().list([]):
        with storage.open(name) as file:
            assert file.read().decode() == f"/* {PUBLISHED[name]} */"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        ".",
        "vendor",
        "vendor/bootstrap/",
        "vendor/bootstrap/bootstrap.css",
        "bootstrap/dist/css/bootstrap.min.css",
        "vendor/bootstrap/package.json",
        "../secret",
        "..\\secret",
        "vendor/bootstrap/../../../secret",
        "vendor/bootstrap/../bootstrap/bootstrap.min.css",
        "/etc/passwd",
        "vendor/bootstrap/bootstrap.min.css\x00.png",
        "VENDOR/BOOTSTRAP/BOOTSTRAP.MIN.CSS",
        "%2e%2e/secret",
    ],
)
def test_anything_else_is_not_found(packages: Path, asked: str) -> None:
    finder = NodeFinder()
    assert finder.find(asked) == []
    assert finder.find(asked, find_all=True) == []


def test_a_package_that_is_not_installed_is_not_found(settings, tmp_path: Path) -> None:
    settings.NODE_MODULES = tmp_path / "nowhere"
    assert [NodeFinder().find(name) for name in PUBLISHED] == [[]] * len(PUBLISHED)


def test_the_file_storage_reads_no_unpublished_name(packages: Path) -> None:
    with pytest.raises(KeyError):
        PackageFile().path("../secret")


def test_each_public_name_comes_from_one_place_only() -> None:
    found = [name for finder in finders.get_finders() for name, _ in finder.list([])]
    assert len(found) == len(set(found))


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    """Collect the real files as production does."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **configured.STORAGES,
        "staticfiles": {"BACKEND": "normandata.ui.static.PublishedStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT


def names_in_templates_and_code() -> set[str]:
    root: Path = configured.BASE_DIR
    packages = ("templates", "normandata", "diagnostic", "booster_ia", "datathon", "roadmap")
    files = [path for package in packages for path in (root / package).rglob("*") if path.suffix in {".html", ".py"}]
    return {
        name
        for path in files
        for pair in NAMED.findall(path.read_text(encoding="utf-8"))
        for name in pair
        if name and name != "x"
    }


def test_production_publishes_every_file_under_a_hashed_name(collected: Path) -> None:
    manifest = staticfiles_storage.hashed_files
    sources = {name for finder in finders.get_finders() for name, _ in finder.list([])}
    assert set(manifest) == sources
    for name, hashed in manifest.items():
        path = PurePosixPath(name)
        stem, suffix = name.removesuffix(path.suffix), path.suffix
        assert re.fullmatch(rf"{re.escape(stem)}\.[0-9a-f]{{12}}{re.escape(suffix)}", hashed)
        assert (collected / hashed).is_file()
        assert not (collected / name).exists()


def test_style_sheets_are_served_compressed_and_name_hashed_files_only(collected: Path) -> None:
    for name, hashed in staticfiles_storage.hashed_files.items():
        if not name.endswith(".css"):
            continue
        assert (collected / f"{hashed}.gz").is_file()
        text = (collected / hashed).read_text(encoding="utf-8")
        for target in re.findall(r"url\([\"']?([^\"')]+)[\"']?\)", text):
            if not target.startswith(("data:", "#")):
                assert ((collected / hashed).parent / target.split("#")[0].split("?")[0]).resolve().is_file(), target


def test_every_file_that_a_template_names_is_published(collected: Path) -> None:
    named = names_in_templates_and_code()
    assert "css/portal.css" in named
    assert named - set(staticfiles_storage.hashed_files) == set()
    assert {staticfiles_storage.url(name).startswith("/static/") for name in named} == {True}


def test_a_file_that_does_not_exist_fails_at_once(collected: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.css"):
        staticfiles_storage.url("css/absent.css")
