"""Telling a decision, and the convention of a grant: the letters that leave, then the signatures of both parties.

The Commission permanente decides, the President of the Region notifies (annexe 4, « Modalités d’instruction et
d’attribution »); payments follow the letter or the convention.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.deminimis.models import Aid
from normandata.dossiers import permissions
from normandata.dossiers.delays import PARIS
from normandata.dossiers.letter_batches import Draft, Mailroom
from normandata.dossiers.models import Deposit, Dossier
from normandata.dossiers.services import letters as letters_of_dossiers
from normandata.dossiers.services import thread
from normandata.procedure import services as procedure
from normandata.procedure.models import Event, kind_of
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced
from normandata.ui.templatetags.nd import hour

from .. import letters
from ..agreements import Agreement, DecisionLetter
from ..awards import Award, Proposal
from . import criteria

SCHEME = "booster_ia"
UNTITLED = "Projet sans titre"
TOLD = ("notified", "in_progress", "delivered", "closed", "lapsed")
"""States in which a grant has its convention."""


# ------------------------------------------------------------------------------------------------------------- finding
def to_tell() -> QuerySet[Item]:
    """Keep the decisions that no letter has told: the last one of each dossier, while it still stands."""
    later = Item.objects.filter(dossier=OuterRef("dossier"), applied_at__gt=OuterRef("applied_at"))
    told = DecisionLetter.objects.filter(item=OuterRef("pk"))
    stands = Q(outcome=F("dossier__state"))
    decided = Item.objects.standing().filter(stands, applied_at__isnull=False, session__scheme=SCHEME)
    return decided.filter(~Exists(later), ~Exists(told))


def is_told(dossier: Dossier, item: Item | None = None) -> bool:
    """Tell whether a letter has told a decision: this one, or the last of the dossier."""
    decided = (
        item
        or Item.objects.standing()
        .filter(dossier=dossier, applied_at__isnull=False)
        .order_by("-applied_at", "-pk")
        .first()
    )
    return decided is not None and DecisionLetter.objects.filter(item=decided).exists()


def agreement_of(dossier: Dossier) -> Agreement | None:
    """Return the convention of the grant that stands, if any."""
    found = Agreement.objects.filter(award__dossier=dossier, award__undone_at=None)
    return found.select_related("award", "letter__document", "countersigned_by", "signed_by").first()


def drafts(dossiers: Sequence[Dossier], at: datetime) -> Mapping[int, Draft]:
    """Draft the letters that these dossiers wait for, in as many queries for one as for a thousand; raises NotNow."""
    keys = [one.pk for one in dossiers]
    items = {one.dossier_id: one for one in to_tell().filter(dossier__in=keys).select_related("session")}
    if not items:
        return {}
    day = at.astimezone(PARIS).date()
    signed_by = letters_of_dossiers.signatory(SCHEME, day)
    sent = Deposit.objects.filter(dossier__in=list(items), version=F("dossier__version"))
    titles = dict(sent.values_list("dossier", "answers__projet__titre"))
    awards = {one.dossier_id: one for one in Award.objects.active().filter(dossier__in=list(items))}
    aids = _aids(awards.values())
    proposals = _proposals(items)
    marks = criteria.of([pk for pk, item in items.items() if item.outcome == Item.Outcome.REFUSED])
    found: dict[int, Draft] = {}
    for one in dossiers:
        if (item := items.get(one.pk)) is None:
            continue
        award = awards.get(one.pk)
        if award is not None:
            award.dossier = one
        told = letters.Told(
            dossier=one,
            item=item,
            head=letters_of_dossiers.letterhead(one, signed_by, day),
            title=titles.get(one.pk) or UNTITLED,
            award=award,
            aid=aids.get(str(award.pk)) if award else None,
            proposal=proposals.get(one.pk),
            marks=[mark.as_record() for mark in marks.get(one.pk, ())],
        )
        found[one.pk] = letters.draft(told)
    return found


def _aids(awards: Any) -> dict[str, Aid]:
    """Return the de minimis aid of each grant that is one, by key of grant."""
    listed = list(awards)
    if not listed:
        return {}
    booked = Aid.objects.filter(about_kind=kind_of(listed[0]), about_key__in=[str(one.pk) for one in listed])
    return {one.about_key: one for one in booked.filter(reverses=None)}


def _proposals(items: Mapping[int, Item]) -> dict[int, Proposal]:
    """Return the proposal that each decision took up: the last one that was validated."""
    found: dict[int, Proposal] = {}
    for one in Proposal.objects.filter(dossier__in=list(items), is_validated=True).order_by("at", "pk"):
        found[one.dossier_id] = one
    return found


MAILROOM = Mailroom(SCHEME, "booster_ia:letters", drafts)


# ------------------------------------------------------------------------------------------------------------ gestures
def tell(dossier: Dossier, *, by: User) -> Event:
    """Send the letter that a dossier waits for, alone; raises LookupError for another state, what `fire` raises."""
    return procedure.fire(dossier, letters.TRANSITIONS[dossier.state], by=by)


def sign(dossier: Dossier, *, name: str, function: str, by: User) -> Event:
    """Sign the convention on screen, for the structure; raises what `fire` raises."""
    return _sign(dossier, Agreement.Means.SCREEN, name, function, timezone.localdate(), by)


def sign_on_paper(dossier: Dossier, *, name: str, function: str, on: date, by: User) -> Event:
    """Write down that the structure signed on paper, on a day; raises what `fire` raises."""
    return _sign(dossier, Agreement.Means.PAPER, name, function, on, by)


def _sign(dossier: Dossier, means: Agreement.Means, name: str, function: str, on: date, by: User) -> Event:
    journal = {"name": name.strip(), "function": function.strip(), "means": means.label, "on": on.isoformat()}
    return procedure.fire(
        dossier, "sign", by=by, journal=journal, means=means, signer=name.strip(), function=function.strip(), on=on
    )


def countersign(dossier: Dossier, *, on: date, by: User) -> Event:
    """Write down the day the Region signed; the convention is then in force. Raises what `fire` raises."""
    return procedure.fire(dossier, "countersign", by=by, journal={"on": on.isoformat()}, on=on)


# --------------------------------------------------------------------------------------------------------- permissions
def may_sign(user: User, dossier: Dossier) -> bool:
    """The structure signs on screen; an agent writes a signature on paper down."""
    return bool(permissions.is_applicant(user, dossier) or permissions.can_examine(user, dossier))


# ---------------------------------------------------------------------------------------------------------- conditions
def is_to_tell(firing: Firing) -> list[str]:
    """A decision is told once."""
    return [] if to_tell().filter(dossier=firing.thing).exists() else ["La lettre de cette décision est déjà partie."]


def is_signable(firing: Firing) -> list[str]:
    """Who signs has a name and a function; each side signs by its own means, once the paper is there to be read."""
    agreement = agreement_of(firing.thing)
    if agreement is None or agreement.is_signed:
        return ["Il n’y a pas de convention à signer."]
    if not agreement.letter.document.is_ready:
        return ["La convention se prépare encore : réessayez dans un instant."]
    given = firing.data
    if not given["signer"] or not given["function"]:
        return ["Indiquez le nom et la fonction de la personne qui signe."]
    if given["means"] == Agreement.Means.SCREEN:
        is_ours = permissions.is_applicant(firing.author, firing.thing)
        return [] if is_ours else ["La structure signe elle-même à l’écran."]
    if not permissions.can_examine(firing.author, firing.thing):
        return ["Une signature sur papier est notée par un agent."]
    return _day_between(given["on"], timezone.localdate(agreement.made_at), "La convention a été établie")


def is_countersignable(firing: Firing) -> list[str]:
    """The Region signs last, once."""
    agreement = agreement_of(firing.thing)
    if agreement is None or agreement.signed_on is None or agreement.is_in_force:
        return ["Il n’y a pas de convention à signer par la Région."]
    return _day_between(firing.data["on"], agreement.signed_on, "La structure a signé")


def _day_between(on: date, first: date, since: str) -> list[str]:
    if first <= on <= timezone.localdate():
        return []
    return [f"{since} le {written_day(first)} : donnez une date entre ce jour et aujourd’hui."]


# ------------------------------------------------------------------------------------------------------------- effects
def notify(firing: Firing) -> None:
    """Send the letter of a grant with its convention; the structure has it from that day."""
    dossier: Dossier = firing.thing
    draft = _leave(firing)
    award = Award.objects.active().get(dossier=dossier)
    award.notified_on = firing.at.astimezone(PARIS).date()
    award.save(update_fields=["notified_on"])
    award.dossier = dossier
    paper = letters_of_dossiers.send_draft(letters.agreement_draft(draft), at=firing.at)
    Agreement.objects.create(award=award, letter=paper, terms=letters.terms(award), made_at=firing.at)
    said = {"montant": spaced(f"{euros(award.amount)} {award.basis}"), "minimis": " ".join(draft.record["aid"])}
    thread.tell(dossier, "booster_ia.notified", also=said | _acts(draft))


def notify_refusal(firing: Firing) -> None:
    """Send the letter of a refusal, with its reasons and its appeals."""
    draft = _leave(firing)
    thread.tell(firing.thing, "booster_ia.refused", also={"motif": draft.record["reason"]} | _acts(draft))


def notify_adjournment(firing: Firing) -> None:
    """Send the letter of an adjournment, which decides nothing."""
    draft = _leave(firing)
    thread.tell(firing.thing, "booster_ia.adjourned", also={"motif": draft.record["reason"]} | _acts(draft))


def keep_signature(firing: Firing) -> None:
    """Write who signed for the structure; the agents are told that the Region's turn has come."""
    dossier: Dossier = firing.thing
    agreement, given = _agreement(dossier), firing.data
    agreement.means, agreement.signed_on = given["means"], given["on"]
    agreement.signed_name, agreement.signed_function = given["signer"], given["function"]
    agreement.signed_by, agreement.signed_at = firing.author, firing.at
    agreement.save()
    who = f"{agreement.signed_name}, {agreement.signed_function}"
    thread.alert(dossier, "booster_ia.agreement_signed", signataire=who, jour=written_day(given["on"]))


def keep_countersignature(firing: Firing) -> None:
    """Write the day the Region signed, make the convention anew with both signatures, and tell the structure."""
    dossier: Dossier = firing.thing
    agreement = _agreement(dossier)
    agreement.countersigned_on, agreement.countersigned_by = firing.data["on"], firing.author
    agreement.save(update_fields=["countersigned_on", "countersigned_by"])
    signed = letters.signed_draft(dossier, agreement.letter.document.record, _signatures(agreement))
    letters_of_dossiers.send_draft(signed, at=firing.at)
    also = {"jour": written_day(firing.data["on"]), "justifier": written_day(agreement.award.justify_by)}
    thread.tell(dossier, "booster_ia.agreement_in_force", also=also)


def _signatures(agreement: Agreement) -> dict[str, str]:
    """Return who signed, by which means and on which days, as JSON keeps them."""
    if agreement.signed_on is None or agreement.signed_at is None or agreement.countersigned_on is None:
        raise LookupError("a party has not signed")
    return {
        "name": agreement.signed_name,
        "function": agreement.signed_function,
        "means": agreement.get_means_display(),
        "on": agreement.signed_on.isoformat(),
        "at": hour(agreement.signed_at) if agreement.means == Agreement.Means.SCREEN else "",
        "account": str(agreement.signed_by) if agreement.means == Agreement.Means.SCREEN else "",
        "region_on": agreement.countersigned_on.isoformat(),
    }


def _leave(firing: Firing) -> Draft:
    """Send the letter that was read, or the one that stands now, and write that it told the decision."""
    dossier: Dossier = firing.thing
    draft: Draft = firing.data.get("draft") or drafts([dossier], firing.at)[dossier.pk]
    item = to_tell().get(dossier=dossier)  # the state that its row has is still that of the decision
    DecisionLetter.objects.create(item=item, letter=letters_of_dossiers.send_draft(draft, at=firing.at))
    return draft


def _acts(draft: Draft) -> dict[str, str]:
    held_on = date.fromisoformat(draft.record["held_on"])
    return {"deliberation": f"{draft.record['deliberation']} du {written_day(held_on)}"}


def _agreement(dossier: Dossier) -> Agreement:
    found = agreement_of(dossier)
    if found is None:
        raise LookupError("no convention was made")
    return found
