"""The demonstration, loaded once for these tests and rolled back."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.utils import timezone

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.documents.models import Upload
from normandata.dossiers import drafts, permissions
from normandata.dossiers.models import Absence, Correction, Dossier, Reading, SavedView, ThreadFile, ThreadMessage
from normandata.notifications.models import Mail
from normandata.organisations import territories as tables
from normandata.organisations.models import Membership, Organisation, Territory
from normandata.outbox.models import Message, State
from normandata.portal.demonstration import people, script, services
from normandata.procedure.models import Event
from normandata.regulation.findings import Verdict

EXPECTED = {
    "brouillon-vide": ("draft", 0, "", ""),
    "brouillon-a-moitie": ("draft", 0, "", ""),
    "brouillon-complet": ("draft", 0, "", ""),
    "brouillon-en-attente": ("draft", 0, "", ""),
    "depose-recent": ("submitted", 1, "", "eligible"),
    "depose-hier": ("submitted", 1, "", "eligible"),
    "depose-deux-fois": ("submitted", 2, "", "eligible"),
    "commerce": ("submitted", 1, "", "to_review"),
    "annuaire-muet": ("submitted", 1, "", "to_review"),
    "transport": ("submitted", 1, "", "eligible"),
    "piece-demandee": ("incomplete", 1, "open", "eligible"),
    "piece-presque-echue": ("incomplete", 1, "open", "eligible"),
    "piece-recente": ("incomplete", 1, "open", "eligible"),
    "piece-rendue": ("review", 2, "answered", "eligible"),
    "demande-annulee": ("review", 1, "cancelled", "eligible"),
    "demande-echue": ("review", 1, "expired", "eligible"),
    "lecture-des-constats": ("review", 1, "", "to_review"),
    "siege-ailleurs": ("review", 1, "", "to_review"),
    "association": ("review", 1, "", "ineligible"),
    "grand-groupe": ("submitted", 1, "", "ineligible"),
    "jeune-pousse": ("submitted", 1, "", "ineligible"),
    "bientot-refus-implicite": ("review", 1, "", "eligible"),
    "clinique": ("review", 1, "", "to_review"),
    "hopital": ("submitted", 1, "", "eligible"),
    "agglomeration": ("review", 1, "", "eligible"),
    "de-minimis": ("review", 1, "", "to_review"),
    "retire": ("withdrawn", 1, "", "eligible"),
    "retire-pendant-examen": ("withdrawn", 1, "", "eligible"),
}
"""State, version, state of the last request, conclusion of the verdict."""


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker) -> Iterator[services.Loaded]:
    with django_db_blocker.unblock(), transaction.atomic():
        tables.load()
        yield services.load()
        transaction.set_rollback(True)


def dossiers() -> dict[str, Dossier]:
    """Return the dossiers by the name of their story."""
    rows = Dossier.objects.select_related("organisation", "created_by")
    found = {(row.organisation.siret, row.created_by.email): row for row in rows}
    assert len(found) == rows.count()
    return {one.slug: found[one.siret, f"{one.by}@demo.invalid"] for one in script.read().stories}


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_every_state_reached_so_far_is_there(loaded: services.Loaded, db: None) -> None:
    assert loaded == services.Loaded(len(EXPECTED), 0)
    seen = {}
    for slug, dossier in dossiers().items():
        last = dossier.corrections.first()
        conclusion = Verdict.from_record(dossier.verdict).conclusion.value if dossier.verdict else ""
        seen[slug] = (dossier.state, dossier.version, last.state if last else "", conclusion)
    assert seen == EXPECTED
    assert Dossier.objects.count() == len(EXPECTED)


def test_the_drafts_are_empty_half_filled_and_complete(loaded: services.Loaded, db: None) -> None:
    found = dossiers()
    left = {slug: drafts.read(found[slug]).left for slug in EXPECTED if EXPECTED[slug][0] == "draft"}
    assert left == {
        "brouillon-vide": 4,
        "brouillon-a-moitie": 2,
        "brouillon-complet": 0,
        "brouillon-en-attente": 3,
    }


def test_a_second_run_adds_nothing(loaded: services.Loaded, db: None) -> None:
    before = counts()
    assert services.load() == services.Loaded(0, len(EXPECTED))
    assert counts() == before


def test_the_days_that_count_are_near(loaded: services.Loaded, db: None) -> None:
    found, today = dossiers(), timezone.localdate()
    due = {
        slug: (found[slug].corrections.open().get().due_on - today).days
        for slug in EXPECTED
        if EXPECTED[slug][0] == "incomplete"
    }
    assert due == {"piece-demandee": 3, "piece-presque-echue": 1, "piece-recente": 16}
    soon = [
        slug
        for slug, one in found.items()
        if one.refused_by_silence_on and (one.refused_by_silence_on - today).days < 15
    ]
    assert soon == ["bientot-refus-implicite"]
    assert found["bientot-refus-implicite"].refused_by_silence_on >= today


def test_the_desk_is_in_use(loaded: services.Loaded, db: None) -> None:
    found = dossiers()["lecture-des-constats"]
    assert (found.owner.email, found.backup.email) == ("agent@demo.invalid", "collegue@demo.invalid")
    assert [(one.rule, one.outcome) for one in Reading.objects.all()] == [("diagnostic.activity", "met")]
    absence = Absence.objects.on(timezone.localdate()).get()
    assert (absence.agent.email, absence.backup.email) == ("absent@demo.invalid", "collegue@demo.invalid")
    assert Counter(SavedView.objects.values_list("is_shared", flat=True)) == {True: 2, False: 1}
    assert set(ThreadMessage.objects.values_list("side", flat=True)) == {"applicant", "region", "portal"}
    assert ThreadMessage.objects.filter(is_internal=True).count() == 2
    assert Counter(one.upload.format for one in ThreadFile.objects.all()) == {"pdf": 1, "png": 1}
    assert {one.is_available for one in Upload.objects.all()} == {True}


def test_one_person_is_in_two_organisations_and_one_asks_to_join(loaded: services.Loaded, db: None) -> None:
    of = Membership.objects.filter(user__email="porteur@demo.invalid")
    assert Counter(of.values_list("state", flat=True)) == {"active": 2}
    asked = Membership.objects.get(state=Membership.State.REQUESTED)
    assert asked.user.email == "nouveau@demo.invalid"
    waiting = dossiers()["brouillon-en-attente"]
    assert permissions.can_edit(asked.user, waiting)
    assert not Membership.objects.filter(user__email="debutant@demo.invalid").exists()


def test_everything_is_fictitious_but_the_communes(loaded: services.Loaded, db: None) -> None:
    assert {email.partition("@")[2] for email in User.objects.values_list("email", flat=True)} == {"demo.invalid"}
    assert {siret[:3] for siret in Organisation.objects.values_list("siret", flat=True)} == {"999"}
    codes = set(Organisation.objects.filter(department__in=["14", "27", "50", "61", "76"]).values_list("insee_code"))
    real = set(Territory.objects.filter(kind="commune").values_list("insee_code"))
    assert codes - real == set()
    kinds = {one.structure_type.structure_type for one in Organisation.objects.all() if one.legal_category}
    assert kinds >= {"enterprise", "local_authority", "health_facility", "association"}
    addresses = {email.partition("@")[2] for email in Mail.objects.values_list("address", flat=True)}
    assert addresses == {"demo.invalid"}


def test_every_row_passes_its_own_constraints(loaded: services.Loaded, db: None) -> None:
    for model in (Dossier, Correction, Organisation, Membership, ThreadMessage, RoleAssignment, Absence, Upload):
        for row in model._default_manager.all():
            row.validate_constraints()


def test_dates_are_spread_over_three_months_and_in_order(loaded: services.Loaded, db: None) -> None:
    now = timezone.now()
    for dossier in dossiers().values():
        at = list(Event.objects.about(dossier).order_by("pk").values_list("at", flat=True))
        assert at == sorted(at)
        assert at[-1] < now
        assert dossier.created_at <= at[0]
    days = set(Dossier.objects.deposited().order_by("number").values_list("submitted_at", flat=True))
    assert max(days) - min(days) > timedelta(days=75)
    numbered = list(Dossier.objects.deposited().order_by("number").values_list("submitted_at", flat=True))
    assert numbered == sorted(numbered)
    assert not ThreadMessage.objects.filter(at__gte=now - timedelta(minutes=1)).exists()


def test_the_mails_left_on_the_day_they_were_written(loaded: services.Loaded, db: None) -> None:
    waits = {one.sent_at - one.created_at for one in Mail.objects.all() if one.sent_at}
    assert len(waits) == 1
    assert waits.pop() < timedelta(minutes=1)
    assert not Mail.objects.filter(sent_at=None).exists()
    assert set(Message.objects.exclude(state=State.DONE).values_list("handler", flat=True)) == {
        "documents.make",
        "organisations.refresh",
    }


def test_each_role_has_one_account_that_signs_in_through_the_real_pages(loaded: services.Loaded, db: None) -> None:
    told = script.read()
    assert Counter(one.role for one in told.of_roles) == Counter(Role)
    for account in (*told.of_roles, *told.of_applicants, *told.others):
        client = Client()
        answer = client.post("/connexion/", {"login": account.email, "password": script.PASSWORD})
        assert answer.status_code == 302, account
        if account.has_second_factor:
            assert answer["Location"].startswith("/connexion/second-facteur/"), account
            assert client.get("/compte/").status_code == 302
            code = people.codes([account])[account.email]
            assert client.post("/connexion/second-facteur/", {"code": code}).status_code == 302, account
        assert client.get("/compte/").status_code == 200, account
        held = RoleAssignment.objects.current().filter(user__email=account.email)
        assert list(held.values_list("role", "scheme")) == ([(account.role, account.scheme)] if account.role else [])
