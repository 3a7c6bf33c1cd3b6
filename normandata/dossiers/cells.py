"""The rows of the queue in HTML: written here and not by a template, which would cost more than all the rest."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .rows import Row
from .states import STATES

_SYMBOL = re.compile(r'<symbol id="i-(\w+)".*?</symbol>', re.DOTALL)


@cache
def _symbols() -> Mapping[str, str]:
    drawing = (Path(settings.BASE_DIR) / "static" / "img" / "icons.svg").read_text()
    return {one[1]: one[0].replace('id="i-', 'id="r-', 1) for one in _SYMBOL.finditer(drawing)}


def sprite(rows: Iterable[Row]) -> SafeString:
    """The icons of the rows, drawn once a page: a row then points at them by a short name."""
    wanted = sorted({row.state.icon for row in rows} | {"alert"})
    return mark_safe("".join(_symbols()[name] for name in wanted))  # noqa: S308  a file of ours


def _icon(name: str) -> SafeString:
    return format_html('<svg class="nd-icon" aria-hidden="true"><use href="#r-{}"/></svg>', name)


@cache
def _tag(slug: str) -> SafeString:
    state = STATES[slug]
    return format_html(
        '<td role="cell"><span class="nd-tag nd-tag--{}">{}{}</span></td>', state.tone, _icon(state.icon), state.label
    )


def _wait(row: Row) -> SafeString:
    if row.days is None:
        return SafeString('<td role="cell" class="nd-right" data-l="Attente">–</td>')
    if not row.is_long:
        return format_html('<td role="cell" class="nd-right" data-l="Attente">{}&nbsp;j</td>', row.days)
    return format_html(
        '<td role="cell" class="nd-right" data-l="Attente"><b class="nd-long">{}{}&nbsp;j'
        '<span class="visually-hidden"> (plus de 10 jours)</span></b></td>',
        _icon("alert"),
        row.days,
    )


def _turn(row: Row) -> SafeString:
    if row.is_your_turn:
        return SafeString('<td role="cell" data-l="À qui le tour"><strong>Vous</strong></td>')
    return _plain("À qui le tour", row.turn)


def _plain(label: str, value: str) -> SafeString:
    return format_html('<td role="cell" data-l="{}">{}</td>', label, value)


CELLS: Mapping[str, Callable[[Row], SafeString]] = {
    "siret": lambda row: _plain("SIRET", row.siret),
    "dispositif": lambda row: _plain("Dispositif", row.scheme),
    "etat": lambda row: _tag(row.state.slug),
    "montant": lambda row: format_html('<td role="cell" class="nd-right" data-l="Montant">{}</td>', row.amount),
    "tour": _turn,
    "attente": _wait,
    "responsable": lambda row: _plain("Responsable", row.owner),
    "depot": lambda row: _plain("Déposé le", row.submitted),
    "departement": lambda row: _plain("Département", row.department),
    "commune": lambda row: _plain("Commune", row.city),
}


def line(row: Row, columns: tuple[str, ...], *, with_box: bool, is_ticked: bool = False) -> SafeString:
    """Write one row of the table; what people typed is escaped."""
    box = SafeString("")
    if with_box:
        box = format_html(
            '<td role="cell" class="nd-check"><input class="form-check-input" type="checkbox" name="choix" '
            'value="{}" aria-label="Choisir {}"{}></td>',
            row.number,
            row.number,
            SafeString(" checked") if is_ticked else "",
        )
    cells = SafeString("").join(CELLS[slug](row) for slug in columns)
    return format_html(
        '<tr role="row">{}<th role="rowheader" scope="row"><a href="{}">{}</a><br><small>{}</small></th>{}</tr>\n',
        box,
        row.url,
        row.name,
        row.number,
        SafeString(cells),
    )
