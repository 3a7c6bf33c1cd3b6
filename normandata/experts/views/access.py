"""Finding the question that an expert may open; what one may not see does not exist."""

import uuid

from django.http import Http404, HttpRequest

from normandata.accounts.models import User
from normandata.dossiers.views.access import person

from .. import permissions
from ..models import Expert, Opinion


def question(request: HttpRequest, key: uuid.UUID) -> Opinion:
    """Return a question asked of this person; raises Http404."""
    asked = Opinion.objects.asked_of(person(request)).filter(key=key)
    found = asked.select_related("dossier__organisation", "deposit", "expert__user", "answer").first()
    if found is None:
        raise Http404
    return found


def readable_question(request: HttpRequest, key: uuid.UUID) -> Opinion:
    """Return a question whose dossier this person may still read: it waits, and no conflict is declared."""
    found = question(request, key)
    if not found.is_readable:
        raise Http404
    return found


def directory_keeper(request: HttpRequest) -> User:
    """Return the agent who is there; raises Http404 for anybody who does not keep the directory."""
    user = person(request)
    if not permissions.keeps_directory(user):
        raise Http404
    return user


def directory_reader(request: HttpRequest) -> User:
    """Return who is there; raises Http404 for anybody who does not read the directory."""
    user = person(request)
    if not permissions.reads_directory(user):
        raise Http404
    return user


def entry(pk: int) -> Expert:
    """Return an expert of the directory with the agreements that stand; raises Http404."""
    found = Expert.objects.with_agreements().select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
