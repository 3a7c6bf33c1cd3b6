"""What is shown of a file without downloading it: pages we draw, or lines of text; never the bytes that were sent."""

import itertools
import logging
from dataclasses import dataclass
from pathlib import Path

from . import conf, drafts, isolation
from .checks.formats import TEXTS
from .models import Upload

logger = logging.getLogger(__name__)
MOST_LINES = 200
LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview: `kind` is `image`, `text` or `none`; `page` counts from 1, `pages` is 1 but for a PDF."""

    kind: str
    page: int = 1
    pages: int = 1
    lines: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def of(upload: Upload, page: int = 1) -> Preview:
    """Return what can be shown of an available upload; a page beyond the last is the last."""
    if upload.format == "pdf":
        return Preview("image", page=min(max(page, 1), upload.pages), pages=upload.pages)
    if upload.is_image:
        return Preview("image")
    if upload.format in TEXTS:
        lines, is_cut = _lines(Path(upload.file.path))
        return Preview("text", lines=lines, is_cut=is_cut)
    return Preview("none")


def image(upload: Upload, page: int = 1) -> Path | None:
    """Return the drawn page, made on the first request; None when it cannot be drawn or there is no room."""
    drawn = conf.previews() / str(upload.pk) / f"{page}.png"
    if drawn.exists():
        return drawn
    draft = drafts.path()
    request = {"work": "render", "path": upload.file.path, "format": upload.format, "page": page, "target": str(draft)}
    try:
        isolation.run(request)
        drawn.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.replace(drawn)
    except (isolation.Failed, OSError) as error:
        logger.warning("The page %s of %s could not be drawn (%s).", page, upload.pk, error)
        return None
    finally:
        draft.unlink(missing_ok=True)
    return drawn


def _lines(path: Path) -> tuple[tuple[str, ...], bool]:
    """Read the first lines, in UTF-8 or else in Windows-1252, as the checks do."""
    with path.open("rb") as file:
        content = file.read(MOST_LINES * LONGEST_LINE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character cut by the reading is not another encoding.
        is_cut_character = error.start > len(content) - 4
        text = content[: error.start].decode("utf-8-sig") if is_cut_character else content.decode("cp1252", "replace")
    lines = tuple(line[:LONGEST_LINE] for line in itertools.islice(text.splitlines(), MOST_LINES))
    is_cut = path.stat().st_size > len(content) or len(text.splitlines()) > MOST_LINES
    return lines, is_cut
