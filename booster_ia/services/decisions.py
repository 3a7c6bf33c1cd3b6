"""From a scored application to a grant: what is proposed, what a second person validates, what the committee decides.

Agents propose; the Commission permanente decides; the President notifies (annexe 4, « Modalités d’instruction et
d’attribution »). A grant is one transaction on the envelope's ledger and on the undertaking's de minimis account.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.models import Item
from normandata.deminimis import account, granting
from normandata.deminimis.models import Aid, Instrument
from normandata.dossiers import drafts
from normandata.dossiers.applications import Case
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import desk, thread
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow
from normandata.procedure.models import Event, kind_of
from normandata.procedure.services import Firing
from normandata.regulation.calendar import add_months
from normandata.regulation.findings import Outcome, Verdict
from normandata.regulation.formats import euros, spaced
from normandata.regulation.judgment import judge
from normandata.regulation.money import ZERO, cents
from normandata.scoring import results
from normandata.scoring.models import Subject
from normandata.scoring.workflow import CLOSED as SCORING_CLOSED

from ..awards import Award, Proposal
from ..facts import basis_of_application, facts_of
from ..models import BoosterApplication
from ..regimes import DE_MINIMIS
from ..rules import REGLEMENT, RULES, evaluate
from ..rules import Case as Known
from . import notification, partners

SCHEME = "booster_ia"
NO_ENVELOPE = "Aucune enveloppe du Booster IA n’est ouverte pour cette année : votez-en une avant de décider."


# ---------------------------------------------------------------------------------------------------------- finding
def open_proposal(dossier: Dossier) -> Proposal | None:
    """Return what stands or waits on a dossier, if anything."""
    return Proposal.objects.filter(dossier=dossier, ended_at=None).select_related("by", "decided_by").first()


def award_of(dossier: Dossier) -> Award | None:
    """Return the grant that stands for a dossier, if any."""
    found = Award.objects.active().filter(dossier=dossier)
    return found.select_related("envelope", "organisation", "item__session", "dossier").first()


def envelope_on(day: date) -> Envelope:
    """Return the scheme's envelope for the year of a day, one without a year otherwise; raises NotNow."""
    found = Envelope.objects.of(SCHEME).filter(Q(year=day.year) | Q(year=None))
    envelope = found.order_by(F("year").asc(nulls_last=True)).first()
    if envelope is None:
        raise NotNow(NO_ENVELOPE)
    return envelope


def most(dossier: Dossier, on: date) -> Decimal | None:
    """Return the most that may be granted on a day, in euros (`grantable_max`): None while de minimis aids are unknown.

    The smaller of the grant computed by the règlement of the deposit and of the room under the de minimis ceiling.
    """
    application = BoosterApplication.objects.get(pk=dossier.pk)
    if application.aid_regime != DE_MINIMIS or not application.grant:
        return application.grant
    found = account.assess_for(dossier.organisation, on=on, amount=application.grant, dossier=dossier)
    return None if found.room is None else max(ZERO, min(application.grant, cents(found.room)))


def subject_of(dossier: Dossier) -> Subject | None:
    """Return what a dossier is in the panel of its wave, the last one that judged it."""
    judged = Subject.objects.judged().about(dossier).filter(panel__scheme=SCHEME)
    return judged.select_related("panel__grid").order_by("-pk").first()


# ---------------------------------------------------------------------------------------------------------- gestures
def propose(
    dossier: Dossier, *, amount: Decimal, reason: str = "", rank: int | None = None, score: str = "", by: User
) -> Event:
    """Propose a grant of `amount` euros; raises what `fire` raises: Unmet names all that is wanting."""
    application = BoosterApplication.objects.get(pk=dossier.pk)
    proposal = Proposal(
        dossier=dossier,
        kind=Proposal.Kind.GRANT,
        amount=amount,
        basis=basis_of_application(application, dossier),
        rank=rank,
        score=score,
        reason=reason.strip(),
        by=by,
    )
    journal = {"amount": str(amount), "rank": rank, "score": score}
    return procedure.fire(dossier, "propose", by=by, reason=reason, journal=journal, proposal=proposal)


def propose_refusal(dossier: Dossier, *, reason: str, rank: int | None = None, score: str = "", by: User) -> Event:
    """Propose a refusal, with the reason that its letter will give; raises what `fire` raises."""
    proposal = Proposal(
        dossier=dossier, kind=Proposal.Kind.REFUSE, reason=reason.strip(), rank=rank, score=score, by=by
    )
    return procedure.fire(dossier, "propose_refusal", by=by, reason=reason, proposal=proposal)


def validate(dossier: Dossier, *, by: User) -> Event:
    """Validate what a colleague proposed: the dossier then waits for a session. Raises what `fire` raises."""
    return procedure.fire(dossier, "validate_proposal", by=by)


def send_back(dossier: Dossier, *, reason: str, by: User) -> Event:
    """Send a proposal back under review, with a reason; raises what `fire` raises."""
    return procedure.fire(dossier, "send_back", by=by, reason=reason)


# -------------------------------------------------------------------------------------------------------- conditions
def is_complete(firing: Firing) -> list[str]:
    return [] if firing.thing.complete_on else ["Le dossier n’est pas complet : des pièces demandées manquent encore."]


def is_eligible(firing: Firing) -> list[str]:
    """Every finding of the deposit is met, as judged or as read; each one that is not is named."""
    wanting = []
    for finding, outcome in desk.outcomes(firing.thing):
        if outcome is Outcome.UNMET:
            wanting.append(f"{finding.label} : {finding.message}")
        if outcome is Outcome.TO_REVIEW:
            wanting.append(f"Lisez d’abord le constat « {finding.label} » : il est à examiner.")
    return [spaced(sentence) for sentence in wanting]


def is_scored(firing: Firing) -> list[str]:
    """The panel of its wave is closed, with enough sheets, and the exact mean reaches the floor (B-35)."""
    subject = subject_of(firing.thing)
    if subject is None or subject.panel.state != SCORING_CLOSED:
        return ["La notation de sa vague n’est pas close."]
    if not results.has_enough_sheets(subject):
        return ["Ce dossier n’a pas assez de fiches de notation."]
    if results.is_under_floor(subject):
        return ["La note est inférieure au plancher : l’opération est inéligible."]
    return []


def is_grantable(firing: Firing) -> list[str]:
    """The amount is positive and at most what may be granted today."""
    proposal = firing.data.get("proposal") or open_proposal(firing.thing)
    if proposal is None or proposal.amount is None:
        return []
    return over(firing.thing, proposal.amount, timezone.localdate())


def over(dossier: Dossier, amount: Decimal, on: date) -> list[str]:
    """Say why an amount cannot be granted on a day; nothing when it can."""
    if amount <= 0:
        return ["Le montant proposé est supérieur à zéro."]
    room = most(dossier, on)
    if room is None:
        return ["Les aides de minimis de l’entreprise ne sont pas déclarées : demandez-les avant toute proposition."]
    if amount > room:
        return [spaced(f"Le montant ne dépasse pas ce qui peut être accordé : {euros(room)}.")]
    return []


def by_another(firing: Firing) -> list[str]:
    """Whoever proposed does not validate."""
    proposal = open_proposal(firing.thing)
    if proposal is not None and proposal.by_id == firing.author.pk:
        return ["Vous avez fait cette proposition : une autre personne la valide."]
    return []


def sent_back_by_another(firing: Firing) -> list[str]:
    """Whoever validated a proposal does not open it again; its author may, or a colleague."""
    proposal = open_proposal(firing.thing)
    if proposal is not None and proposal.is_validated and proposal.decided_by_id == firing.author.pk:
        return ["Vous avez validé cette proposition : une autre personne la renvoie à l’instruction."]
    return []


def not_validated(firing: Firing) -> list[str]:
    proposal = open_proposal(firing.thing)
    return ["Cette proposition est déjà validée."] if proposal is not None and proposal.is_validated else []


def is_still_right(firing: Firing) -> list[str]:
    """What a proposal rests on still holds when a second person validates it; a refusal rests on its reason alone."""
    proposal = open_proposal(firing.thing)
    if proposal is None or proposal.kind == Proposal.Kind.REFUSE:
        return []
    asked = (is_complete, partners.partners_confirmed, is_eligible, is_scored, is_grantable)
    return [sentence for condition in asked for sentence in condition(firing)]


def is_validated(firing: Firing) -> list[str]:
    """An agenda takes up what a second person validated."""
    proposal = open_proposal(firing.thing)
    return [] if proposal is not None and proposal.is_validated else ["La proposition n’est pas validée."]


def is_within(firing: Firing) -> list[str]:
    """What the committee decides is at most what may be granted on the day of its session."""
    item: Item = firing.data["item"]
    if item.decided_amount is None:
        return ["Une subvention a un montant."]
    return over(firing.thing, item.decided_amount, item.session.held_on)


def is_not_notified(firing: Firing) -> list[str]:
    """A decision that its letter has told cannot be undone."""
    if notification.is_told(firing.thing, firing.data.get("item")):
        return ["La décision est notifiée : elle ne se défait plus."]
    return []


# ----------------------------------------------------------------------------------------------------------- effects
def keep_proposal(firing: Firing) -> None:
    """Write the proposal; the dossier's verdict now says its score."""
    proposal: Proposal = firing.data["proposal"]
    proposal.at = firing.at
    proposal.save()
    firing.thing.verdict = firing.written.verdict


def keep_validation(firing: Firing) -> None:
    """Date the second person's word; the dossier stays proposed until an agenda takes it up."""
    proposal = _standing(firing.thing)
    proposal.decided_by, proposal.decided_at, proposal.is_validated = firing.author, firing.at, True
    proposal.save(update_fields=["decided_by", "decided_at", "is_validated"])


def close_proposal(firing: Firing) -> None:
    """A proposal sent back stays, ended."""
    proposal = _standing(firing.thing)
    if proposal.decided_at is None and firing.by is not None:
        proposal.decided_by, proposal.decided_at = firing.by, firing.at
    proposal.is_validated, proposal.ended_at = False, firing.at
    proposal.save(update_fields=["decided_by", "decided_at", "is_validated", "ended_at"])


def grant(firing: Firing) -> None:
    """Write the grant, commit its money, count the aid of an undertaking: one transaction, or nothing.

    Raises budgets.NotEnough, deminimis.CeilingExceeded, deminimis.DeclarationMissing.
    """
    dossier: Dossier = firing.thing
    item: Item = firing.data["item"]
    if item.decided_amount is None:
        raise LookupError("a grant has an amount")
    application = BoosterApplication.objects.get(pk=dossier.pk)
    held_on = item.session.held_on
    award = Award.objects.create(
        dossier=dossier,
        organisation=dossier.organisation,
        item=item,
        envelope=envelope_on(held_on),
        granted_on=held_on,
        deliberation=item.session.deliberation_number,
        amount=item.decided_amount,
        **_terms(application, dossier),
    )
    # The envelope before the account, as when a decision is undone: two decisions never wait in a circle.
    act = f"Délibération {award.deliberation}"
    budgets.commit(award.envelope, award, award.amount, key=f"award:{award.pk}:commit", by=firing.by, act=act)
    if award.aid_regime == DE_MINIMIS:
        granting.grant(
            dossier.organisation,
            on=held_on,
            amount=award.amount,
            about=award,
            key=f"booster:{award.pk}:grant",
            by=firing.by,
            dossier=dossier,
            instrument=Instrument.GRANT.value,
        )
    dossier.amount, dossier.amount_basis = award.amount, award.basis
    dossier.refused_by_silence_on = None
    _end(dossier, firing)


def refuse(firing: Firing) -> None:
    """Keep the refusal; its letter leaves with the batch."""
    firing.thing.refused_by_silence_on = None
    _end(firing.thing, firing)


def adjourn(firing: Firing) -> None:
    """Keep the adjournment: the proposal goes on standing, for another session."""


def undo(firing: Firing) -> None:
    """Bring a decision not yet notified back: its money is free again, its aid reversed, its proposal stands again."""
    dossier: Dossier = firing.thing
    award = award_of(dossier)
    if award is not None:
        budgets.release(
            award.envelope,
            award,
            key=f"award:{award.pk}:undo",
            by=firing.by,
            reason=firing.reason or "Décision défaite",
        )
        for aid in Aid.objects.filter(about_kind=kind_of(award), about_key=str(award.pk), reverses=None):
            granting.reverse(aid, by=firing.by, reason=firing.reason, key=f"booster:{award.pk}:undo")
        award.undone_at, award.undone_reason = firing.at, firing.reason
        award.save(update_fields=["undone_at", "undone_reason"])
    last = Proposal.objects.filter(dossier=dossier, is_validated=True).first()
    if last is not None:
        last.ended_at = None
        last.save(update_fields=["ended_at"])


def tell_scheduled(firing: Firing) -> None:
    """Tell the organisation the day of the session."""
    item: Item = firing.data["item"]
    thread.tell(firing.thing, "booster_ia.scheduled", also={"seance": str(item.session)})


def tell_unscheduled(firing: Firing) -> None:
    """Tell the organisation, to whom a day was said, that its dossier waits for another session."""
    item: Item = firing.data["item"]
    thread.tell(firing.thing, "booster_ia.unscheduled", also={"seance": str(item.session)})


def scored_verdict(firing: Firing) -> Verdict:
    """Judge the last deposit again with the score of its closed panel, by the règlement of its day.

    The findings of the deposit come out as they were; `booster_ia.floor` alone changes, from « sera noté » to the note.
    """
    dossier: Dossier = firing.thing
    sent = dossier.deposits.order_by("-version").first()
    if sent is None or dossier.submitted_at is None:
        raise LookupError("nothing was deposited")
    return scored(drafts.frozen(dossier, sent).case(dossier.submitted_at))


def scored(case: Case) -> Verdict:
    """Judge an application with the exact mean of its closed panel, if it has one."""
    facts, subject = facts_of(case), subject_of(case.dossier)
    is_closed = subject is not None and subject.panel.state == SCORING_CLOSED
    score = results.score_of(subject) if subject is not None and is_closed else None
    sums = replace(evaluate(facts).sums, score=score)
    return judge(RULES, Known(facts, sums), REGLEMENT.on(facts.on))


def as_it_stands(firing: Firing) -> Verdict:
    """Keep with a decision the verdict that it rests on, word for word."""
    return Verdict.from_record(firing.thing.verdict)


def _terms(application: BoosterApplication, dossier: Dossier) -> dict[str, object]:
    """Return what the decision keeps of the règlement and of the application (law: rate, base and cap with it)."""
    figures = REGLEMENT.on(timezone.localdate(dossier.submitted_at) if dossier.submitted_at else timezone.localdate())
    return {
        "basis": basis_of_application(application, dossier),
        "eligible_expenses": application.eligible_expenses,
        "other_public_aid": application.other_public_aid,
        "rate": figures.number("rate"),
        "cap": figures.number("cap"),
        "aid_regime": application.aid_regime,
        "recovers_vat": application.recovers_vat,
        "starts_on": application.start,
        "ends_on": application.end,
        "justify_by": add_months(application.end, int(figures.number("justification_months"))),
    }


def _standing(dossier: Dossier) -> Proposal:
    proposal = open_proposal(dossier)
    if proposal is None:
        raise LookupError("nothing was proposed")
    return proposal


def _end(dossier: Dossier, firing: Firing) -> None:
    proposal = open_proposal(dossier)
    if proposal is not None:
        proposal.ended_at = firing.at
        proposal.save(update_fields=["ended_at"])
