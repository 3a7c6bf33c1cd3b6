"""The aid schemes as open data: one row a scheme, from its voted sheet and the figures of its règlement."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from normandata.dossiers import schemes
from normandata.dossiers.schemes import Scheme
from normandata.dossiers.sheets import Block
from normandata.opendata import aids, conf
from normandata.opendata.definitions import DataSet, Line
from normandata.opendata.subsidies import aid_id, cut
from normandata.regulation.formats import NBSP
from normandata.regulation.reglement import Reglement

from . import presentation

KINDS = {"Subvention": "financement", "Prestation de conseil": "accompagnement", "Jeux concours": "concours"}
"""What the sheets call the aid, by the words of the schema."""
TARGETS = {
    "enterprise": (aids.PROFESSIONALS,),
    "association": (aids.ASSOCIATIONS,),
    "public_establishment": (aids.PUBLIC,),
    "private_establishment": (aids.PROFESSIONALS,),
    "local_authority": (aids.PUBLIC,),
    "health_facility": (aids.PUBLIC, aids.PROFESSIONALS),
}
"""Whom a scheme is for, by the types of structure that its règlement admits."""
TYPES = ("applicant_types", "structure_types")
LONGEST = 5000


def rows(as_of: date) -> Iterator[Line]:
    """Write each scheme as it stands on a day."""
    for scheme in schemes.aids():
        yield Line(_cells(scheme, as_of), scheme.label)


def _cells(scheme: Scheme, on: date) -> tuple[str | datetime | None, ...]:
    authority = conf.authority()
    sheet = presentation.card(scheme, on).sheet
    return (
        aid_id(scheme.url_slug),
        sheet.short_title,
        sheet.promise.replace(NBSP, " "),
        cut(f"{sheet.summary} {_prose(sheet.objectives)}", LONGEST).replace(NBSP, " "),
        aids.bullets(_criteria(sheet.beneficiaries)).replace(NBSP, " "),
        KINDS.get(sheet.aid_type, "accompagnement"),
        aids.carrier(authority.name, authority.siret[:9], ("financeur", "instructeur")),
        aids.joined(("Feuille de route régionale de la donnée/IA",)),
        conf.site() + reverse("portal:scheme", args=[scheme.url_slug]),
        aids.joined(_targets(scheme.reglement, on)),
        aids.NORMANDIE,
        "",
        aids.first_instant(scheme.reglement.on(on).date("opening")),
        None,
        aids.first_instant(changed_on(scheme, on)),
    )


def _targets(reglement: Reglement, on: date) -> list[str]:
    """List the targets of a scheme; one whose règlement admits no type of structure is for people."""
    figures = reglement.on(on)
    named = [code for name in TYPES if name in reglement.parameters for code in figures.codes(name)]
    found = {target for code in named for target in TARGETS[code]}
    return [target for target in aids.TARGETS if target in found] or list(aids.TARGETS)


def changed_on(scheme: Scheme, on: date) -> date:
    """Return the last day, up to this one, on which the sheet or a figure of the règlement changed."""
    days = [one.since for parameter in scheme.reglement.parameters.values() for one in parameter.values]
    return max((day for day in days if day <= on), default=scheme.sheet.effective_on)


def _prose(blocks: tuple[Block, ...]) -> str:
    return " ".join(" ".join((one.text, *one.items)) for one in blocks)


def _criteria(blocks: tuple[Block, ...]) -> list[str]:
    return [text for one in blocks for text in (one.items or (one.text,))]


SETS = (
    DataSet(
        slug="dispositifs",
        title="Dispositifs d’aide",
        description="Les aides data et IA de la Région : ce qu’elles offrent, à qui, depuis quand. Une ligne par "
        "dispositif, avec l’identifiant que cite le jeu des subventions.",
        source="Délibération AP D 25-12-5, annexes 3, 4 et 5",
        fields=aids.FIELDS,
        rows=rows,
        schema=aids.SCHEMA,
        keywords=("aides publiques", "dispositif d’aide", "intelligence artificielle", "données"),
        frequency="IRREG",
        theme="ECON",
    ),
)
