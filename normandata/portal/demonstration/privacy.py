"""The part of the tale about people's own data: two requests, one answered in time, one that waits."""

from collections.abc import Mapping

from django.db import transaction

from normandata.accounts.models import User
from normandata.rights.models import Request
from normandata.rights.services import requests

from . import clock

PERSON, OFFICER = "porteur", "dpo"
ANSWERED_AFTER = 6
"""Days."""


@transaction.atomic
def settle(people: Mapping[str, User]) -> int:
    """Tell the requests once; returns how many were told."""
    person, officer = people[PERSON], people[OFFICER]
    if Request.objects.filter(person=person).exists():
        return 0
    with clock.travel(clock.ago(40)):
        first = requests.file(person, "rectification", "Mon nom d’usage a changé sur un dossier déposé.")
    with clock.travel(clock.ago(40 - ANSWERED_AFTER)):
        requests.answer(first, "granted", "Le nom est corrigé dans le dossier. Merci de votre message.", by=officer)
    with clock.travel(clock.ago(24)):
        requests.file(person, "limitation", "Ne montrez plus mon numéro direct, seulement celui du service.")
    return 2
