"""Static files taken from installed npm packages: exactly those named here, nothing else of the packages."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

PUBLISHED = {
    "vendor/bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/bricolage/bricolage-grotesque-latin-wght-normal.woff2": (
        "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2"
    ),
    "vendor/hanken/hanken-grotesk-latin-wght-normal.woff2": (
        "@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2"
    ),
}


class NodeFinder(BaseFinder):
    """Finds the files of PUBLISHED under `settings.NODE_MODULES`."""

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return []

    def find(  # type: ignore[override]
        self, path: str, find_all: bool = False, **kwargs: object
    ) -> str | list[str]:
        source = self._source(path)
        if source is None:
            return []
        return [str(source)] if find_all else str(source)

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, "PackageFile"]]:
        for path in PUBLISHED:
            yield path, PackageFile()

    def _source(self, path: str) -> Path | None:
        relative = PUBLISHED.get(path.replace("\\", "/"))
        source = settings.NODE_MODULES / relative if relative else None
        return source if source and source.is_file() else None


class PackageFile(FileSystemStorage):
    """Reads a published file under its public name."""

    def path(self, name: str) -> str:
        return str(settings.NODE_MODULES / PUBLISHED[name])


class PublishedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names and precompressed copies; a template that names a missing file fails at once."""

    keep_only_hashed_files = True
