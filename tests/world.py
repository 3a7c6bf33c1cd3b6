"""A small house full of people: everyone whom the access table names, and two organisations with the same things."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from normandata.accounts.middleware import PROLONGED
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.accounts.services import digest
from normandata.documents.models import Document
from normandata.dossiers.bulk import BulkJob
from normandata.dossiers.desk import Absence, SavedView
from normandata.dossiers.models import Attachment, Dossier
from normandata.dossiers.services import corrections, thread
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.organisations.models import Organisation
from normandata.outbox.models import Message
from normandata.portal.handlers import SIMULATION
from normandata.procedure import services as procedure
from tests.factories.accounts import BACKEND, UserFactory, make_agent, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MemberInvitationFactory, MembershipFactory, OrganisationFactory

READY = uuid.UUID(int=1)
PENDING = uuid.UUID(int=2)
# An activity that the text does not cite: the verdict holds a finding for an agent to review.
LOOKED_AT = dict(FIRM) | {"situation": dict(FIRM["situation"]) | {"activite": "trade"}}

ANONYMOUS = "anonymous"
# Signed in, without a right on the house's things: they asked to join, left, work elsewhere, or hold an outside role.
STRANGER, REQUESTED, LEFT, JUROR, SUPERUSER = "stranger", "requested", "left", "juror", "superuser"
MEMBER, MANAGER = "member", "manager"
AGENT, LEAD, OTHER_AGENT, OTHER_LEAD = "agent", "lead", "other_agent", "other_lead"
AUDITOR, DPO, ADMINISTRATOR = "auditor", "dpo", "administrator"
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

    def client(self, persona: str, **options: Any) -> Client:
        """Return a browser of its own with that person's session."""
        client = Client(raise_request_exception=False, **options)
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
    staff = {
        AGENT: make_agent(),
        LEAD: make_user_with(Role.LEAD_AGENT, "diagnostic"),
        OTHER_AGENT: make_agent("booster_ia"),
        OTHER_LEAD: make_user_with(Role.LEAD_AGENT, "booster_ia"),
        AUDITOR: make_user_with(Role.AUDITOR),
        DPO: make_user_with(Role.DATA_PROTECTION_OFFICER),
        ADMINISTRATOR: make_user_with(Role.ADMINISTRATOR),
        JUROR: make_user_with(Role.JUROR, "datathon"),
        SUPERUSER: UserFactory(is_staff=True, is_superuser=True),
        **{persona: make_user_with(Role.ADMINISTRATOR) for persona in NOT_IN},
    }
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
    world.mine |= _staff_things(staff)
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
    deposited = make_deposit(by=by, organisation=organisation, answers=LOOKED_AT)
    dossier = deposited.dossier
    incomplete = make_deposit(by=by, organisation=organisation).dossier
    procedure.fire(incomplete, "start_review", by=agent)
    due = timezone.localdate() + timedelta(days=20)
    asked = corrections.ask(incomplete, [Asked("piece:complement", "Illisible.")], due_on=due, by=agent)
    _print(deposited.receipt)
    message = thread.write(dossier, "Voici.", by=by, uploads=[UploadFactory(uploaded_by=by)])
    note = thread.write(dossier, "Entre nous.", by=agent, uploads=[UploadFactory(uploaded_by=agent)], is_internal=True)
    finding = dossier.verdict and next(
        (one for one in dossier.verdict["findings"] if one["outcome"] == "to_review"), None
    )
    return {
        "siret": organisation.siret,
        "membership": membership.pk,
        "request": request.pk,
        "invitation": invitation.pk,
        "token": token,
        "draft": draft.key,
        "draft_file": join(draft, by).pk,
        "dossier": dossier.key,
        "file": join(dossier, by).pk,
        "incomplete": incomplete.key,
        "incomplete_file": join(incomplete, by).pk,
        "correction": asked.pk,
        "message_file": message.files.get().pk,
        "note_file": note.files.get().pk,
        "finding": finding["rule"],
    }


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


def simulations() -> None:
    """Keep one simulation's document that is ready and one that is not."""
    now = timezone.now()
    asked = {
        "kind": SIMULATION, "title": "Simulation", "filename": "simulation.pdf", "record": {},
        "requested_at": now, "expires_at": now + timedelta(hours=24),
    }  # fmt: skip
    Document.objects.create(pk=PENDING, **asked)
    _print(Document.objects.create(pk=READY, **asked))
