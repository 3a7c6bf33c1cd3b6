"""What a case of each ruleset holds, in JSON Schema: the contract of `manage.py simulate`."""

from typing import Any

from booster_ia import grid
from booster_ia import rules as booster_ia
from booster_ia.money import CATEGORIES, HT, TTC
from diagnostic import rules as diagnostic
from normandata.regulation.findings import Conclusion, Outcome
from normandata.regulation.territory import DEPARTMENTS

from . import schemas as s

YEAR_END = "^((0[1-9]|1[0-2])-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$"


def number(about: str = "", *, least: int | None = None) -> s.Schema:
    """A number or its text, read exactly; at most twelve digits before the mark."""
    bound = {} if least is None else {"minimum": least}
    sign = "-?" if least is None else ""
    said: s.Schema = {
        "type": ["number", "string", "null"],
        "pattern": rf"^{sign}[0-9]{{1,12}}(\.[0-9]{{1,20}})?$",
        "maximum": 999_999_999_999,
        "examples": ["12500.50"],
        **bound,
    }
    said["minimum"] = bound.get("minimum", -999_999_999_999)
    return said | ({"description": about} if about else {})


def case(properties: dict[str, s.Schema], *, required: tuple[str, ...] = ("on",)) -> s.Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def optional(schema: s.Schema) -> s.Schema:
    return s.nullable(schema)


ON = s.day("Le jour auquel le cas est jugé.") | {"pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"}
DEPARTMENT = optional(s.one_of(sorted(DEPARTMENTS), "Le code du département."))
AID = case({"on": ON, "amount": number("Son montant, en euros.", least=0)}, required=("on", "amount"))
UNDERTAKING: dict[str, s.Schema] = {
    "economic": optional(s.flag("L’activité aidée est économique ; vrai par défaut.")),
    "fiscal_year_end": optional(
        s.text(
            "Le dernier jour de l’exercice, MM-JJ ; 12-31 par défaut.",
            pattern=YEAR_END,
        )
    ),
    "road_freight": optional(s.flag("Transport routier de marchandises pour compte d’autrui.")),
    "aids": optional(s.several(AID, "Les aides déjà reçues par l’entreprise unique.")),
}
EXPENSE = case(
    {
        "category": optional(s.one_of(CATEGORIES, "Sa nature.")),
        "amount": number("En euros.", least=0),
        "basis": optional(s.one_of((HT, TTC), "HT par défaut.")),
        "vat_rate": number(
            "Le taux de TVA, en pour cent ; obligatoire d’un montant TTC de qui récupère la TVA.", least=0
        ),
        "permanent_public_staff": optional(s.flag("Du personnel permanent d’une personne publique.")),
    },
    required=(),
)
CASES: dict[str, s.Schema] = {
    "diagnostic": case(
        {
            "on": ON,
            "structure_type": optional(s.one_of(diagnostic.STRUCTURES, "La nature de la structure.")),
            "department": DEPARTMENT,
            "population": optional(
                s.whole("Le nombre d’habitants d’une collectivité.", minimum=-999_999_999_999, maximum=999_999_999_999)
            ),
            "fte": number("Les équivalents temps plein."),
            "created_on": optional(ON | {"description": "Le jour de création de la structure."}),
            "activity": optional(s.one_of(diagnostic.ACTIVITIES, "L’activité d’une entreprise.")),
        }
    ),
    "booster_ia": case(
        {
            "on": ON,
            "applicant": optional(
                case(
                    {
                        "type": optional(s.one_of(booster_ia.APPLICANTS, "La nature du porteur.")),
                        "department": DEPARTMENT,
                        "recovers_vat": optional(s.flag("Il récupère la TVA ; vrai par défaut.")),
                    },
                    required=(),
                )
            ),
            "partners": optional(s.several(case({"department": DEPARTMENT}, required=()), "Les partenaires.")),
            "uses_ai": optional(s.flag("Le projet emploie l’intelligence artificielle.")),
            "start": optional(ON | {"description": "Le début du projet."}),
            "end": optional(ON | {"description": "La fin du projet."}),
            "expenses": optional(s.several(EXPENSE, "Les dépenses.")),
            "other_public_aid": number("Les autres aides publiques, en euros.", least=0),
            "sheets": optional(
                s.several(
                    case({name: number(least=0) for name in grid.CRITERIA}, required=()),
                    "Des fiches de notation ; une fiche à laquelle il manque un critère ne compte pas.",
                )
            ),
            "de_minimis": optional(case(UNDERTAKING, required=())),
            "advance_justified": optional(s.flag("L’avance est justifiée.")),
            "advance_paid": number("L’avance versée, en euros.", least=0),
            "justified_expenses": number("Les dépenses justifiées au solde, en euros.", least=0),
        }
    ),
    "de_minimis": case({"on": ON, "amount": number("L’aide envisagée, en euros.", least=0), **UNDERTAKING}),
    "datathon_prizes": case(
        {"prizes": optional(s.several(number(), "Le montant de chaque prix, par rang, en euros."))}, required=()
    ),
}
SAMPLES: dict[str, Any] = {
    "diagnostic": {"on": "2026-04-01", "structure_type": "local_authority", "department": "14", "population": 19645},
    "booster_ia": {
        "on": "2026-07-01",
        "applicant": {"type": "enterprise", "department": "76"},
        "partners": [{"department": "14"}],
        "uses_ai": True,
        "start": "2026-09-01",
        "end": "2027-02-28",
        "expenses": [{"category": "services", "amount": "20000.00"}],
    },
    "de_minimis": {"on": "2026-07-01", "amount": "20000.00", "aids": [{"on": "2025-03-10", "amount": "150000.00"}]},
    "datathon_prizes": {"prizes": ["2500", "1500", "1000"]},
}
REGIME = s.thing(
    {
        "from": s.day("Le premier jour compté."),
        "to": s.day("Le dernier jour compté."),
        "used": s.nullable(s.amount("Déjà reçu.")),
        "remaining": s.nullable(s.amount("Ce qui reste.")),
        "outcome": s.one_of(Outcome, "Le constat de ce texte."),
    }
)


def _sum(about: str) -> s.Schema:
    return s.nullable(s.amount(about))


OUTPUTS: dict[str, dict[str, s.Schema]] = {
    "diagnostic": {},
    "booster_ia": {
        "eligible_expenses": _sum("L’assiette."),
        "grant": _sum("La subvention."),
        "grantable_max": _sum("Le plus petit de la subvention et de ce que laisse le plafond de minimis."),
        "advance_max": _sum("L’avance au plus."),
        "score": _sum("La note sur cent, tronquée à deux décimales."),
        "final_grant": _sum("La subvention au solde."),
        "balance": _sum("Le solde à verser."),
        "overpayment": _sum("Le trop-perçu."),
    },
    "de_minimis": {
        "regimes": s.thing({"2023/2831": REGIME, "1407/2013": REGIME}, "La lecture des deux règlements européens."),
        "alert": s.flag("Vrai quand les deux lectures diffèrent."),
    },
    "datathon_prizes": {"total": _sum("La somme des prix.")},
}
LATE = frozenset({"final_grant", "balance", "overpayment"})
"""What a Booster IA answer holds only when the case gives the justified expenses."""
FINDING = s.thing(
    {
        "rule": s.text("La règle."),
        "outcome": s.one_of(Outcome, "Ce qu’elle répond."),
        "message": s.text("La réponse, en une phrase."),
        "citation": s.CITATION,
        "facts": {
            "type": "object",
            "description": "Les faits et les chiffres employés.",
            "additionalProperties": {"type": ["string", "boolean", "null"]},
        },
    }
)
ERROR = s.thing(
    {"error": s.text("Pourquoi le cas ne se lit pas."), "line": s.whole("Son rang dans l’envoi, à partir de 1.")}
)


def verdict(ruleset: str) -> s.Schema:
    """What a ruleset answers of a case."""
    outputs = OUTPUTS[ruleset]
    properties = {
        "verdict": s.one_of(Conclusion, "La conclusion."),
        "findings": s.several(FINDING, "Les constats, règle par règle."),
        **outputs,
    }
    return s.thing(properties, optional=LATE & outputs.keys())
