"""The three papers of payments, made by the worker's own code and read back page by page."""

from decimal import Decimal

import pypdfium2
import pytest

from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.services import recoveries
from normandata.documents import services as documents
from normandata.dossiers.models import Letter
from tests.factories.payments import (
    applicant_of,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    pay,
    pay_advance,
    staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def read(letter: Letter) -> str:
    """Make the PDF of a letter and return its words."""
    documents.make(letter.document.pk)
    letter.document.refresh_from_db()
    found = pypdfium2.PdfDocument(letter.document.file.path)
    words = []
    for page in found:
        text = page.get_textpage()
        words.append(text.get_text_bounded())
        text.close()
        page.close()
    found.close()
    return " ".join(" ".join(words).split())


def test_the_certificate_tells_the_lines_the_computation_and_the_two_people() -> None:
    award = make_award()
    details = give_account(award)
    request = ask_balance(
        award, line("facture1", "1200", basis="TTC", vat_rate=Decimal(20)), staff(amount="8000"), other_aid="500"
    )
    pay(request)
    letter = request.certificate
    assert letter is not None
    assert (letter.is_internal, letter.is_contestable) == (True, False)
    words = read(letter)
    for said in (
        "Certificat administratif de paiement : 4 500,00 €",
        "1 200,00 € TTC 1 200,00 € TTC 1 000,00 €",
        "50 % × 9 000,00 € HT justifiés = 4 500,00 €. Déjà payé : 0,00 €. Solde : 4 500,00 €.",
        str(request.checked_by),
        str(request.certified_by),
        details.iban[-3:],
    ):
        assert said in words, said
    assert details.iban not in words.replace(" ", ""), "agents read it too"


def pages_of(letter: Letter) -> list[str]:
    """Make the PDF of a letter and return the words of each page."""
    documents.make(letter.document.pk)
    letter.document.refresh_from_db()
    found = pypdfium2.PdfDocument(letter.document.file.path)
    words = []
    for page in found:
        text = page.get_textpage()
        words.append(" ".join(text.get_text_bounded().split()))
        text.close()
        page.close()
    found.close()
    return words


@pytest.mark.parametrize("count", range(1, 9))
def test_a_signature_is_never_alone_on_its_page(count: int) -> None:
    """Whatever the number of lines, what is certified or asked stands on the page that is signed."""
    award = make_award()
    pay_advance(award, "6250.00")
    request = pay(ask_balance(award, *[line(f"facture{rank}", "100") for rank in range(1, count + 1)]))
    recovery = Recovery.objects.get()
    recoveries.notify(recovery, by=make_checker())
    recoveries.observe(recovery, observations="Une ligne.\n" * count * 2, by=applicant_of(award))
    recoveries.order(recovery, by=make_lead())
    for letter, beside in (
        (request.certificate, "Je certifie que"),
        (recovery.letter, "Je vous prie d’agréer"),
        (recovery.order, "Je vous prie d’agréer"),
    ):
        assert letter is not None
        signed = [words for words in pages_of(letter) if "La directrice d’essai" in words]
        assert [beside in words for words in signed] == [True], letter.kind


def test_the_adversarial_letter_and_the_order_give_reasons_dates_and_appeals() -> None:
    award = make_award()
    pay_advance(award, "6250.00")
    pay(ask_balance(award, line(amount="9000")))
    recovery = Recovery.objects.get()
    recoveries.notify(recovery, by=make_checker())
    assert recovery.letter is not None
    letter = read(recovery.letter)
    for said in ("1 750,00 €", "articles L121-1 et L122-1", "Aucune décision n’est prise.", "Trop-perçu, à reverser"):
        assert said in letter, said
    assert "Voies et délais de recours" not in letter, "a preparatory letter is not contested"
    recoveries.observe(recovery, observations="Une facture arrive.", by=applicant_of(award))
    recoveries.order(recovery, answer="Elle est hors période.", by=make_lead())
    assert recovery.order is not None
    order = read(recovery.order)
    for said in (
        "Ordre de reversement de 1 750,00 €",
        "« Une facture arrive. »",
        "Réponse de la Région : Elle est hors période.",
        "Voies et délais de recours.",
        "tribunal administratif de Caen",
    ):
        assert said in order, said
