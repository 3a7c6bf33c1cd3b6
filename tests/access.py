"""Who may open what: the single table of the portal's routes, and the way to ask them.

A case says what a route answers to whom. Whoever it does not name gets nothing: a signed-out person is sent to the
sign-in page, somebody of the Region without a proven second factor to that page, anybody else gets 404.
On another organisation's things, the same is asked with that organisation's manager in the place of ours.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import world as w
from tests.world import World

SIGN_IN, FACTOR, NOTHING = "sign in", "second factor", "nothing"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ENTERPRISE = {
    "structure": "enterprise",
    "departement": "14",
    "etp": "45,5",
    "creation": "12/05/2009",
    "activite": "production",
}

Who = Collection[str]
Answers = Mapping[int, Who]
# Who is who: see `world`.
APPLICANTS = (w.MEMBER, w.MANAGER)
MANAGERS = (w.MANAGER,)
INSTRUCTORS = (w.AGENT, w.LEAD)
READERS = (*INSTRUCTORS, w.AUDITOR, w.DPO, w.ADMINISTRATOR)
DESK = (*INSTRUCTORS, w.OTHER_AGENT, w.OTHER_LEAD)
QUEUE = (*DESK, w.AUDITOR, w.DPO, w.ADMINISTRATOR)
ADMINISTRATORS = (w.ADMINISTRATOR,)
LEADS = (w.ADMINISTRATOR, w.LEAD, w.OTHER_LEAD)
OUTSIDERS = (w.STRANGER, w.REQUESTED, w.LEFT, w.JUROR)
SIGNED_IN = (*OUTSIDERS, *APPLICANTS, *QUEUE, w.SUPERUSER)
EVERYBODY = (*w.OUT, *w.HALF_IN, *SIGNED_IN)
WITH_FACTOR = (*QUEUE, w.SUPERUSER)
WITHOUT_FACTOR = (*OUTSIDERS, *APPLICANTS)
HOUSE = (w.REQUESTED, w.LEFT, w.MEMBER, w.MANAGER)
UNKNOWN: dict[type, Any] = {uuid.UUID: uuid.UUID(int=3), int: 999_999, str: "99999999999999"}


@dataclass(frozen=True, slots=True)
class Case:
    """What a route answers: `get` and `post` give the people by status; all other methods get 405.

    `on` names the thing of each argument of the address, `parts` the other arguments. In `data`, `@name` is a thing.
    """

    get: Answers = field(default_factory=dict)
    post: Answers = field(default_factory=dict)
    on: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[Mapping[str, Any], ...] = ()

    def kwargs(self, things: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: things[thing] for name, thing in self.on.items()}, **self.parts}

    def body(self, things: Mapping[str, Any]) -> dict[str, Any]:
        return {name: things[value[1:]] if value.startswith("@") else value for name, value in self.data.items()}

    def address(self, name: str, kwargs: Mapping[str, Any]) -> str:
        found = reverse(name, kwargs=dict(kwargs))
        return f"{found}?{urlencode(self.query)}" if self.query else found

    def answers(self, method: str) -> Answers:
        return {"GET": self.get, "HEAD": self.get, "POST": self.post}.get(method, {})

    @property
    def is_public(self) -> bool:
        return any(w.ANONYMOUS in who for answers in (self.get, self.post) for who in answers.values())

    def reader(self) -> str:
        """Return somebody who may open this, a person signed in where there is one."""
        who = [persona for answers in (self.get, self.post) for people in answers.values() for persona in people]
        return next(persona for persona in (*who, w.ADMINISTRATOR) if persona not in (*w.OUT, *w.HALF_IN))


def page(who: Who, on: Mapping[str, str] | None = None, **parts: Any) -> Case:
    """A page to read."""
    return Case({200: who}, on=on or {}, parts=parts)


def form(who: Who, on: Mapping[str, str] | None = None, *, post: Answers, data: Any = None, **parts: Any) -> Case:
    """A page with its form."""
    return Case({200: who}, post, on or {}, parts, data=data or {})


def button(who: Who, on: Mapping[str, str] | None = None, *, does: int = 302, data: Any = None, **parts: Any) -> Case:
    """A gesture without a page."""
    return Case({}, {does: who}, on or {}, parts, data=data or {})


def signed_out(shown: int = 200, sent: int = 200) -> Case:
    """A page of those who come in: it leads whoever is in already elsewhere."""
    inside = (*w.HALF_IN, *SIGNED_IN)
    return Case(_merged({shown: w.OUT}, {302: inside}), _merged({sent: w.OUT}, {302: inside}))


def _merged(*all_answers: Answers) -> Answers:
    found: dict[int, tuple[str, ...]] = {}
    for answers in all_answers:
        for status, who in answers.items():
            found[status] = (*found.get(status, ()), *who)
    return found


DOSSIER, DRAFT, INCOMPLETE = {"key": "dossier"}, {"key": "draft"}, {"key": "incomplete"}
FILE = DOSSIER | {"pk": "file"}
DRAFT_FILE, INCOMPLETE_FILE = DRAFT | {"pk": "draft_file"}, INCOMPLETE | {"pk": "incomplete_file"}
SIRET = {"siret": "siret"}
REQUEST, PERSON = SIRET | {"pk": "request"}, SIRET | {"pk": "membership"}
INVITED = SIRET | {"pk": "invitation"}
NO_SCHEME, NO_SIMULATOR, SLUG = {"url_slug": "aucune-aide"}, {"url_slug": "datathon"}, {"url_slug": "diagnostic"}
STEP = {"step_slug": "structure"}
KEY = {"cle": str(uuid.UUID(int=7))}
EVERYONE_READS = Case({200: EVERYBODY})
READ = {200: APPLICANTS}

PUBLIC = {
    "portal:home": EVERYONE_READS,
    "portal:schemes": EVERYONE_READS,
    "portal:scheme": Case({200: EVERYBODY}, parts=SLUG, unknown=(NO_SCHEME,)),
    "portal:simulator": Case({302: EVERYBODY}, parts=SLUG, unknown=(NO_SCHEME, NO_SIMULATOR)),
    "portal:simulator_result": Case({200: EVERYBODY}, parts=SLUG, query=ENTERPRISE, unknown=(NO_SCHEME, NO_SIMULATOR)),
    "portal:simulator_keep": Case(
        {}, {302: EVERYBODY}, parts=SLUG, query=ENTERPRISE, unknown=(NO_SCHEME, NO_SIMULATOR)
    ),
    "portal:simulator_question": Case(
        {200: EVERYBODY},
        parts=SLUG | STEP,
        unknown=(NO_SCHEME | STEP, NO_SIMULATOR | STEP, SLUG | {"step_slug": "aucune-question"}),
    ),
    "portal:territories": Case({200: EVERYBODY}, query={"recherche": "lisieux"}),
    "portal:document": Case({200: EVERYBODY}, parts={"pk": w.READY}, unknown=({"pk": UNKNOWN[uuid.UUID]},)),
    "portal:document_file": Case(
        {200: EVERYBODY}, parts={"pk": w.READY}, unknown=({"pk": UNKNOWN[uuid.UUID]}, {"pk": w.PENDING})
    ),
    "portal:regulation": EVERYONE_READS,
    "portal:help": EVERYONE_READS,
    "portal:contact": EVERYONE_READS,
    "portal:legal": EVERYONE_READS,
    "portal:privacy": EVERYONE_READS,
    "portal:accessibility": EVERYONE_READS,
    "portal:site_map": EVERYONE_READS,
    # The demonstration alone has this page; see `test_production_has_no_demonstration`.
    "portal:demonstration": EVERYONE_READS,
    "portal:robots": EVERYONE_READS,
    "portal:health": EVERYONE_READS,
}
OPERATOR = {
    "portal:operator": page(ADMINISTRATORS),
    "portal:operator_resend": button(ADMINISTRATORS, {"pk": "mail"}),
    "portal:operator_retry": button(ADMINISTRATORS, {"pk": "message"}),
    "portal:operator_retry_document": button(ADMINISTRATORS, {"pk": "document"}),
    "notifications:mail_texts": page(ADMINISTRATORS),
    "notifications:mail_text": form(ADMINISTRATORS, post={200: ADMINISTRATORS}, slug="dossiers.receipt"),
    "notifications:restore": button(ADMINISTRATORS, data={"seen": "0"}, slug="dossiers.receipt"),
}
IN = SIGNED_IN
ACCOUNTS = {
    "account_login": signed_out(),
    "account_signup": signed_out(),
    "account_reset_password": Case({200: EVERYBODY}, {200: EVERYBODY}),
    # Steps of something begun: without its beginning they lead back to it.
    "account_email_verification_sent": signed_out(302, 302),
    "account_confirm_password_reset_code": signed_out(302, 302),
    "account_complete_password_reset": signed_out(302, 302),
    "mfa_authenticate": signed_out(302, 302),
    "account_inactive": Case({200: EVERYBODY}),
    "account_logout": Case({200: (*w.HALF_IN, *IN), 302: w.OUT}, {302: EVERYBODY}),
    "account_reauthenticate": Case({200: (*w.HALF_IN, *IN)}, {200: (*w.HALF_IN, *IN)}),
    "accounts:token": page((*w.HALF_IN, *IN)),
    "accounts:here": page(IN),
    "accounts:account": form(IN, post={200: IN}),
    "account_email": form(IN, post={302: IN}),
    "account_change_password": form(IN, post={200: IN}),
    "usersessions_list": form(IN, post={302: IN}),
    "mfa_index": page(IN),
    "mfa_activate_totp": Case(
        {200: (w.UNENROLLED, *WITHOUT_FACTOR), 302: WITH_FACTOR},
        {200: (w.UNENROLLED, *WITHOUT_FACTOR), 302: WITH_FACTOR},
    ),
    "mfa_reauthenticate": Case(
        {200: (w.UNPROVEN, *WITH_FACTOR), 302: WITHOUT_FACTOR}, {200: (w.UNPROVEN, *WITH_FACTOR), 302: WITHOUT_FACTOR}
    ),
    # Those whom the Region asks for a second factor do not take it away: the form says so.
    "mfa_deactivate_totp": form(WITH_FACTOR, post={200: WITH_FACTOR}),
    "mfa_view_recovery_codes": page(WITH_FACTOR),
    "mfa_generate_recovery_codes": form(IN, post={302: WITH_FACTOR, 200: WITHOUT_FACTOR}),
    "accounts:people": form(LEADS, post={200: LEADS}),
    "accounts:end_role": (
        form((w.ADMINISTRATOR, w.LEAD), {"pk": "role"}, post={200: (w.ADMINISTRATOR, w.LEAD)}),
        form((w.ADMINISTRATOR, w.OTHER_LEAD), {"pk": "other_role"}, post={200: (w.ADMINISTRATOR, w.OTHER_LEAD)}),
    ),
    "accounts:cancel_invitation": button((w.ADMINISTRATOR, w.LEAD), {"pk": "staff_invitation"}),
    "accounts:invitation": Case({200: EVERYBODY}, {200: EVERYBODY}, on={"token": "staff_token"}),
}
ORGANISATIONS = {
    "organisations:index": Case({302: (w.STRANGER, *APPLICANTS), 200: (*IN,)}),
    "organisations:add": form(IN, post={200: IN}),
    "organisations:invitation": Case({200: EVERYBODY}, {200: (*w.OUT,), 409: (*w.HALF_IN, *IN)}, on={"token": "token"}),
    "organisations:detail": page((w.REQUESTED, *APPLICANTS), SIRET),
    "organisations:describe": Case({302: MANAGERS}, {302: MANAGERS}, SIRET),
    "organisations:report_error": page(APPLICANTS, SIRET),
    "organisations:leave": form((w.REQUESTED, *APPLICANTS), SIRET, post={302: (w.REQUESTED, *APPLICANTS)}),
    "organisations:invite": form(MANAGERS, SIRET, post={200: MANAGERS}),
    "organisations:resend": button(MANAGERS, INVITED),
    "organisations:cancel": button(MANAGERS, INVITED),
    "organisations:accept": button(MANAGERS, REQUEST),
    "organisations:refuse": form(MANAGERS, REQUEST, post={302: MANAGERS}),
    "organisations:change_role": form(MANAGERS, PERSON, post={200: MANAGERS}),
    "organisations:remove": form(MANAGERS, PERSON, post={302: MANAGERS}),
}
SPACE = {
    "dossiers:home": Case({302: IN}),
    "dossiers:mine": page(IN),
    "dossiers:start": form(IN, post={200: IN}, url_slug="diagnostic"),
    "dossiers:dossier": (page(APPLICANTS, DOSSIER), page(APPLICANTS, DRAFT), page(APPLICANTS, INCOMPLETE)),
    "dossiers:section": (
        form(APPLICANTS, DRAFT, post={302: APPLICANTS}, data={"version": "1"}, slug="motivations"),
        form(APPLICANTS, INCOMPLETE, post={409: APPLICANTS}, slug="motivations"),
    ),
    "dossiers:pieces": (page(APPLICANTS, DRAFT), page(APPLICANTS, INCOMPLETE)),
    "dossiers:attach": (
        button(APPLICANTS, DRAFT, slug="complement"),
        button(APPLICANTS, INCOMPLETE, slug="complement"),
    ),
    "dossiers:detach": (button(APPLICANTS, DRAFT_FILE), button(APPLICANTS, INCOMPLETE_FILE)),
    "dossiers:file": (page((*APPLICANTS, *READERS), FILE), page(APPLICANTS, DRAFT_FILE)),
    "dossiers:preview": (page((*APPLICANTS, *READERS), FILE), page(APPLICANTS, DRAFT_FILE)),
    "dossiers:preview_image": (page((*APPLICANTS, *READERS), FILE), page(APPLICANTS, DRAFT_FILE)),
    "dossiers:review": (
        form(APPLICANTS, DRAFT, post={200: APPLICANTS}),
        Case({302: APPLICANTS}, {302: APPLICANTS}, INCOMPLETE),
    ),
    "dossiers:deposited": page(APPLICANTS, DOSSIER),
    "dossiers:answer": button(APPLICANTS, INCOMPLETE, data=KEY),
    "dossiers:version": page(APPLICANTS, DOSSIER, version=1),
    "dossiers:receipt": page((*APPLICANTS, *READERS), DOSSIER, version=1),
    "dossiers:write": button(APPLICANTS, DOSSIER, data={"texte": "Bonjour."}),
    "dossiers:message_file": (
        page((*APPLICANTS, *READERS), DOSSIER | {"pk": "message_file"}),
        page(READERS, DOSSIER | {"pk": "note_file"}),
    ),
    "dossiers:withdraw": form(APPLICANTS, DOSSIER, post={302: APPLICANTS}),
    "dossiers:discard": form(APPLICANTS, DRAFT, post={302: APPLICANTS}),
}
NOBODY: Who = ()
REVIEW = {
    "dossiers:examine": (page(READERS, DOSSIER), page(READERS, INCOMPLETE), page(NOBODY, DRAFT)),
    "dossiers:exchanges": (
        form(READERS, DOSSIER, post={302: INSTRUCTORS}, data={"text": "Bonjour."}),
        form(NOBODY, DRAFT, post={302: NOBODY}, data={"text": "Bonjour."}),
    ),
    "dossiers:organisation": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "dossiers:deliveries": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "dossiers:journal": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "dossiers:frozen": page(READERS, DOSSIER, number=1),
    "dossiers:changes": page(READERS, DOSSIER, before=1, after=1),
    "dossiers:ask": form(INSTRUCTORS, DOSSIER, post={422: INSTRUCTORS}),
    "dossiers:cancel_correction": form(
        INSTRUCTORS, INCOMPLETE, post={302: INSTRUCTORS}, data={"seen": "@correction", "reason": "Reçue par la poste."}
    ),
    "dossiers:read_finding": form(
        INSTRUCTORS, DOSSIER | {"rule": "finding"}, post={302: INSTRUCTORS}, data={"outcome": "met", "reason": "Vu."}
    ),
    "dossiers:accept_piece": button(INSTRUCTORS, FILE),
    "dossiers:replace_piece": form(INSTRUCTORS, FILE, post={302: INSTRUCTORS}, data={"reason": "Illisible."}),
    "dossiers:assign": form(INSTRUCTORS, DOSSIER, post={302: INSTRUCTORS}),
    "dossiers:take_over": button(INSTRUCTORS, DOSSIER),
    "dossiers:fire": form(
        INSTRUCTORS, DOSSIER, post={302: INSTRUCTORS}, data={"seen": "submitted"}, name="start_review"
    ),
    "dossiers:queue": page(QUEUE),
    "dossiers:columns": page(QUEUE),
    "dossiers:queue_oldest": Case({302: DESK}),
    "dossiers:queue_export": page(QUEUE),
    "dossiers:views": form(DESK, post={302: DESK}, data={"name": "À voir"}),
    "dossiers:forget_view": button((w.AGENT,), {"pk": "view"}),
    "dossiers:bulk": button(DESK),
    "dossiers:bulk_launch": button(DESK, data={"action": "start_review", "jeton": str(uuid.UUID(int=9))}),
    "dossiers:bulk_job": page((w.AGENT,), {"key": "job"}),
    "dossiers:bulk_outcomes": page((w.AGENT,), {"key": "job"}),
    "dossiers:absences": form(QUEUE, post={200: DESK}),
    "dossiers:absence_end": button(INSTRUCTORS, {"pk": "absence"}),
}
ROUTES: dict[str, Case | tuple[Case, ...]] = PUBLIC | OPERATOR | ACCOUNTS | ORGANISATIONS | SPACE | REVIEW
ADMIN = "admin:"
"""The administration's routes are told by one rule: administrators of the portal, everything else 404."""


def walk(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the full name of every route; one without a name is told by its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name or f"unnamed {entry.pattern}"])


def undeclared() -> list[str]:
    """List the routes that the table does not declare, and those it declares that are no more."""
    known = {name for name in walk(get_resolver()) if not name.startswith(ADMIN)}
    return sorted(known ^ set(ROUTES))


def cases(names: Collection[str] | None = None) -> Iterator[tuple[str, Case]]:
    """Yield each case of the table with its route."""
    for name, found in ROUTES.items():
        if names is None or name in names:
            for case in found if isinstance(found, tuple) else (found,):
                yield name, case


def finish(response: HttpResponseBase) -> None:
    """Close the file of an answer that was not read, and leave the test its connection."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def ask(client: Client, method: str, address: str, data: Mapping[str, Any] | None = None) -> int | str:
    """Ask, tell what came in a word, and undo whatever it wrote."""
    with transaction.atomic():
        is_form = method == "POST"
        response = client.post(address, dict(data or {})) if is_form else client.generic(method, address)
        finish(response)
        transaction.set_rollback(True)
    return outcome(response)


def outcome(response: Any) -> int | str:
    """Tell the status of an answer, or where somebody who is not let in was sent."""
    if response.status_code == 302:
        location = response.headers["Location"]
        if location.startswith(("/connexion/?next=", "/inscription/?next=", "/administration/login/?next=")):
            return SIGN_IN
        if location.startswith(("/compte/second-facteur/confirmer/?next=", "/compte/second-facteur/activer/?next=")):
            return FACTOR
    return int(response.status_code)


def refusal(persona: str) -> int | str:
    """Tell what somebody gets who may not."""
    return SIGN_IN if persona in w.OUT else FACTOR if persona in w.HALF_IN else 404


def expected(case: Case, method: str, persona: str) -> set[int | str]:
    """Tell what the table allows as an answer."""
    answers = case.answers(method)
    if not answers:
        may_otherwise = any(persona in who for found in (case.get, case.post) for who in found.values())
        return {405} if may_otherwise else {405, refusal(persona)}
    # The last one wins: « everybody 200, but managers 302 » is written once.
    found = [status for status, who in answers.items() if persona in who]
    return {found[0]} if found else {refusal(persona)}


def theirs(case: Case) -> Case:
    """Return the case of another organisation's thing: its manager stands for ours, and our people are strangers."""

    if case.is_public:
        return case

    def swapped(answers: Answers) -> Answers:
        return {
            status: tuple(persona for persona in who if persona not in (*HOUSE, w.STRANGER))
            + ((w.STRANGER,) if w.MANAGER in who else ())
            for status, who in answers.items()
        }

    return Case(swapped(case.get), swapped(case.post), case.on, case.parts, case.query, case.data)


def unexpected(world: World, names: Collection[str] | None = None, *, elsewhere: bool = False) -> list[str]:
    """Ask every route as everybody, and list what is not answered as written."""
    wrong = []
    things = world.theirs if elsewhere else world.mine
    for name, case in cases(names):
        if elsewhere:
            if not case.on or not set(case.on.values()) <= set(things):
                continue
            case = theirs(case)
        address, body = case.address(name, case.kwargs(things)), case.body(things)
        for method in ("GET", "POST"):
            for persona in EVERYBODY:
                got, allowed = ask(world.client(persona), method, address, body), expected(case, method, persona)
                if got not in allowed:
                    wrong.append(f"{method} {name} on {case.on or case.parts} as {persona}: {got}, not {allowed}")
    return wrong


def other_methods(world: World) -> list[str]:
    """Ask the methods that nobody needs of every route, as somebody who may open it."""
    wrong = []
    for name, case in cases():
        address, persona = case.address(name, case.kwargs(world.mine)), case.reader()
        for method in METHODS:
            if method in ("GET", "POST"):
                continue
            got, allowed = ask(world.client(persona), method, address), expected(case, method, persona)
            if got not in allowed:
                wrong.append(f"{method} {name} as {persona}: {got}, not {allowed}")
    return wrong


def crossed(world: World) -> Iterator[tuple[str, Case, dict[str, Any]]]:
    """Yield the addresses that join a thing of one organisation to a thing of another, and those of nothing at all."""
    for name, case in cases():
        ours = case.kwargs(world.mine)
        for argument, thing in case.on.items():
            yield name, case, ours | {argument: UNKNOWN[type(ours[argument])]}
            if len(case.on) > 1 and thing in world.theirs:
                mixed = ours | {argument: world.theirs[thing]}
                if mixed not in (ours, case.kwargs(world.theirs)):
                    yield name, case, mixed
        for unknown in case.unknown:
            yield name, case, dict(unknown)
