"""A decision is told once, word for word as it was read; a grant has its convention, signed by both."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from booster_ia.agreements import Agreement, DecisionLetter
from booster_ia.letters import DUTIES
from booster_ia.services import decisions, notification
from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.deminimis.models import Aid
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.letters import Letter, Signatory
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import letters as letters_of_dossiers
from normandata.notifications.models import Mail
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from tests.factories.accounts import UserFactory
from tests.factories.booster import NO_AID, REGIME
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import SessionFactory, decide, put_on_agenda
from tests.factories.letters import agreement_of, make_decided, make_light, make_notified, make_signatory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
MINIMIS = {"regime": REGIME | {"regime": "de_minimis"}, "aides": NO_AID}


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel("2026-12-16T09:00:00+01:00", tick=True):
        yield


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def member_of(dossier: Dossier) -> User:
    return Membership.objects.active().filter(organisation=dossier.organisation).select_related("user")[0].user


# ------------------------------------------------------------------------------------------------------------ notifying
def test_a_grant_is_told_by_its_letter_its_convention_and_a_mail() -> None:
    [dossier] = make_decided(["granted"])
    event = notification.tell(dossier, by=make_scorer())
    award = decisions.award_of(dossier)
    assert award is not None
    assert (dossier.state, dossier.turn, award.notified_on) == ("notified", "applicant", date(2026, 12, 16))
    kinds = Letter.objects.filter(dossier=dossier).order_by("pk").values_list("kind", "is_contestable")
    assert list(kinds) == [("booster_ia.award", True), ("booster_ia.agreement", False)]
    agreement = agreement_of(dossier)
    assert (agreement.award, agreement.made_at, agreement.signed_on) == (award, event.at, None)
    told = DecisionLetter.objects.get()
    assert (told.item, told.letter.kind) == (award.item, "booster_ia.award")
    message = ThreadMessage.objects.get(dossier=dossier, subject__startswith="Une subvention")
    assert "accorde une subvention de 12 499,99 € HT" in plain(message.text)
    assert "Par délibération CP D 26-12-31 du 14 décembre 2026" in plain(message.text)
    assert Mail.objects.filter(kind="booster_ia.notified").count() == 1


def test_the_letter_of_a_grant_says_what_was_voted_to_the_cent() -> None:
    """Half of 24 999.97 is 12 499.985, rounded up to 12 499.99: the grant, and the most of an advance."""
    [dossier] = make_decided(["granted"])
    record = notification.drafts([dossier], timezone.now())[dossier.pk].record
    expected = {
        "amount": "12499.99",
        "basis": "HT",
        "eligible_expenses": "24999.97",
        "rate": "50",
        "cap": "12500.00",
        "advance_most": "12499.99",
        "starts_on": "2026-12-01",
        "ends_on": "2027-05-31",
        "justify_by": "2027-11-30",
        "deliberation": "CP D 26-12-31",
        "held_on": "2026-12-14",
        "project": "Prévoir les crues du bocage",
        "method": "taux nominal",
        "aid": [],
        "day": "2026-12-16",
        "duties": list(DUTIES),
    }
    assert {name: record[name] for name in expected} == expected
    assert record["signatory"]["delegation"] == "Par délégation du Président (arrêté d’essai n° 26-01)"


def test_the_advance_is_half_of_the_expenses_and_never_more_than_the_grant() -> None:
    [dossier] = make_decided(["granted"])
    award = decisions.award_of(dossier)
    assert award is not None
    award.amount = Decimal("9000.00")
    award.save()
    record = notification.drafts([dossier], timezone.now())[dossier.pk].record
    assert record["advance_most"] == "9000.00"


def test_the_letter_of_an_undertaking_says_its_de_minimis_aid() -> None:
    [dossier] = make_decided(["granted"], answers=MINIMIS)
    draft = notification.drafts([dossier], timezone.now())[dossier.pk]
    aid = Aid.objects.get(reverses=None)
    assert aid.amount == Decimal("12499.99")
    assert plain(draft.record["aid"][1]) == "Son équivalent-subvention brut est de 12 499,99 €."
    notification.tell(dossier, by=make_scorer())
    assert "aide de minimis, accordée le 14 décembre 2026" in plain(Mail.objects.get(kind="booster_ia.notified").text)


def test_a_refusal_says_the_mark_of_each_criterion_and_a_grant_does_not() -> None:
    granted, refused = make_decided(["granted", "refused"])
    drafts = notification.drafts([granted, refused], timezone.now())
    assert "marks" not in drafts[granted.pk].record
    assert [(one["mark"], one["maximum"]) for one in drafts[refused.pk].record["marks"]] == [
        ("15,00", "20"), ("24,00", "30"), ("15,00", "20"), ("8,00", "10"), ("7,00", "10"), ("8,00", "10"),
    ]  # fmt: skip


def test_a_refusal_says_its_reason_and_stays_refused() -> None:
    [dossier] = make_decided(["refused"])
    draft = notification.drafts([dossier], timezone.now())[dossier.pk]
    assert (draft.record["reason"], draft.record["score"], draft.record["rules"]) == (
        "D’autres projets sont plus avancés.",
        "77,00",
        [],
    )
    notification.tell(dossier, by=make_scorer())
    assert (dossier.state, dossier.turn) == ("refused", "nobody")
    letter = Letter.objects.get(dossier=dossier)
    assert (letter.kind, letter.is_contestable) == ("booster_ia.refusal", True)


def test_a_refusal_under_the_floor_names_the_rule_and_its_article() -> None:
    [dossier] = make_decided(["refused"], marks=("10", "10", "10", "5", "5", "5"))
    [rule] = notification.drafts([dossier], timezone.now())[dossier.pk].record["rules"]
    assert plain(rule["message"]) == "La note est de 45,00 sur 100 ; il faut au moins 50,00."
    assert plain(rule["article"]) == "« Modalités d’instruction et d’attribution »"


def test_an_adjournment_decides_nothing() -> None:
    [dossier] = make_decided(["adjourned"])
    notification.tell(dossier, by=make_scorer())
    letter = Letter.objects.get(dossier=dossier)
    assert (dossier.state, letter.kind, letter.is_contestable) == ("adjourned", "booster_ia.adjournment", False)
    assert letter.contestable_until is None


@pytest.mark.parametrize(("outcome", "name"), [("refused", "notify_refusal"), ("adjourned", "notify_adjournment")])
def test_a_letter_leaves_once(outcome: str, name: str) -> None:
    [dossier] = make_decided([outcome])
    notification.tell(dossier, by=make_scorer())
    with pytest.raises(Unmet) as refused:
        procedure.fire(dossier, name, by=make_scorer())
    assert refused.value.messages == ("La lettre de cette décision est déjà partie.",)
    assert Letter.objects.count() == 1


def test_the_database_too_refuses_a_second_letter_for_a_decision() -> None:
    dossier = make_notified()
    letters = list(Letter.objects.filter(dossier=dossier).order_by("pk"))
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionLetter.objects.create(item=Item.objects.get(), letter=letters[1])


def test_without_a_signatory_nothing_leaves() -> None:
    [dossier] = make_decided(["granted"])
    Signatory.objects.all().delete()
    with pytest.raises(NotNow) as refused:
        notification.tell(dossier, by=make_scorer())
    assert refused.value.messages == (letters_of_dossiers.NO_SIGNATORY,)
    assert (Dossier.objects.get(pk=dossier.pk).state, Letter.objects.count()) == ("granted", 0)


def test_who_does_not_instruct_tells_nothing() -> None:
    [dossier] = make_decided(["granted"])
    with pytest.raises(NotAllowed):
        notification.tell(dossier, by=UserFactory())


@pytest.mark.parametrize("outcome", ["granted", "refused", "adjourned"])
def test_a_decision_that_was_told_is_not_undone(outcome: str) -> None:
    [dossier] = make_decided([outcome])
    item = Item.objects.get()
    notification.tell(dossier, by=make_scorer())
    if outcome == "granted":
        with pytest.raises(NotNow):
            procedure.fire(dossier, "undo_decision", by=None, item=item)
    else:
        with pytest.raises(Unmet) as refused:
            procedure.fire(dossier, "undo_decision", by=None, item=item)
        assert refused.value.messages == ("La décision est notifiée : elle ne se défait plus.",)


@pytest.mark.parametrize("outcome", ["granted", "refused", "adjourned"])
def test_a_decision_that_nobody_told_is_undone(outcome: str) -> None:
    [dossier] = make_decided([outcome])
    procedure.fire(dossier, "undo_decision", by=None, reason="Erreur de saisie.", item=Item.objects.get())
    assert dossier.state == "scheduled"


def test_an_adjournment_told_does_not_hide_the_decision_that_follows() -> None:
    [dossier] = make_decided(["adjourned"])
    notification.tell(dossier, by=make_scorer())
    item = put_on_agenda(dossier, SessionFactory(held_on=date(2026, 12, 15), deliberation_number="CP D 26-12-32"))
    assert not notification.to_tell().exists()
    with time_machine.travel("2026-12-17T09:00:00+01:00", tick=True):
        decide(item, "refused", reason="Projet abandonné.")
        draft = notification.drafts([dossier], timezone.now())[dossier.pk]
        assert (draft.kind, draft.record["deliberation"]) == ("booster_ia.refusal", "CP D 26-12-32")
        assert not notification.is_told(dossier)


def test_an_adjournment_never_told_is_no_longer_to_tell_once_decided_again() -> None:
    [dossier] = make_decided(["adjourned"])
    item = put_on_agenda(dossier, SessionFactory(held_on=date(2026, 12, 15), deliberation_number="CP D 26-12-32"))
    with time_machine.travel("2026-12-17T09:00:00+01:00", tick=True):
        decide(item, "adjourned", reason="Encore une pièce.")
    assert list(notification.to_tell()) == [item]


@pytest.mark.parametrize("count", [1, 30])
def test_drafts_are_read_in_six_queries_whatever_their_number(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Decisions, signatory, titles, grants, aids, proposals."""
    make_signatory()
    dossiers = make_light(count, outcome="granted")
    with django_assert_num_queries(6):
        found = notification.drafts(dossiers, timezone.now())
    assert len({one.mark for one in found.values()}) == count


def test_the_mark_of_a_letter_is_that_of_its_text_and_not_of_its_day() -> None:
    [dossier] = make_decided(["refused"])
    before = notification.drafts([dossier], timezone.now())[dossier.pk]
    with time_machine.travel("2026-12-17T09:00:00+01:00", tick=True):
        after = notification.drafts([dossier], timezone.now())[dossier.pk]
        assert (before.record["day"], after.record["day"]) == ("2026-12-16", "2026-12-17")
        assert before.mark == after.mark
    Item.objects.update(reason="Un autre motif.")
    assert notification.drafts([dossier], timezone.now())[dossier.pk].mark != before.mark


# -------------------------------------------------------------------------------------------------------------- signing
def test_the_structure_signs_on_screen_then_the_region() -> None:
    dossier = make_notified()
    member, agent = member_of(dossier), make_scorer()
    notification.sign(dossier, name=" Dominique Exemple ", function="Gérante", by=member)
    agreement = agreement_of(dossier)
    assert (dossier.state, dossier.turn) == ("in_progress", "agent")
    assert (agreement.signed_name, agreement.signed_function, agreement.means) == (
        "Dominique Exemple",
        "Gérante",
        "screen",
    )
    assert (agreement.signed_on, agreement.signed_by, agreement.is_in_force) == (date(2026, 12, 16), member, False)
    assert Mail.objects.filter(kind="booster_ia.agreement_signed").exists()
    notification.countersign(dossier, on=date(2026, 12, 16), by=agent)
    agreement.refresh_from_db()
    assert (agreement.countersigned_on, agreement.countersigned_by, agreement.is_in_force) == (
        date(2026, 12, 16),
        agent,
        True,
    )
    assert (dossier.state, dossier.turn) == ("in_progress", "applicant")
    text = plain(Mail.objects.get(kind="booster_ia.agreement_in_force").text)
    assert "Justifiez vos dépenses au plus tard le 30 novembre 2027." in text
    signed = Letter.objects.get(dossier=dossier, title__startswith="Convention signée").document
    assert signed.record["signatures"] == {
        "name": "Dominique Exemple",
        "function": "Gérante",
        "means": "À l’écran",
        "on": "2026-12-16",
        "at": "9\xa0h\xa000",
        "account": str(member),
        "region_on": "2026-12-16",
    }


def test_an_agent_writes_a_signature_on_paper_down() -> None:
    dossier = make_notified()
    notification.sign_on_paper(dossier, name="Le Maire", function="Maire", on=date(2026, 12, 16), by=make_scorer())
    assert agreement_of(dossier).means == "paper"


@pytest.mark.parametrize("on", [date(2026, 12, 15), date(2026, 12, 17)])
def test_a_signature_on_paper_is_of_a_day_that_can_be(on: date) -> None:
    dossier = make_notified()
    with pytest.raises(Unmet) as refused:
        notification.sign_on_paper(dossier, name="Le Maire", function="Maire", on=on, by=make_scorer())
    assert [plain(one) for one in refused.value.messages] == [
        "La convention a été établie le 16 décembre 2026 : donnez une date entre ce jour et aujourd’hui."
    ]


def test_each_side_signs_by_its_own_means() -> None:
    dossier = make_notified()
    with pytest.raises(Unmet) as refused:
        notification.sign(dossier, name="Un agent", function="Agent", by=make_scorer())
    assert refused.value.messages == ("La structure signe elle-même à l’écran.",)
    with pytest.raises(Unmet) as refused:
        notification.sign_on_paper(
            dossier, name="Dominique Exemple", function="Gérante", on=date(2026, 12, 16), by=member_of(dossier)
        )
    assert refused.value.messages == ("Une signature sur papier est notée par un agent.",)
    with pytest.raises(NotAllowed):
        notification.sign(dossier, name="Autre", function="Autre", by=UserFactory())


def test_a_convention_is_not_signed_before_it_can_be_read() -> None:
    [dossier] = make_decided(["granted"])
    notification.tell(dossier, by=make_scorer())
    with pytest.raises(Unmet) as refused:
        notification.sign(dossier, name="Dominique Exemple", function="Gérante", by=member_of(dossier))
    assert refused.value.messages == ("La convention se prépare encore : réessayez dans un instant.",)


def test_a_convention_is_signed_once_by_each() -> None:
    dossier = make_notified()
    member, agent = member_of(dossier), make_scorer()
    with pytest.raises(NotNow):
        notification.countersign(dossier, on=date(2026, 12, 16), by=agent)
    notification.sign(dossier, name="Dominique Exemple", function="Gérante", by=member)
    with pytest.raises(NotNow):
        notification.sign(dossier, name="Dominique Exemple", function="Gérante", by=member)
    notification.countersign(dossier, on=date(2026, 12, 16), by=agent)
    with pytest.raises(Unmet) as refused:
        notification.countersign(dossier, on=date(2026, 12, 16), by=agent)
    assert refused.value.messages == ("Il n’y a pas de convention à signer par la Région.",)


def test_the_database_refuses_half_a_signature() -> None:
    dossier = make_notified()
    found = Agreement.objects.filter(award__dossier=dossier)
    with pytest.raises(IntegrityError), transaction.atomic():
        found.update(signed_on=date(2026, 12, 16))
    with pytest.raises(IntegrityError), transaction.atomic():
        found.update(countersigned_on=date(2026, 12, 16), countersigned_by=make_scorer())
