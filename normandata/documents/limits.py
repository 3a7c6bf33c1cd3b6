"""What a page accepts, said before anything is sent."""

from dataclasses import dataclass, replace

from normandata.regulation.formats import MEGA, NBSP, listing, weight

from .checks.formats import EXTENSIONS, FORMATS

ORDINARY = frozenset(FORMATS) - {"zip"}
WITH_ARCHIVES = frozenset(FORMATS)


@dataclass(frozen=True, slots=True)
class Limits:
    """The formats, size and number of files accepted somewhere. `most_bytes` is for one file."""

    formats: frozenset[str] = ORDINARY
    most_bytes: int = 20 * MEGA
    most_files: int = 10

    def sentence(self) -> str:
        """Say the limits in one line, to be shown before the choice."""
        groups = list(dict.fromkeys(known.group for slug, known in FORMATS.items() if slug in self.formats))
        files = "un seul fichier" if self.most_files == 1 else f"{self.most_files} fichiers au plus"
        return f"{listing(groups, 'ou')}{NBSP}; {weight(self.most_bytes)} par fichier, {files}."

    @property
    def accept(self) -> str:
        """The extensions, for the browser's file chooser."""
        return ",".join(extension for extension, slug in sorted(EXTENSIONS.items()) if slug in self.formats)

    def within(self, most_bytes: int) -> "Limits":
        """Return these limits, no larger than what is written to disk."""
        return self if self.most_bytes <= most_bytes else replace(self, most_bytes=most_bytes)

    def too_heavy(self, name: str, size: int) -> str:
        """Say that a file is too heavy; the script of the page says the same."""
        return (
            f"{name} pèse {weight(size)}{NBSP}; la limite est de {weight(self.most_bytes)}. "
            "Réduisez-le ou envoyez-le en plusieurs parties."
        )
