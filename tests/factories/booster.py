"""Applications to Booster IA, brought to a state by the gestures that people would make."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from normandata.accounts.models import User
from normandata.dossiers.models import Attachment, Deposit, Dossier, Section
from normandata.dossiers.services import deposits, drafts
from normandata.dossiers.services.deposits import Signatory
from normandata.organisations.models import Membership, Organisation
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import PEOPLE
from tests.factories.organisations import MembershipFactory, OrganisationFactory, siret

TEXT = "Une réponse d’essai."
NORMAN, OUTSIDE = "99900010200015", "99900031800017"
"""Fonderie imaginaire du Bocage (61) and an enterprise of Ille-et-Vilaine, in the fictitious register."""
STRUCTURE = {
    "nom": "Ateliers d’essai", "adresse": "1 rue de l’Exemple, 14000 Caen", "type": "enterprise", "activite": TEXT,
    "tva": "oui",
}  # fmt: skip
PROJECT = {
    "titre": "Prévoir les crues du bocage", "resume": TEXT, "ia": "oui", "usage_ia": TEXT, "domaine": "resilience",
    "besoin": TEXT, "faisabilite": TEXT, "responsable": TEXT, "securite": TEXT, "reproductibilite": TEXT,
}  # fmt: skip
PARTNERS = {
    "avec": "oui",
    "partenaire1_siret": NORMAN,
    "partenaire1_nom": "Fonderie imaginaire du Bocage",
    "partenaire1_contact": "Dominique Exemple",
    "partenaire1_courriel": "fonderie@exemple.invalid",
    "partenaire1_lieu": "61",
}
COMMONS = {"apports": ["feedback", "open_data"], "detail": TEXT}
CALENDAR = {
    "debut": "01/12/2026",
    "fin": "31/05/2027",
    "indicateur1_nom": "Crues prévues à 24 heures",
    "indicateur1_cible": "95",
    "indicateur1_unite": "%",
}
BUDGET = {
    "depense1_categorie": "intellectual_services",
    "depense1_libelle": "Modèle de prévision",
    "depense1_montant": "24 999,97",
    "depense1_base": "HT",
    "autres": "non",
}
REGIME = {"regime": "rdi", "justification": ""}
WHOLE: Mapping[str, Mapping[str, Any]] = {
    "structure": STRUCTURE,
    "projet": PROJECT,
    "partenaires": PARTNERS,
    "communs": COMMONS,
    "calendrier": CALENDAR,
    "budget": BUDGET,
    "regime": REGIME,
    "personnes": PEOPLE,
}
NO_AID = {"recues": "non", "cloture": "31/12", "fret": "non", "groupe": ""}
ACCEPTED = ("regularite", "indicateurs", "exact")
SIGNED = Signatory("Dominique Exemple", "Gérante", in_person=True, accepted=ACCEPTED)


def expenses(*rows: Mapping[str, str]) -> dict[str, str]:
    """Write rows of the budget as typed: category, label, amount and basis, unless told otherwise."""
    typed = {}
    for rank, row in enumerate(rows, start=1):
        given = {"categorie": "services", "libelle": f"Prestation {rank}", "montant": "1000", "base": "HT"}
        typed |= {f"depense{rank}_{part}": value for part, value in (given | dict(row)).items()}
    return typed


def staff(amount: str, status: str) -> dict[str, str]:
    """Write a row of personnel, `permanent` or `recrute`."""
    return {
        "categorie": "personnel",
        "libelle": "Ingénieure données",
        "montant": amount,
        "fonction": "Ingénieure données",
        "statut": status,
        "jours": "45,5",
    }


def make_booster_draft(
    *,
    by: User | None = None,
    organisation: Organisation | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    pieces: tuple[str, ...] = ("presentation",),
) -> Dossier:
    """Begin an application, type everything in it and join its pieces; `answers` replaces some sections."""
    organisation = organisation or OrganisationFactory()
    if by is None:
        by = MembershipFactory(organisation=organisation).user
    elif not Membership.objects.filter(user=by, organisation=organisation).exists():
        MembershipFactory(user=by, organisation=organisation)
    dossier = drafts.begin("booster_ia", organisation, QueryDict(), by=by)
    dossier.sections.all().delete()
    typed = {**WHOLE, **(answers or {})}
    Section.objects.bulk_create(Section(dossier=dossier, slug=slug, answers=dict(said)) for slug, said in typed.items())
    for piece in pieces:
        Attachment.objects.create(dossier=dossier, piece=piece, upload=UploadFactory(), added_by=by)
    return dossier


def make_booster_deposit(
    dossier: Dossier | None = None, *, at: datetime | None = None, accepted: tuple[str, ...] = ACCEPTED, **fields: Any
) -> Deposit:
    """Deposit a whole application, made for the purpose unless one is given."""
    dossier = dossier or make_booster_draft(**fields)
    signed = Signatory("Dominique Exemple", "Gérante", in_person=True, accepted=accepted)
    return deposits.deposit(dossier, key=uuid.uuid4(), signatory=signed, by=dossier.created_by, at=at)


def make_booster(**fields: Any) -> Dossier:
    """Make a deposited application."""
    return make_booster_deposit(**fields).dossier


__all__ = [
    "ACCEPTED", "BUDGET", "CALENDAR", "COMMONS", "NORMAN", "NO_AID", "OUTSIDE", "PARTNERS", "PROJECT", "REGIME",
    "SIGNED", "STRUCTURE", "TEXT", "WHOLE", "expenses", "make_booster", "make_booster_deposit", "make_booster_draft",
    "siret", "staff",
]  # fmt: skip
