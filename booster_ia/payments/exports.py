"""What the finance system takes of the certified payments, one a row: third party, account, amount, act."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from normandata.indicators.definitions import Cell, Column, Unit

from .requests import PaymentRequest, PaymentRequestQuerySet

AT_ONCE = 500
COLUMNS = (
    Column("Dossier"),
    Column("SIRET"),
    Column("Structure"),
    Column("Nature"),
    Column("Montant (euros)", Unit.EUROS),
    Column("Base"),
    Column("Titulaire du compte"),
    Column("IBAN"),
    Column("BIC"),
    Column("Enveloppe"),
    Column("Délibération"),
    Column("Date de la délibération"),
    Column("Contrôlé par"),
    Column("Certifié par"),
    Column("Certifié le"),
    Column("Mandat"),
    Column("Mandaté le"),
)


def rows(found: PaymentRequestQuerySet) -> Iterator[Sequence[Cell]]:
    """Write the cells of each payment, the oldest certification first; read as a stream, in one query."""
    whole = found.select_related(
        "award__organisation", "award__envelope", "award__dossier", "bank", "checked_by", "certified_by"
    )
    for one in whole.order_by("certified_at", "pk").iterator(chunk_size=AT_ONCE):
        yield _row(one)


def _row(one: PaymentRequest) -> Sequence[Cell]:
    award, bank = one.award, one.bank
    return (
        award.dossier.number,
        award.organisation.siret,
        award.organisation.label,
        one.get_kind_display(),
        one.amount,
        award.basis,
        bank.holder if bank else "",
        bank.iban if bank else "",
        bank.bic if bank else "",
        str(award.envelope),
        award.deliberation,
        award.granted_on,
        str(one.checked_by),
        str(one.certified_by),
        timezone.localdate(one.certified_at) if one.certified_at else None,
        one.mandate,
        one.mandated_on,
    )
