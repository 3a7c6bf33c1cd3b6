"""A proposal as the kernel's dossiers carry it: what is asked, what agents and carriers read of it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from normandata.dossiers import schemes
from normandata.dossiers.forms import Context
from normandata.organisations.models import Organisation
from roadmap.calls import application
from roadmap.calls.application import APPLICATION, SCHEME
from roadmap.calls.models import Call
from tests.factories.accounts import make_agent, sign_in
from tests.factories.calls import make_answered, make_call, make_proposal, make_proposal_draft
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import get

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "quiet")]


def answering(call: Call | str) -> Context:
    slug = call if isinstance(call, str) else call.slug
    return Context(Organisation(), {"appel": {"appel": slug}})


def test_the_scheme_is_no_aid_and_is_entered_by_the_page_of_the_calls() -> None:
    assert schemes.by_slug()["roadmap"] is SCHEME
    assert (SCHEME.url_slug, SCHEME.is_aid, SCHEME.start_route) == ("appels", False, "roadmap:calls")
    assert APPLICATION.prefix == "AMI"


def test_a_proposal_asks_for_four_sections_and_no_piece_is_compulsory() -> None:
    assert [one.slug for one in APPLICATION.sections] == ["structure", "appel", "projet", "personnes"]
    context = answering(make_call())
    asked = [(one.slug, one.is_required(context), one.concerns(context)) for one in APPLICATION.pieces]
    assert asked == [("signature", False, True), ("complement", False, True)]


def test_only_a_call_that_names_carriers_asks_them_to_accept_it() -> None:
    named, counted = make_call(names_carriers=True), make_call()
    hidden = make_call("draft", names_carriers=True)
    asked = {
        slug: [one.slug for one in APPLICATION.commitments if one.concerns(answering(slug))]
        for slug in (named.slug, counted.slug, hidden.slug, "inconnu", "")
    }
    assert asked == {
        named.slug: ["exact", "publication"],
        counted.slug: ["exact"],
        hidden.slug: ["exact"],
        "inconnu": ["exact"],
        "": ["exact"],
    }


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("retained", "retenue"), ("oriented", "orientée vers un dispositif"), ("noted", "prise en compte")],
)
def test_a_card_says_what_became_of_a_proposal(outcome: str, said: str) -> None:
    dossier = make_answered(make_call(), outcome).dossier
    assert application.sentence(dossier) == f"Examen terminé : votre proposition est {said}."


def test_a_card_without_outcome_says_that_the_examination_is_over() -> None:
    assert application.sentence(make_proposal(make_call()).dossier) == "Examen terminé."
    assert application.sentence(make_proposal_draft(make_call())) == "Examen terminé."


def test_the_cards_name_the_call_of_what_was_deposited_in_one_query() -> None:
    first, second = make_call(title="Vélos : la suite"), make_call(title="Trains")
    sent = [make_proposal(one).dossier for one in (first, second, first)]
    draft = make_proposal_draft(first)
    suite = "Appel\u00a0: Vélos\u00a0: la suite"
    assert application.notes([*sent, draft]) == dict(
        zip([one.pk for one in sent], [suite, "Appel\u00a0: Trains", suite], strict=True)
    )
    assert cost(lambda: application.notes(sent[:1])) == cost(lambda: application.notes(sent))


def test_a_draft_has_no_panel() -> None:
    draft = make_proposal_draft(make_call())
    agent = make_agent("roadmap")
    assert application.proposal_of(draft) is None
    assert (application.desk_panel(draft, agent), application.space_panel(draft, draft.created_by)) == (None, None)


def test_both_sides_read_the_call_the_counted_facts_and_the_answer(client: Client) -> None:
    call, agent = make_call(title="Vélos"), make_agent("roadmap")
    found = make_answered(call, "oriented", agent=agent, places=("14", "hors"), theme=1, public=True)
    pages = []
    for person, route in ((agent, "dossiers:examine"), (found.dossier.created_by, "dossiers:dossier")):
        sign_in(client, person)
        pages.append(get(client, reverse(route, args=[found.dossier.key])))
    for page in pages:
        assert f'<a href="/appels/{call.slug}/">Vélos</a>' in page
        assert "<dt>Thématique</dt><dd>Santé</dd>" in page
        assert "<dt>Départements</dt><dd>Calvados, hors Normandie</dd>" in page
        assert "<dt>Porteur</dt><dd>Structure publique</dd>" in page
        assert "Orientée vers un dispositif" in page
        assert "Merci." in page


def test_the_carrier_is_led_to_the_assessment_once_it_is_published(client: Client) -> None:
    found = make_answered(make_call())
    sign_in(client, found.dossier.created_by)
    where = reverse("dossiers:dossier", args=[found.dossier.key])
    led = f'href="/appels/{found.call.slug}/bilan/"'
    assert led not in get(client, where)
    Call.objects.filter(pk=found.call_id).update(state="published")
    assert led in get(client, where)


def test_the_window_of_a_dossier_is_that_of_its_call() -> None:
    draft = make_proposal_draft(make_call())
    assert APPLICATION.windows is not None
    windows = APPLICATION.windows([draft], datetime(2026, 11, 23, tzinfo=UTC))
    assert [(pk, one.is_open) for pk, one in windows.items()] == [(draft.pk, True)]
