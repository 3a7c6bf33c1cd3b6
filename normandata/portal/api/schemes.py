"""The schemes and the règlements, as they stand on a day."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from normandata.dossiers import schemes
from normandata.dossiers.schemes import Scheme
from normandata.opendata import conf
from normandata.opendata.subsidies import aid_id
from normandata.regulation.citation import Citation
from normandata.regulation.formats import spaced
from normandata.regulation.reglement import Dated, Parameter, Reglement, Rule, Value

from .. import presentation
from . import schemas as s
from .definitions import ON, Call, Operation
from .parameters import Choice
from .problems import NOT_FOUND, Problem
from .simulations import route_of

GROUP = "Dispositifs et règlement"
TYPES = {Decimal: "number", date: "date", bool: "boolean", str: "text", tuple: "codes"}
# Addresses are read once every scheme has handed itself up.
SCHEME_CODES = tuple(one.slug for one in schemes.aids())
RULESET_CODES = tuple(one.slug for one in presentation.reglements())
SCHEME = Choice("scheme", "Le code du dispositif.", SCHEME_CODES)
RULESET = Choice("ruleset", "Le code du règlement.", RULESET_CODES)

STATUS = s.text("Où en est le dispositif ce jour-là, en quelques mots.")
SUMMARY = {
    "code": s.one_of(SCHEME_CODES, "Le code du dispositif, celui de ses règles et de ses indicateurs."),
    "id": s.text("L’identifiant du dispositif dans les données ouvertes.", format="uuid"),
    "title": s.text("Son nom court."),
    "promise": s.text("Ce qu’il offre, en une phrase, avec les chiffres de ce jour."),
    "summary": s.text("À quoi il sert."),
    "audience": s.text("À qui il s’adresse."),
    "timing": s.text("Quand le demander."),
    "status": STATUS,
    "opens_on": s.day("Le jour d’ouverture voté."),
    "url": s.address("Sa page."),
    "rules_url": s.address("Son règlement, dans cette API, le même jour."),
    "simulate_url": s.nullable(s.address("Où simuler un cas ; null si ce dispositif ne se simule pas ainsi.")),
}
BLOCKS = s.several(
    s.thing(
        {
            "text": s.text("Un paragraphe."),
            "items": s.several(s.text(), "La liste qu’il introduit, vide s’il n’en introduit pas."),
        }
    )
)
DETAIL = SUMMARY | {
    "voted_title": s.text("L’intitulé voté, mot pour mot."),
    "aid_type": s.text("La nature de l’aide."),
    "department": s.text("La direction instructrice."),
    "filing": s.text("Où et comment la demande se dépose."),
    "effective_on": s.day("Le jour où la fiche prend effet."),
    "source": s.thing({"text": s.text(), "annex": s.text()}, "L’acte et l’annexe."),
    "sections": s.several(
        s.thing({"code": s.text(), "title": s.text(), "blocks": BLOCKS}), "Le texte voté, partie par partie."
    ),
    "indicators": s.thing(
        {name: s.several(s.text()) for name in ("output", "result", "context")},
        "Les indicateurs votés : réalisation, résultat, contexte.",
    ),
}
VALUE: s.Schema = {
    "type": ["string", "boolean", "array"],
    "items": {"type": "string"},
    "description": "Un nombre ou un jour en texte exact, oui ou non en booléen, une liste de codes.",
}
DATED = s.thing(
    {
        "since": s.day("Depuis ce jour."),
        "value": VALUE,
        "citation": s.CITATION,
        "is_choice": s.flag("Vrai si le texte ne dit rien et que la Région a choisi."),
        "note": s.text("Une précision, souvent vide."),
    }
)
FIGURE = s.thing(
    {
        "code": s.text("Le code du chiffre."),
        "label": s.text("Ce qu’il fixe."),
        "unit": s.text("Son unité."),
        "type": s.one_of(TYPES.values(), "Comment lire sa valeur."),
        "written": s.text("La valeur en français."),
        "in_force": DATED,
        "values": s.several(
            DATED, "Toutes ses valeurs datées, passées et à venir, de la plus ancienne à la plus récente."
        ),
    }
)
RULE = s.thing(
    {
        "code": s.text("Le code de la règle, celui des constats d’une simulation."),
        "label": s.text("Ce qu’elle vérifie."),
        "citation": s.CITATION,
    }
)
RULESET_SCHEMA = s.thing(
    {
        "code": s.one_of(RULESET_CODES),
        "title": s.text("L’intitulé du règlement."),
        "on": s.day("Le jour auquel il est lu."),
        "url": s.address("La page du règlement, le même jour."),
        "figures": s.several(FIGURE, "Les chiffres."),
        "rules": s.several(RULE, "Les règles."),
    }
)


def _summary(scheme: Scheme, on: date) -> dict[str, Any]:
    sheet = presentation.card(scheme, on).sheet
    site = conf.site()
    simulate = route_of(scheme.slug)
    return {
        "code": scheme.slug,
        "id": aid_id(scheme.url_slug),
        "title": sheet.short_title,
        "promise": sheet.promise,
        "summary": sheet.summary,
        "audience": sheet.audience,
        "timing": sheet.timing,
        "status": presentation.status(scheme, on).text,
        "opens_on": scheme.reglement.on(on).date("opening").isoformat(),
        "url": site + reverse("portal:scheme", args=[scheme.url_slug]),
        "rules_url": f"{site}{reverse('api:ruleset', args=[scheme.slug])}?on={on.isoformat()}",
        "simulate_url": site + reverse(f"api:{simulate}") if simulate else None,
    }


def every(call: Call) -> Any:
    return {"on": call.on.isoformat(), "data": [_summary(one, call.on) for one in schemes.aids()]}


def one(call: Call) -> Any:
    scheme = next((one for one in schemes.aids() if one.slug == call.path["scheme"]), None)
    if scheme is None:
        raise Problem(NOT_FOUND, f"Aucun dispositif n’a le code {call.path['scheme'][:60]}.")
    sheet = presentation.card(scheme, call.on).sheet
    return _summary(scheme, call.on) | {
        "voted_title": sheet.title,
        "aid_type": sheet.aid_type,
        "department": sheet.department,
        "filing": sheet.where_to_file,
        "effective_on": sheet.effective_on.isoformat(),
        "source": {"text": sheet.source.text, "annex": sheet.source.annex},
        "sections": [
            {
                "code": part.anchor,
                "title": part.title,
                "blocks": [{"text": block.text, "items": list(block.items)} for block in part.blocks],
            }
            for part in sheet.sections
        ],
        "indicators": {name: list(getattr(sheet.indicators, name)) for name in ("output", "result", "context")},
    }


def rulesets(call: Call) -> Any:
    return {"on": call.on.isoformat(), "data": [_ruleset(one, call.on) for one in presentation.reglements()]}


def ruleset(call: Call) -> Any:
    found = next((one for one in presentation.reglements() if one.slug == call.path["ruleset"]), None)
    if found is None:
        raise Problem(NOT_FOUND, f"Aucun règlement n’a le code {call.path['ruleset'][:60]}.")
    return _ruleset(found, call.on)


def _ruleset(reglement: Reglement, on: date) -> dict[str, Any]:
    shown = presentation.figures(reglement, on)
    pairs = zip(reglement.parameters.values(), shown, strict=True)
    return {
        "code": reglement.slug,
        "title": spaced(reglement.title),
        "on": on.isoformat(),
        "url": f"{conf.site()}{reverse('portal:regulation')}?le={on.isoformat()}",
        "figures": [_figure(parameter, figure.written, on) for parameter, figure in pairs],
        "rules": [_rule(f"{reglement.slug}.{rule.code}", rule, on) for rule in reglement.rules.values()],
    }


def _figure(parameter: Parameter, written: str, on: date) -> dict[str, Any]:
    current = parameter.on(on)
    return {
        "code": parameter.code,
        "label": spaced(parameter.label),
        "unit": parameter.unit,
        "type": TYPES[type(current.value)],
        "written": written,
        "in_force": _dated(current),
        "values": [_dated(one) for one in parameter.values],
    }


def _dated(one: Dated) -> dict[str, Any]:
    return {
        "since": one.since.isoformat(),
        "value": _value(one.value),
        "citation": _citation(one.citation),
        "is_choice": one.is_choice,
        "note": spaced(one.note),
    }


def _rule(code: str, rule: Rule, on: date) -> dict[str, Any]:
    return {"code": code, "label": spaced(rule.label), "citation": _citation(rule.on(on))}


def _value(value: Value) -> bool | str | list[str]:
    match value:
        case bool() | str():
            return value
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return list(value)


def _citation(one: Citation) -> dict[str, str]:
    return {"text": one.text, "article": one.article}


def _list_of(item: s.Schema, about: str) -> s.Schema:
    return s.thing({"on": s.day("Le jour demandé."), "data": s.several(item, about)})


OPERATIONS = (
    Operation(
        name="schemes",
        group=GROUP,
        path="schemes",
        title="Les dispositifs",
        about="Les aides data et IA de la Région, dans l’ordre du parcours, avec leurs chiffres d’un jour donné.",
        answer=every,
        schema=_list_of(s.thing(SUMMARY), "Les dispositifs."),
        query=(ON,),
    ),
    Operation(
        name="scheme",
        group=GROUP,
        path="schemes/{scheme}",
        title="Un dispositif",
        about="Sa fiche entière, telle que votée.",
        answer=one,
        schema=s.thing(DETAIL),
        parts=(SCHEME,),
        query=(ON,),
        example={"scheme": "booster_ia"},
    ),
    Operation(
        name="rulesets",
        group=GROUP,
        path="rules",
        title="Les règles en vigueur",
        about="Chaque chiffre et chaque règle que le portail applique un jour donné, avec son article : les trois "
        "dispositifs, les plafonds de minimis, les délais communs, la publication des données.",
        answer=rulesets,
        schema=_list_of(RULESET_SCHEMA, "Les règlements."),
        query=(ON,),
    ),
    Operation(
        name="ruleset",
        group=GROUP,
        path="rules/{ruleset}",
        title="Un règlement",
        about="Les chiffres et les règles d’un seul règlement.",
        answer=ruleset,
        schema=RULESET_SCHEMA,
        parts=(RULESET,),
        query=(ON,),
        example={"ruleset": "diagnostic"},
    ),
)
