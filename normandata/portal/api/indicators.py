"""The indicators as everybody reads them: what each is, and its figure over any period, at any date."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from normandata.indicators import dimensions, figures, registry
from normandata.indicators.definitions import Kind, Period, Split
from normandata.indicators.figures import UNITS, Scope
from normandata.indicators.registry import Owner
from normandata.opendata import conf
from normandata.regulation.formats import spaced

from . import schemas as s
from .definitions import Call, Operation
from .parameters import Choice, Day, Key
from .problems import NOT_FOUND, PARAMETER, Problem

GROUP = "Indicateurs"
OWNER = Choice(
    "owner", "Le code du dispositif, ou de la feuille de route.", tuple(one.slug for one in registry.owners())
)
INDICATOR = Key("indicator", "Le code de l’indicateur, donné par la liste.", "[a-z0-9_-]{1,80}")
CENTURY = ("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", " de 2000 à 2099")
FIRST = Day("from", "Le premier jour compté ; par défaut, le 1er janvier de l’année d’arrêté.", *CENTURY)
LAST = Day("to", "Le dernier jour compté ; par défaut, le 31 décembre de l’année du premier.", *CENTURY)
AS_OF = Day(
    "as_of", "Le jour d’arrêté : les faits tels qu’on les connaissait ce soir-là ; aujourd’hui au plus.", *CENTURY
)
DEPARTMENT = Choice("department", "Un département seulement.", tuple(dimensions.LABELS[Split.DEPARTMENT]))
STRUCTURE = Choice("structure", "Un type de structure seulement.", tuple(dimensions.LABELS[Split.STRUCTURE]))
PERIOD = (FIRST, LAST, AS_OF, DEPARTMENT, STRUCTURE)

DEFINED = {
    "owner": s.one_of(OWNER.words, "À qui est l’indicateur."),
    "owner_title": s.text("Son nom."),
    "slug": s.text("Le code de l’indicateur."),
    "title": s.text("Son intitulé voté, mot pour mot."),
    "kind": s.one_of(Kind, "Son type."),
    "formula": s.text("Comment il se compte, en toutes lettres."),
    "source": s.text("Le texte qui le fixe."),
    "unit": s.text("Son unité."),
}
TABLE = s.thing(
    {
        "columns": s.several(s.thing({"label": s.text(), "unit": s.one_of((*dict.fromkeys(UNITS.values()), "texte"))})),
        "rows": s.several({"type": "array", "items": {"type": ["string", "number", "null"]}}),
    }
)
COUNT: s.Schema = {"type": ["integer", "null"]}
FIGURE = s.thing(
    DEFINED
    | {
        "period": s.thing({"first": s.day(), "last": s.day(), "as_of": s.day()}, "Les jours comptés, et l’arrêté."),
        "department": s.nullable(s.one_of(DEPARTMENT.words)),
        "structure": s.nullable(s.one_of(STRUCTURE.words)),
        "withheld": s.nullable(s.text("Pourquoi il n’y a pas de chiffre ; null s’il y en a un.")),
        "finding": s.nullable(s.text("Le constat, en une phrase.")),
        "measure": s.text("Ce que la valeur compte."),
        "value": {"type": ["number", "null"], "description": "La valeur ; null s’il n’y a rien à compter."},
        "numerator": COUNT | {"description": "D’un taux, ce qui répond."},
        "denominator": COUNT | {"description": "D’un taux, l’ensemble."},
        "note": s.nullable(s.text("Une précision.")),
        "secret": s.flag("Vrai si l’effectif est trop petit pour être dit."),
        "table": s.nullable(TABLE | {"description": "Le détail."}),
        "by_department": s.nullable(TABLE | {"description": "Par département."}),
        "by_structure": s.nullable(TABLE | {"description": "Par type de structure."}),
    },
    optional=("measure", "note", "secret", "table", "by_department", "by_structure"),
)
BRIEF = s.thing(
    DEFINED
    | {
        "since": s.day("Le premier jour pour lequel il y a des chiffres."),
        "splits": s.several(s.one_of(("department", "structure")), "Ce par quoi il se partage et se restreint."),
        "url": s.address("Son chiffre, dans cette API."),
        "page_url": s.address("Sa page."),
    }
)
SPLITS = {Split.DEPARTMENT: "department", Split.STRUCTURE: "structure"}


def every(call: Call) -> Any:
    """List every indicator; nothing is counted."""
    return {"data": [_brief(owner, one) for owner in registry.owners() for one in registry.of(owner.slug)]}


def _brief(owner: Owner, one: Any) -> dict[str, Any]:
    return {
        "owner": owner.slug,
        "owner_title": owner.label,
        "slug": one.slug,
        "title": spaced(one.title),
        "kind": one.kind.value,
        "formula": spaced(one.formula),
        "source": spaced(one.source),
        "unit": one.unit,
        "since": owner.since.isoformat(),
        "splits": [SPLITS[split] for split in one.splits],
        "url": conf.site() + reverse("api:indicator", args=[owner.slug, one.slug]),
        "page_url": conf.site() + reverse("indicators:indicator", args=[owner.url, one.slug]),
    }


def of_owner(call: Call) -> Any:
    """Count every indicator of an owner."""
    owner, period, scope = _owner(call), _period(call), _scope(call)
    found = figures.every(period, scope, public=True, owners=[owner])
    return {"data": [_said(owner, one) for one in found]}


def one(call: Call) -> Any:
    """Count one indicator."""
    owner, period, scope = _owner(call), _period(call), _scope(call)
    indicator = registry.find(owner.slug, call.path["indicator"])
    if indicator is None:
        raise Problem(NOT_FOUND, f"Aucun indicateur de « {owner.label} » n’a le code {call.path['indicator'][:80]}.")
    return _said(owner, figures.published(owner, indicator, period, scope))


def _said(owner: Owner, told: figures.Told) -> dict[str, Any]:
    return figures.record(told) | {"owner": owner.slug}


def _owner(call: Call) -> Owner:
    found = registry.owner(call.path["owner"])
    if found is None:
        raise Problem(NOT_FOUND, f"Rien n’a d’indicateurs sous le code {call.path['owner'][:60]}.")
    return found


def _scope(call: Call) -> Scope:
    return Scope(call.query.get("department", ""), call.query.get("structure", ""))


def _period(call: Call) -> Period:
    """Read the period; raises Problem for days in the wrong order, and for facts that are still to come."""
    today = timezone.localdate()
    as_of = call.query.get("as_of") or today
    if as_of > today:
        raise Problem(
            PARAMETER, "as_of : ce jour est à venir, les faits sont connus jusqu’à aujourd’hui.", pointer="as_of"
        )
    first = call.query.get("from") or date(as_of.year, 1, 1)
    last = call.query.get("to") or date(first.year, 12, 31)
    if last < first:
        raise Problem(PARAMETER, "to : le dernier jour précède le premier.", pointer="to")
    return Period(first, last, as_of)


OPERATIONS = (
    Operation(
        name="indicators",
        group=GROUP,
        path="indicators",
        title="Les indicateurs",
        about="Chaque indicateur des trois dispositifs et de la feuille de route : son intitulé voté et sa formule.",
        answer=every,
        schema=s.thing({"data": s.several(BRIEF, "Les indicateurs.")}),
    ),
    Operation(
        name="owner_indicators",
        group=GROUP,
        path="indicators/{owner}",
        title="Les chiffres d’un dispositif",
        about="Ses indicateurs sur une période, tels que connus à l’arrêté. Un effectif trop petit n’est pas dit.",
        answer=of_owner,
        schema=s.thing({"data": s.several(FIGURE, "Les chiffres.")}),
        parts=(OWNER,),
        query=PERIOD,
        example={"owner": "booster_ia"},
    ),
    Operation(
        name="indicator",
        group=GROUP,
        path="indicators/{owner}/{indicator}",
        title="Un indicateur",
        about="Son chiffre, son détail, ses parts par département et par type de structure.",
        answer=one,
        schema=FIGURE,
        parts=(OWNER, INDICATOR),
        query=PERIOD,
        example={"owner": "booster_ia", "indicator": registry.of("booster_ia")[0].slug},
    ),
)
