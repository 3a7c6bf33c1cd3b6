"""Subsidies and sets of the tests, in one place: fictitious SIRETs that pass Luhn."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from normandata.opendata import subsidies
from normandata.opendata.definitions import DataSet, Field, Line, Type, Written
from normandata.opendata.rules import Policy
from normandata.opendata.subsidies import Authority, Beneficiary, Subsidy

D = Decimal
AS_OF = date(2027, 3, 31)
REGION = Authority(name="Région Normandie", siret="20005340300057")
ALL = Policy(D(23000), below_too=True, persons_too=False)
DUE = Policy(D(23000), below_too=False, persons_too=False)
WORKSHOPS = Beneficiary(name="ATELIERS FICTIFS DE LA SEINE", siret="99900001100018")
BOCAGE = Beneficiary(name="ASSOCIATION FICTIVE DATA BOCAGE", siret="99900002900010", rna="W142000000")
TOWN = Beneficiary(name="COMMUNE FICTIVE DE PONT-DONNEES", siret="99900003700013", share=D("0.60"))
LABORATORY = Beneficiary(name="LABORATOIRE FICTIF ASSOCIE", siret="99900004500016", share=D("0.40"))
STAGED = Subsidy(
    place="BIA-2026-0001",
    decided_on=date(2026, 6, 30),
    signed_on=date(2026, 7, 10),
    reference="FICTIF-CP-26-06-01",
    purpose="Booster IA – détection de défauts par vision, 6 mois",
    amount=D("12500.00"),
    is_staged=True,
    paid_first=date(2026, 7, 15),
    paid_last=date(2027, 6, 30),
    is_de_minimis=True,
    aid="2b6b61e2-b403-5e30-8f4a-13229e12d2b5",
    beneficiaries=(WORKSHOPS,),
)
ONCE = replace(
    STAGED,
    place="BIA-2026-0002",
    signed_on=None,
    reference="FICTIF-CP-26-06-02",
    purpose="Booster IA – assistant d’orientation pour aidants, « preuve de concept »",
    amount=D("8437.5"),
    is_staged=False,
    paid_first=date(2027, 1, 31),
    paid_last=date(2027, 1, 31),
    is_de_minimis=False,
    beneficiaries=(BOCAGE,),
)
SHARED = replace(
    STAGED,
    place="BIA-2026-0003",
    reference="FICTIF-CP-26-06-03",
    purpose="Booster IA – prédiction de fréquentation",
    amount=D("10000.00"),
    is_de_minimis=False,
    beneficiaries=(TOWN, LABORATORY),
)
CSV = (
    "nomAttribuant,idAttribuant,dateConvention,referenceDecision,nomBeneficiaire,idBeneficiaire,rnaBeneficiaire,objet,"
    "montant,nature,conditionsVersement,datesPeriodeVersement,idRAE,notificationUE,pourcentageSubvention,"
    "dispositifAide\r\n"
    "Région Normandie,20005340300057,2026-07-10,FICTIF-CP-26-06-01,ATELIERS FICTIFS DE LA SEINE,99900001100018,,"
    '"Booster IA – détection de défauts par vision, 6 mois",12500.00,aide en numéraire,échelonné,'
    "2026-07-15/2027-06-30,,oui,1.00,2b6b61e2-b403-5e30-8f4a-13229e12d2b5\r\n"
    "Région Normandie,20005340300057,2026-06-30,FICTIF-CP-26-06-02,ASSOCIATION FICTIVE DATA BOCAGE,99900002900010,"
    'W142000000,"Booster IA – assistant d’orientation pour aidants, « preuve de concept »",8437.50,'
    "aide en numéraire,unique,2027-01-31,,non,1.00,2b6b61e2-b403-5e30-8f4a-13229e12d2b5\r\n"
    "Région Normandie,20005340300057,2026-07-10,FICTIF-CP-26-06-03,COMMUNE FICTIVE DE PONT-DONNEES,99900003700013,,"
    "Booster IA – prédiction de fréquentation,10000.00,aide en numéraire,échelonné,2026-07-15/2027-06-30,,non,0.60,"
    "2b6b61e2-b403-5e30-8f4a-13229e12d2b5\r\n"
    "Région Normandie,20005340300057,2026-07-10,FICTIF-CP-26-06-03,LABORATOIRE FICTIF ASSOCIE,99900004500016,,"
    "Booster IA – prédiction de fréquentation,10000.00,aide en numéraire,échelonné,2026-07-15/2027-06-30,,non,0.40,"
    "2b6b61e2-b403-5e30-8f4a-13229e12d2b5\r\n"
)
"""The file of the three subsidies, worked out by hand from the schema and its rows of example."""


def written(*given: Subsidy, policy: Policy = ALL, authority: Authority = REGION) -> list[Written]:
    return list(subsidies.lines(lambda: given, authority=authority, policy=policy, as_of=AS_OF))


def subsidies_set(*given: Subsidy) -> DataSet:
    """Make the set of these subsidies."""
    return make_set("subventions-essai", written(*given), fields=subsidies.FIELDS, schema=subsidies.SCHEMA)


FIELDS = (
    Field(name="code", title="Code", required=True, unique=True),
    Field(name="montant", title="Montant", type=Type.NUMBER),
)


def make_set(slug: str, rows: Iterable[Written], **fields: Any) -> DataSet:
    """Make a set of rows, two columns unless others are given."""
    given = {
        "title": "Jeu d’essai",
        "description": "Des lignes d’essai.",
        "source": "Essai",
        "fields": FIELDS,
        "rows": lambda as_of: rows,
        "keywords": ("essai",),
    } | fields
    return DataSet(slug=slug, **given)


def line(code: str, amount: Decimal | None = None) -> Line:
    return Line((code, amount), code)
