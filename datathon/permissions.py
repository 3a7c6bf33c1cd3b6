"""Who may do what with an edition, said once. The scope of a role is the slug of an edition; none means all of them."""

from typing import Any, Protocol

from normandata.accounts.models import Role, User

SCHEME = "datathon"
LEADERS = (Role.LEAD_AGENT, Role.ORGANISER)
STAFF = (*LEADERS, Role.AGENT, Role.AUDITOR)


class Named(Protocol):
    """What a role's scope names."""

    @property
    def slug(self) -> str: ...


def organises(user: User, edition: Named) -> bool:
    """Prepare, open, moderate, decide what is published: the organisers of the edition, the scheme's lead agents."""
    return user.holds(*LEADERS, scheme=SCHEME, scope=edition.slug)


def may_create(user: User) -> bool:
    """Create or clone an edition: whoever organises all of them."""
    return user.holds(*LEADERS, scheme=SCHEME) and scopes_organised_by(user) is None


def may_follow(user: User, edition: Named) -> bool:
    """Read how an edition goes, without any score: its organisers, the scheme's agents and auditors."""
    return user.holds(*STAFF, scheme=SCHEME, scope=edition.slug)


def may_audit(user: User) -> bool:
    """Read a deliberation, once it is open, without a part in it."""
    return user.holds(Role.AUDITOR, scheme=SCHEME)


def presides(user: User, edition: Any) -> bool:
    """Close and reopen the deliberation: an organiser, or the chair of the jury."""
    if organises(user, edition):
        return True
    return judges(user, edition) and edition.jurors.sitting().filter(person=user, is_chair=True).exists()


def judges(user: User, edition: Named) -> bool:
    return user.holds(Role.JUROR, scheme=SCHEME, scope=edition.slug)


def mentors(user: User, edition: Named) -> bool:
    return user.holds(Role.MENTOR, scheme=SCHEME, scope=edition.slug)


def scopes_of(user: Any) -> frozenset[str] | None:
    """Return the slugs of the editions in which a person has a part; None stands for all of them."""
    return _scopes(user, (*STAFF, Role.JUROR, Role.MENTOR))


def scopes_followed_by(user: Any) -> frozenset[str] | None:
    """Return the slugs of the editions whose organisers' pages a person reads; None stands for all of them."""
    return _scopes(user, STAFF)


def has_editions(user: Any) -> bool:
    """Tell whether a person has organisers' pages to read."""
    return scopes_followed_by(user) != frozenset()


def scopes_mentored_by(user: Any) -> frozenset[str] | None:
    """Return the slugs of the editions that a person mentors; None stands for all of them."""
    return _scopes(user, (Role.MENTOR,))


def helps(user: Any) -> bool:
    """Tell whether a person mentors an edition."""
    return scopes_mentored_by(user) != frozenset()


def scopes_organised_by(user: Any) -> frozenset[str] | None:
    return _scopes(user, LEADERS)


def _scopes(user: Any, roles: tuple[Role, ...]) -> frozenset[str] | None:
    if not (user.is_authenticated and user.is_active):
        return frozenset()
    held = {one.scope for one in user.assignments if one.role in roles and one.scheme in ("", SCHEME)}
    return None if "" in held else frozenset(held)
