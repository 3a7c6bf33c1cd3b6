"""What each criterion gave a dossier, for the letter that says why it is refused: once its panel is closed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from normandata.dossiers.models import Dossier
from normandata.procedure.models import kind_of
from normandata.regulation.formats import number
from normandata.scoring import arithmetic, results
from normandata.scoring.models import Panel, Subject
from normandata.scoring.workflow import CLOSED

SCHEME = "booster_ia"


@dataclass(frozen=True, slots=True)
class Mark:
    """The mean of the sheets on a criterion, cut after two decimals as the score is, and what it is out of."""

    label: str
    mark: str
    maximum: str

    def as_record(self) -> dict[str, str]:
        return {"label": self.label, "mark": self.mark, "maximum": self.maximum}


def of(dossiers: Iterable[int]) -> Mapping[int, list[Mark]]:
    """Return the marks of scored dossiers, by key: one query, and two a panel; a dossier never scored is not in it."""
    keys = [str(pk) for pk in dossiers]
    found = Subject.objects.judged().filter(
        kind=kind_of(Dossier()), key__in=keys, panel__scheme=SCHEME, panel__state=CLOSED
    )
    subjects = {int(one.key): one for one in found.select_related("panel__grid").order_by("pk")}
    panels = {one.panel_id: one.panel for one in subjects.values()}
    means = {pk: results.criterion_means(panel, _slugs(panel)) for pk, panel in panels.items()}
    marked = {pk: _marks(one.pk, panels[one.panel_id], means[one.panel_id]) for pk, one in subjects.items()}
    return {pk: marks for pk, marks in marked.items() if marks}


def _slugs(panel: Panel) -> list[str]:
    return [line.slug for line in panel.grid.lines]


def _marks(subject: int, panel: Panel, means: Mapping[tuple[int, str], Fraction]) -> list[Mark]:
    return [
        Mark(line.label, arithmetic.shown(means[subject, line.slug]), number(line.maximum.normalize()))
        for line in panel.grid.lines
        if (subject, line.slug) in means
    ]
