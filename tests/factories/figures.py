"""A year of the four owners of indicators, small enough to be counted by hand, looked at on its last evening.

Diagnostic  firm, Calvados: asked 10/01, ordered 10/02, handed over 20/03, acted on 25/09, answered its questionnaire
            town, Manche: asked 12/01, ordered 01/03, handed over 02/04, had not acted on 05/10, answered its own
            hospital, Paris: asked 05/06, ordered 01/07, handed over 10/08; its six months end in 2028
            shop, Seine-Maritime: asked 01/02, nothing since
Booster IA  P, enterprise of Calvados: 10 000 on 15/02, ended 31/08 and completed, with feedback; 5 000 paid
            Q, association of Eure: 6 000.50 on 15/02, planned to end on 30/09, no account
            R, local authority of Calvados: 8 000 in 2026, stopped on 31/05
Datathon    one edition, six teams of one, two more students registered, one solution reused, one reading of audience
Roadmap     one action in progress with milestones held on time, held late and to come; one planned, late
            one call open on 10/03, three proposals on the 12th, one of them withdrawn on the 15th; assessed on 02/04
Each owner  one other follow-up of 12.5, read on 31/03
"""

from datetime import date, datetime
from decimal import Decimal

import time_machine

from datathon import phases
from datathon.models import Audience, FollowUp
from diagnostic.evaluation import Evaluation
from diagnostic.evaluation import FollowUp as Answer
from diagnostic.orders import Order, Session
from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.dossiers.models import Deposit
from normandata.indicators import registry, services
from normandata.indicators.definitions import Period
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from roadmap.calls import services as calls
from roadmap.models import Deliberation
from tests.factories import booster_after as booster
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.after import at, make_life, make_request
from tests.factories.budgets import make_envelope
from tests.factories.calls import make_call, make_proposal
from tests.factories.datathon import PARIS, make_edition, make_registration, make_team
from tests.factories.diagnostic import make_company, make_market
from tests.factories.organisations import OrganisationFactory
from tests.factories.roadmap import ActionFactory, MilestoneFactory, make_pilot
from tests.factories.waves import make_next_wave

EVENING = datetime(2027, 12, 31, 20, tzinfo=PARIS)
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31), date(2027, 12, 31))
GOOD = {"clarte": "4", "utilite": "3", "ecoute": "4", "duree": "right", "recommande": "oui"}
BAD = {"clarte": "1", "utilite": "3", "ecoute": "1", "duree": "short", "recommande": "non"}


def make_year() -> None:
    """Write the year; the clock must stand on its last evening."""
    _diagnostics()
    _projects()
    _edition()
    _actions()
    _call()
    agent = make_agent()
    state(agent, "structures-des-reseaux", "CRIGE Normandie", "130", structure="local_authority")
    state(agent, "structures-des-reseaux", "CRIGE Normandie", "70", structure="enterprise", department="14")
    for owner in registry.owners():
        by = make_user_with(Role.ADMINISTRATOR)
        state(by, "autres-suivis", "Ateliers d’acculturation", "12.5", owner=owner.slug, unit="heures")


def state(by: User, slug: str, label: str, value: str, *, owner: str = "diagnostic", **fields: str) -> None:
    indicator = registry.find(owner, slug)
    if indicator is None:
        raise LookupError(slug)
    said = {"label": label, "value": Decimal(value), "measured_on": date(2027, 3, 31), "source": "Rapport d’activité"}
    services.state(owner, indicator, by=by, **said | fields)  # type: ignore[arg-type]


def _diagnostics() -> None:
    market = make_market(make_company("Atelier A"), envelope=make_envelope("50000.00"))
    by = UserFactory()
    facts = (
        ("enterprise", "14", date(2027, 1, 10), date(2027, 2, 10), date(2027, 3, 20)),
        ("local_authority", "50", date(2027, 1, 12), date(2027, 3, 1), date(2027, 4, 2)),
        ("health_facility", "75", date(2027, 6, 5), date(2027, 7, 1), date(2027, 8, 10)),
    )
    orders = []
    for kind, department, asked_on, ordered_on, delivered_on in facts:
        dossier = make_request(kind, on=asked_on, organisation=OrganisationFactory(department=department))
        dates = {"notified_on": ordered_on, "delivered_on": delivered_on}
        orders.append(make_life(market=market, dossier=dossier, **dates))
    make_request(on=date(2027, 2, 1), organisation=OrganisationFactory(department="76"))
    firm, town, _ = orders
    for order, has_acted, on, answers in (
        (firm, True, date(2027, 9, 25), GOOD),
        (town, False, date(2027, 10, 5), BAD),
    ):
        said = {"has_acted": has_acted, "actions": ["ai"] if has_acted else []}
        Answer.objects.create(order=order, number=1, by=by, at=at(on), **said)
        Evaluation.objects.create(order=order, answers=answers, saved_by=by, sent_by=by, sent_at=at(on))
    for order, on, half_days in (
        (firm, date(2027, 2, 20), 2),
        (firm, date(2027, 2, 21), 1),
        (town, date(2027, 3, 15), 2),
        (town, date(2027, 3, 16), 2),
    ):
        Session.objects.create(order=order, on=on, half_days=half_days, by=by, at=at(on))
    _pay(firm, by)


def _pay(order: Order, by: User) -> None:
    envelope = order.market.envelope
    with time_machine.travel(at(date(2027, 4, 1)), tick=False):
        budgets.reserve(envelope, order, Decimal("5400.00"), key="r", by=by)
        budgets.commit(envelope, order, Decimal("5400.00"), key="c", by=by, act="BC")
        budgets.pay(envelope, order, Decimal("4860.00"), key="p", by=by, is_last=True, act="F-1")


def _projects() -> None:
    voted = {"granted_on": date(2027, 2, 15), "notified_on": date(2027, 2, 20), "starts_on": date(2027, 3, 1)}
    p = booster.make_award(ends_on=date(2027, 8, 31), amount="10000.00", **voted)
    q = booster.make_award(
        "association",
        ends_on=date(2027, 9, 30),
        amount="6000.50",
        organisation=OrganisationFactory(department="27"),
        **voted,
    )
    r = booster.make_award("local_authority", amount="8000.00")
    booster.make_told(p, on=date(2027, 9, 10), finished_on=date(2027, 8, 31))
    booster.make_told(r, on=date(2027, 6, 10), finished_on=date(2027, 5, 31), is_completed=False)
    booster.make_reply(p, "feedback", True, on=date(2027, 9, 12))
    booster.make_reply(p, "proof", True, on=date(2027, 9, 12))
    booster.make_entry(p, p.organisation.siren, date(2027, 3, 1), on=date(2027, 3, 1))
    booster.make_entry(q, q.organisation.siren, date(2027, 4, 1), on=date(2027, 4, 1), is_public=True)
    with time_machine.travel(at(date(2027, 5, 1)), tick=False):
        budgets.commit(p.envelope, p, p.amount, key="award:commit", by=None, act="CP")
        budgets.pay(p.envelope, p, Decimal("5000.00"), key="award:paid", by=None, act="F")
    wave = make_next_wave()
    Deposit.objects.filter(dossier=p.dossier).update(at=at(date(2027, 1, 20)))
    with time_machine.travel(at(date(2027, 1, 25)), tick=False):
        procedure.record(p.dossier, "wave_placed", by=None, data={"wave": wave.label})


def _edition() -> None:
    edition = make_edition(phases.PUBLISHED, title="Datathon des rivières")
    for name, day in (("start_challenge", date(2027, 10, 4)), ("open_scoring", date(2027, 10, 23))):
        Event.objects.create(thing_kind="datathon.edition", thing_key=str(edition.pk), name=name, at=at(day))
    teams = [make_team(edition) for _ in range(6)]
    for _ in range(2):
        make_registration(edition, profile="student")
    by, on = edition.created_by, date(2027, 11, 10)
    FollowUp.objects.create(
        team=teams[0], kind="reuse", on=on, noted_at=at(on), actor="Métropole d’essai", text="Reprise.", noted_by=by
    )
    Audience.objects.create(
        edition=edition, source="Page de l’édition", measure="visites", count=1200, measured_on=on, typed_at=at(on),
        typed_by=by,
    )  # fmt: skip


def _actions() -> None:
    begun, planned = ActionFactory(), ActionFactory(state="planned")
    Event.objects.create(thing_kind="roadmap.action", thing_key=str(begun.pk), name="start", at=at(date(2027, 1, 5)))
    for weight, due_on, done_on in (
        (1, date(2027, 2, 1), date(2027, 1, 30)),
        (3, date(2027, 6, 30), date(2027, 7, 15)),
        (1, date(2028, 2, 1), None),
    ):
        MilestoneFactory(action=begun, weight=weight, due_on=due_on, done_on=done_on)
    MilestoneFactory(action=planned, due_on=date(2027, 5, 1))
    Deliberation.objects.create(action=begun, number="CP D 1", title="Suite", adopted_on=date(2027, 6, 15))


def _call() -> None:
    pilot, agent, sent = make_pilot(), make_agent("roadmap"), []
    with time_machine.travel(at(date(2027, 3, 1)), tick=False):
        call = make_call("draft", title="Vélos", opens_on=date(2027, 3, 10), closes_on=date(2027, 3, 20))
        calls.fire(call, "announce", by=pilot)
    with time_machine.travel(at(date(2027, 3, 10)), tick=False):
        calls.fire(call, "open_in_time", by=None)
    with time_machine.travel(at(date(2027, 3, 12)), tick=False):
        for department in ("14", "76", "76"):
            sent.append(make_proposal(call, organisation=OrganisationFactory(department=department)))
    with time_machine.travel(at(date(2027, 3, 15)), tick=False):
        procedure.fire(sent[1].dossier, "withdraw", by=sent[1].dossier.created_by)
    with time_machine.travel(at(date(2027, 3, 21)), tick=False):
        calls.fire(call, "close_in_time", by=None)
        for one in (sent[0], sent[2]):
            procedure.fire(one.dossier, "start_review", by=agent)
            calls.conclude(one.dossier, outcome="noted", answer="Merci.", by=agent)
    with time_machine.travel(at(date(2027, 4, 2)), tick=False):
        calls.fire(call, "publish", by=pilot)
