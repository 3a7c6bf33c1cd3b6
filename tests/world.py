"""A small house full of people: everyone whom the access table names, and two organisations with the same things."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.db.models import F
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from diagnostic.market import Company, Market
from diagnostic.orders import Order
from diagnostic.services import evaluation, markets, orders, payments, reports, selection
from normandata.accounts.middleware import PROLONGED
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.accounts.services import digest
from normandata.documents.models import Document
from normandata.dossiers.bulk import BulkJob
from normandata.dossiers.desk import Absence, SavedView
from normandata.dossiers.models import Attachment, Dossier
from normandata.dossiers.services import corrections, thread
from normandata.dossiers.services.corrections import Asked
from normandata.dossiers.services.letters import send as send_letter
from normandata.notifications.models import Mail
from normandata.organisations import services as organisations
from normandata.organisations.models import Organisation
from normandata.outbox.models import Message
from normandata.portal.handlers import SIMULATION
from normandata.procedure import services as procedure
from tests import world_after as after
from tests import world_api as api
from tests import world_booster as booster
from tests import world_calls as calls
from tests import world_committee as committee
from tests import world_continuum as continuum
from tests import world_datathon_editions as editions
from tests import world_datathon_jury as jury
from tests import world_datathon_people as datathon_people
from tests import world_figures as figures
from tests import world_letters as letters
from tests import world_payments as payments_of
from tests import world_privacy as privacy
from tests import world_programme as programme
from tests import world_public as public
from tests import world_roadmap as roadmap
from tests.factories.accounts import BACKEND, UserFactory, make_agent, make_user_with, sign_in
from tests.factories.after import make_life
from tests.factories.diagnostic import (
    fresh,
    make_company,
    make_market,
    make_notified,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
    make_signatory,
    make_started,
    write_report,
)
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.experts import make_expert, person_of
from tests.factories.organisations import MemberInvitationFactory, MembershipFactory, OrganisationFactory

READY = uuid.UUID(int=1)
PENDING = uuid.UUID(int=2)
# An activity that the text does not cite: the verdict holds a finding for an agent to review.
SAID = {
    "clarte": "4",
    "utilite": "3",
    "ecoute": "4",
    "duree": "right",
    "appris": "Où sont nos données.",
    "actions": ["collect", "train"],
    "recommande": "oui",
}
"""A questionnaire that may be sent."""
LOOKED_AT = dict(FIRM) | {"situation": dict(FIRM["situation"]) | {"activite": "trade"}}

ANONYMOUS = "anonymous"
# Signed in, without a right on the house's things: they asked to join, left, work elsewhere, or hold an outside role.
STRANGER, REQUESTED, LEFT, JUROR, SUPERUSER = "stranger", "requested", "left", "juror", "superuser"
PROVIDER = "provider"
# An expert of whom questions are asked, and one whom the directory knows, who did not open that space yet.
EXPERT, INVITED = "expert", "invited"
MEMBER, MANAGER = "member", "manager"
AGENT, LEAD, OTHER_AGENT, OTHER_LEAD = "agent", "lead", "other_agent", "other_lead"
CLERK = "clerk"
AUDITOR, DPO, ADMINISTRATOR = "auditor", "dpo", "administrator"
OFFICER = "officer"
"""A payments officer of the Booster IA."""
ORGANISER, MENTOR = "organiser", "mentor"
"""Of the Datathon: who organises all its editions, who mentors one of them."""
PILOT = "pilot"
CALLS_AGENT = "calls_agent"
"""Whoever examines the proposals to the roadmap's calls."""
"""Whoever pilots one action of the roadmap."""
# Not let in whatever roles they hold, which is all of them: without a second factor, without its proof in this session,
# or with an account closed since.
UNENROLLED, UNPROVEN, CLOSED = "unenrolled", "unproven", "closed"
OUT = (ANONYMOUS, CLOSED)
HALF_IN = (UNENROLLED, UNPROVEN)
NOT_IN = (*HALF_IN, CLOSED)


@dataclass(slots=True)
class World:
    """Everyone's account and open session; `mine` and `theirs` give the addresses' parts, one for each thing."""

    people: dict[str, User] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    mine: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))
    """One for all its browsers: loading the middleware costs as much as a short answer."""

    def client(self, persona: str, **options: Any) -> Client:
        """Return a browser of its own with that person's session."""
        client = Client(raise_request_exception=False, **options)
        if not options:
            client.handler = self.handler
        for name, value in self.cookies.get(persona, {}).items():
            client.cookies[name] = value
        return client

    def open(self, persona: str, user: User) -> None:
        client = Client()
        if persona == UNENROLLED:
            _sign_in_by_password(client, user)
        else:
            sign_in(client, user)
        if persona == UNPROVEN:
            _sign_in_by_password(client, user)
        # In use for a while: an answer's headers do not come from the cookies of a first visit.
        session = client.session
        session[PROLONGED] = time.time()
        session.save()
        client.cookies["csrftoken"] = "c" * 32
        UserSession.objects.create(user=user, ip="127.0.0.1", session_key=client.session.session_key or "")
        self.people[persona] = user
        self.cookies[persona] = {name: morsel.value for name, morsel in client.cookies.items()}


def build() -> World:
    """Make everyone and everything."""
    world = World()
    organisation, elsewhere = OrganisationFactory.create_batch(2)
    market, expert = make_market(), make_expert()
    staff = {
        AGENT: make_agent(),
        LEAD: make_user_with(Role.LEAD_AGENT, "diagnostic"),
        OTHER_AGENT: make_agent("booster_ia"),
        OTHER_LEAD: make_user_with(Role.LEAD_AGENT, "booster_ia"),
        CLERK: make_user_with(Role.COMMITTEE_CLERK, "booster_ia"),
        AUDITOR: make_user_with(Role.AUDITOR),
        DPO: make_user_with(Role.DATA_PROTECTION_OFFICER),
        ADMINISTRATOR: make_user_with(Role.ADMINISTRATOR),
        OFFICER: make_user_with(Role.PAYMENTS_OFFICER, "booster_ia"),
        PILOT: make_user_with(Role.ACTION_PILOT, "roadmap", roadmap.PILOTED),
        CALLS_AGENT: make_agent("roadmap"),
        JUROR: make_user_with(Role.JUROR, "datathon"),
        ORGANISER: make_user_with(Role.ORGANISER, "datathon"),
        MENTOR: UserFactory(),
        PROVIDER: make_provider(market.holders.get().company),
        EXPERT: person_of(expert),
        INVITED: UserFactory(),
        SUPERUSER: UserFactory(is_staff=True, is_superuser=True),
        **{persona: make_user_with(Role.ADMINISTRATOR) for persona in NOT_IN},
    }
    make_expert(is_joined=False, email=staff[INVITED].email)
    applicants = {name: UserFactory() for name in (STRANGER, REQUESTED, LEFT, MEMBER, MANAGER)}
    for persona in NOT_IN:
        RoleAssignment.objects.create(user=staff[persona], role=Role.AGENT, scheme="diagnostic")
        MembershipFactory(user=staff[persona], organisation=organisation, manager=True)
    for persona, user in {**staff, **applicants}.items():
        world.open(persona, user)
    MembershipFactory(user=applicants[MANAGER], organisation=organisation, manager=True)
    MembershipFactory(user=applicants[LEFT], organisation=organisation, left=True)
    MembershipFactory(user=applicants[STRANGER], organisation=elsewhere, manager=True)
    world.mine = things(organisation, applicants[MANAGER], staff[AGENT], applicants[MEMBER], applicants[REQUESTED])
    world.theirs = things(elsewhere, applicants[STRANGER], staff[AGENT], UserFactory(), UserFactory())
    world.mine |= diagnostics(market, organisation, applicants[MANAGER])
    world.theirs |= diagnostics(market, elsewhere, applicants[STRANGER], company=make_company())
    for found, questioned in ((world.mine, expert), (world.theirs, make_expert())):
        about = (Dossier.objects.get(key=found[name]) for name in ("dossier", "incomplete"))
        found |= booster.asked(*about, file=found["file"], agent=staff[AGENT], expert=questioned)
        by, house = (applicants[MANAGER], organisation) if found is world.mine else (applicants[STRANGER], elsewhere)
        found |= continuum.requests(house, by, staff[AGENT], questioned)
    ours, others = booster.waves(organisation, elsewhere, staff[OTHER_AGENT], staff[OTHER_LEAD])
    world.mine |= ours | {"expert": expert.pk}
    world.theirs |= others
    world.mine |= after.followed(organisation, staff[OTHER_AGENT])
    world.theirs |= after.followed(elsewhere, staff[OTHER_AGENT])
    world.mine |= committee.sessions(staff[CLERK])
    ours, others = letters.told(organisation, elsewhere, staff[OTHER_AGENT])
    world.mine |= ours
    world.theirs |= others
    world.mine |= jury.things(staff[JUROR], staff[ORGANISER], applicants[MEMBER])
    world.mine |= programme.things(world.mine["closed_wave"])
    world.mine |= payments_of.paid(organisation, applicants[MANAGER])
    world.theirs |= payments_of.paid(elsewhere, applicants[STRANGER])
    world.mine |= public.things(staff[ADMINISTRATOR])
    world.mine |= roadmap.things(staff[PILOT]) | continuum.named()
    world.mine |= api.things(staff[ADMINISTRATOR])
    world.mine |= calls.things(organisation, applicants[MANAGER], staff[CALLS_AGENT], staff[PILOT])
    world.theirs |= calls.proposals(elsewhere, applicants[STRANGER], staff[CALLS_AGENT])
    world.mine |= figures.things(staff[AGENT])
    world.mine |= editions.things(staff[ORGANISER], staff[MENTOR], applicants[MEMBER])
    world.mine |= privacy.things(applicants[MANAGER], applicants[MEMBER], staff[ADMINISTRATOR])
    world.mine |= datathon_people.taking_part(applicants[MANAGER], applicants[MEMBER])
    world.theirs |= datathon_people.taking_part(applicants[STRANGER], None)
    # Anybody registers to an edition: it is nobody's.
    del world.theirs["dt_fresh"]
    world.mine |= _staff_things(staff) | _market_things(market, staff[LEAD]) | undecided(market)
    User.objects.filter(pk=staff[CLOSED].pk).update(is_active=False)
    return world


def _sign_in_by_password(client: Client, user: User) -> None:
    """Open a session as the password alone does."""
    client.logout()
    client.force_login(user, backend=BACKEND)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "email": user.email}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def things(organisation: Organisation, by: User, agent: User, member: User, requested: User) -> dict[str, Any]:
    """Make one of everything that an organisation has, under the names of the table."""
    membership = MembershipFactory(user=member, organisation=organisation)
    MembershipFactory(user=UserFactory(), organisation=organisation, manager=True)
    request = MembershipFactory(user=requested, organisation=organisation, requested=True)
    token = f"jeton-{organisation.pk}"
    invitation = MemberInvitationFactory(organisation=organisation, invited_by=by, token=token)
    draft = make_draft(by=by, organisation=organisation)
    complete = make_draft(by=by, organisation=organisation, answers=LOOKED_AT)
    file = join(complete, by)
    deposited = make_deposit(complete)
    dossier = deposited.dossier
    incomplete = make_deposit(by=by, organisation=organisation).dossier
    procedure.fire(incomplete, "start_review", by=agent)
    due = timezone.localdate() + timedelta(days=20)
    asked = corrections.ask(incomplete, [Asked("piece:complement", "Illisible.")], due_on=due, by=agent)
    _print(deposited.receipt)
    message = thread.write(dossier, "Voici.", by=by, uploads=[UploadFactory(uploaded_by=by)])
    note = thread.write(dossier, "Entre nous.", by=agent, uploads=[UploadFactory(uploaded_by=agent)], is_internal=True)
    after = written_to(dossier)
    finding = dossier.verdict and next(
        (one for one in dossier.verdict["findings"] if one["outcome"] == "to_review"), None
    )
    return {
        "siret": organisation.siret,
        "siren": organisation.siren,
        "drafting_siren": make_draft().organisation.siren,
        "membership": membership.pk,
        "request": request.pk,
        "invitation": invitation.pk,
        "token": token,
        "draft": draft.key,
        "draft_file": join(draft, by).pk,
        "dossier": dossier.key,
        "file": file.pk,
        "incomplete": incomplete.key,
        "incomplete_file": join(incomplete, by).pk,
        "correction": asked.pk,
        "message_file": message.files.get().pk,
        "note_file": note.files.get().pk,
        "finding": finding["rule"],
        "delivered": delivered(organisation, by),
        **after,
    } | orphaned()


def diagnostics(
    market: Market, organisation: Organisation, by: User, *, company: Company | None = None
) -> dict[str, Any]:
    """Make three diagnostics of an organisation: notified, being written, handed over with all its files.

    They are the market's only company's; `company` takes them over at the end.
    """
    provider = make_provider(market.holders.get().company)
    asked = [make_reviewed(by=by, organisation=organisation) for _ in range(3)]
    notified = make_notified(market, dossier=asked[0], half_days=1)
    writing, handed = (make_started(market, dossier=dossier, half_days=1) for dossier in asked[1:])
    session = orders.note_session(
        writing, on=writing.started_on or timezone.localdate(), half_days=1, what="", by=provider
    )
    file = reports.join(writing, UploadFactory(uploaded_by=provider), by=provider)
    annex = reports.join(handed, UploadFactory(uploaded_by=provider), by=provider)
    write_report(handed, by=provider)
    reports.submit(handed.dossier, by=provider)
    procedure.fire(handed.dossier, "accept_report", by=make_agent())
    _print(handed.report.versions.get().document)
    reports.deliver(handed.dossier, presented_on=timezone.localdate(), by=provider)
    _print(reports.redact(fresh(handed), by=make_agent()))
    _print(notified.dossier.letters.get(kind="diagnostic.purchase_order").document)
    if company is not None:
        Order.objects.filter(pk__in=[notified.pk, writing.pk, handed.pk]).update(company=company)
    return {
        "notified": notified.dossier.key,
        "writing": writing.dossier.key,
        "session": session.pk,
        "report_file": file.pk,
        "handed": handed.dossier.key,
        "annex": annex.pk,
    }


def undecided(market: Market) -> dict[str, Any]:
    """Make a request of another organisation at each stage that ends with its notification, by what is awaited."""
    ordered = make_order(market, half_days=1)
    orders.place_order(ordered.dossier, by=make_agent())
    return {
        "to_propose": make_reviewed().key,
        "to_select": make_proposed(market, half_days=1).key,
        "to_order": make_order(market, half_days=1).dossier.key,
        "to_notify": ordered.dossier.key,
    }


def stages(world: World) -> dict[str, Any]:
    """Make a diagnostic at each stage where somebody decides, under the name of what is awaited there.

    The market is left with less than a whole diagnostic: a request may be put on the waiting list.
    """
    market, provider, agent = Market.objects.get(pk=world.mine["market"]), world.people[PROVIDER], make_agent()
    refused = make_reviewed()
    selection.propose_refusal(refused, reason="Hors du champ.", by=agent)
    promised = make_notified(market, half_days=1)
    orders.promise_confidentiality(promised, by=provider)
    whole, submitted, accepted, certified = (make_started(market, half_days=1) for _ in range(4))
    for order in (whole, submitted, accepted, certified):
        write_report(order, by=provider)
    for order in (submitted, accepted, certified):
        reports.submit(order.dossier, by=provider)
    for order in (accepted, certified):
        procedure.fire(order.dossier, "accept_report", by=agent)
        _print(order.report.versions.get().document)
    reports.deliver(certified.dossier, presented_on=timezone.localdate(), by=provider)
    payments.certify(certified.dossier, by=agent)
    found = {
        "to_refuse": refused.key,
        "to_start": promised.dossier.key,
        "to_note": make_started(market, half_days=2).dossier.key,
        "to_submit": whole.dossier.key,
        "to_accept": submitted.dossier.key,
        "to_deliver": accepted.dossier.key,
        "to_settle": certified.dossier.key,
        "answered": _answered(world).key,
        "unordered": make_market(starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31)).holders.get().pk,
        "newcomer": make_company().pk,
    }
    Market.objects.filter(pk=market.pk).update(max_half_days=F("half_days_held") + 9)
    scored, planned = world.mine["wave"], world.mine["planned_wave"]
    return found | booster.stages(scored, planned, world.people[OTHER_AGENT])


def _answered(world: World) -> Dossier:
    """Make a diagnostic whose structure sent its questionnaire, without agreeing to be named."""
    by = world.people[MANAGER]
    dossier = make_deposit(by=by, organisation=Organisation.objects.get(siret=world.mine["siret"])).dossier
    order = make_life(dossier=dossier, delivered_on=timezone.localdate() - timedelta(days=200))
    evaluation.save(order, SAID, version=0, by=by)
    evaluation.send(order, may_be_named=False, by=by)
    return dossier


def orphaned() -> dict[str, Any]:
    """Make a deposited dossier whose organisation lost its only manager, and the request that waits there."""
    manager = MembershipFactory(user=UserFactory(), manager=True)
    dossier = make_deposit(by=manager.user, organisation=manager.organisation).dossier
    organisations.leave(manager.organisation, by=manager.user)
    request = MembershipFactory(user=UserFactory(), organisation=manager.organisation, requested=True)
    return {"orphan": dossier.key, "orphan_request": request.pk, "orphan_siren": manager.organisation.siren}


def delivered(organisation: Organisation, by: User) -> uuid.UUID:
    """Make a diagnostic whose report is with its structure since more than six months."""
    dossier = make_deposit(by=by, organisation=organisation).dossier
    return make_life(dossier=dossier, delivered_on=timezone.localdate() - timedelta(days=200)).dossier.key


def written_to(dossier: Dossier) -> dict[str, int]:
    """Make a letter to the structure, and one between the Region and its provider."""
    make_signatory()
    letters = {}
    for name, is_internal in (("letter", False), ("internal_letter", True)):
        options: dict[str, Any] = {"title": "Lettre", "filename": "lettre.pdf", "record": {}, "at": timezone.now()}
        sent = send_letter(dossier, "diagnostic.selection", is_internal=is_internal, **options)
        _print(sent.document)
        letters[name] = sent.pk
    return letters


def join(dossier: Dossier, by: User) -> Attachment:
    """Join a clean file to a dossier."""
    upload = UploadFactory(uploaded_by=by)
    return Attachment.objects.create(dossier=dossier, piece="complement", upload=upload, added_by=by)


def _print(document: Document | None) -> None:
    """Make a document ready, without the time that drawing it takes."""
    assert document is not None
    document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 9
    document.ready_at = timezone.now()
    document.save()


def _staff_things(staff: dict[str, User]) -> dict[str, Any]:
    """Make what the Region's people look after, and what one of them keeps."""
    held = {
        scheme: RoleAssignment.objects.create(user=UserFactory(), role=Role.AGENT, scheme=scheme)
        for scheme in ("diagnostic", "booster_ia")
    }
    now, agent = timezone.now(), staff[AGENT]
    away = timezone.localdate() + timedelta(days=30)
    invitation = StaffInvitation.objects.create(
        email="invite@exemple.invalid", role=Role.AGENT, scheme="diagnostic", token_hash=digest("jeton-region"),
        invited_by=staff[ADMINISTRATOR], created_at=now, expires_at=now + timedelta(days=7),
    )  # fmt: skip
    message = Message.objects.filter(handler="documents.make").first()
    assert message is not None
    return {
        "role": held["diagnostic"].pk,
        "other_role": held["booster_ia"].pk,
        "staff_invitation": invitation.pk,
        "staff_token": "jeton-region",
        "person": staff[ADMINISTRATOR].pk,
        "view": SavedView.objects.create(owner=agent, name="La mienne", query="etat=submitted").pk,
        "job": BulkJob.objects.create(action=BulkJob.Action.START_REVIEW, by=agent).key,
        "absence": Absence.objects.create(agent=agent, since=away, declared_by=agent).pk,
        "mail": Mail.objects.earliest("pk").pk,
        "message": message.pk,
        "document": uuid.UUID(message.key),
    }


def _market_things(market: Market, lead: User) -> dict[str, Any]:
    """Name what the agents of the Diagnostic look after together."""
    holder = market.holders.select_related("company").get()
    declared = markets.declare_conflict(holder.company, siren="999000903", reason="Filiale", by=lead)
    return {
        "market": market.pk,
        "envelope": market.envelope_id,
        "holder": holder.pk,
        "company": holder.company_id,
        "conflict": declared.pk,
    }


def simulations() -> None:
    """Keep one simulation's document that is ready and one that is not."""
    now = timezone.now()
    asked = {
        "kind": SIMULATION, "title": "Simulation", "filename": "simulation.pdf", "record": {},
        "requested_at": now, "expires_at": now + timedelta(hours=24),
    }  # fmt: skip
    Document.objects.create(pk=PENDING, **asked)
    _print(Document.objects.create(pk=READY, **asked))
