"""Nothing open, unpaid, within the time to appeal, of the accounts or of the de minimis aids is ever eliminated."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from booster_ia.payments.requests import PaymentRequest
from diagnostic.orders import Order
from diagnostic.services import payments
from normandata.accounts.models import Role, User
from normandata.budgets.models import Entry
from normandata.deminimis.models import Aid
from normandata.documents.models import Document, Upload
from normandata.dossiers import states
from normandata.dossiers.models import Attachment, Dossier, Section
from normandata.dossiers.services import drafts
from normandata.notifications.models import Mail
from normandata.privacy import registry
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.rights import emptying, ledger
from normandata.rights.models import Erasure, Lot, LotRow, Warned
from normandata.rights.services import eliminations, erasure
from tests.factories.accounts import UserFactory, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.threads import together
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "kept_apart", "quiet")]
NOW = datetime(2030, 6, 15, 2, 7, tzinfo=UTC)
TODAY = date(2030, 6, 15)


def ended(state: str, day: date, **fields: Any) -> Dossier:
    """Make a dossier that came to its state on a day."""
    dossier = make_deposit(**fields).dossier
    since = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=12)
    Dossier.objects.filter(pk=dossier.pk).update(state=state, turn_since=since, turn="nobody")
    dossier.refresh_from_db()
    return dossier


def officers() -> tuple[User, User]:
    return make_user_with(Role.DATA_PROTECTION_OFFICER), make_user_with(Role.ADMINISTRATOR)


def outcomes(day: date = TODAY) -> dict[str, str]:
    """Say what would become of each dossier; accounts are tested apart."""
    lines = [line for line in eliminations.look(day) if line.due.dossier]
    return {line.due.label.partition(",")[0]: line.outcome for line in lines}


# ------------------------------------------------------------------------------------------------------------- guards
@pytest.mark.parametrize("state", states.OPEN)
def test_an_open_dossier_is_neither_listed_nor_eliminated(state: str) -> None:
    dossier = ended(state, date(1990, 1, 1))
    assert outcomes() == {}
    (reason,) = registry.guarded(dossier, TODAY)
    assert reason.startswith("Dossier en cours")
    lot = Lot.objects.create(number="L", rule="diagnostic-clos", needs_visa=False)
    LotRow.objects.create(lot=lot, dossier=dossier, label="x", since=TODAY, due_on=TODAY)
    eliminations.execute(lot, by=officers()[0])
    dossier.refresh_from_db()
    assert (dossier.eliminated_at, dossier.deposits.get().answers != {}) == (None, True)
    assert lot.rows.get().kept == reason


def test_a_refusal_is_due_two_years_later_to_the_day() -> None:
    dossier = ended("refused", date(2028, 6, 15))
    assert outcomes(date(2030, 6, 14)) == {}
    assert outcomes(date(2030, 6, 15)) == {str(dossier.number): "à proposer, avec visa"}


@pytest.mark.parametrize(("day", "kept"), [(date(2028, 10, 14), True), (date(2028, 10, 15), False)])
def test_nothing_goes_while_an_appeal_is_possible(day: date, *, kept: bool) -> None:
    dossier = ended("refused", date(2028, 6, 15))
    assert bool(registry.guarded(dossier, day)) is kept


def test_money_held_accounts_and_de_minimis_keep_a_closed_diagnostic(world: World) -> None:
    """A diagnostic ordered, then paid: two guards out of the accounts, one out of the aid, ten years each."""
    order = Order.objects.get(dossier__key=world.mine["handed"])
    Dossier.objects.filter(pk=order.dossier_id).update(state="closed", turn_since="1990-01-01T12:00Z")
    order.dossier.refresh_from_db()
    assert "Une somme reste réservée ou engagée." in registry.guarded(order.dossier, date(2099, 1, 1))
    Dossier.objects.filter(pk=order.dossier_id).update(state="delivered")
    agent = make_user_with(Role.AGENT, "diagnostic")
    order.dossier.refresh_from_db()
    payments.certify(order.dossier, by=agent)
    payments.settle(order.dossier, invoice="F-1", amount=order.amount, on=timezone.localdate(), mandate="M-1", by=agent)
    Dossier.objects.filter(pk=order.dossier_id).update(turn_since="1990-01-01T12:00Z")
    order.dossier.refresh_from_db()
    last = Entry.objects.about(order).order_by("-day")[0].day
    assert last == timezone.localdate()
    (accounts,) = (one for one in registry.guarded(order.dossier, last) if "comptables" in one)
    assert accounts == f"Pièces comptables à garder jusqu’au {last.replace(year=last.year + 10):%d/%m/%Y}."
    granted = Aid.objects.get(about_kind="diagnostic.order", about_key=str(order.pk), reverses=None).on
    after = max(last, granted).replace(year=last.year + 10)
    assert registry.guarded(order.dossier, after - timedelta(days=1)) != []
    assert registry.guarded(order.dossier, after) == []


def test_a_booster_award_with_a_payment_under_way_stays(world: World) -> None:
    request = PaymentRequest.objects.filter(state="submitted").first() or PaymentRequest.objects.all()[0]
    PaymentRequest.objects.filter(pk=request.pk).update(state="submitted")
    dossier = request.award.dossier
    Dossier.objects.filter(pk=dossier.pk).update(state="closed", turn_since="1990-01-01T12:00Z")
    dossier.refresh_from_db()
    reasons = registry.guarded(dossier, date(2099, 1, 1))
    assert "Une demande de paiement est en cours." in reasons
    assert "Une somme reste réservée ou engagée." in reasons


# -------------------------------------------------------------------------------------------------------------- lots
def test_the_night_proposes_once_and_eliminates_nothing() -> None:
    dossier, recent = ended("withdrawn", date(2027, 1, 1)), ended("refused", date(2030, 1, 1))
    (lot,) = eliminations.propose(NOW)
    assert (lot.number, lot.rule, lot.needs_visa) == ("ELI-2030-0001", "diagnostic-sans-suite", True)
    (row,) = lot.rows.all()
    assert (row.dossier, row.since, row.due_on) == (dossier, date(2027, 1, 1), date(2029, 1, 1))
    assert eliminations.propose(NOW) == []
    assert Dossier.objects.filter(eliminated_at=None).count() == 2
    assert recent.deposits.get().answers != {}


def test_a_lot_is_eliminated_with_a_visa_by_a_second_person() -> None:
    dossier = ended("refused", date(2027, 1, 1))
    file = UploadFactory(uploaded_by=dossier.created_by)
    Attachment.objects.create(dossier=dossier, piece="complement", upload=file, added_by=dossier.created_by)
    acts = list(Event.objects.about(dossier).values_list("pk", "name", "by", "at"))
    (lot,) = eliminations.propose(NOW)
    first, second = officers()
    with pytest.raises(NotNow, match="visa des Archives"):
        eliminations.execute(lot, by=second)
    with pytest.raises(NotAllowed):
        eliminations.note_visa(lot, reference="A", name="B", on=TODAY, by=UserFactory())
    Lot.objects.update(proposed_at=timezone.now())
    today = timezone.localdate()
    with pytest.raises(NotDone, match="La date du visa"):
        eliminations.note_visa(lot, reference="A", name="B", on=today + timedelta(days=1), by=first)
    eliminations.note_visa(lot, reference="AD76-12", name="Mme Archive", on=today, by=first)
    with pytest.raises(NotAllowed, match="une autre personne"):
        eliminations.execute(lot, by=first)
    Dossier.objects.filter(pk=dossier.pk).update(turn_since="2020-01-01T12:00Z")
    eliminations.execute(lot, by=second)
    dossier.refresh_from_db()
    deposit = dossier.deposits.get()
    assert dossier.eliminated_at is not None
    assert (deposit.answers, deposit.recap, deposit.signatory) == ({}, [], {})
    assert {json_of.answers == {} for json_of in Section.objects.filter(dossier=dossier)} == {True}
    file.refresh_from_db()
    assert (file.state, file.file.name) == (Upload.State.ERASED, "")
    receipt = Document.objects.get(pk=deposit.receipt_id)
    assert (receipt.state, receipt.title) == (Document.State.ERASED, "Document éliminé")
    assert receipt.filename == "document-elimine.pdf"
    assert {one.text for one in Mail.objects.about(dossier)} == {"Éliminé"}
    assert list(Event.objects.about(dossier).values_list("pk", "name", "by", "at"))[1:] == acts
    assert Dossier.objects.visible_to(dossier.created_by).count() == 0
    assert Dossier.objects.visible_to(make_user_with(Role.AGENT, "diagnostic")).count() == 0
    with pytest.raises(NotNow, match="terminé"):
        eliminations.drop(lot, "Trop tard.", by=first)


def test_the_database_itself_refuses_a_lot_executed_without_visa() -> None:
    lot = Lot.objects.create(number="L", rule="diagnostic-clos")
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(executed_at=timezone.now())
    one = officers()[0]
    seen = {"visa_reference": "A", "visa_name": "B", "visa_on": TODAY, "visa_noted_by": one}
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(executed_at=timezone.now(), executed_by=one, **seen)


def test_what_reopened_since_it_was_proposed_stays() -> None:
    dossier = ended("refused", date(2020, 1, 1))
    lot = Lot.objects.create(number="L", rule="diagnostic-sans-suite", needs_visa=False)
    LotRow.objects.create(lot=lot, dossier=dossier, label="x", since=TODAY, due_on=TODAY)
    Dossier.objects.filter(pk=dossier.pk).update(turn_since=timezone.now() - timedelta(days=200))
    eliminations.execute(lot, by=officers()[0])
    assert lot.rows.get().kept == "La durée a recommencé depuis la proposition."
    assert Dossier.objects.get(pk=dossier.pk).eliminated_at is None


def test_a_lot_given_up_says_why_and_lets_its_lines_go() -> None:
    ended("refused", date(2027, 1, 1))
    (lot,) = eliminations.propose(NOW)
    with pytest.raises(NotDone, match="pourquoi"):
        eliminations.drop(lot, " ", by=officers()[0])
    eliminations.drop(lot, "Un contrôle commence.", by=officers()[0])
    (again,) = eliminations.propose(NOW)
    assert again.number == "ELI-2030-0002"


def test_the_time_of_a_dossier_is_asked_of_it_alone() -> None:
    """A lot costs its lines: what is due elsewhere is not listed again for each of them."""
    lines = [ended("refused", date(2020, 1, 1)) for _ in range(3)]
    lot = Lot.objects.create(number="L", rule="diagnostic-sans-suite", needs_visa=False)
    for one in lines:
        LotRow.objects.create(lot=lot, dossier=one, label="x", since=TODAY, due_on=TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eliminations.due, "every", lambda day: pytest.fail("everything is listed"))
        eliminations.execute(lot, by=officers()[0])
    assert lot.rows.exclude(done_at=None).count() == 3


def test_an_account_that_is_still_named_stays_alone_and_whole(
    monkeypatch: pytest.MonkeyPatch, kept_apart: Path
) -> None:
    named, other = UserFactory(), UserFactory()
    lot = Lot.objects.create(number="L", rule="comptes", needs_visa=False)
    for one in (other, named):
        LotRow.objects.create(lot=lot, person=one, label="x", since=timezone.localdate(), due_on=TODAY)
    prove = erasure._prove

    def proved(identity: Any) -> None:
        if named.email in identity.emails:
            raise erasure.StillNamed("dossiers.Section: 1")
        prove(identity)

    monkeypatch.setattr(erasure, "_prove", proved)
    eliminations.execute(lot, by=officers()[0])
    kept, gone = lot.rows.get(person=named), lot.rows.get(person=other)
    assert (kept.done_at, kept.kept) == (None, eliminations.STILL_NAMED)
    assert (gone.done_at is None, gone.kept) == (False, "")
    named.refresh_from_db()
    assert (named.is_active, Erasure.objects.get().person) == (True, other)
    assert [line.person for line in ledger.lines()] == [other.pk]


def test_a_lot_that_fails_leaves_no_line_in_the_register(monkeypatch: pytest.MonkeyPatch, kept_apart: Path) -> None:
    lines = [ended("refused", date(2020, 1, 1)) for _ in range(2)]
    lot = Lot.objects.create(number="L", rule="diagnostic-sans-suite", needs_visa=False)
    for one in lines:
        LotRow.objects.create(lot=lot, dossier=one, label="x", since=TODAY, due_on=TODAY)

    def breaks(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(eliminations.Lot, "save", breaks)
        with pytest.raises(OSError, match="full"):
            eliminations.execute(lot, by=officers()[0])
    assert list(ledger.eliminations()) == []
    assert Dossier.objects.exclude(eliminated_at=None).count() == 0
    eliminations.execute(lot, by=officers()[0])
    assert [line.dossier for line in ledger.eliminations()] == [one.key for one in lines]


def test_a_draft_discarded_meanwhile_stops_no_other_line(monkeypatch: pytest.MonkeyPatch) -> None:
    draft, other = make_draft(), make_draft()
    Section.objects.update(saved_at="2020-01-01T12:00Z")
    Dossier.objects.update(created_at="2020-01-01T12:00Z")
    lot = Lot.objects.create(number="L", rule="brouillons", needs_visa=False)
    for one in (draft, other):
        LotRow.objects.create(lot=lot, dossier=one, label="x", since=TODAY, due_on=TODAY)
    held = eliminations._held

    def discards(found: Lot, by: User) -> Lot:
        rows = list(held(found, by).rows.select_related("dossier", "person"))
        drafts.discard(draft, by=draft.created_by)
        locked = held(found, by)
        monkeypatch.setattr(type(locked.rows), "select_related", lambda self, *names: rows)
        return locked

    monkeypatch.setattr(eliminations, "_held", discards)
    eliminations.execute(lot, by=officers()[0])
    monkeypatch.undo()
    assert [(one.kept, one.done_at is None) for one in lot.rows.all()] == [(eliminations.DISCARDED, True), ("", False)]
    assert not Dossier.objects.exists()


def test_a_line_that_breaks_is_left_whole_and_the_lot_says_which_and_why(
    kept_apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is written, not even in the register; the page of the lot says so, it does not break."""
    broken, gone = ended("refused", date(2020, 1, 1)), ended("refused", date(2020, 1, 1))
    lot = Lot.objects.create(number="L", rule="diagnostic-sans-suite", needs_visa=False)
    LotRow.objects.bulk_create(
        LotRow(lot=lot, dossier=one, label=str(one.number), since=TODAY, due_on=TODAY) for one in (broken, gone)
    )
    before = emptying.empty

    def empty(dossier: Dossier, *, by: User | None) -> None:
        before(dossier, by=by)
        if dossier == broken:
            raise IntegrityError("two rows say the same")

    monkeypatch.setattr(emptying, "empty", empty)
    client = Client()
    sign_in(client, officers()[0])
    address = f"/donnees/eliminations/{lot.pk}/"
    assert client.post(address + "executer/").headers["Location"] == address
    page = client.get(address).content.decode()
    assert str(broken.number) in page
    assert eliminations.FAILED in page
    kept, done = lot.rows.order_by("pk")
    assert (kept.done_at, kept.kept, kept.is_waiting) == (None, eliminations.FAILED, False)
    assert (done.done_at is not None, done.kept) == (True, "")
    broken.refresh_from_db()
    assert (broken.eliminated_at, broken.deposits.get().answers != {}) == (None, True)
    (line,) = kept_apart.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["dossier"] == str(gone.key)


def test_what_was_written_of_a_draft_goes_with_it(time_machine) -> None:
    draft = make_draft()
    about = {"about_kind": "dossiers.dossier", "about_key": str(draft.pk)}
    Mail.objects.create(kind="x", address="a@b.fr", subject="S", text="T", **about)
    procedure.record(draft, "noted", by=None, reason="Des mots.")
    lot = Lot.objects.create(number="L", rule="brouillons", needs_visa=False)
    LotRow.objects.create(lot=lot, dossier=draft, label="x", since=TODAY, due_on=TODAY)
    key = str(draft.pk)
    time_machine.move_to("2032-05-02T02:00:00Z")
    eliminations.execute(lot, by=officers()[0])
    assert not Dossier.objects.exists()
    assert {one.text for one in Mail.objects.filter(about_key=key)} == {emptying.GONE}
    said = Event.objects.filter(thing_kind="dossiers.dossier", thing_key=key).exclude(reason="")
    assert {one.reason for one in said} == {emptying.GONE}


def test_a_dossier_is_in_one_lot_under_way() -> None:
    dossier = ended("refused", date(2027, 1, 1))
    (lot,) = eliminations.propose(NOW)
    other = Lot.objects.create(number="L", rule="diagnostic-sans-suite")
    twice = {"dossier": dossier, "label": "x", "since": TODAY, "due_on": TODAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        LotRow.objects.create(lot=other, **twice)
    eliminations.drop(lot, "Un contrôle commence.", by=officers()[0])
    LotRow.objects.create(lot=other, **twice)


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_make_one_lot() -> None:
    for _ in range(5):
        ended("refused", date(2027, 1, 1))
    together(lambda: eliminations.propose(NOW), lambda: eliminations.propose(NOW))
    assert Lot.objects.count() == 1
    assert LotRow.objects.filter(is_waiting=True).count() == 5


# ------------------------------------------------------------------------------------------------ drafts and accounts
def test_a_draft_is_erased_without_visa_a_month_after_its_owner_was_told(time_machine) -> None:
    time_machine.move_to("2029-05-01T10:00:00Z")
    draft = make_draft()
    User.objects.update(last_login="2030-01-01T12:00Z")
    time_machine.move_to("2030-04-01T02:00:00Z")
    assert eliminations.warn(timezone.now()) == 1
    assert eliminations.warn(timezone.now()) == 0
    assert Warned.objects.get().due_on == date(2030, 5, 1)
    assert Mail.objects.filter(kind="rights.warned", recipient=draft.created_by).count() == 1
    time_machine.move_to("2030-04-30T02:00:00Z")
    assert eliminations.propose(timezone.now()) == []
    time_machine.move_to("2030-05-02T02:00:00Z")
    (lot,) = eliminations.propose(timezone.now())
    assert (lot.rule, lot.needs_visa) == ("brouillons", False)
    eliminations.execute(lot, by=officers()[0])
    assert not Dossier.objects.exists()
    assert lot.rows.get().done_at is not None


def test_a_draft_that_is_written_again_stays(time_machine) -> None:
    time_machine.move_to("2029-05-01T10:00:00Z")
    draft = make_draft()
    User.objects.update(last_login="2030-01-01T12:00Z")
    time_machine.move_to("2030-04-01T02:00:00Z")
    eliminations.warn(timezone.now())
    Section.objects.filter(dossier=draft, slug="aides").update(saved_at=timezone.now())
    time_machine.move_to("2030-05-02T02:00:00Z")
    assert eliminations.propose(timezone.now()) == []


def test_a_draft_of_which_nobody_was_told_stays() -> None:
    make_draft()
    Section.objects.update(saved_at="2020-01-01T12:00Z")
    Dossier.objects.update(created_at="2020-01-01T12:00Z")
    assert eliminations.propose(NOW) == []


def test_an_idle_account_is_erased_and_one_that_came_back_is_not(time_machine) -> None:
    time_machine.move_to("2028-01-10T10:00:00Z")
    idle, back, agent = UserFactory(), UserFactory(), make_user_with(Role.AGENT, "diagnostic")
    time_machine.move_to("2029-12-12T02:00:00Z")
    assert eliminations.warn(timezone.now()) == 2
    time_machine.move_to("2030-01-12T02:00:00Z")
    (lot,) = eliminations.propose(timezone.now())
    assert {row.person for row in lot.rows.all()} == {idle, back}
    User.objects.filter(pk=back.pk).update(last_login=timezone.now())
    eliminations.execute(lot, by=officers()[0])
    assert {one.person for one in Erasure.objects.all()} == {idle}
    assert lot.rows.get(person=back).kept == "La personne s’est connectée depuis."
    agent.refresh_from_db()
    assert agent.is_active


# ------------------------------------------------------------------------------------------------------------ dry run
def test_the_dry_run_says_what_and_why_and_writes_nothing(capsys) -> None:
    gone, kept = ended("refused", date(2028, 1, 1)), ended("closed", date(2015, 1, 1))
    call_command("retention", "--dry-run", "--on", "2030-06-15")
    told = capsys.readouterr().out
    assert f"2030-01-01  {gone.number}, {gone.organisation.name}  à proposer, avec visa\n" in told
    assert f"2025-01-01  {kept.number}, {kept.organisation.name}  à proposer, avec visa\n" in told
    assert "Datathon, participants d’une édition terminée\u00a0: 1\u00a0an (proposition)" in told
    assert (Lot.objects.count(), Warned.objects.count()) == (0, 0)
    call_command("retention", "--propose")
    assert "ELI-" in capsys.readouterr().out


def test_the_figures_still_count_a_dossier_that_was_eliminated() -> None:
    dossier = ended("refused", date(2027, 1, 1))
    lot = Lot.objects.create(number="L", rule="diagnostic-sans-suite", needs_visa=False)
    LotRow.objects.create(lot=lot, dossier=dossier, label="x", since=TODAY, due_on=TODAY)
    Dossier.objects.filter(pk=dossier.pk).update(turn_since="2020-01-01T12:00Z")
    eliminations.execute(lot, by=officers()[0])
    assert lot.rows.get().kept == ""
    assert Dossier.objects.deposited().filter(scheme="diagnostic").count() == 1
