"""What the structure says of its diagnostic: the questionnaire it sends once, and what it did six months later."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import permissions, questionnaires
from normandata.dossiers.forms import as_data
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import day as written_day

from .. import follow
from ..evaluation import Evaluation, EvaluationForm, FollowUp
from ..orders import Order
from .orders import order_of

NOT_DELIVERED = "Le questionnaire s’ouvre quand le rapport vous est remis."
SENT = "Ce questionnaire est envoyé : il ne se modifie plus. Écrivez à la Région par le fil d’échanges du dossier."


def delivered_order(dossier: Dossier) -> Order | None:
    """Return the order of a dossier whose report is in the structure's hands, with its questionnaire."""
    order = order_of(dossier)
    return order if order is not None and order.delivered_on else None


@transaction.atomic
def save(order: Order, typed: Mapping[str, Any], *, version: int, by: User) -> Evaluation:
    """Keep the questionnaire as it is typed, complete or not; the same answers sent again change nothing.

    Raises questionnaires.Conflict when it was saved elsewhere since `version`, NotAllowed, NotNow before the report
    or once sent.
    """
    kept = _writable(order, by)
    if kept is None:
        return Evaluation.objects.create(order=order, answers=dict(typed), saved_by=by)
    questionnaires.keep(kept, typed, version=version, by=by)
    return kept


@transaction.atomic
def send(order: Order, *, may_be_named: bool, by: User) -> Evaluation:
    """Send the questionnaire as it was saved, once: it is frozen. Raises NotDone when a question has no answer."""
    kept = _writable(order, by)
    form = EvaluationForm(as_data(kept.answers if kept else {}))
    if kept is None or not form.is_valid():
        raise NotDone(*[message for _, message in form.problems])
    kept.sent_at, kept.sent_by, kept.may_be_named = timezone.now(), by, may_be_named
    kept.save(update_fields=["sent_at", "sent_by", "may_be_named"])
    procedure.record(order.dossier, "evaluation", by=by, data={"may_be_named": may_be_named})
    return kept


@transaction.atomic
def decide_naming(order: Order, may_be_named: bool, *, by: User) -> None:
    """Give or take back the agreement to be named in feedback; raises NotAllowed, NotNow before the questionnaire."""
    _hold(order, by)
    kept = Evaluation.objects.filter(order=order).first()
    if kept is None or not kept.is_sent:
        raise NotNow("L’accord se donne avec le questionnaire.")
    if kept.may_be_named == may_be_named:
        return
    kept.may_be_named = may_be_named
    kept.save(update_fields=["may_be_named"])
    procedure.record(order.dossier, "evaluation_naming", by=by, data={"may_be_named": may_be_named})


@transaction.atomic
def answer_follow_up(order: Order, *, has_acted: bool, actions: list[str], what: str, by: User) -> FollowUp:
    """Write what was done since the report; a new answer follows the former, the same one again writes nothing.

    Raises NotAllowed, NotNow before the six months are over, NotDone for a yes without an action.
    """
    _hold(order, by)
    if order.delivered_on is None or not follow.may_follow_up(order, timezone.localdate()):
        day = f", le {written_day(follow.follow_up_day(order.delivered_on))}" if order.delivered_on else ""
        raise NotNow(f"Le suivi s’ouvre six mois après la remise du rapport{day}.")
    if has_acted != bool(actions):
        raise NotDone("Dites quelles actions vous avez mises en œuvre, ou répondez non.")
    last = order.follow_ups.first()
    if last and (last.has_acted, last.actions, last.what) == (has_acted, actions, what.strip()):
        return last
    answer = FollowUp.objects.create(
        order=order,
        number=last.number + 1 if last else 1,
        has_acted=has_acted,
        actions=actions,
        what=what.strip(),
        by=by,
    )
    procedure.record(order.dossier, "follow_up", by=by, data={"has_acted": has_acted, "number": answer.number})
    return answer


def _hold(order: Order, by: User) -> None:
    procedure.lock(order.dossier)
    if not permissions.is_applicant(by, order.dossier):
        raise NotAllowed(procedure.FORBIDDEN)


def _writable(order: Order, by: User) -> Evaluation | None:
    _hold(order, by)
    if order.delivered_on is None:
        raise NotNow(NOT_DELIVERED)
    kept = Evaluation.objects.filter(order=order).first()
    if kept is not None and kept.is_sent:
        raise NotNow(SENT)
    return kept
