"""What an elimination empties: all that was said of a dossier, wherever it stands; figures and references stay."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db.models import Q

from booster_ia.after import Reply
from booster_ia.payments.bank import BankDetails
from booster_ia.payments.lines import ExpenseFile
from booster_ia.payments.requests import PaymentRequest
from diagnostic.reports import ReportFile, ReportVersion
from normandata.budgets.models import Entry
from normandata.committee import papers
from normandata.committee.models import Item, Paper, Recusal, Session
from normandata.documents.models import Document, Upload
from normandata.dossiers.bulk import BulkJob, BulkOutcome
from normandata.dossiers.models import Attachment, Deposit, Dossier, Letter, ThreadFile
from normandata.experts.services.needs import WORDS
from normandata.notifications import services as notifications
from normandata.notifications.models import Mail
from normandata.privacy import registry
from normandata.procedure.models import Event
from normandata.rights import emptying
from normandata.rights.models import Export
from normandata.scoring.models import Sheet, Subject
from tests import world as w
from tests.factories.accounts import UserFactory
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "kept_apart", "quiet")]
KINDS = {
    "procedure.Event": {
        *("bulletin.news", "budgets.envelope", "committee.session", "datathon.edition", "diagnostic.company"),
        *(
            "experts.expert",
            "experts.introduction",
            "experts.need",
            "indicators.statement",
            "organisations.undertaking",
        ),
        *("portal.announcement", "roadmap.action", "scoring.grid", "scoring.panel", "scoring.sheet"),
    },
    "notifications.Mail": {"committee.session", "datathon.edition", "experts.need"},
    "documents.Document": {
        *("committee.report", "datathon.certificate", "datathon.receipt", "datathon.record", "datathon.refusal"),
        *("datathon.rules", "elimination_list", "indicators.sheet", "roadmap.assessment", "roadmap.report"),
        "simulation_result",
    },
    "scoring.Panel": {"booster_ia.wave", "datathon.edition"},
    "scoring.Sheet": {"datathon.team"},
    "scoring.Mark": {"datathon.team"},
    "budgets.Entry.reason": {""},
    "budgets.Entry.act": {"", "booster_ia.award", "diagnostic.order"},
    "deminimis.Aid": {"diagnostic.order"},
}
"""In what tables the words of dossiers stand with those of other things, and of what they are left there."""
KEPT = {"deminimis.Declaration.covers", "deminimis.Declaration.group"}
"""The SIREN that the register's aids are counted for."""
OF_NO_DOSSIER = {
    *("booster_ia.Scenario.name", "booster_ia.Scenario.note", "committee.Session.place"),
    *("committee.Session.presided_by", "diagnostic.Conflict.reason", "diagnostic.Holder.skills"),
    *(f"diagnostic.Company.{name}" for name in ("address", "email", "name", "phone")),
    *(f"dossiers.Signatory.{name}" for name in ("delegation", "name", "quality")),
    *("dossiers.BulkJob.values", "dossiers.SavedView.name", "dossiers.SavedView.query", "scoring.Seat.quality"),
    *(f"experts.Expert.{name}" for name in ("email", "name", "organisation", "skills")),
    *("experts.Agreement.proof", "experts.Introduction.message", "experts.Listing.presentation"),
    *(f"experts.Need.{name}" for name in WORDS if name != "outcome_words"),  # none has come to its end in the house
    "experts.Need.contact_phone",
}
"""Of a wave, a session, a company, a panel, an agent, an expert, whoever signs: no one dossier's."""
ROOMS = ("booster_ia.", "budgets.", "committee.", "deminimis.", "diagnostic.", "dossiers.", "experts.", "scoring.")


def singing() -> Iterator[tuple[str, str, str]]:
    """Read every column of words of every row: the model, the column, the kind of thing that a canary is said of."""
    for holding in registry.every():
        kinds = holding.thing[:1] or (["kind"] if holding.model == "documents.Document" else [])
        for of, *values in holding.table._base_manager.values_list(*(kinds or ["pk"]), *holding.words):
            for name, value in zip(holding.words, values, strict=True):
                if canaries.sings(value):
                    yield holding.model, name, of if kinds else ""


def test_all_that_was_said_of_dossiers_goes_and_what_is_of_others_stays(world: World, media: Path) -> None:
    """Every dossier of every scheme of the house, each word of it sung: none is left, in a table nor in a file."""
    person = UserFactory(email=EMAIL, name=NAME)
    canaries.write_everywhere(person)
    before, money = {f"{model}.{name}" for model, name, _ in singing()}, moves()
    acts, dossiers = Event.objects.count(), list(Dossier.objects.all())
    assert {one.scheme for one in dossiers} == {"booster_ia", "diagnostic", "roadmap"}
    for dossier in dossiers:
        emptying.empty(dossier, by=world.people[w.DPO])
    left = list(singing())
    after = {f"{model}.{name}" for model, name, _ in left}
    mixed = {one for one in after if one in KINDS or one.rpartition(".")[0] in KINDS}
    assert {one for one in after - mixed if one.startswith(ROOMS)} == OF_NO_DOSSIER | KEPT
    said_of: dict[str, set[str]] = {}
    for model, name, of in left:
        if f"{model}.{name}" in mixed:
            said_of.setdefault(f"{model}.{name}" if f"{model}.{name}" in KINDS else model, set()).add(of)
    assert said_of == KINDS
    assert {one for one in before - after if one.startswith("roadmap.")} == {
        f"roadmap.CallProposal.{name}" for name in ("title", "summary", "climate", "answer")
    }
    assert len(before - after) >= 70
    of_teams = {str(pk) for pk in Sheet.objects.filter(subject__kind="datathon.team").values_list("pk", flat=True)}
    sung = Event.objects.filter(thing_kind="scoring.sheet", reason__icontains="canarix")
    assert set(sung.values_list("thing_key", flat=True)) <= of_teams
    assert (Event.objects.count(), moves()) == (acts + len(dossiers), money)


def moves() -> list[tuple[object, ...]]:
    """Read the figures of every entry of the accounts, and the act that each cites."""
    names = ("pk", "about_key", "amount", "day", "act", "voted", "reserved", "committed", "paid")
    return list(Entry.objects.order_by("pk").values_list(*names))


def test_no_file_of_a_dossier_is_left_on_the_disk(
    world: World, media: Path, django_capture_on_commit_callbacks
) -> None:
    for path in [one for one in media.rglob("*") if one.is_file()]:
        path.write_bytes(b"canarix")
    sung = len(canaries.found_in_files(media))
    with django_capture_on_commit_callbacks(execute=True):
        for dossier in Dossier.objects.all():
            emptying.empty(dossier, by=world.people[w.DPO])
    left = {media / one for one in canaries.found_in_files(media)}
    uploads = [Path(one.file.path) for one in Upload.objects.exclude(file="").filter(pk__in=of_dossiers(Upload))]
    papers = [Path(one.file.path) for one in Document.objects.exclude(file="").filter(pk__in=of_dossiers(Document))]
    assert (uploads, papers) == ([], [])
    kept = [*Upload.objects.exclude(file=""), *Document.objects.exclude(file=""), *Export.objects.exclude(file="")]
    assert left == {Path(one.file.path) for one in kept}
    assert sung - len(left) >= 20


def of_dossiers(model: type[Upload | Document]) -> set[object]:
    """Return the keys of the files that some row of a dossier points at, table by table, as they are known here."""
    rows = {
        Upload: [
            (Attachment, "upload"),
            (ThreadFile, "upload"),
            (ReportFile, "upload"),
            (ExpenseFile, "upload"),
            (Reply, "upload"),
            (BankDetails, "proof"),
        ],
        Document: [
            (Deposit, "receipt"),
            (Letter, "document"),
            (ReportVersion, "document"),
            (ReportVersion, "redacted"),
        ],
    }[model]
    return {key for table, name in rows for key in table.objects.exclude(**{name: None}).values_list(name, flat=True)}


def test_words_led_to_by_kind_and_key_are_missed_where_a_room_does_not_say_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness: without what the room of marks declares, its sheets keep their words."""
    forgetful = tuple(replace(one, thing=()) for one in registry.every())
    monkeypatch.setattr(registry, "every", lambda: forgetful)
    for dossier in Dossier.objects.all():
        emptying.empty(dossier, by=world.people[w.DPO])
    assert Sheet.objects.filter(subject__kind="dossiers.dossier", comment=emptying.GONE).count() == 0


def test_what_was_said_of_another_dossier_stays(world: World) -> None:
    kept, gone = (
        Dossier.objects.get(pk=key)
        for key in Subject.objects.filter(kind="dossiers.dossier").values_list("key", flat=True).distinct()[:2]
    )
    mine = Q(subject__kind="dossiers.dossier", subject__key=str(kept.pk))
    said = list(Sheet.objects.filter(mine).order_by("pk").values_list("pk", "comment"))
    emptying.empty(gone, by=world.people[w.DPO])
    assert list(Sheet.objects.filter(mine).order_by("pk").values_list("pk", "comment")) == said


def test_a_mail_about_what_leads_to_the_dossier_is_emptied(world: World) -> None:
    payment = PaymentRequest.objects.order_by("pk")[0]
    notifications.notify(
        "rights.warned", to=[world.people[w.MEMBER]], values={"objet": "x", "date": "y", "adresse": "z"}
    )
    mail = Mail.objects.order_by("-pk")[0]
    Mail.objects.filter(pk=mail.pk).update(about_kind="booster_ia.paymentrequest", about_key=str(payment.pk))
    other = Mail.objects.create(kind="rights.warned", address="a@exemple.invalid", subject="S", text="T")
    emptying.empty(payment.award.dossier, by=world.people[w.DPO])
    mail.refresh_from_db()
    other.refresh_from_db()
    assert (mail.subject, mail.text, other.text) == (emptying.GONE, emptying.GONE, "T")


def test_the_papers_of_a_session_lose_the_words_of_one_dossier_and_keep_those_of_the_others(world: World) -> None:
    """A report to the committee is about several dossiers: only the words of the one that goes leave it."""
    session = Session.objects.get(pk=world.mine["tabled"])
    gone = session.items.get()
    other = Item.objects.exclude(session=session).order_by("pk")[0]
    Item.objects.filter(pk=other.pk).update(session=session, rank=2)
    Recusal.objects.bulk_create(Recusal(item=gone, name=name, reason="Parent") for name in ("Canarix A", "Canarix B"))
    Item.objects.filter(pk=gone.pk).update(brief=gone.brief | {"title": "canarix", "lines": [["Objet", "canarix"]]})
    asked = papers.ask(session, Paper.Stage.DRAFT, list(session.items.all()), by=world.people[w.CLERK])
    of_other = asked.document.record["items"][1]
    emptying.empty(gone.dossier, by=None)
    lines = Document.objects.get(pk=asked.document.pk).record["items"]
    assert lines[1] == of_other
    assert (lines[0]["number"], lines[0]["proposed"]) == (gone.dossier.number, str(gone.proposed_amount))
    assert (lines[0]["brief"]["title"], lines[0]["brief"]["lines"]) == ("Éliminé", [])
    assert not canaries.sings(lines[0])
    gone.refresh_from_db()
    assert (gone.said.title, gone.said.lines) == ("Éliminé", ())
    assert len({one.name for one in gone.recusals.all()}) == 2
    page = world.client(w.CLERK).get(f"/commission/{session.pk}/")
    assert page.status_code == 200


def test_what_was_asked_of_several_dossiers_at_once_goes_with_the_last_of_them(world: World) -> None:
    first, last = Dossier.objects.deposited().order_by("pk")[:2]
    job = BulkJob.objects.create(action="ask", values={"reason": "canarix"}, by=world.people[w.AGENT])
    BulkOutcome.objects.bulk_create(BulkOutcome(job=job, dossier=one) for one in (first, last))
    emptying.empty(first, by=None)
    job.refresh_from_db()
    assert job.values == {"reason": "canarix"}
    emptying.empty(last, by=None)
    job.refresh_from_db()
    assert job.values == {}


def test_a_record_keeps_its_codes_its_days_and_its_figures() -> None:
    verdict = {
        "on": "2027-01-04",
        "conclusion": "eligible",
        "findings": [{"rule": "a.b", "message": "Dit par Zoé", "facts": {"label": "Zoé", "staff": "12", "on": True}}],
    }
    assert emptying.figures(verdict, emptying.FOUNDING["verdict"]) == {
        "on": "2027-01-04",
        "conclusion": "eligible",
        "findings": [{"rule": "a.b", "message": "Éliminé", "facts": {"label": "Éliminé", "staff": "12", "on": True}}],
    }
    act = {"wave": "2027-1", "amount": "12500.00", "on": "2027-01-04", "text": "Zoé", "session": 4, "items": ["Zoé"]}
    assert emptying.figures(act, emptying.FOUNDING["data"]) == act | {"text": "Éliminé", "items": ["Éliminé"]}


def test_a_thing_pointed_at_by_kind_and_key_is_declared() -> None:
    """A model with a kind and a key beside it that does not say so would keep its words."""
    for holding in registry.every():
        names = {one.name for one in holding.table._meta.local_concrete_fields}
        pairs = [(f"{start}kind", f"{start}key") for start in ("about_", "thing_", "")]
        found = [pair for pair in pairs if names.issuperset(pair)]
        if found:
            assert tuple(holding.thing) == found[0], holding.model
