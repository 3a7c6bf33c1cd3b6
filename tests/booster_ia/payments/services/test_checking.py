"""Two people on the same request: the second is told who decided meanwhile, and overwrites nothing unread."""

from decimal import Decimal

import pytest

from booster_ia.payments import reckoning
from booster_ia.payments.lines import ExpenseLine
from booster_ia.payments.services import certifying, checking
from normandata.procedure.errors import NotDone, NotNow, Unmet
from tests.factories.payments import (
    accept,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    reread,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def said(refused: "pytest.ExceptionInfo[NotDone]") -> str:
    return " ".join(refused.value.messages).replace("\xa0", " ").replace("\u202f", " ")


def test_a_line_that_a_colleague_decided_is_not_overwritten_unread() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="1000"))
    [drawn] = request.lines.all()
    first, second = make_checker(name="Sacha Petit"), make_checker()
    checking.decide(request.lines.get(), accepted=Decimal(400), reason="Hors projet.", by=first, seen=drawn.mark)
    with pytest.raises(NotNow) as refused:
        checking.decide(drawn, accepted=Decimal(1000), reason="", by=second, seen=drawn.mark)
    assert said(refused).startswith("Sacha Petit a décidé cette dépense à ")
    assert said(refused).endswith(
        " : 400,00 € HT acceptés. Votre saisie est ci-dessous : enregistrez-la de nouveau pour la mettre à la place."
    )
    found = ExpenseLine.objects.get()
    assert (found.accepted, found.decided_by) == (Decimal(400), first)
    checking.decide(drawn, accepted=Decimal(1000), reason="", by=second, seen=found.mark)
    found.refresh_from_db()
    assert (found.accepted, found.reason, found.decided_by) == (Decimal(1000), "", second)


def test_a_line_that_is_gone_is_not_decided() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    gone = request.lines.get()
    ExpenseLine.objects.all().delete()
    with pytest.raises(NotNow):
        checking.decide(gone, accepted=Decimal(0), reason="Doublon.", by=make_checker())


def test_a_check_is_closed_on_the_lines_that_were_read() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="18000"))
    checking.decide_as_proposed(request, by=make_checker())
    read = reckoning.mark(reckoning.judged(request))
    checking.decide(request.lines.get(), accepted=Decimal(10), reason="Illisible.", by=make_checker(name="Sacha Petit"))
    with pytest.raises(Unmet) as refused:
        checking.check(request, by=make_checker(), seen=read)
    assert said(refused) == (
        "Sacha Petit a décidé « Prestation 1 » depuis que vous avez lu cette page : relisez le calcul, puis validez-le."
    )
    assert request.state == "submitted"
    checking.check(request, by=make_checker(), seen=reckoning.mark(reckoning.judged(request)))
    assert (request.state, request.amount) == ("checked", Decimal(5))


def test_a_payment_is_certified_as_it_was_read() -> None:
    """Opened again and checked for another amount while an officer reads it: nothing is paid on the old page."""
    award = make_award()
    give_account(award)
    make_signatory()
    request = accept(ask_advance(award, "5000.00"))
    read, officer = request.mark, make_officer()
    checking.reopen(request, reason="Montant à revoir.", by=make_lead())
    other = make_checker(name="Sacha Petit")
    checking.check(request, accepted=Decimal(3000), reason="Besoin moindre.", by=other)
    for gesture in (
        lambda: certifying.certify(request, by=officer, seen=read),
        lambda: certifying.certify(request, by=officer, seen="2027-01-01"),
    ):
        with pytest.raises(Unmet) as refused:
            gesture()
        assert said(refused).startswith("Sacha Petit a refait le contrôle à ")
    [done] = certifying.certify_all([request], by=officer, seen={request.pk: read})
    assert (bool(done.problems), reread(award).paid) == (True, 0)
    certifying.certify(request, by=officer, seen=request.mark)
    assert reread(award).paid == Decimal(3000)
