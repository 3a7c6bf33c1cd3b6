"""Views of the queue that a person keeps, for oneself or for the other agents."""

from normandata.accounts.models import User
from normandata.organisations.models import searchable
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced

from ..board import BUILT_IN
from ..desk import SavedView
from ..filters import Filters


def save(name: str, filters: Filters, *, is_shared: bool, by: User) -> SavedView:
    """Keep a view under a name; the same name again replaces the person's own view.

    Raises NotDone for the name of a view that everybody has, whatever its case and accents.
    """
    if searchable(name) in {searchable(taken) for taken in BUILT_IN}:
        raise NotDone(spaced(f"« {name} » est déjà le nom d’une vue de la file. Choisissez-en un autre."))
    kept = {"query": filters.encoded, "is_shared": is_shared}
    view, _ = SavedView.objects.update_or_create(owner=by, name=name, defaults=kept)
    return view


def forget(view: SavedView, *, by: User) -> bool:
    """Delete a view, provided it is the person's own."""
    return bool(SavedView.objects.filter(pk=view.pk, owner=by).delete()[0])
