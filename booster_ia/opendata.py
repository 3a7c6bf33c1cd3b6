"""The grants of the scheme as open data: notified, executory, neither undone nor lapsed before any payment."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from normandata.dossiers.delays import end_of
from normandata.dossiers.models import Deposit
from normandata.opendata import conf, rules, subsidies
from normandata.opendata.definitions import DataSet, Written
from normandata.opendata.subsidies import Beneficiary, Subsidy, aid_id
from normandata.regulation.money import ZERO

from .awards import Award
from .payments import states
from .payments.recoveries import Lapse
from .payments.requests import PaymentRequest
from .readings import standing
from .regimes import DE_MINIMIS
from .scheme import SCHEME

AT_ONCE = 2000
NATURAL = "1"
"""First digit of the legal categories of natural persons (Insee, niveau I)."""
PRIVATE = ("enterprise", "private_establishment")
"""Carriers among which a natural person may be: the others are legal persons by their kind."""
PATHS = (
    "dossier__number", "granted_on", "signed_on", "deliberation", "title", "amount", "aid_regime", "justify_by",
    "advanced_on", "settled_on", "organisation__name", "organisation__siret", "organisation__association_number",
    "organisation__legal_category", "organisation__is_diffusible", "dossier__booster__applicant_type",
)  # fmt: skip


def published(as_of: date) -> "QuerySet[Award]":
    """Keep the grants to publish at the end of a day, with all that their rows say, in one query."""
    end = end_of(as_of)
    sent = Deposit.objects.filter(dossier=OuterRef("dossier"), version=OuterRef("dossier__version"))
    lapsed = Lapse.objects.filter(award=OuterRef("pk"), is_confirmed=True, decided_at__lt=end)
    return (
        standing(as_of)
        .filter(notified_on__lte=as_of, item__session__executory_on__lte=as_of)
        .exclude(Q(paid=ZERO) & Exists(lapsed))
        .annotate(
            title=Subquery(sent.values(text=KT("answers__projet__titre"))[:1]),
            signed_on=F("agreement__countersigned_on"),
            advanced_on=_paid_on(PaymentRequest.Kind.ADVANCE),
            settled_on=_paid_on(PaymentRequest.Kind.BALANCE),
        )
        .order_by("granted_on", "dossier__number")
    )


def _paid_on(kind: str) -> Subquery:
    """Find the day of the mandate of a payment of this kind."""
    found = PaymentRequest.objects.filter(award=OuterRef("pk"), kind=kind, state=states.PAID)
    return Subquery(found.values("mandated_on")[:1], output_field=DateField())


def read(as_of: date) -> Iterator[Subsidy]:
    """Read the grants to publish, as a stream; amounts in euros."""
    aid = aid_id(SCHEME.url_slug)
    for line in published(as_of).values(*PATHS).iterator(chunk_size=AT_ONCE):
        yield _subsidy(line, as_of, aid)


def _subsidy(line: dict[str, Any], as_of: date, aid: str) -> Subsidy:
    signed_on = line["signed_on"] if line["signed_on"] and line["signed_on"] <= as_of else None
    last = line["settled_on"] or line["justify_by"]
    return Subsidy(
        place=line["dossier__number"],
        decided_on=line["granted_on"],
        signed_on=signed_on,
        reference=line["deliberation"],
        purpose=" – ".join(filter(None, ("Booster IA, preuve de concept", line["title"]))),
        amount=line["amount"],
        is_staged=line["advanced_on"] is not None,
        paid_first=line["advanced_on"] or last,
        paid_last=last,
        is_de_minimis=line["aid_regime"] == DE_MINIMIS,
        aid=aid,
        beneficiaries=(
            Beneficiary(
                name=line["organisation__name"],
                siret=line["organisation__siret"],
                rna=line["organisation__association_number"],
                is_person=_is_person(line["organisation__legal_category"], line["dossier__booster__applicant_type"]),
                is_public=line["organisation__is_diffusible"],
            ),
        ),
    )


def _is_person(category: str, applicant_type: str) -> bool | None:
    """Tell whether a carrier is a natural person; None while the directory has not said it of a private one."""
    if category:
        return category.startswith(NATURAL)
    return None if applicant_type in PRIVATE else False


def rows(as_of: date) -> Iterator[Written]:
    """Write the grants in the columns of « SCDL subventions »."""
    return subsidies.lines(lambda: read(as_of), authority=conf.authority(), policy=rules.policy(as_of), as_of=as_of)


SETS = (
    DataSet(
        slug="subventions",
        title="Subventions Booster IA",
        description="Les subventions Booster IA votées par la Commission permanente, exécutoires et notifiées : une "
        "ligne par bénéficiaire, avec le montant, la décision et les conditions de versement. Une subvention défaite, "
        "ou caduque avant tout versement, n’y est plus.",
        source="Délibérations de la Commission permanente de la Région Normandie",
        fields=subsidies.FIELDS,
        rows=rows,
        schema=subsidies.SCHEMA,
        keywords=("subvention", "subventions", "aides publiques", "intelligence artificielle"),
        left_out="Les personnes physiques n’y sont pas (code des relations entre le public et l’administration, "
        "article L312-1-2).",
        theme="ECON",
    ),
)
