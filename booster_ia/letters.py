"""What the letters of a decision and the convention say: one record each, all that they are made from.

A letter names the acts, the amount with its base, rate and cap, the period, the payments, what is owed in return and,
where it decides, the reasons and the appeals (annexe 4; CRPA, art. L211-5 and L212-1; CJA, art. R421-1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.committee.models import Item
from normandata.deminimis import notice
from normandata.deminimis.models import Aid
from normandata.documents.models import Document
from normandata.dossiers.letter_batches import Draft
from normandata.dossiers.models import Dossier
from normandata.regulation.findings import Outcome, Verdict
from normandata.regulation.formats import euros, spaced
from normandata.regulation.money import cents

from .awards import Award, Proposal
from .rules import REGLEMENT

AWARD, REFUSAL, ADJOURNMENT = "booster_ia.award", "booster_ia.refusal", "booster_ia.adjournment"
AGREEMENT = "booster_ia.agreement"
TRANSITIONS = {"granted": "notify", "refused": "notify_refusal", "adjourned": "notify_adjournment"}
"""The transition that tells a decision, by outcome, which its dossier then has for state."""
VISAS = (
    "délibération AP D 25-12-5 de l’Assemblée plénière du 15 décembre 2025, annexe 4 (Booster IA)",
    "délibération CP D 23-12-1 du 11 décembre 2023 (règlement des subventions régionales)",
)
DUTIES = (
    "faire remonter à la Région les indicateurs d’avancée au terme du projet, lors d’un échange sur place ou à "
    "distance",
    "participer à une revue de projets collective du DataLab Normandie",
    "remettre un retour d’expérience, que la preuve de concept soit validée ou non",
    "mettre à disposition les communs décrits dans la demande",
    "mentionner le soutien de la Région Normandie, avec son logo, dans toute communication sur le projet",
)
PAPERS = (
    "pour le personnel : bulletins de paie, contrats de travail et lettres de mission, feuilles de temps signées de "
    "l’employé et du représentant légal",
    "pour le reste : factures acquittées des prestations réalisées, des licences d’utilisation ou des consommables",
)
CONTROL = (
    "La Région peut contrôler l’emploi de la subvention, sur pièces et sur place. Une somme qui n’est pas justifiée, "
    "ou versée au-delà de ce qui est dû, est reversée. En cas de manquement aux obligations, l’avance peut être "
    "restituée, après que vous avez pu présenter vos observations."
)
NEXT = (
    "Votre demande reste à l’examen : vous n’avez pas à la déposer de nouveau.",
    "Elle est présentée à une prochaine séance de la Commission permanente ; vous êtes averti de sa date.",
    "Le service chargé du dossier peut vous demander une précision d’ici là, par le fil d’échanges du portail.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with all that its letter says, read beforehand for many dossiers at once."""

    dossier: Dossier
    item: Item
    head: dict[str, Any]
    title: str
    award: Award | None = None
    aid: Aid | None = None
    proposal: Proposal | None = None
    marks: Sequence[Mapping[str, str]] = ()
    """What each criterion gave it, where it was scored."""


# ------------------------------------------------------------------------------------------------------------- letters
def draft(told: Told) -> Draft:
    """Draft the letter of a decision."""
    writers = {"granted": _award, "refused": _refusal, "adjourned": _adjournment}
    return writers[told.item.outcome](told)


def _award(told: Told) -> Draft:
    award = told.award
    if award is None:
        raise LookupError("nothing was granted")
    aid = told.aid
    said = terms(award) | {"aid": list(notice.sentences(on=aid.on, amount=aid.amount)) if aid else []}
    return _draft(
        told, AWARD, f"Subvention de {euros(award.amount)}", "Notification de subvention", "notification", said
    )


def _refusal(told: Told) -> Draft:
    dossier = told.dossier
    verdict = Verdict.from_record(dossier.verdict) if dossier.verdict else None
    unmet = verdict.with_outcome(Outcome.UNMET) if verdict else ()
    said = {
        "reason": told.item.reason,
        "score": told.proposal.score if told.proposal else "",
        "marks": [dict(one) for one in told.marks],
        "rules": [
            {"label": one.label, "message": one.message, "text": one.citation.text, "article": one.citation.article}
            for one in unmet
        ],
    }
    return _draft(told, REFUSAL, "Refus", "Refus", "refus", said)


def _adjournment(told: Told) -> Draft:
    said = {"reason": told.item.reason, "next": list(NEXT)}
    return _draft(told, ADJOURNMENT, "Examen reporté", "Examen reporté", "report", said, is_contestable=False)


def _draft(
    told: Told, kind: str, label: str, title: str, name: str, said: dict[str, Any], *, is_contestable: bool = True
) -> Draft:
    dossier, session = told.dossier, told.item.session
    acts = {
        "project": told.title,
        "deliberation": session.deliberation_number,
        "held_on": session.held_on.isoformat(),
        "visas": list(VISAS),
    }
    return Draft(
        dossier=dossier,
        transition=TRANSITIONS[told.item.outcome],
        kind=kind,
        label=spaced(label),
        title=f"{title}, dossier {dossier.number}",
        filename=f"{name}-{dossier.number}.pdf",
        body=f"pdf/{kind.replace('.', '/')}_body.html",
        record=told.head | acts | said,
        is_contestable=is_contestable,
    )


# ----------------------------------------------------------------------------------------------------------- the grant
def advance_most(award: Award) -> Decimal:
    """Return the most that may be paid beforehand, in euros: min(50 % × E, grant) (B-45)."""
    rate = figures_of(award.dossier).number("advance_rate")
    return min(cents(rate * award.eligible_expenses / 100), award.amount)


def figures_of(dossier: Dossier) -> Any:
    """Return the règlement of the day of a deposit."""
    on = timezone.localdate(dossier.submitted_at) if dossier.submitted_at else timezone.localdate()
    return REGLEMENT.on(on)


def terms(award: Award) -> dict[str, Any]:
    """Return the terms of a grant, as JSON keeps them: amounts in euros as strings, days as ISO dates."""
    return {
        "amount": str(award.amount),
        "basis": award.basis,
        "eligible_expenses": str(award.eligible_expenses),
        "other_public_aid": str(award.other_public_aid),
        "rate": f"{award.rate.normalize():f}",
        "cap": str(award.cap),
        "method": figures_of(award.dossier).word("balance_method"),
        "advance_most": str(advance_most(award)),
        "starts_on": award.starts_on.isoformat(),
        "ends_on": award.ends_on.isoformat(),
        "justify_by": award.justify_by.isoformat(),
        "duties": list(DUTIES),
        "papers": list(PAPERS),
        "control": CONTROL,
    }


def agreement_draft(told: Draft) -> Draft:
    """Draft the convention of a grant from the letter that notifies it: the same acts, the same terms."""
    signatory = told.record["signatory"]
    quality = signatory["quality"]
    said = {"represented_by": f"{quality[:1].lower()}{quality[1:]}, {signatory['name']}", "signatures": {}}
    return _agreement(told.dossier, "Convention", "convention", dict(told.record) | said, told.transition)


def signed_draft(dossier: Dossier, record: Mapping[str, Any], signatures: dict[str, Any]) -> Draft:
    """Draft the convention once more, with who signed and when."""
    said = dict(record) | {"signatures": signatures}
    return _agreement(dossier, "Convention signée", "convention-signee", said, "countersign")


def _agreement(dossier: Dossier, title: str, name: str, record: dict[str, Any], transition: str) -> Draft:
    return Draft(
        dossier=dossier,
        transition=transition,
        kind=AGREEMENT,
        label=title,
        title=f"{title}, dossier {dossier.number}",
        filename=f"{name}-{dossier.number}.pdf",
        body="pdf/booster_ia/agreement_body.html",
        record=record,
        is_contestable=False,
    )


def context(document: Document) -> dict[str, Any]:
    """Give a template its record, flat for what all letters share, whole as `letter` for the text."""
    record: dict[str, Any] = document.record
    return record | {"document": document, "letter": record}
