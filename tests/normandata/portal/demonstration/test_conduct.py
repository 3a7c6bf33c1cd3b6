"""One story told up to its end, with the PDF of its report drawn for real; and what a story may not do."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from diagnostic.orders import Order
from normandata.budgets.models import Envelope
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier
from normandata.portal.demonstration import script, services
from normandata.portal.demonstration.script import Story
from normandata.procedure.errors import Unmet
from normandata.procedure.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("territories", "media")]
Only = Callable[..., None]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, dossiers_alone: None) -> Only:
    """Tell these stories and no other."""
    told = script.read()
    by_slug = {one.slug: one for one in told.stories}

    def keep(*stories: Story | str) -> None:
        kept = tuple(one if isinstance(one, Story) else by_slug[one] for one in stories)
        monkeypatch.setattr(script, "read", lambda: replace(told, stories=kept))

    return keep


def named(slug: str) -> Story:
    return next(one for one in script.read().stories if one.slug == slug)


def test_a_story_goes_from_the_first_line_to_the_invoice_and_the_follow_up(only: Only) -> None:
    only("suivi-oui")
    assert services.load() == services.Loaded(1, 0)
    dossier = Dossier.objects.get()
    names = list(Event.objects.about(dossier).order_by("pk").values_list("name", flat=True))
    assert [name for name in names if name not in ("session", "draft", "section")][-15:] == [
        "select",
        "order",
        "notify",
        "letter_read",
        "confidentiality",
        "start",
        "submit_report",
        "accept_report",
        "deliver",
        "report_opened",
        "report_opened",
        "certify",
        "evaluation",
        "settle",
        "follow_up",
    ]
    report = Document.objects.get(kind="diagnostic.report")
    with report.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    order = Order.objects.get()
    assert report.ready_at is not None
    assert order.delivered_on is not None
    assert report.ready_at.date() < order.delivered_on
    # 3 days at 900 euros, VAT 20 %
    assert (dossier.state, str(order.invoiced), str(Envelope.objects.get().paid)) == ("closed", "3240.00", "3240.00")
    assert services.load() == services.Loaded(0, 1)


def test_a_story_cannot_have_one_person_propose_and_decide(only: Only) -> None:
    story = named("accorde")
    steps = tuple(dict(step, by="agent") if step["do"] == "select" else step for step in story.steps)
    only(replace(story, steps=steps))
    with pytest.raises(Unmet, match="une autre personne la décide"):
        services.load()
    assert not Dossier.objects.exists()


def test_a_story_of_a_report_without_an_order_is_a_fault(only: Only) -> None:
    story = named("accorde")
    only(replace(story, steps=(*story.steps[:5], {"do": "start", "days": 40})))
    with pytest.raises(LookupError, match="accorde has no order"):
        services.load()
    assert not Dossier.objects.exists()


def test_a_wrong_gesture_of_one_story_leaves_the_others_untold_too(only: Only) -> None:
    story = named("accorde")
    only("brouillon-vide", replace(story, steps=(*story.steps[:2], {"do": "dance", "days": 40})))
    with pytest.raises(KeyError):
        services.load()
    assert not Dossier.objects.exists()
    only("brouillon-vide", story)
    assert services.load() == services.Loaded(2, 0)


def test_a_file_that_grew_since_adds_what_it_tells_since(only: Only) -> None:
    only("brouillon-vide", "depose-recent")
    assert services.load() == services.Loaded(2, 0)
    assert not Envelope.objects.exists()
    # the envelope is whole here: nobody may wait
    only("brouillon-vide", "depose-recent", "attente-un")
    with pytest.raises(Unmet, match="proposez-le plutôt"):
        services.load()
    assert Dossier.objects.count() == 2
    only("brouillon-vide", "depose-recent", "notifie", "commerce")
    assert services.load() == services.Loaded(2, 2)
    assert sorted(Dossier.objects.values_list("state", flat=True)) == ["draft", "notified", "submitted", "submitted"]
