"""Who may do what with a panel and its sheets, said once. What one may *read* of sheets is in `reading`."""

from typing import TYPE_CHECKING, Protocol

from normandata.accounts.models import Role, User

if TYPE_CHECKING:
    from .panels import Panel
    from .sheets import Sheet

LEADERS = (Role.LEAD_AGENT, Role.ORGANISER)


class Led(Protocol):
    """What somebody leads: a panel, or what a conflict of interest is about."""

    @property
    def scheme(self) -> str: ...

    @property
    def scope(self) -> str: ...


def may_lead(user: User, led: Led) -> bool:
    """Seat people, open, moderate, close, lift: the lead agents of the scheme, the organisers of the edition."""
    return user.holds(*LEADERS, scheme=led.scheme, scope=led.scope)


def may_audit(user: User, panel: "Panel") -> bool:
    """Read what a closed panel found, without a seat."""
    return user.holds(Role.AUDITOR, scheme=panel.scheme)


def keeps_role(user: User, role: str | None, panel: "Panel") -> bool:
    """Tell whether somebody still holds the role of the seat; None is no seat, an empty role asks for none."""
    if role is None or not user.is_active:
        return False
    return not role or user.holds(Role(role), scheme=panel.scheme, scope=panel.scope)


def is_author(user: User, sheet: "Sheet") -> bool:
    return user.is_active and sheet.author_id == user.pk


def may_moderate(user: User, sheet: "Sheet") -> bool:
    """Give a submitted sheet back to its author: whoever leads the panel, never the author alone."""
    return sheet.author_id != user.pk and may_lead(user, sheet.subject.panel)
