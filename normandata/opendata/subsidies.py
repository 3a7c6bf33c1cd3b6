"""Subsidies in the columns of « SCDL subventions » 2.1.1, and the checks that the schema's tools leave out. Pure.

One row per beneficiary: the amount is that of the whole subsidy, `pourcentageSubvention` the beneficiary's share.
Sources: loi 2000-321 article 10, décret 2017-779, arrêté du 17 novembre 2017; schema of OpenDataFrance.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum.fr import siret

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from .definitions import Field, Line, Schema, Type, Withheld, Written
from .rules import Policy

SCHEMA = Schema(
    "subventions",
    "SCDL subventions",
    "2.1.1",
    "https://gitlab.com/opendatafrance/scdl/subventions/raw/v2.1.1/schema.json",
)
CASH, IN_KIND = "aide en numéraire", "aide en nature"
ONCE, STAGED = "unique", "échelonné"
ONE = Decimal(1)
LONGEST = 256
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_AIDS = uuid.UUID("b6a0a4c4-9d3c-5d0e-8a53-200053403000")
FIELDS = (
    Field(name="nomAttribuant", title="Nom de l’attribuant", required=True),
    Field(name="idAttribuant", title="SIRET de l’attribuant", required=True, pattern=r"\d{14}"),
    Field(
        name="dateConvention",
        title="Date de la convention de subvention",
        type=Type.DATE,
        required=True,
        description="Jour de la dernière signature ; tant que la convention n’est pas signée, jour de la décision.",
    ),
    Field(name="referenceDecision", title="Référence de la décision", description="Numéro de la délibération."),
    Field(name="nomBeneficiaire", title="Nom du bénéficiaire", required=True),
    Field(name="idBeneficiaire", title="SIRET du bénéficiaire", pattern=r"\d{14}"),
    Field(name="rnaBeneficiaire", title="Numéro RNA de l’association bénéficiaire", pattern=r"W\d{9}"),
    Field(name="objet", title="Objet de la subvention", required=True, longest=LONGEST),
    Field(
        name="montant",
        title="Montant total de la subvention",
        type=Type.NUMBER,
        required=True,
        description="En euros, avant répartition entre les bénéficiaires.",
    ),
    Field(
        name="nature",
        title="Nature de la subvention",
        required=True,
        one_of=(CASH, IN_KIND, f"{CASH};{IN_KIND}", f"{IN_KIND};{CASH}"),
    ),
    Field(
        name="conditionsVersement",
        title="Conditions de versement",
        required=True,
        longest=LONGEST,
        description="« échelonné » quand une avance est accordée, « unique » sinon.",
    ),
    Field(
        name="datesPeriodeVersement",
        title="Date ou période de versement",
        required=True,
        pattern=f"{_DAY}(/{_DAY})?",
        description="Jours des mandats ; tant que le solde n’est pas mandaté, dernier jour pour justifier.",
    ),
    Field(name="idRAE", title="Identifiant au répertoire des aides aux entreprises", longest=5),
    Field(
        name="notificationUE",
        title="Aide de minimis",
        type=Type.BOOLEAN,
        required=True,
        description="Le schéma cite le règlement 1407/2013, que le règlement (UE) 2023/2831 a remplacé.",
    ),
    Field(
        name="pourcentageSubvention",
        title="Part du montant qui va au bénéficiaire",
        type=Type.NUMBER,
        required=True,
        minimum=Decimal("0.01"),
        maximum=ONE,
    ),
    Field(
        name="dispositifAide",
        title="Identifiant du dispositif d’aide",
        description="Celui du jeu « Dispositifs d’aide ».",
    ),
)


def aid_id(url_slug: str) -> str:
    """Return the identifier of an aid scheme, the same for ever: the one that both sets name it by."""
    return str(uuid.uuid5(_AIDS, url_slug))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who grants."""

    name: str
    siret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """Who receives, and which share of the amount.

    `is_person` is None where nobody knows yet; `is_public` is false where Sirene keeps the identity private.
    """

    name: str
    siret: str = ""
    rna: str = ""
    share: Decimal = ONE
    is_person: bool | None = False
    is_public: bool = True

    @property
    def key(self) -> str:
        """What tells beneficiaries apart over a year: the SIREN, or the RNA."""
        return self.siret[:9] or self.rna


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """One subsidy with its beneficiaries. `amount` is in euros; `paid_first` and `paid_last` bound its payment."""

    place: str
    decided_on: date
    signed_on: date | None
    reference: str
    purpose: str
    amount: Decimal
    is_in_kind: bool = False
    is_staged: bool
    paid_first: date
    paid_last: date
    is_de_minimis: bool
    aid: str
    beneficiaries: tuple[Beneficiary, ...]

    @property
    def agreed_on(self) -> date:
        return self.signed_on or self.decided_on

    @property
    def period(self) -> str:
        """The day of the payment, or its first and last day."""
        if not self.is_staged or self.paid_first == self.paid_last:
            return self.paid_last.isoformat()
        return f"{self.paid_first.isoformat()}/{self.paid_last.isoformat()}"


def lines(
    read: Callable[[], Iterable[Subsidy]], *, authority: Authority, policy: Policy, as_of: date
) -> Iterator[Written]:
    """Write subsidies as they are read, one row per beneficiary.

    `read` is called a second time, before, where the yearly amounts decide what is published.
    """
    yearly = {} if policy.below_too else _yearly(read())
    for subsidy in read():
        found = subsidy_faults(subsidy, authority=authority, as_of=as_of)
        for one in subsidy.beneficiaries or (Beneficiary(name=""),):
            granted = yearly.get((one.key, subsidy.decided_on.year), Decimal(0))
            reason = policy.withholds(is_person=one.is_person is True, is_public=one.is_public, yearly=granted)
            if reason:
                yield Withheld(subsidy.place, reason)
            else:
                said = (*found, *beneficiary_faults(one))
                yield Line(_cells(subsidy, one, authority), subsidy.place, tuple(spaced(text) for text in said))


def _yearly(subsidies: Iterable[Subsidy]) -> dict[tuple[str, int], Decimal]:
    """Add up what each beneficiary was granted by year, in euros."""
    totals: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for subsidy in subsidies:
        for one in subsidy.beneficiaries:
            totals[one.key, subsidy.decided_on.year] += subsidy.amount * one.share
    return totals


def subsidy_faults(subsidy: Subsidy, *, authority: Authority, as_of: date) -> list[str]:
    """List what no row can say alone: who grants, order of the days, shares, a beneficiary named twice."""
    found = []
    if not siret.is_valid(authority.siret):
        found.append(f"idAttribuant : la clé du SIRET {authority.siret} n’est pas juste.")
    if subsidy.amount <= 0:
        found.append(f"montant : {euros(subsidy.amount)}, un montant positif est attendu.")
    if subsidy.agreed_on < subsidy.decided_on:
        found.append(
            f"dateConvention : la convention ({written_day(subsidy.agreed_on)}) précède la décision "
            f"({written_day(subsidy.decided_on)})."
        )
    if subsidy.agreed_on > as_of:
        found.append(f"dateConvention : {written_day(subsidy.agreed_on)} est à venir.")
    if subsidy.paid_last < subsidy.paid_first:
        found.append("datesPeriodeVersement : la fin précède le début.")
    if subsidy.paid_first < subsidy.agreed_on:
        found.append("datesPeriodeVersement : le versement précède la convention.")
    shares = sum((one.share for one in subsidy.beneficiaries), Decimal(0))
    if shares != ONE:
        found.append(f"pourcentageSubvention : les parts font {shares}, et non 1.")
    twice = [key for key, count in Counter(one.siret or one.rna for one in subsidy.beneficiaries).items() if count > 1]
    if twice:
        found.append(f"idBeneficiaire : {', '.join(twice)} est nommé deux fois.")
    return found


def beneficiary_faults(one: Beneficiary) -> list[str]:
    """List what is wrong of a beneficiary: a natural person perhaps, a false SIRET, neither SIRET nor RNA."""
    if one.is_person is None:
        return ["nomBeneficiaire : l’annuaire n’a pas dit si c’est une personne morale."]
    if not one.siret and not one.rna:
        return ["idBeneficiaire, rnaBeneficiaire : l’un des deux est attendu."]
    if one.siret and not siret.is_valid(one.siret):
        return [f"idBeneficiaire : la clé du SIRET {one.siret} n’est pas juste."]
    return []


def _cells(subsidy: Subsidy, one: Beneficiary, authority: Authority) -> tuple[str | date | Decimal | bool | None, ...]:
    return (
        authority.name,
        authority.siret,
        subsidy.agreed_on,
        subsidy.reference,
        one.name,
        one.siret,
        one.rna,
        cut(subsidy.purpose),
        subsidy.amount,
        IN_KIND if subsidy.is_in_kind else CASH,
        STAGED if subsidy.is_staged else ONCE,
        subsidy.period,
        "",
        subsidy.is_de_minimis,
        one.share,
        subsidy.aid,
    )


def cut(text: str, longest: int = LONGEST) -> str:
    """Bring a text to what a column holds, at the end of a word."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    kept = flat[: longest - 1]
    return f"{kept.rsplit(' ', 1)[0]}…"
