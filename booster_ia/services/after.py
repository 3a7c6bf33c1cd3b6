"""What follows a grant besides money: the organisation's account of its project, what the Region notes of it.

The organisation types its account little by little and sends it once; agents note the exchange and the review, answer
two separate questions (proof of concept, feedback) and say which structures came new in the DataLab's network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Upload
from normandata.dossiers import permissions, questionnaires
from normandata.dossiers.forms import as_data
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from ..after import NetworkEntry, Outcome, Reached, Reply
from ..after_forms import Declared, OutcomeForm, declared_in
from ..awards import Award
from ..models import BoosterApplication
from ..partners import Partner

TOLD_IN = ("notified", "in_progress", "delivered")
"""States in which an organisation tells what became of its project."""
FOLLOWED = (*TOLD_IN, "closed", "lapsed")
"""States in which what follows a grant is read; agents may still note it: feedback often comes last."""
PUBLIC = ("public_establishment", "local_authority")
SENT = "Ce bilan est envoyé : il ne se modifie plus. Écrivez à la Région par le fil d’échanges du dossier."
OVER = "Ce dossier est terminé : son bilan ne s’envoie plus."
NOT_NOTIFIED = "La subvention n’est pas notifiée : rien n’est encore à suivre."
ACTS = {
    "outcome_sent": "Bilan et indicateurs envoyés",
    "exchange_held": "Échange de fin de projet noté",
    "project_review": "Revue de projets notée",
    "proof_answered": "Preuve de concept : réponse de la Région",
    "feedback_answered": "Retour d’expérience : réponse de la Région",
    "network_entry": "Réseau du DataLab : structure notée",
}


# ---------------------------------------------------------------------------------------------------------- finding
def followed(dossier: Dossier) -> Award | None:
    """Return the notified grant of a dossier, with what was told of it; nothing before its notification."""
    found = Award.objects.active().filter(dossier=dossier, notified_on__isnull=False)
    return found.select_related("outcome__sent_by", "outcome__saved_by", "outcome__exchange_by", "dossier").first()


def outcome_of(award: Award) -> Outcome | None:
    """Return what was told of a grant, if anything."""
    return getattr(award, "outcome", None)


def declared(award: Award) -> list[Declared]:
    """List the indicators that the application declared, as last deposited."""
    sent = award.dossier.deposits.order_by("-version").select_related("dossier__organisation").first()
    return declared_in(sent) if sent else []


def is_open(award: Award) -> bool:
    """Tell whether an account may be typed: the project has begun, and its dossier is not over."""
    return award.dossier.state in TOLD_IN and award.starts_on <= timezone.localdate()


def replies(award: Award) -> dict[str, Reply]:
    """Return the answer that holds to each question, in one query."""
    listed = award.replies.select_related("by", "upload").order_by("number")
    return {one.question: one for one in listed}


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure of a project, and the last word on it; `is_public` is what its form says, None where unknown."""

    siret: str
    name: str
    role: str
    is_public: bool | None
    entry: NetworkEntry | None


def structures(award: Award) -> list[Structure]:
    """List the carrier and its partners, in four queries whatever their number."""
    known = {one.siren: one for one in award.network.current().select_related("by")}
    organisation = award.dossier.organisation
    kind = BoosterApplication.objects.filter(pk=award.dossier_id).values_list("applicant_type", flat=True).first()
    carrier = Structure(
        organisation.siret, organisation.label, "Porteur", kind in PUBLIC, known.get(organisation.siren)
    )
    named = Partner.objects.filter(dossier=award.dossier_id).taking_part().order_by("pk")
    return [carrier, *(Structure(one.siret, one.name, "Partenaire", None, known.get(one.siren)) for one in named)]


# ----------------------------------------------------------------------------------------------------- condition
def after_is_told(firing: Firing) -> list[str]:
    """Say what is missing before a dossier is closed: its account sent, its exchange held (B-39)."""
    award = followed(firing.thing)
    outcome = outcome_of(award) if award else None
    wanting = []
    if outcome is None or not outcome.is_sent:
        wanting.append("La structure n’a pas envoyé son bilan, avec ses indicateurs d’avancée.")
    if outcome is None or outcome.exchange_on is None:
        wanting.append("L’échange de fin de projet n’est pas noté.")
    return wanting


# ---------------------------------------------------------------------------------------- gestures of the organisation
@transaction.atomic
def save(award: Award, typed: Mapping[str, Any], *, version: int, by: User) -> Outcome:
    """Keep the account as it is typed, complete or not; the same answers sent again change nothing.

    Raises questionnaires.Conflict when it was saved elsewhere since `version`, NotAllowed, NotNow.
    """
    kept = _writable(award, by)
    questionnaires.keep(kept, typed, version=version, by=by)
    return kept


@transaction.atomic
def send(award: Award, *, by: User) -> Outcome:
    """Send the account as it was saved, once: it is frozen, each indicator with its target and the value reached.

    The agents are told. Raises NotDone when something has no answer, NotAllowed, NotNow.
    """
    kept = _writable(award, by)
    listed = declared(award)
    form = OutcomeForm(as_data(kept.answers), declared=listed, starts_on=award.starts_on)
    if not form.is_valid():
        raise NotDone(*[message for _, message in form.problems])
    said = form.cleaned_data
    kept.is_completed, kept.finished_on = said["terme"] == "oui", said["fini_le"]
    kept.commons, kept.commons_detail = form.commons, said["communs_detail"]
    kept.sent_at, kept.sent_by = timezone.now(), by
    kept.save()
    Reached.objects.bulk_create(
        Reached(
            outcome=kept,
            rank=one.rank,
            name=one.name,
            target=one.target,
            unit=one.unit,
            value=said[f"valeur{one.rank}"],
            comment=said[f"mot{one.rank}"],
        )
        for one in listed
    )
    data = {"is_completed": kept.is_completed, "finished_on": said["fini_le"].isoformat(), "indicators": len(listed)}
    procedure.record(award.dossier, "outcome_sent", by=by, data=data)
    thread.alert(award.dossier, "booster_ia.outcome_sent", key=f"outcome:{award.pk}:sent", auteur=str(by))
    return kept


def _writable(award: Award, by: User) -> Outcome:
    procedure.lock(award.dossier)
    if not permissions.is_applicant(by, award.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if award.dossier.state not in TOLD_IN:
        raise NotNow(OVER)
    if not is_open(award):
        raise NotNow(spaced(f"Le bilan s’ouvre quand le projet commence, le {written_day(award.starts_on)}."))
    kept, _ = Outcome.objects.get_or_create(award=award)
    if kept.is_sent:
        raise NotNow(SENT)
    return kept


# --------------------------------------------------------------------------------------------- gestures of the agents
@transaction.atomic
def note_exchange(award: Award, *, on: date, mode: str, notes: str, by: User, seen: str | None = None) -> Outcome:
    """Note the exchange at the end of the project; the organisation is told when it changes.

    `seen` marks what its author read of it. Raises NotAllowed, NotDone, NotNow (a colleague noted it since).
    """
    outcome = _noted(award, by, on)
    if outcome.exchange_by is not None and seen not in (None, outcome.exchange_mark):
        raise NotNow(_overtaken(outcome))
    is_moved = outcome.exchange_on != on or outcome.exchange_mode != mode
    is_changed = is_moved or outcome.exchange_notes != notes.strip()
    outcome.exchange_on, outcome.exchange_mode, outcome.exchange_by = on, mode, by
    outcome.exchange_notes = notes.strip()
    outcome.save()
    if is_changed:
        procedure.record(award.dossier, "exchange_held", by=by, data={"on": on.isoformat(), "mode": mode})
    if is_moved:
        form = Outcome.Mode(mode).label.lower()
        thread.tell(award.dossier, "booster_ia.exchange_held", also={"date": written_day(on), "forme": form})
    return outcome


def _overtaken(outcome: Outcome) -> str:
    """Say what a colleague noted meanwhile, whole: what was typed here would take its place."""
    day = written_day(outcome.exchange_on) if outcome.exchange_on else ""
    said = f"{outcome.exchange_by} a noté cet échange entre-temps, au {day} : « {outcome.exchange_notes} »."
    return spaced(f"{said} Votre saisie est gardée : enregistrez-la de nouveau pour la mettre à la place.")


@transaction.atomic
def note_review(award: Award, *, on: date, attended: bool, by: User) -> Outcome:
    """Note the collective project review, and whether the carrier took part. Raises NotAllowed, NotDone."""
    outcome = _noted(award, by, on)
    if (outcome.review_on, outcome.review_attended) == (on, attended):
        return outcome
    outcome.review_on, outcome.review_attended, outcome.review_by = on, attended, by
    outcome.save()
    procedure.record(award.dossier, "project_review", by=by, data={"on": on.isoformat(), "attended": attended})
    return outcome


@transaction.atomic
def reply(
    award: Award, question: str, *, is_yes: bool, link: str = "", upload: Upload | None = None, by: User
) -> Reply:
    """Answer one of the two questions; the same answer again writes nothing, another one follows the former.

    Feedback that was answered yes keeps its file where no other one is given. Raises NotAllowed, NotDone, NotNow.
    """
    _hold(award, by)
    last = award.replies.filter(question=question).first()
    if is_yes and question == Reply.Question.FEEDBACK and upload is None and last is not None:
        upload = last.upload
    if is_yes and question == Reply.Question.FEEDBACK and not link and upload is None:
        raise NotDone("Indiquez l’adresse du retour d’expérience, ou joignez son fichier.")
    if last is not None and (last.is_yes, last.link, last.upload) == (is_yes, link, upload):
        return last
    answer = Reply.objects.create(
        award=award,
        question=question,
        number=last.number + 1 if last else 1,
        is_yes=is_yes,
        link=link,
        upload=upload,
        by=by,
    )
    procedure.record(award.dossier, f"{question}_answered", by=by, data={"is_yes": is_yes, "number": answer.number})
    return answer


@transaction.atomic
def enter(award: Award, siret: str, *, is_new: bool, is_public: bool, joined_on: date | None, by: User) -> NetworkEntry:
    """Say of a structure of the project whether it came new in the network, and when; the last word holds.

    Raises LookupError for a structure that is not of the project, NotAllowed, NotDone.
    """
    _hold(award, by)
    _check_past(joined_on)
    found = next((one for one in structures(award) if one.siret == siret), None)
    if found is None:
        raise LookupError("not a structure of this project")
    last = found.entry
    if last is not None and (last.is_new, last.is_public, last.joined_on) == (is_new, is_public, joined_on):
        return last
    entry = NetworkEntry.objects.create(
        award=award,
        number=last.number + 1 if last else 1,
        siret=siret,
        siren=siret[:9],
        name=found.name,
        is_new=is_new,
        is_public=is_public,
        joined_on=joined_on,
        by=by,
    )
    data = {"siret": siret, "is_new": is_new, "is_public": is_public}
    procedure.record(award.dossier, "network_entry", by=by, reason=found.name, data=data)
    return entry


def told(award: Award) -> Sequence[Reached]:
    """List the indicators as they were sent."""
    return list(Reached.objects.filter(outcome=award.pk).order_by("rank"))


def _noted(award: Award, by: User, on: date) -> Outcome:
    _hold(award, by)
    _check_past(on)
    return Outcome.objects.get_or_create(award=award)[0]


def _check_past(on: date | None) -> None:
    if on is not None and on > timezone.localdate():
        raise NotDone("Cette date est à venir.")


def _hold(award: Award, by: User) -> None:
    procedure.lock(award.dossier)
    if not permissions.can_examine(by, award.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if award.notified_on is None:
        raise NotNow(NOT_NOTIFIED)
