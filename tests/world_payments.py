"""The payments' part of the house: grants of an organisation at each stage of their payment."""

from typing import Any

from booster_ia.payments.lines import Document, ExpenseFile
from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.services import recoveries, requests
from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from tests.factories.documents import UploadFactory
from tests.factories.payments import (
    accept,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_officer,
    make_signatory,
    pay,
)

ROW = {
    "facture1_categorie": "services",
    "facture1_libelle": "Prototype",
    "facture1_fournisseur": "Atelier d’essai",
    "facture1_numero": "F-1",
    "facture1_date": "01/09/2026",
    "facture1_payee": "20/09/2026",
    "facture1_montant": "1 000",
    "facture1_base": "HT",
    "autres": "non",
}
"""A balance that may be sent."""


def paid(organisation: Organisation, by: User) -> dict[str, Any]:
    """Make four grants of an organisation: a balance sent, one being filled, an advance checked, one overpaid.

    `by` is of the organisation: its account is declared and checked.
    """
    make_signatory()
    sent, filled, checked, over = (make_award(organisation=organisation) for _ in range(4))
    give_account(sent)
    request = ask_balance(sent, line("facture1"), line("facture2"))
    draft = requests.begin(filled, "balance", by=by)
    requests.save(draft, ROW, version=1, by=by)
    paper = ExpenseFile.objects.create(
        request=draft, row="facture1", kind=Document.INVOICE, upload=UploadFactory(), added_by=by
    )
    waiting = accept(ask_advance(checked, "5000.00"))
    advance = pay(ask_advance(over, "6250.00"))
    pay(ask_balance(over, line(amount="9000")), officer=make_officer())
    recovery = Recovery.objects.get(award=over)
    recoveries.notify(recovery, by=make_checker())
    return {
        "grant": sent.dossier.key,
        "filled": filled.dossier.key,
        "over": over.dossier.key,
        "payment": request.pk,
        "expense": request.lines.order_by("rank")[0].pk,
        "expense_file": request.files.order_by("pk")[0].pk,
        "filling": draft.pk,
        "filling_file": paper.pk,
        "checked_payment": waiting.pk,
        "certified_payment": advance.pk,
        "recovery": recovery.pk,
    }


__all__ = ["paid"]
