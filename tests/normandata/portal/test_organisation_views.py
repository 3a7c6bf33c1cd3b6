"""The organisations' list and page: who reads what of a SIREN, what the page says, what it costs."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booster_ia.payments.services import recoveries
from diagnostic.market import Market
from diagnostic.services import payments
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier, Letter
from normandata.dossiers.services import thread
from normandata.organisations.models import Organisation
from normandata.portal.organisation import exports
from normandata.scoring.services import conflicts, panels
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.budgets import make_envelope
from tests.factories.deminimis import make_aid, make_declaration, make_group
from tests.factories.diagnostic import make_delivered, make_market, make_notified, make_reviewed
from tests.factories.dossiers import make_deposit, make_draft
from tests.factories.experts import TEXT, make_given
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.factories.payments import make_award, make_checker, pay_advance
from tests.factories.queue import make_row
from tests.factories.scoring import make_grid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 11, 23, 8, tzinfo=UTC), tick=False):
        yield


def address(organisation: Organisation) -> str:
    return reverse("portal:organisation", args=[organisation.siren])


def spoken(siren: str) -> str:
    return f"{siren[:3]} {siren[3:6]} {siren[6:]}"


def status(client: Client, user: User, organisation: Organisation) -> int:
    sign_in(client, user)
    return client.get(address(organisation)).status_code


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


def exported(client: Client, organisation: Organisation, format: str = "csv") -> bytes:
    answer: Any = client.get(reverse("portal:organisation_export", args=[organisation.siren, format]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory(name="<b>Fonderie</b> d’essai")


@pytest.fixture
def lived(organisation: Organisation) -> Dossier:
    """A diagnostic of three half-days at 1 620 €, of which 539.97 € is invoiced: letters, mails, a report."""
    by = MembershipFactory(organisation=organisation, manager=True).user
    dossier = make_reviewed(by=by, organisation=organisation)
    order = make_delivered(make_market(), dossier=dossier, half_days=3)
    agent = make_agent()
    payments.certify(order.dossier, by=agent)
    payments.settle(order.dossier, invoice="F-9", amount=Decimal("539.97"), on=date(2026, 11, 23), by=agent)
    return Dossier.objects.get(pk=dossier.pk)


# ------------------------------------------------------------------------------------------------------- who reads what
def test_each_reads_the_dossiers_of_their_schemes_and_nothing_of_the_others(
    client: Client, organisation: Organisation
) -> None:
    diagnostic, booster = (make_row(organisation=organisation, scheme=slug) for slug in ("diagnostic", "booster_ia"))
    seen = {}
    for user in (make_agent(), make_agent("booster_ia"), make_user_with(Role.AUDITOR), make_user_with(Role.LEAD_AGENT)):
        sign_in(client, user)
        page = shown(client, address(organisation))
        numbers = [one.number for one in (diagnostic, booster) if str(one.number) in page]
        file = exported(client, organisation).decode()
        assert numbers == [one.number for one in (diagnostic, booster) if str(one.number) in file]
        seen[user.pk] = (numbers, f"{len(numbers)} dossier{'s' if len(numbers) > 1 else ''} dans vos" in page)
    assert list(seen.values()) == [
        ([diagnostic.number], True),
        ([booster.number], True),
        ([diagnostic.number, booster.number], True),
        ([diagnostic.number, booster.number], True),
    ]


def test_a_siren_of_which_nothing_may_be_read_does_not_exist(client: Client, organisation: Organisation) -> None:
    make_draft(organisation=organisation)
    assert status(client, make_agent(), organisation) == 404
    make_row(organisation=organisation, scheme="booster_ia")
    assert status(client, make_agent(), organisation) == 404
    assert status(client, make_agent("booster_ia"), organisation) == 200
    assert client.get("/instruction/structures/999999999/").status_code == 404
    assert client.get(f"{address(organisation)}structure.pdf").status_code == 404
    for role in (Role.JUROR, Role.PROVIDER, Role.EXPERT, Role.ACTION_PILOT):
        assert status(client, make_user_with(role), organisation) == 404
    sign_in(client, make_agent())
    assert client.get(reverse("portal:organisation_export", args=[organisation.siren, "csv"])).status_code == 404


def test_a_draft_beside_is_never_told(client: Client, lived: Dossier, organisation: Organisation) -> None:
    branch = OrganisationFactory(siret=f"{organisation.siren}00099", name="Fonderie de Flers")
    MembershipFactory(organisation=branch, user__name="Membre de la filiale")
    make_draft(by=lived.created_by, organisation=organisation)
    make_draft(organisation=branch)
    sign_in(client, make_agent())
    for text in (shown(client, address(organisation)), exported(client, organisation).decode()):
        assert "Fonderie de Flers" not in text
        assert "Membre de la filiale" not in text
        assert "rouillon" not in text


def test_a_conflict_of_interest_takes_a_dossier_off_the_page_then_the_page_away(client: Client) -> None:
    agent, lead = make_agent(), make_user_with(Role.LEAD_AGENT, "diagnostic")
    first = make_deposit().dossier
    second = make_deposit(by=first.created_by, organisation=first.organisation).dossier
    for dossier in (first, second):
        thread.write(dossier, f"Mot du {dossier.number}", by=lead)
    panel = panels.create_panel("diagnostic", "Jury d’essai", make_grid(), by=lead)
    subjects = panels.add_subjects(panel, [first, second], by=lead)
    conflicts.declare(agent, subjects[0], by=lead, reason="Parent du gérant")
    sign_in(client, agent)
    for text in (shown(client, address(first.organisation)), exported(client, first.organisation).decode()):
        assert str(second.number) in text
        assert str(first.number) not in text
    assert shown(client, "/instruction/structures/").count('Dossiers" class="nd-right">1<') == 1
    conflicts.declare(agent, subjects[1], by=lead, reason="Parent du gérant")
    assert status(client, agent, first.organisation) == 404
    assert shown(client, "/instruction/structures/").count(first.organisation.name) == 0
    assert status(client, lead, first.organisation) == 200


# --------------------------------------------------------------------------------------------------- what the page says
def test_the_page_of_a_whole_life(client: Client, lived: Dossier, organisation: Organisation) -> None:
    sign_in(client, make_agent())
    page = shown(client, address(organisation))
    for said in ("&lt;b&gt;Fonderie&lt;/b&gt; d’essai", f"SIREN <span class=\"nd-num\">{spoken(organisation.siren)}",
                 "539,97 € TTC", "Facture F-9", "Notification de la sélection", "Pas encore lue", "référent",
                 "non montrée à la structure", "Clos"):  # fmt: skip
        assert said in page, said
    assert "<b>Fonderie" not in page
    letter = Letter.objects.get(dossier=lived, is_internal=False)
    at = timezone.now()
    Letter.objects.filter(pk=letter.pk).update(read_at=at, read_by=lived.created_by, posted_on=date(2026, 11, 20))
    page = shown(client, address(organisation))
    assert f"Lue le 23 novembre 2026 par {lived.created_by}, reçue par la poste le 20 novembre 2026" in page
    assert reverse("dossiers:letter", args=[lived.key, letter.pk]) in page


def test_reports_opinions_and_scores_are_not_there(client: Client, lived: Dossier, organisation: Organisation) -> None:
    open_ = make_deposit(by=lived.created_by, organisation=organisation).dossier
    given = make_given(open_, question="La question posée à l’expert")
    sign_in(client, make_agent())
    for text in (shown(client, address(organisation)), exported(client, organisation).decode()):
        assert given.question not in text
        assert TEXT not in text
        assert given.expert.email not in text
        assert given.expert.name not in text
    page = shown(client, address(organisation))
    assert "/rapport" not in page
    assert "Rapport de diagnostic" not in page


def test_the_undertaking_names_the_others_to_whoever_reads_them(client: Client) -> None:
    first, second = make_group(2)
    make_row(organisation=first)
    make_row(organisation=second, scheme="booster_ia")
    make_aid(second, "2026-02-01", "1234.56")
    sign_in(client, make_agent())
    page = shown(client, address(first))
    assert spoken(second.siren) in page
    assert (second.name in page, address(second) in page) == (False, False)
    # The ceiling bears on the aids of the whole undertaking.
    assert "1 234,56 €" in page
    sign_in(client, make_user_with(Role.AUDITOR))
    page = shown(client, address(first))
    assert (second.name in page, address(second) in page) == (True, True)


def test_the_account_says_what_is_left_today_and_where_it_was_declared(client: Client) -> None:
    organisation = OrganisationFactory()
    dossier = make_row(organisation=organisation)
    sign_in(client, make_agent())
    assert "Aucune aide de minimis n’est inscrite ni déclarée" in shown(client, address(organisation))
    make_declaration(organisation, ("2026-02-01", "100000.01"), dossier=dossier)
    make_aid(organisation, "2026-02-01", "100000.01")
    page = shown(client, address(organisation))
    assert "<strong>199 999,99 €</strong> encore possibles le 23 novembre 2026" in page
    assert "<strong>99 999,99 €</strong> encore possibles" in page
    assert "1 aide comptée sur 2" in page
    declared = f'<a class="nd-num" href="{reverse("dossiers:examine", args=[dossier.key])}">{dossier.number}</a>'
    assert f"Déclarations : {declared}." in page


def test_exchanges_are_narrowed_and_paged(client: Client) -> None:
    first = make_deposit().dossier
    second = make_deposit(by=first.created_by, organisation=first.organisation).dossier
    agent = make_agent()
    for number in range(24):
        thread.write((first, second)[number % 2], f"Mot numéro {number:02d}.", by=agent, is_internal=True)
    sign_in(client, agent)
    path = address(first.organisation)
    newest, oldest = (shown(client, f"{path}?quoi=messages&page={number}") for number in (1, 2))
    assert [f"Mot numéro {number:02d}." in newest for number in (23, 4, 3)] == [True, True, False]
    assert [f"Mot numéro {number:02d}." in oldest for number in (4, 3, 0)] == [False, True, True]
    assert "?quoi=messages&amp;page=2#echanges" in newest
    assert newest.count("Note interne") == 20
    mails = shown(client, f"{path}?quoi=courriels")
    assert "Mot numéro" not in mails
    assert mails.count(f"Courriel à {first.created_by.email}") == 2
    for hostile in ("?page=zz", "?page=-1", "?quoi=%00", "?quoi=autre&page=99999"):
        assert client.get(f"{path}{hostile}").status_code == 200, hostile


# ------------------------------------------------------------------------------------------------------------- the list
def test_the_list_is_searched(client: Client) -> None:
    sign_in(client, make_agent())
    assert "Aucun dossier n’est déposé" in shown(client, "/instruction/structures/")
    made = [OrganisationFactory(name=name) for name in ("Élan d’Évreux", "Zéphyr")]
    for one in made:
        make_row(organisation=one)
    page = shown(client, "/instruction/structures/?q=elan+evreux")
    assert [address(one) in page for one in made] == [True, False]
    assert 'value="elan evreux"' in page
    none = shown(client, "/instruction/structures/?q=%3Cb%3E")
    assert "Aucune structure ne répond à « &lt;b&gt; »." in none
    for hostile in ("?apres=%00", "?avant=zzz", "?q=%00", "?q=" + "%25" * 100, "?apres=" + "é" * 900):
        assert client.get(f"/instruction/structures/{hostile}").status_code == 200, hostile


def test_pages_of_the_list_keep_the_search(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.portal.organisation.listing.PER_PAGE", 1)
    for name in ("Essai A", "Essai B", "Autre"):
        make_row(organisation=OrganisationFactory(name=name))
    sign_in(client, make_agent())
    first = shown(client, "/instruction/structures/?q=essai")
    after = first.split("?q=essai&amp;apres=")[1].split('"')[0]
    second = shown(client, f"/instruction/structures/?q=essai&apres={after}")
    assert ("Essai A" in first, "Essai B" in first, "Essai A" in second, "Essai B" in second) == (
        True, False, False, True,
    )  # fmt: skip
    assert "?q=essai&amp;avant=" in second
    assert "apres=" not in second


# ----------------------------------------------------------------------------------------------------------- the export
def test_the_export_says_the_same_as_the_page(client: Client, lived: Dossier, organisation: Organisation) -> None:
    sign_in(client, make_agent())
    headers, *rows = table(exported(client, organisation))
    assert headers == [column.label for column in exports.COLUMNS]
    assert list(dict.fromkeys(row[0] for row in rows)) == [
        "Identité", "Membre", "Dossier", "Écriture", "Aide de minimis", "Lettre", "Courriel", "Message",
    ]  # fmt: skip
    number, siret = str(lived.number), organisation.written_siret
    assert [row for row in rows if row[0] == "Dossier"] == [
        ["Dossier", "Diagnostic", number, siret, "23/11/2026", "Dépôt", "", "Clos", "539,97", "TTC", "", "", ""]
    ]
    moves = [[Decimal(cell.replace(",", ".")) for cell in row[10:]] for row in rows if row[0] == "Écriture"]
    # 1 620 reserved, then committed, then 539.97 paid: the rest is free again.
    assert moves == [
        [Decimal("1620.00"), Decimal("0.00"), Decimal("0.00")],
        [Decimal("-1620.00"), Decimal("1620.00"), Decimal("0.00")],
        [Decimal("0.00"), Decimal("-1620.00"), Decimal("539.97")],
    ]
    book = zipfile.ZipFile(io.BytesIO(exported(client, organisation, "xlsx")))
    assert "xl/worksheets/sheet1.xml" in book.namelist()


@pytest.mark.usefixtures("media")
def test_what_is_asked_back_is_on_the_page_and_in_its_export(client: Client) -> None:
    award = make_award("12500.00")
    pay_advance(award, "5000.00")
    recoveries.open_breach(award, amount=Decimal("1200.50"), reason="Logo absent.", by=make_checker())
    organisation = award.dossier.organisation
    sign_in(client, make_user_with("auditor"))
    page = shown(client, address(organisation))
    assert "Reversements" in page
    assert "1 200,50 €" in page.replace("\xa0", " ")
    rows = [row for row in table(exported(client, organisation)) if row[0] == "Reversement"]
    assert [(row[2], row[5], row[8]) for row in rows] == [
        (str(award.dossier.number), "Manquement aux obligations de la convention", "1200,50")
    ]


def test_no_cell_computes(client: Client) -> None:
    organisation = OrganisationFactory(name="=1+1")
    by = MembershipFactory(organisation=organisation, user__name="@somme").user
    dossier = make_deposit(by=by, organisation=organisation).dossier
    thread.write(dossier, "=HYPERLINK(1)", by=by)
    sign_in(client, make_agent())
    cells = {cell for row in table(exported(client, organisation)) for cell in row}
    assert {"'=1+1", "'@somme", "'=HYPERLINK(1)"} <= cells
    assert [cell for cell in cells if cell.startswith(("=", "@", "+"))] == []
    sheet = zipfile.ZipFile(io.BytesIO(exported(client, organisation, "xlsx"))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


# ------------------------------------------------------------------------------------------------------------- its cost
def cost(client: Client, ask: Callable[[], Any]) -> tuple[int, int]:
    made: list[type] = []
    count = lambda sender, **kwargs: made.append(sender)  # noqa: E731
    post_init.connect(count)
    try:
        with CaptureQueriesContext(connection) as queries:
            ask()
    finally:
        post_init.disconnect(count)
    return len(queries), len(made)


def grow(organisation: Organisation, by: User, market: Market, more: int) -> None:
    """Add dossiers with all that hangs on one: money, an aid, a letter, messages, mails, a member."""
    for _ in range(more):
        dossier = make_reviewed(by=by, organisation=organisation)
        make_notified(market, dossier=dossier, half_days=1)
        thread.write(dossier, f"Mot du {dossier.number}", by=by)
    MembershipFactory.create_batch(more, organisation=organisation)


def test_queries_and_objects_are_the_same_at_1_and_30_dossiers(client: Client, organisation: Organisation) -> None:
    by, market = UserFactory(), make_market(envelope=make_envelope("999999.00"))
    MembershipFactory(user=by, organisation=organisation)
    sign_in(client, make_agent())
    costs = []
    for more in (1, 29):
        with time_machine.travel(timezone.now() + timedelta(minutes=more), tick=True):
            grow(organisation, by, market, more)
        shown(client, address(organisation))
        costs.append(
            (
                cost(client, lambda: shown(client, address(organisation))),
                cost(client, lambda: exported(client, organisation)),
            )
        )
    assert costs[0] == costs[1]
    assert costs[0][0][0] <= 30
