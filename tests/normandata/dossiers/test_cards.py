"""A dossier in one sentence, for each state that an organisation sees."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from normandata.dossiers import cards, states
from normandata.dossiers.models import Dossier, FilingPeriod
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from tests.factories.accounts import make_agent
from tests.factories.dossiers import make_deposit, make_draft

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)


def said(dossier: Dossier, at: datetime = AT) -> tuple[str, str, bool]:
    made = cards.card(cards.ready(Dossier.objects.all()).get(pk=dossier.pk), at)
    return made.action, made.sentence.replace("\u00a0", " "), made.is_awaited


def test_a_draft_is_taken_up_until_its_last_day() -> None:
    draft = make_draft()
    action = "Reprendre mon dossier"
    assert said(draft) == (action, "Dossier non déposé. Le dépôt est ouvert toute l’année, sans date limite.", True)
    period = FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2026, 10, 30))
    assert said(draft)[1] == "Dossier non déposé. Date limite : 30 octobre 2026 à 23 h 59."
    assert said(draft, datetime(2026, 11, 2, tzinfo=UTC))[1] == (
        "Le dépôt s’est arrêté le 30 octobre 2026 à 23 h 59. Votre brouillon est gardé."
    )
    period.delete()


def test_a_deposit_says_that_an_agent_comes_next() -> None:
    dossier = make_deposit(at=AT).dossier
    assert said(dossier) == (
        "Ouvrir le dossier",
        "Déposé le 1er octobre 2026. Un agent va l’examiner ; vous pouvez encore le modifier et le déposer de nouveau.",
        False,
    )
    Dossier.objects.update(state="review", editable="none")
    dossier.refresh_from_db()
    assert said(dossier)[1] == ("Examen en cours, dossier déposé le 1er octobre 2026. Rien n’est attendu de vous.")


def test_what_is_asked_has_a_last_day() -> None:
    dossier, due = make_deposit().dossier, timezone.localdate() + timedelta(days=10)
    corrections.ask(dossier, [Asked("piece:complement", "")], due_on=due, by=make_agent())
    action, sentence, is_awaited = said(dossier)
    assert (action, is_awaited) == ("Répondre", True)
    assert sentence.startswith("Des pièces vous sont demandées, au plus tard le ")


@pytest.mark.parametrize("slug", [slug for slug in states.STATES if slug != states.DRAFT])
def test_every_state_has_its_sentence(slug: str) -> None:
    dossier = make_deposit().dossier
    Dossier.objects.update(state=slug)
    dossier.refresh_from_db()
    _, sentence, _ = said(dossier)
    assert sentence.endswith(".")
    assert slug not in sentence
