"""The indicators of the scheme and its exports: the whole scheme, one wave, its de minimis grants."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from normandata.dossiers.exports import response
from normandata.indicators.views.agents import Figures, answer, reader

from .. import exports
from ..readings import SCHEME
from ..rules import REGLEMENT
from ..waves import Wave


def first_year() -> int:
    """Return the year this version of the scheme opened."""
    return REGLEMENT.on(timezone.localdate()).date("opening").year


FIGURES = Figures(
    scheme=SCHEME,
    heading="Indicateurs du Booster IA",
    title="Booster IA",
    first_year=first_year,
    columns=exports.COLUMNS,
    rows=exports.rows,
    files=(("Aides de minimis, à ce jour, CSV", f"{SCHEME}:de_minimis_file"),),
)


@require_safe
def de_minimis(request: HttpRequest) -> HttpResponseBase:
    """Send the de minimis grants of the scheme, in the columns of the public register."""
    user = reader(request, FIGURES)
    return response(exports.de_minimis(user), f"booster-ia-de-minimis-{timezone.localdate():%Y-%m-%d}.csv")


@require_safe
def wave_file(request: HttpRequest, pk: int, format: str) -> HttpResponseBase:
    """Send the dossiers of a wave: places where they may be read, proposals, decisions, amounts."""
    user = reader(request, FIGURES)
    wave = get_object_or_404(Wave, pk=pk)
    name = f"booster-ia-vague-{wave.year}-{wave.number}-{timezone.localdate():%Y-%m-%d}"
    return answer(format, exports.WAVE_COLUMNS, exports.wave_rows(wave, user), name, title=f"Booster IA, {wave.label}")
