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

from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
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
SETTLERS = (*INSTRUCTORS, w.ADMINISTRATOR)
DESK = (*INSTRUCTORS, w.OTHER_AGENT, w.OTHER_LEAD, w.CALLS_AGENT)
QUEUE = (*DESK, w.AUDITOR, w.DPO, w.ADMINISTRATOR)
ADMINISTRATORS = (w.ADMINISTRATOR,)
LEADS = (w.ADMINISTRATOR, w.LEAD, w.OTHER_LEAD)
OUTSIDERS = (w.STRANGER, w.REQUESTED, w.LEFT, w.JUROR, w.PROVIDER, w.EXPERT, w.INVITED, w.MENTOR)
COMPANY = (w.PROVIDER,)
EXPERT = (w.EXPERT,)
# The Booster IA's own people: `OTHER_AGENT` sits among those who score, `OTHER_LEAD` leads them without a seat.
SCORER, LEADER = (w.OTHER_AGENT,), (w.OTHER_LEAD,)
BOOSTERS = (*SCORER, *LEADER)
BOOSTER_READERS = (*BOOSTERS, w.AUDITOR, w.DPO, w.ADMINISTRATOR)
WAVE_KEEPERS = (*LEADER, w.ADMINISTRATOR)
# The committee's clerk reads no dossier; whoever reads the Booster IA's reads its sessions, the DPO excepted.
CLERK = (w.CLERK,)
COMMITTEE = (*CLERK, *BOOSTERS, w.AUDITOR, w.ADMINISTRATOR)
SECOND_PEOPLE = (*CLERK, *LEADER)
OFFICER = (w.OFFICER,)
PILOT = (w.PILOT,)
CALL_WRITERS, CALLS_AGENT = (w.PILOT, w.ADMINISTRATOR), (w.CALLS_AGENT,)
ROADMAP_READERS = (*PILOT, *CALLS_AGENT, w.AUDITOR, w.DPO, w.ADMINISTRATOR)
ORGANISER, MENTOR, PARTICIPANT = (w.ORGANISER,), (w.MENTOR,), (w.MEMBER,)
FOLLOWERS = (*ORGANISER, w.AUDITOR)
JUROR = (w.JUROR,)
ROOM = (*ORGANISER, *JUROR, w.AUDITOR)
"""Who reads a deliberation that is open."""
SIGNED_IN = (*OUTSIDERS, *APPLICANTS, *QUEUE, *CLERK, *OFFICER, *PILOT, *ORGANISER, w.SUPERUSER)
# No agent of the house works on the Datathon.
DATATHON_READERS = (w.AUDITOR, w.DPO, w.ADMINISTRATOR, w.ORGANISER)
EVERYBODY = (*w.OUT, *w.HALF_IN, *SIGNED_IN)
LOOKERS = (w.ANONYMOUS, w.UNPROVEN, w.STRANGER, w.ADMINISTRATOR)
OTHERS = (w.UNENROLLED, w.LEFT, w.JUROR, w.PROVIDER, w.EXPERT, w.OTHER_AGENT)
"""Who asks, besides somebody who may open it, a route for a method that it takes from nobody."""
WITH_FACTOR = (*QUEUE, *CLERK, *OFFICER, *PILOT, *ORGANISER, w.SUPERUSER)
WITHOUT_FACTOR = (*OUTSIDERS, *APPLICANTS)
HOUSE = (w.REQUESTED, w.LEFT, w.MEMBER, w.MANAGER)
UNKNOWN: dict[type, Any] = {uuid.UUID: uuid.UUID(int=3), int: 999_999, str: "99999999999999"}


@dataclass(frozen=True, slots=True)
class Case:
    """What a route answers: `get` and `post` give the people by status; all other methods get 405.

    `options` is for what scripts of other sites may post. `on` names the thing of each argument of the address,
    `parts` the other arguments. In `data`, `@name` is a thing.
    """

    get: Answers = field(default_factory=dict)
    post: Answers = field(default_factory=dict)
    on: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[Mapping[str, Any], ...] = ()
    options: Answers = field(default_factory=dict)

    def kwargs(self, things: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: things[thing] for name, thing in self.on.items()}, **self.parts}

    def body(self, things: Mapping[str, Any]) -> dict[str, Any]:
        return {name: things[value[1:]] if value.startswith("@") else value for name, value in self.data.items()}

    def address(self, name: str, kwargs: Mapping[str, Any]) -> str:
        found = reverse(name, kwargs=dict(kwargs))
        return f"{found}?{urlencode(self.query)}" if self.query else found

    def answers(self, method: str) -> Answers:
        found = {"GET": self.get, "HEAD": self.get, "POST": self.post, "OPTIONS": self.options}
        return found.get(method, {})

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
ORPHAN = {"key": "orphan", "pk": "orphan_request"}
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
    "portal:continuum": EVERYONE_READS,
    "portal:orientation": Case({302: EVERYBODY}),
    "portal:orientation_question": Case(
        {200: EVERYBODY}, parts={"step_slug": "profil"}, unknown=({"step_slug": "aucune-question"},)
    ),
    "portal:orientation_result": Case({200: EVERYBODY}, query={"profil": "person", "stade": "defi"}),
    "experts:public": EVERYONE_READS,
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
    "portal:sitemap": EVERYONE_READS,
    "portal:health": EVERYONE_READS,
    "portal:status": EVERYONE_READS,
    "portal:status_record": EVERYONE_READS,
    "opendata:index": EVERYONE_READS,
    "opendata:datapackage": EVERYONE_READS,
    "opendata:dcat": EVERYONE_READS,
    "opendata:file": Case(
        {200: EVERYBODY},
        parts={"slug": "dispositifs", "format": "csv"},
        unknown=({"slug": "aucun-jeu", "format": "csv"}, {"slug": "dispositifs", "format": "xlsx"}),
    ),
}
DRAFT_NEWS = {"pk": "draft_news"}
BULLETIN = {
    "bulletin:calendar": EVERYONE_READS,
    "bulletin:calendar_file": EVERYONE_READS,
    "bulletin:calendar_of": Case({200: EVERYBODY}, parts={"slug": "datathon"}, unknown=({"slug": "aucune-aide"},)),
    "bulletin:results": Case({200: EVERYBODY}, query={"recherche": "forêt"}),
    "bulletin:news_list": EVERYONE_READS,
    "bulletin:feed": EVERYONE_READS,
    "bulletin:news": Case({200: EVERYBODY}, on={"slug": "news"}),
    "bulletin:desk": page(LEADS),
    "bulletin:write": form(LEADS, post={422: LEADS}),
    "bulletin:piece": (page(LEADS, DRAFT_NEWS), page(LEADS, {"pk": "told"})),
    "bulletin:correct": form(LEADS, DRAFT_NEWS, post={422: LEADS}),
    "bulletin:move": (
        form(LEADS, DRAFT_NEWS, post={302: LEADS}, data={"revision": "1"}, name="publish"),
        form(LEADS, {"pk": "told"}, post={422: LEADS}, name="withdraw"),
    ),
}
API = {
    "api:page": EVERYONE_READS,
    "api:openapi": EVERYONE_READS,
    "api:nowhere": Case({404: EVERYBODY}, parts={"rest": "v1/nulle-part"}),
    "api:schemes": EVERYONE_READS,
    "api:scheme": Case({200: EVERYBODY}, parts={"scheme": "booster_ia"}, unknown=({"scheme": "aucun"},)),
    "api:rulesets": EVERYONE_READS,
    "api:ruleset": Case({200: EVERYBODY}, parts={"ruleset": "diagnostic"}, unknown=({"ruleset": "aucun"},)),
    **{
        # What is posted here is a form, and JSON alone is read.
        f"api:simulate_{ruleset}": Case({}, {415: EVERYBODY}, options={204: EVERYBODY})
        for ruleset in ("diagnostic", "booster_ia", "de_minimis", "datathon_prizes")
    },
    "api:roadmap": EVERYONE_READS,
    "api:roadmap_actions": EVERYONE_READS,
    "api:roadmap_action": Case({200: EVERYBODY}, on={"action": "piloted"}, unknown=({"action": "aucune"},)),
    "api:roadmap_news": Case({200: EVERYBODY}, on={"action": "piloted"}, unknown=({"action": "aucune"},)),
    "api:indicators": EVERYONE_READS,
    "api:owner_indicators": Case({200: EVERYBODY}, parts={"owner": "diagnostic"}, unknown=({"owner": "aucun"},)),
    "api:indicator": Case(
        {200: EVERYBODY},
        parts={"owner": "booster_ia", "indicator": "projets-menes-a-terme"},
        unknown=({"owner": "booster_ia", "indicator": "aucun"}, {"owner": "aucun", "indicator": "aucun"}),
    ),
    "api:datasets": EVERYONE_READS,
    "api:dataset": Case({200: EVERYBODY}, parts={"dataset": "dispositifs"}, unknown=({"dataset": "aucun"},)),
    "api:dataset_rows": Case({200: EVERYBODY}, parts={"dataset": "dispositifs"}, unknown=({"dataset": "aucun"},)),
}
PUBLIC |= API
OPERATOR = {
    "portal:operator": page(ADMINISTRATORS),
    "portal:announcements": page(ADMINISTRATORS),
    "portal:announce": form(ADMINISTRATORS, post={422: ADMINISTRATORS}),
    "portal:announcement": form(ADMINISTRATORS, {"pk": "announcement"}, post={422: ADMINISTRATORS}),
    "portal:announcement_end": button(ADMINISTRATORS, {"pk": "announcement"}, data={"seen": "1"}),
    "opendata:refusals": page(ADMINISTRATORS),
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
    "dossiers:dossier": (
        page(APPLICANTS, DOSSIER),
        page(APPLICANTS, DRAFT),
        page(APPLICANTS, INCOMPLETE),
        page(APPLICANTS, {"key": "booster"}),
    ),
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
    "dossiers:examine": (
        *(page(READERS, DOSSIER), page(READERS, INCOMPLETE), page(NOBODY, DRAFT)),
        page(BOOSTER_READERS, {"key": "booster"}),
        # A conflict of interest closes a dossier to whoever declares it, and to nobody else.
        page([one for one in BOOSTER_READERS if one not in SCORER], {"key": "shut"}),
    ),
    "dossiers:exchanges": (
        form(READERS, DOSSIER, post={302: INSTRUCTORS}, data={"text": "Bonjour."}),
        form(NOBODY, DRAFT, post={302: NOBODY}, data={"text": "Bonjour."}),
    ),
    "dossiers:organisation": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "dossiers:accept_member": (
        button(SETTLERS, ORPHAN),
        Case({}, {409: SETTLERS}, DOSSIER | {"pk": "request"}),
        button(NOBODY, DRAFT | {"pk": "request"}),
    ),
    "dossiers:refuse_member": (
        form(SETTLERS, ORPHAN, post={302: SETTLERS}, data={"reason": "Inconnue."}),
        Case({409: SETTLERS}, {409: SETTLERS}, DOSSIER | {"pk": "request"}),
        form(NOBODY, DRAFT | {"pk": "request"}, post={302: NOBODY}),
    ),
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
SIREN, ORPHAN_SIREN, DRAFTING_SIREN = ({"siren": name} for name in ("siren", "orphan_siren", "drafting_siren"))
# An organisation of both schemes is read by each; of one alone, by its own; with a draft alone, by nobody.
WHOLE: dict[str, Case | tuple[Case, ...]] = {
    "portal:organisations": page(QUEUE),
    "portal:organisation": (page(QUEUE, SIREN), page(READERS, ORPHAN_SIREN), page(NOBODY, DRAFTING_SIREN)),
    "portal:organisation_export": (
        page(QUEUE, SIREN, format="csv"),
        page(READERS, ORPHAN_SIREN, format="csv"),
        page(NOBODY, DRAFTING_SIREN, format="csv"),
    ),
}
DELIVERED, LETTER = {"key": "delivered"}, DOSSIER | {"pk": "letter"}
INTERNAL = DOSSIER | {"pk": "internal_letter"}
AFTER = {
    "dossiers:letter": (page((*APPLICANTS, *READERS), LETTER), page(READERS, INTERNAL)),
    "dossiers:letters": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "dossiers:letter_posted": (
        form(INSTRUCTORS, LETTER, post={422: INSTRUCTORS}),
        form(NOBODY, INTERNAL, post={302: NOBODY}),
    ),
    "diagnostic:evaluation": (
        form(APPLICANTS, DELIVERED, post={302: APPLICANTS}, data={"version": "0"}),
        form(NOBODY, DOSSIER, post={302: NOBODY}),
    ),
    "diagnostic:naming": button(APPLICANTS, DELIVERED, data={"accord": "oui"}),
    "diagnostic:follow_up": form(APPLICANTS, DELIVERED, post={422: APPLICANTS}),
    "diagnostic:feedback": (page(READERS, DELIVERED), page(NOBODY, DOSSIER)),
    "diagnostic:indicators": page(READERS),
    "diagnostic:indicator_file": page(READERS, slug="jours", format="csv"),
    "diagnostic:export": page(READERS, format="csv"),
}
NOTIFIED, WRITING, HANDED = {"key": "notified"}, {"key": "writing"}, {"key": "handed"}
SESSION, REPORT_FILE, ANNEX = WRITING | {"pk": "session"}, WRITING | {"pk": "report_file"}, HANDED | {"pk": "annex"}


def opening(on: Mapping[str, str]) -> Case:
    """A thing of a report: its provider and its structure have it at once, an agent says what for."""
    at_once = (*COMPANY, *APPLICANTS)
    return Case({200: (*at_once, *INSTRUCTORS)}, {200: at_once, 422: INSTRUCTORS}, on)


PROVIDER = {
    "diagnostic:missions": page(COMPANY),
    "diagnostic:mission": (page(COMPANY, NOTIFIED), page(COMPANY, WRITING), page(NOBODY, DOSSIER)),
    "diagnostic:purchase_order": page(COMPANY, NOTIFIED),
    "diagnostic:promise": button(COMPANY, NOTIFIED),
    "diagnostic:start": button(COMPANY, NOTIFIED, does=422),
    "diagnostic:note_session": button(COMPANY, WRITING, does=422),
    "diagnostic:erase_session": button(COMPANY, SESSION),
    "diagnostic:deliver": button(COMPANY, WRITING, does=422),
    "diagnostic:report": (page(COMPANY, WRITING), page(NOBODY, NOTIFIED)),
    "diagnostic:report_preview": page(COMPANY, WRITING),
    "diagnostic:report_submit": button(COMPANY, WRITING, does=422),
    "diagnostic:report_attach": button(COMPANY, WRITING),
    "diagnostic:report_describe": form(COMPANY, REPORT_FILE, post={302: COMPANY}),
    "diagnostic:report_detach": button(COMPANY, REPORT_FILE),
    "diagnostic:report_preview_file": page(COMPANY, REPORT_FILE),
    "diagnostic:report_image": page(COMPANY, REPORT_FILE),
    "diagnostic:report_part": form(COMPANY, WRITING, post={302: COMPANY}, slug="ia"),
    "diagnostic:report_file": (opening(HANDED), page(NOBODY, DOSSIER)),
    "diagnostic:report_redacted": opening(HANDED),
    "diagnostic:report_redact": button((*APPLICANTS, *INSTRUCTORS), HANDED),
    "diagnostic:report_annex": opening(ANNEX),
}
MARKET, COMPANY_ROW, HOLDER = {"pk": "market"}, {"pk": "company"}, {"pk": "holder"}
ENVELOPE, CONFLICT = {"pk": "envelope"}, {"pk": "conflict"}
MANAGING = (w.LEAD, w.ADMINISTRATOR)


def decision(on: Mapping[str, str], sent: int = 302, **data: str) -> tuple[Case, ...]:
    """A gesture of the agents, and the same at another stage: the page says that it is too late."""
    return (
        form(INSTRUCTORS, on, post={sent: INSTRUCTORS}, data=data),
        Case({409: INSTRUCTORS}, {409: INSTRUCTORS}, DOSSIER),
        form(NOBODY, DRAFT, post={302: NOBODY}),
    )


TO_PROPOSE, TO_SELECT, TO_ORDER, TO_NOTIFY = (
    {"key": name} for name in ("to_propose", "to_select", "to_order", "to_notify")
)
DECISIONS: dict[str, Case | tuple[Case, ...]] = {
    "diagnostic:propose": decision(TO_PROPOSE, 422),
    "diagnostic:propose_refusal": decision(TO_PROPOSE, 422),
    "diagnostic:wait": decision(TO_PROPOSE, 422, seen="review"),
    "diagnostic:decide": decision(TO_SELECT, 422),
    "diagnostic:order": decision(TO_ORDER, 409),
    "diagnostic:notify": decision(TO_NOTIFY, 409),
    "diagnostic:desk_report": (page(INSTRUCTORS, HANDED), page(NOBODY, DOSSIER)),
    "diagnostic:ask_report_changes": decision(WRITING, 422),
    "diagnostic:accept_report": decision(WRITING, 409),
    "diagnostic:certify": decision(HANDED, seen="delivered"),
    "diagnostic:settle": decision(HANDED, 422, seen="delivered"),
    "diagnostic:cancel_order": decision(NOTIFIED, 422),
    "diagnostic:lapse": decision(NOTIFIED, 422),
    "diagnostic:markets": page(READERS),
    "diagnostic:market": page(READERS, MARKET),
    "diagnostic:market_new": form(MANAGING, post={422: MANAGING}),
    "diagnostic:market_edit": form(MANAGING, MARKET, post={422: MANAGING}),
    "diagnostic:market_act": form(MANAGING, MARKET, post={422: MANAGING}),
    "diagnostic:holder_new": form(MANAGING, MARKET, post={422: MANAGING}),
    "diagnostic:holder_edit": form(MANAGING, HOLDER, post={302: MANAGING}, data={"rank": "2"}),
    "diagnostic:holder_remove": form(MANAGING, HOLDER, post={422: MANAGING}),
    "diagnostic:company_new": form(MANAGING, post={422: MANAGING}),
    "diagnostic:company_edit": form(MANAGING, COMPANY_ROW, post={302: MANAGING}, data={"name": "Atelier"}),
    "diagnostic:conflict_new": form(MANAGING, COMPANY_ROW, post={422: MANAGING}),
    "diagnostic:conflict_end": form(MANAGING, CONFLICT, post={302: MANAGING}, data={"reason": "Parts vendues."}),
    "diagnostic:envelope_new": form(MANAGING, post={422: MANAGING}),
    "diagnostic:envelope": page(READERS, ENVELOPE),
    "diagnostic:envelope_vote": form(MANAGING, ENVELOPE, post={422: MANAGING}),
}
QUESTION, DECLARED = {"key": "question"}, {"key": "declared"}
OPINION, ENTRY = DOSSIER | {"pk": "opinion"}, {"pk": "expert"}
OPENED, UNOPENED = DECLARED | {"pk": "file"}, QUESTION | {"pk": "incomplete_file"}
NEED, HEARD, MET, OFFERED = ({"key": name} for name in ("need", "heard_need", "met_need", "introduction"))
JOINS: Answers = {302: (w.INVITED,)}
"""Somebody whom the directory knows is led to where the expert's space is opened."""
OPENS = (page(EXPERT, OPENED), page(NOBODY, UNOPENED), page(NOBODY, DECLARED | {"pk": "note_file"}))
EXPERTS: dict[str, Case | tuple[Case, ...]] = {
    "experts:questions": Case({200: EXPERT, **JOINS}),
    "experts:welcome": Case({200: (w.INVITED,)}, {302: (w.INVITED, *EXPERT)}),
    "experts:withdraw": button(EXPERT, kind="asked"),
    "experts:question": tuple(Case({200: EXPERT, **JOINS}, on=on) for on in (QUESTION, DECLARED)),
    "experts:declare": button(EXPERT, QUESTION, does=422),
    "experts:save": (
        button(EXPERT, DECLARED, data={"version": "1", "text": "Oui, si les données sont prêtes."}),
        button(EXPERT, QUESTION, does=409),
    ),
    "experts:give": (
        form(EXPERT, DECLARED, post={302: EXPERT}, data={"version": "1"}),
        form(NOBODY, QUESTION, post={302: EXPERT}),
    ),
    "experts:decline": form(EXPERT, QUESTION, post={302: EXPERT}),
    "experts:piece": OPENS,
    "experts:preview": OPENS,
    "experts:image": OPENS,
    "experts:shared": (page(APPLICANTS, DOSSIER), page(NOBODY, INCOMPLETE)),
    "experts:opinions": (page(READERS, DOSSIER), page(NOBODY, DRAFT)),
    "experts:ask": (
        form(INSTRUCTORS, DOSSIER, post={422: INSTRUCTORS}),
        form(NOBODY, DRAFT, post={422: NOBODY}),
    ),
    "experts:cancel": (
        form(INSTRUCTORS, OPINION, post={422: INSTRUCTORS}),
        Case({409: INSTRUCTORS}, {409: INSTRUCTORS}, DOSSIER | {"pk": "given"}),
    ),
    "experts:extend": (
        form(INSTRUCTORS, OPINION, post={422: INSTRUCTORS}),
        Case({409: INSTRUCTORS}, {409: INSTRUCTORS}, DOSSIER | {"pk": "given"}),
    ),
    "experts:experts": page(QUEUE),
    "experts:add": form(DESK, post={422: DESK}),
    "experts:expert": form(DESK, ENTRY, post={422: DESK}),
    "experts:agree": button(DESK, ENTRY, does=422, kind="listed"),
    "experts:end_agreement": button(DESK, ENTRY, kind="asked"),
    "experts:entry_listing": button(DESK, {"pk": "named_expert"}, does=422),
    "experts:give_agreement": button(EXPERT, kind="introduced"),
    "experts:listing": form(EXPERT, post={422: EXPERT}),
    "experts:introduction": Case({200: EXPERT, **JOINS}, on=OFFERED),
    "experts:accept_introduction": button(EXPERT, OFFERED),
    "experts:decline_introduction": form(EXPERT, OFFERED, post={302: EXPERT}),
    "experts:needs": page(IN),
    "experts:ask_need": form(IN, post={422: IN}),
    "experts:need": page(APPLICANTS, NEED),
    "experts:withdraw_need": form(APPLICANTS, NEED, post={302: APPLICANTS}),
    "experts:tell_outcome": (
        form(APPLICANTS, MET, post={422: APPLICANTS}),
        Case({302: APPLICANTS}, {422: APPLICANTS}, NEED),  # what is sent too early, or too late, comes back typed
    ),
    "experts:desk_needs": page(QUEUE),
    "experts:desk_need": page(QUEUE, NEED),
    "experts:schedule_need": (form(DESK, NEED, post={422: DESK}), form(NOBODY, HEARD, post={422: DESK})),
    "experts:hold_need": (form(DESK, NEED, post={422: DESK}), form(NOBODY, HEARD, post={422: DESK})),
    "experts:solicit": (form(DESK, HEARD, post={422: DESK}), form(NOBODY, NEED, post={422: DESK})),
    "experts:release": form(DESK, MET | {"pk": "offer"}, post={302: DESK}),
    "experts:conclude_need": form(DESK, NEED, post={422: DESK}),
}
BOOSTER, (WAVE, PLANNED, CLOSED) = (
    {"key": "booster"},
    ({"pk": name} for name in ("wave", "planned_wave", "closed_wave")),
)
PARTNER, MEETING = BOOSTER | {"pk": "partner"}, BOOSTER | {"pk": "meeting"}
LINK, OLD_LINK = BOOSTER | {"token": "partner_token"}, BOOSTER | {"token": "old_token"}
BEGUN, SCORED, SHUT, RANKED = ({"key": name} for name in ("begun", "scored", "shut", "ranked"))
SHEET, OTHER_SHEET = {"pk": "own_sheet"}, {"pk": "other_sheet"}
WAVES: dict[str, Case | tuple[Case, ...]] = {
    "booster_ia:waves": page(BOOSTER_READERS),
    "booster_ia:wave": page(BOOSTER_READERS, WAVE),
    "booster_ia:wave_new": form(WAVE_KEEPERS, post={422: WAVE_KEEPERS}),
    "booster_ia:wave_edit": form(WAVE_KEEPERS, WAVE, post={422: WAVE_KEEPERS}),
    "booster_ia:desk_partner_resend": button(BOOSTERS, PARTNER),
    "booster_ia:partner_resend": button(APPLICANTS, PARTNER),
    "booster_ia:meeting_new": (
        form(BOOSTERS, BOOSTER, post={422: BOOSTERS}),
        form(NOBODY, DOSSIER, post={422: NOBODY}),
    ),
    "booster_ia:meeting": form(BOOSTERS, MEETING, post={422: BOOSTERS}),
    "booster_ia:meeting_cancel": form(BOOSTERS, MEETING, post={422: BOOSTERS}),
    "booster_ia:meeting_file": page((*APPLICANTS, *BOOSTER_READERS), MEETING),
    "booster_ia:partner": (
        Case({200: EVERYBODY}, {422: EVERYBODY}, LINK),
        Case({410: EVERYBODY}, {410: EVERYBODY}, OLD_LINK),
    ),
    "booster_ia:partner_new_link": (Case({}, {302: EVERYBODY}, LINK), Case({}, {200: EVERYBODY}, OLD_LINK)),
}
SEATED = {302: SCORER}
SCORING: dict[str, Case | tuple[Case, ...]] = {
    "booster_ia:scoring": (page(BOOSTERS, WAVE), page(BOOSTER_READERS, PLANNED), page((*BOOSTERS, w.AUDITOR), CLOSED)),
    "booster_ia:scoring_next": Case(SEATED, on=WAVE),
    "booster_ia:scoring_previous": Case(SEATED, on=WAVE),
    "booster_ia:scoring_withdraw": form(SCORER, WAVE, post={422: SCORER}),
    "booster_ia:scoring_people": (
        form(LEADER, WAVE, post={422: LEADER}),
        form(LEADER, PLANNED, post={422: LEADER}),
    ),
    "booster_ia:scoring_refresh": button(LEADER, WAVE),
    "booster_ia:scoring_close": form(LEADER, WAVE, post={302: LEADER}),
    "booster_ia:scoring_reopen": form(LEADER, CLOSED, post={422: LEADER}),
    "booster_ia:conflict_lift": form(LEADER, {"pk": "bias"}, post={422: LEADER}),
    # Nobody ranks before the scoring is closed, and its files do not exist.
    "booster_ia:ranking": (page(LEADER, CLOSED), Case({403: LEADER}, on=WAVE)),
    "booster_ia:ranking_file": (page(LEADER, CLOSED, format="csv"), page(NOBODY, WAVE, format="csv")),
    "booster_ia:sheets_file": (
        page(LEADER, CLOSED, kind="nominatives", format="csv"),
        page(LEADER, CLOSED, kind="anonymes", format="csv"),
        page(NOBODY, WAVE, kind="anonymes", format="csv"),
    ),
    "booster_ia:sheet": (page(SCORER, BOOSTER), page(SCORER, BEGUN), page(SCORER, SCORED), page(NOBODY, SHUT)),
    "booster_ia:sheet_begin": (button(SCORER, BOOSTER), button(NOBODY, SHUT)),
    "booster_ia:sheet_resume": button(SCORER, BEGUN),
    "booster_ia:sheet_confirm": (button(SCORER, SCORED), button(NOBODY, SHUT)),
    "booster_ia:sheet_withdraw": form(BOOSTER_READERS, BOOSTER, post={422: BOOSTER_READERS}),
    # Blind as long as one's own sheet is not submitted; who leads without a seat is, until the scoring is closed.
    "booster_ia:sheet_results": (
        Case({403: BOOSTERS}, on=BEGUN),
        Case({200: SCORER, 403: LEADER}, on=SCORED),
        Case({403: LEADER}, on=SHUT),
        page((*BOOSTERS, w.AUDITOR), RANKED),
    ),
    "booster_ia:sheet_ask": form(LEADER, BOOSTER, post={422: LEADER}),
    "booster_ia:sheet_reopen": form(LEADER, SCORED, post={422: LEADER}),
    "booster_ia:sheet_save": (
        Case(SEATED, SEATED, SHEET, data={"version": "1", "note-quality": "12", "mot-quality": "Clair."}),
        form(NOBODY, OTHER_SHEET, post={302: NOBODY}),
    ),
    "booster_ia:sheet_total": (button(SCORER, SHEET, does=200), button(NOBODY, OTHER_SHEET, does=200)),
}
FOLLOWED, STRUCTURE = {"key": "followed"}, {"key": "followed", "siret": "siret"}


def noted(on: Mapping[str, str]) -> Case:
    """A form that agents alone fill on a grant; empty, it says what is wanting."""
    return form(BOOSTERS, on, post={422: BOOSTERS})


FOLLOWING: dict[str, Case | tuple[Case, ...]] = {
    "booster_ia:outcome": (
        form(APPLICANTS, FOLLOWED, post={302: APPLICANTS}, data={"version": "0"}),
        form(NOBODY, BOOSTER, post={302: NOBODY}),
    ),
    "booster_ia:desk_outcome": (page(BOOSTER_READERS, FOLLOWED), page(NOBODY, BOOSTER)),
    "booster_ia:exchange": (noted(FOLLOWED), form(NOBODY, BOOSTER, post={422: NOBODY})),
    "booster_ia:review": noted(FOLLOWED),
    "booster_ia:proof": noted(FOLLOWED),
    "booster_ia:feedback": noted(FOLLOWED),
    "booster_ia:feedback_file": page(BOOSTER_READERS, FOLLOWED),
    "booster_ia:network": noted(STRUCTURE),
    "booster_ia:indicators": page(BOOSTER_READERS),
    "booster_ia:indicator_file": page(BOOSTER_READERS, slug="montants", format="csv"),
    "booster_ia:export": page(BOOSTER_READERS, format="csv"),
    "booster_ia:de_minimis_file": page(BOOSTER_READERS),
    "booster_ia:wave_file": page(BOOSTER_READERS, WAVE, format="csv"),
}
PREPARED, TABLED, RECORDED = {"pk": "sitting"}, {"pk": "tabled"}, {"pk": "recorded"}
SESSIONS = {
    "committee:sessions": page(COMMITTEE),
    "committee:new": form(CLERK, post={422: CLERK}),
    "committee:session": page(COMMITTEE, PREPARED),
    "committee:journal": page(COMMITTEE, PREPARED),
    "committee:edit": form(CLERK, PREPARED, post={422: CLERK}),
    "committee:add": button(CLERK, PREPARED, does=422),
    "committee:order": form(CLERK, PREPARED, post={422: CLERK}),
    "committee:take_off": form(CLERK, PREPARED | {"item": "agenda_item"}, post={422: CLERK}),
    "committee:table": button(CLERK, PREPARED),
    "committee:results": form(CLERK, TABLED, post={422: CLERK}),
    "committee:validation": form(SECOND_PEOPLE, RECORDED, post={302: SECOND_PEOPLE}),
    "committee:deliberation": form(CLERK, TABLED, post={302: CLERK}),
    "committee:undo": form(SECOND_PEOPLE, RECORDED, post={422: SECOND_PEOPLE}, name="send_back"),
    "committee:ask": button(COMMITTEE, PREPARED),
    "committee:paper": page(COMMITTEE, TABLED | {"paper": "session_paper"}),
    "committee:annex": page(COMMITTEE, PREPARED, format="csv"),
}
BATCH, TO_TELL, AGREED = {"key": "letter_job"}, {"key": "to_tell"}, {"key": "agreed"}
LETTERS: dict[str, Case | tuple[Case, ...]] = {
    "dossiers:letters_preview": button(DESK),
    "dossiers:letters_send": button(DESK, data={"jeton": str(uuid.UUID(int=11)), "lettres": "@nothing_read"}),
    "dossiers:letter_batch": page(SCORER, BATCH),
    "dossiers:letter_retry": button(SCORER, BATCH | {"pk": "letter_row"}),
    "dossiers:letter_resume": button(SCORER, BATCH),
    "dossiers:letter_archive": Case({302: SCORER}, on=BATCH),
    "dossiers:letter_draft": (page(BOOSTERS, TO_TELL), Case({409: BOOSTERS}, on=AGREED)),
    "dossiers:letter_draft_pdf": (page(BOOSTERS, TO_TELL), Case({409: BOOSTERS}, on=AGREED)),
    "booster_ia:letters": page(BOOSTERS),
    "booster_ia:desk_agreement": form(BOOSTERS, AGREED, post={422: BOOSTERS}),
    "booster_ia:agreement": form(APPLICANTS, AGREED, post={422: APPLICANTS}),
}
SCENARIO, PROPOSED = CLOSED | {"scenario": "scenario"}, {"key": "proposed"}
TOKEN = {"jeton": str(uuid.UUID(int=9))}
PROGRAMMERS = (*BOOSTERS, w.AUDITOR)
PROGRAMMING: dict[str, Case | tuple[Case, ...]] = {
    # Nobody programs before the scoring is closed; who sits or leads is told so, others find nothing.
    "booster_ia:programming": (page(PROGRAMMERS, CLOSED), Case({403: BOOSTERS}, on=WAVE), page(NOBODY, PLANNED)),
    "booster_ia:scenarios_compare": (page(PROGRAMMERS, CLOSED), Case({403: BOOSTERS}, on=WAVE)),
    "booster_ia:proposals": form(BOOSTERS, CLOSED, post={422: BOOSTERS}, data=TOKEN),
    "booster_ia:scenario_new": button(BOOSTERS, CLOSED, data=TOKEN),
    "booster_ia:scenario": form(BOOSTERS, SCENARIO, post={422: BOOSTERS}),
    "booster_ia:scenario_copy": button(BOOSTERS, SCENARIO, data=TOKEN),
    "booster_ia:scenario_delete": form(BOOSTERS, SCENARIO, post={302: BOOSTERS}),
    "booster_ia:propose": (form(BOOSTERS, BOOSTER, post={422: BOOSTERS}), form(NOBODY, DOSSIER, post={422: NOBODY})),
    "booster_ia:propose_refusal": form(BOOSTERS, BOOSTER, post={422: BOOSTERS}),
    "booster_ia:decide": form(BOOSTERS, PROPOSED, post={422: BOOSTERS}),
}
GRANT, FILLED, OVER = ({"key": name} for name in ("grant", "filled", "over"))
FILLING, SENT = FILLED | {"pk": "filling"}, GRANT | {"pk": "payment"}
PAYMENT, CHECKED, CERTIFIED, RECOVERY = (
    {"pk": name} for name in ("payment", "checked_payment", "certified_payment", "recovery")
)
PAYMENT_READERS = (*BOOSTER_READERS, *OFFICER)
DECIDERS = (*LEADER, *OFFICER)
ACCOUNT_PAPER = page((*APPLICANTS, *OFFICER), GRANT)
EXPENSE_PAPER = (
    page((*APPLICANTS, *PAYMENT_READERS), GRANT | {"pk": "expense_file"}),
    page(APPLICANTS, FILLED | {"pk": "filling_file"}),
)
PAYMENTS: dict[str, Case | tuple[Case, ...]] = {
    "booster_ia:payments_own": (page(APPLICANTS, GRANT), page(NOBODY, DOSSIER), page(NOBODY, BOOSTER)),
    "booster_ia:bank": form(APPLICANTS, GRANT, post={422: APPLICANTS}),
    "booster_ia:bank_file": ACCOUNT_PAPER,
    "booster_ia:bank_preview": ACCOUNT_PAPER,
    "booster_ia:bank_image": ACCOUNT_PAPER,
    "booster_ia:advance_begin": button(APPLICANTS, GRANT),
    "booster_ia:balance_begin": button(APPLICANTS, FILLED),
    "booster_ia:payment_fill": (
        form(APPLICANTS, FILLING, post={302: APPLICANTS}, data={"version": "2", "autres": "oui"}),
        form(APPLICANTS, SENT, post={302: APPLICANTS}),
    ),
    "booster_ia:payment_papers": (page(APPLICANTS, FILLING), Case({302: APPLICANTS}, on=SENT)),
    "booster_ia:payment_attach": (
        button(APPLICANTS, FILLING, row="facture1", kind="facture"),
        Case({}, {404: APPLICANTS}, FILLING, {"row": "facture1", "kind": "autre"}),
    ),
    "booster_ia:payment_detach": button(APPLICANTS, FILLING | {"file": "filling_file"}),
    "booster_ia:payment_review": form(APPLICANTS, FILLING, post={422: APPLICANTS}),
    "booster_ia:payment_give_up": button(APPLICANTS, FILLING),
    "booster_ia:recovery_own": form(APPLICANTS, OVER | RECOVERY, post={422: APPLICANTS}),
    "booster_ia:payment_file": EXPENSE_PAPER,
    "booster_ia:payment_preview": EXPENSE_PAPER,
    "booster_ia:payment_image": EXPENSE_PAPER,
    "booster_ia:payments": page(PAYMENT_READERS),
    "booster_ia:payments_certify": button(OFFICER),
    "booster_ia:payments_mandates": form(OFFICER, post={422: OFFICER}),
    "booster_ia:payments_export": page(OFFICER, format="csv"),
    "booster_ia:recoveries": page(PAYMENT_READERS),
    "booster_ia:recovery": form(PAYMENT_READERS, RECOVERY, post={422: DECIDERS}, data={"geste": "waive"}),
    "booster_ia:bank_check": form(OFFICER, GRANT, post={422: OFFICER}),
    "booster_ia:breach": form(BOOSTERS, OVER, post={422: BOOSTERS}),
    "booster_ia:payment_lapse": form(BOOSTERS, GRANT, post={422: BOOSTERS}),
    "booster_ia:payment": page(PAYMENT_READERS, PAYMENT),
    "booster_ia:payment_line": form(BOOSTERS, PAYMENT | {"line": "expense"}, post={422: BOOSTERS}),
    "booster_ia:payment_accept": button(BOOSTERS, PAYMENT),
    "booster_ia:payment_check": form(BOOSTERS, PAYMENT, post={422: BOOSTERS}),
    "booster_ia:payment_send_back": form(BOOSTERS, PAYMENT, post={422: BOOSTERS}),
    "booster_ia:payment_refuse": form(BOOSTERS, PAYMENT, post={422: BOOSTERS}),
    "booster_ia:payment_reopen": form(DECIDERS, CHECKED, post={422: DECIDERS}),
    "booster_ia:payment_certify": button(OFFICER, CHECKED),
    "booster_ia:payment_mandate": form(OFFICER, CERTIFIED, post={422: OFFICER}),
    "booster_ia:payment_certificate": page(PAYMENT_READERS, CERTIFIED),
}
REGISTER: dict[str, Case | tuple[Case, ...]] = {
    "deminimis:register": form(DESK, post={422: DESK}),
    "deminimis:register_file": page(DESK),
}
FIGURES_OF, INDICATORS_SHEET = {"url": "diagnostic"}, {"pk": "indicators_sheet"}
FIGURE = FIGURES_OF | {"slug": "avis"}
FIGURES: dict[str, Case | tuple[Case, ...]] = {
    "indicators:index": EVERYONE_READS,
    "indicators:owner": Case({200: EVERYBODY}, parts=FIGURES_OF, unknown=({"url": "aucune-aide"},)),
    "indicators:indicator": Case(
        {200: EVERYBODY}, parts=FIGURE, unknown=(FIGURES_OF | {"slug": "aucun"}, FIGURE | {"url": "aucune-aide"})
    ),
    "indicators:all_files": Case(
        {200: EVERYBODY},
        parts={"name": "tous", "format": "csv"},
        unknown=({"name": "rien", "format": "csv"}, {"name": "tous", "format": "ods"}),
    ),
    "indicators:file": Case(
        {200: EVERYBODY},
        parts=FIGURE | {"format": "csv"},
        unknown=(FIGURE | {"format": "ods"}, FIGURES_OF | {"slug": "aucun", "format": "csv"}),
    ),
    "indicators:sheet": Case({200: EVERYBODY}, {302: EVERYBODY}),
    "indicators:document": Case({200: EVERYBODY}, on=INDICATORS_SHEET, unknown=({"pk": w.READY},)),
    "indicators:document_file": Case({200: EVERYBODY}, on=INDICATORS_SHEET, unknown=({"pk": w.READY},)),
    "indicators:statements": Case({200: SETTLERS}, parts=FIGURES_OF, unknown=({"url": "aucune-aide"},)),
    "indicators:state": Case(
        {200: SETTLERS},
        {422: SETTLERS},
        parts=FIGURES_OF | {"slug": "structures-des-reseaux"},
        unknown=(FIGURE, FIGURES_OF | {"slug": "aucun"}),
    ),
    "indicators:correct": form(SETTLERS, {"pk": "statement"}, post={422: SETTLERS}, url="diagnostic"),
}
PILOTED, REPORT = {"slug": "piloted"}, {"pk": "roadmap_report"}
MILESTONE = PILOTED | {"pk": "milestone"}
CALL, ASSESSED = {"slug": "call"}, {"slug": "assessed_call"}
PAST = {"slug": "donnees-et-territoires"}
PAPER, EARLY_PAPER = ASSESSED | {"pk": "assessment"}, CALL | {"pk": "early_assessment"}
ROADMAP: dict[str, Case | tuple[Case, ...]] = {
    "roadmap:calls": EVERYONE_READS,
    "roadmap:call": (
        Case({200: EVERYBODY}, on=CALL, unknown=({"slug": "inconnu"},)),
        Case({200: EVERYBODY}, parts=PAST),
        Case({404: EVERYBODY}, on={"slug": "unwritten_call"}),
    ),
    "roadmap:call_dates": Case({200: EVERYBODY}, on=CALL),
    "roadmap:call_results": (
        Case({200: EVERYBODY}, on=ASSESSED),
        Case({302: EVERYBODY}, parts=PAST),
        Case({404: EVERYBODY}, on=CALL),
    ),
    "roadmap:call_results_file": Case({200: EVERYBODY}, on=ASSESSED, parts={"format": "csv"}),
    "roadmap:call_paper": (
        Case({200: EVERYBODY}, {302: EVERYBODY}, ASSESSED),
        Case({200: EVERYBODY}, {302: EVERYBODY}, parts=PAST),
        Case({404: EVERYBODY}, {404: EVERYBODY}, CALL),
    ),
    "roadmap:call_document": Case({200: EVERYBODY}, on=PAPER, unknown=({"slug": "appel-depouille", "pk": w.READY},)),
    "roadmap:call_document_file": (
        Case({200: EVERYBODY}, on=PAPER, unknown=({"slug": "appel-depouille", "pk": w.READY},)),
        Case({404: EVERYBODY}, on=EARLY_PAPER),
    ),
    "roadmap:call_pilot_paper": form(CALL_WRITERS, CALL, post={302: CALL_WRITERS}),
    "roadmap:call_pilot_document": page(CALL_WRITERS, EARLY_PAPER),
    "roadmap:call_pilot_document_file": page(CALL_WRITERS, EARLY_PAPER),
    "roadmap:calls_desk": page(CALL_WRITERS),
    "roadmap:call_new": form(CALL_WRITERS, post={422: CALL_WRITERS}),
    "roadmap:call_pilot": page(CALL_WRITERS, CALL),
    "roadmap:call_describe": form(
        CALL_WRITERS, CALL, post={302: CALL_WRITERS}, data={"revision": "1", "email": "a@exemple.invalid"}
    ),
    "roadmap:call_move": (
        form(CALL_WRITERS, CALL, post={422: CALL_WRITERS}, name="extend"),
        Case({302: CALL_WRITERS}, {422: CALL_WRITERS}, CALL, {"name": "publish"}),
    ),
    "roadmap:conclude": form(CALLS_AGENT, {"key": "call_proposal"}, post={422: CALLS_AGENT}),
    "roadmap:list": EVERYONE_READS,
    "roadmap:timeline": EVERYONE_READS,
    "roadmap:states": EVERYONE_READS,
    "roadmap:action": Case({200: EVERYBODY}, on=PILOTED),
    "roadmap:table": Case(
        {200: EVERYBODY},
        parts={"table": "actions", "format": "csv"},
        unknown=({"table": "autre", "format": "csv"}, {"table": "jalons", "format": "ods"}),
    ),
    "roadmap:report": Case({200: EVERYBODY}, {302: EVERYBODY}),
    "roadmap:document": Case({200: EVERYBODY}, on=REPORT, unknown=({"pk": w.READY},)),
    "roadmap:document_file": Case({200: EVERYBODY}, on=REPORT, unknown=({"pk": w.READY},)),
    "roadmap:indicators": page(ROADMAP_READERS),
    "roadmap:indicator_file": page(ROADMAP_READERS, slug="propositions-recues", format="csv"),
    "roadmap:export": page(ROADMAP_READERS, format="csv"),
    "roadmap:desk": page(PILOT),
    "roadmap:pilot": Case({200: PILOT}, on=PILOTED, unknown=({"slug": "observatoires"},)),
    "roadmap:describe": form(PILOT, PILOTED, post={422: PILOT}),
    "roadmap:move": (
        form(PILOT, PILOTED, post={422: PILOT}, name="suspend"),
        Case({302: PILOT}, {302: PILOT}, PILOTED, {"name": "start"}),
    ),
    "roadmap:milestone": form(PILOT, MILESTONE, post={422: PILOT}),
    "roadmap:add": (
        form(PILOT, PILOTED, post={422: PILOT}, kind="jalons"),
        form(PILOT, PILOTED, post={422: PILOT}, kind="nouvelles"),
        form(PILOT, PILOTED, post={422: PILOT}, kind="deliberations"),
        form(PILOT, PILOTED, post={422: PILOT}, kind="appels"),
        form(PILOT, PILOTED, post={422: PILOT}, kind="dispositifs"),
        Case({404: PILOT}, {404: PILOT}, PILOTED, {"kind": "autres"}),
    ),
    "roadmap:remove": (
        form(PILOT, MILESTONE, post={422: PILOT}, kind="jalons"),
        form(PILOT, PILOTED | {"pk": "later_act"}, post={422: PILOT}, kind="deliberations"),
        form(PILOT, PILOTED | {"pk": "call_link"}, post={422: PILOT}, kind="appels"),
        form(PILOT, PILOTED | {"pk": "scheme_link"}, post={422: PILOT}, kind="dispositifs"),
    ),
}
EDITION, PUBLISHED = {"slug": "edition"}, {"slug": "published_edition"}
EDITIONS: dict[str, Case | tuple[Case, ...]] = {
    "datathon:editions": EVERYONE_READS,
    "datathon:edition": Case({200: EVERYBODY}, on=EDITION),
    "datathon:rules": Case({200: EVERYBODY}, on=EDITION),
    "datathon:rules_version": Case({200: EVERYBODY}, on=EDITION, parts={"version": 1}),
    "datathon:rules_file": Case({200: EVERYBODY}, on=EDITION, parts={"version": 2}),
    "datathon:calendar": Case({200: EVERYBODY}, on=EDITION),
    "datathon:gallery": Case({200: EVERYBODY}, on=PUBLISHED),
    "datathon:mentor_offer": form(SIGNED_IN, EDITION, post={422: SIGNED_IN}),
    "datathon:organise": page(FOLLOWERS),
    "datathon:new": form(ORGANISER, post={422: ORGANISER}),
    "datathon:board": page(FOLLOWERS, EDITION),
    "datathon:journal": page(FOLLOWERS, EDITION),
    "datathon:clone": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:settings": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:gesture": form(ORGANISER, EDITION, post={422: ORGANISER}, name="cancel"),
    "datathon:contents": page(ORGANISER, EDITION),
    "datathon:prizes": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:phases": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:publish_rules": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:row_new": form(ORGANISER, EDITION, post={422: ORGANISER}, kind="donnees"),
    "datathon:row": form(ORGANISER, EDITION | {"pk": "data_set"}, post={422: ORGANISER}, kind="donnees"),
    "datathon:row_remove": button(ORGANISER, EDITION | {"pk": "data_set"}, kind="donnees"),
    "datathon:teams": page(FOLLOWERS, EDITION),
    "datathon:registrations": page(ORGANISER, EDITION),
    "datathon:list_file": page(ORGANISER, EDITION, what="inscriptions", format="csv"),
    "datathon:presences": page(ORGANISER, EDITION, what="presence"),
    "datathon:tick": button(ORGANISER, EDITION, what="lot"),
    "datathon:staff": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:staff_end": form(ORGANISER, EDITION | {"pk": "edition_role"}, post={422: ORGANISER}),
    "datathon:mentors": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:mentor_accept": button(ORGANISER, EDITION | {"pk": "mentor_offer"}),
    "datathon:mentor_decline": form(ORGANISER, EDITION | {"pk": "mentor_offer"}, post={422: ORGANISER}),
    "datathon:mentor_end": form(ORGANISER, EDITION | {"pk": "mentor"}, post={422: ORGANISER}),
    "datathon:meetings": page(ORGANISER, EDITION),
    "datathon:meeting_new": form(ORGANISER, EDITION, post={422: ORGANISER}),
    "datathon:meeting": form(ORGANISER, EDITION | {"pk": "edition_meeting"}, post={422: ORGANISER}),
    "datathon:meeting_cancel": form(ORGANISER, EDITION | {"pk": "edition_meeting"}, post={422: ORGANISER}),
    "datathon:mentoring": page(MENTOR),
    "datathon:mentor_profile": form(MENTOR, EDITION, post={422: MENTOR}),
    "datathon:mentor_stop": form(MENTOR, EDITION, post={422: MENTOR}),
    "datathon:help_gesture": button(MENTOR, {"pk": "help_request"}, name="prendre"),
    "datathon:mentor_team": form(MENTOR, {"pk": "team"}, post={422: MENTOR}),
    "datathon:mentor_piece": page(MENTOR, {"pk": "helped_team", "piece": "helped_piece"}),
    "datathon:help": form(PARTICIPANT, {"pk": "team"}, post={422: PARTICIPANT}),
    "datathon:help_cancel": button(PARTICIPANT, {"pk": "help_request"}),
    "datathon:meeting_file": page((*FOLLOWERS, *MENTOR, *PARTICIPANT, w.JUROR), {"pk": "edition_meeting"}),
}
READY_JURY, SCORED, IN_ROOM, SETTLED, TOLD = (
    {"slug": name} for name in ("jury_ready", "jury_scored", "jury_room", "jury_decided", "jury_published")
)
PROJECT, WAITING = SCORED | {"pk": "jury_team"}, READY_JURY | {"pk": "jury_waiting"}
DATATHON_JURY: dict[str, Case | tuple[Case, ...]] = {
    "datathon:jury": page(JUROR),
    "datathon:jury_answer": button(JUROR, {"pk": "jury_invitation"}, data={"reponse": "oui"}),
    "datathon:jury_projects": page(JUROR, SCORED),
    "datathon:jury_next": Case({302: JUROR}, on=SCORED),
    "datathon:jury_previous": Case({302: JUROR}, on=SCORED),
    "datathon:ballot": page(JUROR, PROJECT),
    "datathon:ballot_begin": button(JUROR, SCORED | {"pk": "jury_other_team"}),
    "datathon:ballot_resume": button(JUROR, PROJECT),
    "datathon:ballot_recuse": form(JUROR, PROJECT, post={422: JUROR}),
    "datathon:jury_piece": page(JUROR, PROJECT | {"piece": "jury_piece"}),
    "datathon:ballot_save": Case({302: JUROR}, {302: JUROR}, {"pk": "jury_sheet"}, data={"version": "1"}),
    "datathon:ballot_total": button(JUROR, {"pk": "jury_sheet"}, does=200),
    "datathon:deliberation": (
        form(ROOM, IN_ROOM, post={302: ORGANISER}, data={"version": "@jury_room_revision"}),
        page(NOBODY, SCORED),
        form(ROOM, SETTLED, post={422: ORGANISER}),
    ),
    "datathon:deliberation_table": (page(ROOM, IN_ROOM, format="csv"), page(NOBODY, SCORED, format="csv")),
    "datathon:deliberation_record": (page(ROOM, SETTLED), page(NOBODY, IN_ROOM)),
    "datathon:deliberation_earlier": page(ROOM, {"slug": "jury_reopened", "key": "jury_former"}),
    "datathon:deliberation_presence": form(ORGANISER, IN_ROOM, post={302: ORGANISER}),
    "datathon:deliberation_vote": form(ORGANISER, IN_ROOM, post={422: ORGANISER}),
    "datathon:deliberation_cancel_vote": form(ORGANISER, IN_ROOM | {"pk": "jury_vote"}, post={422: ORGANISER}),
    "datathon:deliberation_close": form(ORGANISER, IN_ROOM, post={422: ORGANISER}),
    "datathon:deliberation_reopen": form(ORGANISER, SETTLED, post={422: ORGANISER}),
    "datathon:deliberation_scoring": form(ORGANISER, IN_ROOM, post={422: ORGANISER}),
    "datathon:deliberation_publish": form(ORGANISER, SETTLED, post={302: ORGANISER}),
    "datathon:jury_desk": page((*ORGANISER, w.AUDITOR), SCORED),
    "datathon:juror_new": form(ORGANISER, READY_JURY, post={422: ORGANISER}),
    "datathon:jury_order": form(ORGANISER, READY_JURY, post={422: ORGANISER}),
    "datathon:jury_draw": button(ORGANISER, READY_JURY),
    "datathon:jury_open": form(ORGANISER, READY_JURY, post={422: ORGANISER}),
    "datathon:jury_deliberate": form(ORGANISER, SCORED, post={422: ORGANISER}),
    "datathon:juror_edit": form(ORGANISER, WAITING, post={422: ORGANISER}),
    "datathon:juror_invite": button(ORGANISER, WAITING),
    "datathon:juror_remove": form(ORGANISER, WAITING, post={422: ORGANISER}),
    "datathon:ballot_give_back": form(ORGANISER, SCORED | {"pk": "jury_subject"}, post={422: ORGANISER}),
    "datathon:results": (Case({200: EVERYBODY}, on=TOLD), Case({404: EVERYBODY}, on=SETTLED)),
    "datathon:certificate": form((w.MEMBER,), TOLD, post={302: (w.MEMBER,)}),
    "datathon:certificate_file": page((w.MEMBER,), TOLD),
}
IN_EDITION, OPEN_EDITION, OVER_EDITION, REFUSED_EDITION = (
    {"slug": name} for name in ("dt_edition", "dt_open", "dt_over", "dt_refused")
)
SEAT = IN_EDITION | {"seat": "dt_seat"}
HANDED = page((*APPLICANTS, *ORGANISER), IN_EDITION | {"pk": "dt_handed"})
TEAM_PAGE, PERSON_PAGE = IN_EDITION | {"pk": "dt_team"}, IN_EDITION | {"pk": "dt_registration"}
PARTICIPANTS: dict[str, Case | tuple[Case, ...]] = {
    "datathon:guardian": Case({200: EVERYBODY}, {422: EVERYBODY}, {"token": "dt_token"}),
    "datathon:mine": page(IN),
    "datathon:participation": (
        page(APPLICANTS, IN_EDITION),
        page(MANAGERS, OPEN_EDITION),
        page(MANAGERS, REFUSED_EDITION),
        page(MANAGERS, OVER_EDITION),
    ),
    "datathon:register": form(IN, {"slug": "dt_fresh"}, post={422: IN}),
    "datathon:registration_change": form(MANAGERS, OPEN_EDITION, post={422: MANAGERS}),
    "datathon:consent": button(MANAGERS, OPEN_EDITION, kind="image"),
    "datathon:guardian_again": button(MANAGERS, OPEN_EDITION),
    "datathon:registration_withdraw": form(MANAGERS, OPEN_EDITION, post={302: MANAGERS}),
    "datathon:letter": (page(MANAGERS, REFUSED_EDITION), page(NOBODY, OPEN_EDITION)),
    "datathon:registration_erase": form(MANAGERS, OVER_EDITION, post={302: MANAGERS}),
    "datathon:rules_text": form(MANAGERS, OPEN_EDITION, post={302: MANAGERS}),
    "datathon:team": (page(APPLICANTS, IN_EDITION), page(MANAGERS, OPEN_EDITION)),
    "datathon:team_create": form(MANAGERS, OPEN_EDITION, post={422: MANAGERS}),
    "datathon:team_join": form(MANAGERS, OPEN_EDITION, post={422: MANAGERS}),
    "datathon:team_change": form(APPLICANTS, IN_EDITION, post={422: APPLICANTS}),
    "datathon:team_leave": form(APPLICANTS, IN_EDITION, post={302: (w.MEMBER,), 422: MANAGERS}),
    "datathon:team_hand_over": form(MANAGERS, IN_EDITION, post={422: MANAGERS}),
    "datathon:team_remove": form(MANAGERS, SEAT, post={422: MANAGERS}),
    "datathon:team_dissolve": form(MANAGERS, IN_EDITION, post={302: MANAGERS}),
    "datathon:request_answer": button(MANAGERS, IN_EDITION | {"pk": "dt_request"}),
    "datathon:search": (page(APPLICANTS, IN_EDITION), page(MANAGERS, OPEN_EDITION)),
    "datathon:team_ask": form(MANAGERS, OPEN_EDITION | {"pk": "dt_looking_team"}, post={302: MANAGERS}),
    "datathon:team_invite": form(APPLICANTS, IN_EDITION | {"pk": "dt_looking"}, post={302: APPLICANTS}),
    "datathon:deliverables": (page(APPLICANTS, IN_EDITION), page(NOBODY, OPEN_EDITION)),
    "datathon:deliver_file": (
        button(APPLICANTS, IN_EDITION, kind="presentation"),
        Case({}, {404: APPLICANTS}, IN_EDITION, {"kind": "data"}),
    ),
    "datathon:deliver_words": (
        form(APPLICANTS, IN_EDITION, post={422: APPLICANTS}, kind="code"),
        form(APPLICANTS, IN_EDITION, post={422: APPLICANTS}, kind="data"),
    ),
    "datathon:receipt_ask": button(APPLICANTS, IN_EDITION),
    "datathon:receipt": page(APPLICANTS, IN_EDITION | {"key": "dt_receipt"}),
    "datathon:deliverable_preview": HANDED,
    "datathon:deliverable_image": HANDED,
    "datathon:deliverable_file": HANDED,
    "datathon:registration": page(ORGANISER, PERSON_PAGE),
    "datathon:registration_refuse": form(ORGANISER, PERSON_PAGE, post={422: ORGANISER}),
    "datathon:registration_readmit": form(
        ORGANISER, REFUSED_EDITION | {"pk": "dt_refused_registration"}, post={422: ORGANISER}
    ),
    "datathon:registration_letter": page(ORGANISER, REFUSED_EDITION | {"pk": "dt_refused_registration"}),
    "datathon:team_moderate": page(ORGANISER, TEAM_PAGE),
    "datathon:team_extend": form(ORGANISER, TEAM_PAGE, post={422: ORGANISER}),
    "datathon:team_moderate_remove": form(ORGANISER, TEAM_PAGE | {"seat": "dt_seat"}, post={422: ORGANISER}),
    "datathon:team_moderate_dissolve": form(ORGANISER, TEAM_PAGE, post={302: ORGANISER}),
}
FOLLOWED_EDITION = {"slug": "published_edition"}
FOLLOWING_EDITION: dict[str, Case | tuple[Case, ...]] = {
    "datathon:indicators": page(DATATHON_READERS),
    "datathon:indicator_file": page(DATATHON_READERS, slug="audience", format="csv"),
    "datathon:export": page(DATATHON_READERS, format="csv"),
    "datathon:follow_ups": page(ORGANISER, FOLLOWED_EDITION),
    "datathon:team_gallery": form(ORGANISER, FOLLOWED_EDITION | {"pk": "told_team"}, post={422: ORGANISER}),
    "datathon:note_follow_up": form(ORGANISER, FOLLOWED_EDITION | {"pk": "told_team"}, post={422: ORGANISER}),
    "datathon:remove_follow_up": form(ORGANISER, FOLLOWED_EDITION | {"pk": "follow_up"}, post={422: ORGANISER}),
    "datathon:audience": form(ORGANISER, FOLLOWED_EDITION, post={422: ORGANISER}),
    "datathon:remove_audience": form(ORGANISER, FOLLOWED_EDITION | {"pk": "audience"}, post={422: ORGANISER}),
}
DATA_OFFICERS = (w.DPO, w.ADMINISTRATOR)
LOT_READERS = (*DATA_OFFICERS, w.AUDITOR)
DATA_REQUEST, LOT, SEEN_LOT = {"pk": "data_request"}, {"pk": "lot"}, {"pk": "seen_lot"}
PRIVACY: dict[str, Case | tuple[Case, ...]] = {
    "rights:mine": page(IN),
    "rights:copy": button(IN),
    "rights:download": page(MANAGERS, {"pk": "data_copy"}),
    "rights:ask": form(IN, post={422: IN}),
    "rights:erasure": page(IN),
    "rights:erase": form(IN, post={422: IN}),
    "rights:erased": EVERYONE_READS,
    "rights:requests": page(DATA_OFFICERS),
    "rights:request_note": form(DATA_OFFICERS, post={422: DATA_OFFICERS}),
    "rights:request": form(DATA_OFFICERS, DATA_REQUEST, post={422: DATA_OFFICERS}),
    "rights:request_erase": button(DATA_OFFICERS, {"pk": "erasure_request"}),
    "rights:lots": page(LOT_READERS),
    "rights:lot": page(LOT_READERS, LOT),
    "rights:lot_visa": Case({}, {422: DATA_OFFICERS}, LOT),
    "rights:lot_drop": Case({}, {422: DATA_OFFICERS}, LOT),
    "rights:lot_execute": button(DATA_OFFICERS, SEEN_LOT),
    "rights:lot_csv": page(LOT_READERS, LOT),
    "rights:lot_pdf": page(LOT_READERS, LOT),
}
ROUTES: dict[str, Case | tuple[Case, ...]] = (
    EDITIONS
    | BULLETIN
    | PRIVACY
    | PARTICIPANTS
    | FOLLOWING_EDITION
    | ROADMAP
    | FIGURES
    | WAVES
    | REGISTER
    | LETTERS
    | FOLLOWING
    | PAYMENTS
    | SCORING
    | PROGRAMMING
    | EXPERTS
    | DECISIONS
    | PROVIDER
    | AFTER
    | PUBLIC
    | OPERATOR
    | ACCOUNTS
    | ORGANISATIONS
    | SPACE
    | REVIEW
    | WHOLE
    | SESSIONS
    | DATATHON_JURY
)
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
            status: tuple(persona for persona in who if persona not in (*HOUSE, *COMPANY, *EXPERT, w.STRANGER))
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
            for persona in EVERYBODY if names and not elsewhere else _asked(case, method, elsewhere=elsewhere):
                cache.clear()  # counted requests are not undone with the rest
                got, allowed = ask(world.client(persona), method, address, body), expected(case, method, persona)
                if got not in allowed:
                    wrong.append(f"{method} {name} on {case.on or case.parts} as {persona}: {got}, not {allowed}")
    return wrong


def _asked(case: Case, method: str, *, elsewhere: bool) -> Collection[str]:
    """List who is asked. To read our things everybody is; otherwise whoever has an answer, and one of each other kind.

    Who may open what does not depend on the database, that every page answers does: everybody is asked on SQLite. What
    anybody reads without an account is asked as one of each kind, and as whoever is answered otherwise.
    """
    if not case.answers(method):
        return dict.fromkeys((*LOOKERS, case.reader()))
    answers = case.answers(method)
    kinds = (*APPLICANTS, *LOOKERS, *OTHERS)
    if w.ANONYMOUS in answers.get(200, ()) and not case.on:
        return dict.fromkeys((*kinds, *(one for status, who in answers.items() if status != 200 for one in who)))
    if method == "GET" and not elsewhere and connection.vendor == "sqlite":
        return EVERYBODY
    return dict.fromkeys((*kinds, *(persona for people in answers.values() for persona in people)))


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
        cache.clear()
        ours = case.kwargs(world.mine)
        for argument, thing in case.on.items():
            yield name, case, ours | {argument: UNKNOWN[type(ours[argument])]}
            if len(case.on) > 1 and thing in world.theirs:
                mixed = ours | {argument: world.theirs[thing]}
                if mixed not in (ours, case.kwargs(world.theirs)):
                    yield name, case, mixed
        for unknown in case.unknown:
            yield name, case, dict(unknown)
