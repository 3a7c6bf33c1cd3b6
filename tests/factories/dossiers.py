"""Dossiers of the tests, brought to a state by the gestures that people would make."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from normandata.accounts.models import User
from normandata.dossiers.models import Deposit, Dossier, Section
from normandata.dossiers.services import deposits, drafts
from normandata.dossiers.services.deposits import Signatory
from normandata.organisations.models import Organisation
from tests.factories.organisations import MembershipFactory, OrganisationFactory

PEOPLE = {
    "projet_nom": "Camille Exemple",
    "projet_fonction": "Responsable informatique",
    "projet_courriel": "camille@exemple.invalid",
    "projet_telephone": "02 31 00 00 01",
    "habilite_nom": "Dominique Exemple",
    "habilite_fonction": "Gérante",
    "habilite_courriel": "dominique@exemple.invalid",
    "habilite_telephone": "02 31 00 00 02",
}
REASONS = {
    "echanges": "Oui, en comité de direction.",
    "projet": "Le remplacement du logiciel d’atelier.",
    "sujets": "Prévoir les pannes des machines.",
    "competences": "Deux techniciens méthodes.",
}
NO_AID = {"recues": "non", "cloture": "31/12", "fret": "non", "autre_regime": "non", "groupe": ""}
FIRM: Mapping[str, Mapping[str, Any]] = {
    "structure": {
        "nom": "Fonderie d’essai",
        "adresse": "1 rue des Essais, 61100 Flers",
        "type": "enterprise",
        "etp": "45,5",
    },
    "situation": {"creation": "12/05/2009", "activite": "production"},
    "aides": NO_AID,
    "personnes": PEOPLE,
    "motivations": REASONS,
}
SIGNED = Signatory("Dominique Exemple", "Gérante", in_person=True, accepted=("questionnaire", "exact"))


def make_draft(
    *, by: User | None = None, organisation: Organisation | None = None, answers: Mapping[str, Any] | None = None
) -> Dossier:
    """Begin a request for a diagnostic and type everything in it."""
    if by is None:
        membership = MembershipFactory(**({"organisation": organisation} if organisation else {}))
        by, organisation = membership.user, membership.organisation
    elif organisation is None:
        organisation = OrganisationFactory()
        MembershipFactory(user=by, organisation=organisation)
    dossier = drafts.begin("diagnostic", organisation, QueryDict(), by=by)
    dossier.sections.all().delete()
    typed = FIRM if answers is None else answers
    Section.objects.bulk_create(Section(dossier=dossier, slug=slug, answers=dict(said)) for slug, said in typed.items())
    return dossier


def make_deposit(dossier: Dossier | None = None, *, at: datetime | None = None, **fields: Any) -> Deposit:
    """Deposit a complete request, made for the purpose unless one is given."""
    dossier = dossier or make_draft(**fields)
    return deposits.deposit(dossier, key=uuid.uuid4(), signatory=SIGNED, by=dossier.created_by, at=at)


def make_dossier(**fields: Any) -> Dossier:
    """Make a deposited dossier."""
    return make_deposit(**fields).dossier


__all__ = ["FIRM", "NO_AID", "PEOPLE", "REASONS", "SIGNED", "make_deposit", "make_dossier", "make_draft"]
