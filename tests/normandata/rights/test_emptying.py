"""What an elimination empties: all that was said of a dossier, wherever it stands; nothing of the accounts."""

from dataclasses import replace

import pytest
from django.db.models import Q

from booster_ia.payments.requests import PaymentRequest
from normandata.dossiers.models import Dossier
from normandata.notifications import services as notifications
from normandata.notifications.models import Mail
from normandata.privacy import registry
from normandata.rights import emptying
from normandata.scoring.models import Mark, Sheet, Subject
from tests import world as w
from tests.factories.accounts import UserFactory
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "kept_apart", "quiet")]
ROOMS = ("booster_ia_", "committee_", "diagnostic_", "dossiers_", "scoring_", "roadmap_callproposal")
ACCOUNTS = {
    *(f"booster_ia_bankdetails.{name}" for name in ("holder", "iban", "reason")),
    *(f"booster_ia_expenseline.{name}" for name in ("function", "label", "reason", "supplier", "supplier_siret")),
    *(f"booster_ia_paymentrequest.{name}" for name in ("explanation", "justification", "reason", "typed")),
    *(f"booster_ia_recovery.{name}" for name in ("decision", "explanation", "observations", "reason")),
}
"""Kept ten years by the law of accounts; a dossier is not eliminated before."""
OF_NO_DOSSIER = {
    *(
        "booster_ia_scenario.name",
        "booster_ia_scenario.note",
        "committee_session.place",
        "committee_session.presided_by",
    ),
    *(f"diagnostic_company.{name}" for name in ("address", "email", "name", "phone")),
    *("diagnostic_conflict.reason", "diagnostic_holder.skills", "scoring_panel.title", "scoring_seat.quality"),
    *(f"dossiers_signatory.{name}" for name in ("delegation", "name", "quality")),
    *("dossiers_bulkjob.values", "dossiers_savedview.name", "dossiers_savedview.query"),
}
"""Of a wave, a session, a company, a panel, an agent, whoever signs for the Region: no one dossier's."""
CONCLUDED = {"dossiers_dossier.verdict"}
"""Figures and articles, on which indicators count."""
OF_TEAMS = {"scoring_mark.justification", "scoring_sheet.comment"}
"""The Datathon's panel judges teams in the same tables."""


def test_all_that_was_said_of_a_dossier_goes_and_the_accounts_stay(world: World) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    canaries.write_everywhere(person)
    before = {one for one in canaries.found_in_tables() if one.startswith(ROOMS)}
    for dossier in Dossier.objects.all():
        emptying.empty(dossier, by=world.people[w.DPO])
    after = {one for one in canaries.found_in_tables() if one.startswith(ROOMS)}
    assert after == ACCOUNTS | OF_NO_DOSSIER | CONCLUDED | OF_TEAMS
    assert len(before - after) >= 45
    judged = Q(subject__kind="dossiers.dossier")
    assert Sheet.objects.filter(judged, comment__icontains="canarix").count() == 0
    assert Sheet.objects.filter(judged, comment=emptying.GONE).count() >= 2
    assert Mark.objects.filter(sheet__subject__kind="dossiers.dossier", justification=emptying.GONE).count() >= 2


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
