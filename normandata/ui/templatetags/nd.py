"""The portal's own template tags, loaded in every template."""

from collections.abc import Sized
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from normandata.regulation import formats

register = template.Library()

OUTCOMES = {
    "met": ("met", "Respecté", "met"),
    "unmet": ("unmet", "Non respecté", "unmet"),
    "to_review": ("review", "À examiner", "review"),
    "not_applicable": ("na", "Sans objet", "na"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; always beside a word, so hidden from assistive technology."""
    return format_html(
        '<svg class="nd-icon" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.filter
def euros(value: Decimal | int | str) -> str:
    return formats.euros(Decimal(value))


@register.filter
def number(value: Decimal | int | str) -> str:
    return formats.number(Decimal(value))


@register.filter
def weight(size: int) -> str:
    """Write a size in bytes: `182 ko`."""
    return formats.weight(size)


@register.filter
def day(value: date | datetime | str) -> str:
    """Write a day in full; an instant is read in Paris, a string as an ISO date."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    elif isinstance(value, str):
        value = date.fromisoformat(value)
    return formats.day(value)


@register.filter
def hour(value: datetime) -> str:
    """Write an hour as `14 h 32`, Paris time."""
    local = timezone.localtime(value)
    return f"{local:%-H}{formats.NBSP}h{formats.NBSP}{local:%M}"


@register.filter
def spaced(text: object) -> str:
    """Set high punctuation apart with U+00A0."""
    return formats.spaced(str(text))


@register.filter
def pluralize(count: float | Decimal | Sized | None, forms: str = "s") -> str:
    """Do as Django’s filter of this name, with the plural that begins at two in French; a list is counted."""
    singular, _, plural = forms.rpartition(",")
    number = len(count) if isinstance(count, Sized) else count
    return plural if number is not None and number >= 2 else singular


@register.filter
def outcome_icon(outcome: str) -> str:
    return OUTCOMES[outcome][0]


@register.filter
def outcome_label(outcome: str) -> str:
    return OUTCOMES[outcome][1]


@register.simple_tag
def query(parameters: QueryDict, **changes: object) -> str:
    """Encode a query string with some parameters changed; `None` removes one."""
    result = parameters.copy()
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = str(value)
    return result.urlencode()
