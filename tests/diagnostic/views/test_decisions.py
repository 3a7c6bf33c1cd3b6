"""The agents' gestures over HTTP: proposed by one, decided by another, ordered, notified, read, paid, cancelled."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diagnostic.market import Company, Conflict, Market
from diagnostic.orders import Order, Proposal
from diagnostic.reports import Opening, Report
from diagnostic.services import orders, payments, reports, selection
from normandata.accounts.models import User
from normandata.budgets.models import Entry, Envelope
from normandata.deminimis.models import Aid
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotDone
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import (
    fresh,
    make_company,
    make_delivered,
    make_market,
    make_notified,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
    make_signatory,
    make_started,
    write_report,
)
from tests.normandata.dossiers.views.test_examine import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet_day")]


def url(thing: Dossier | Order, name: str, *args: Any) -> str:
    dossier = thing.dossier if isinstance(thing, Order) else thing
    return reverse(f"diagnostic:{name}", args=[dossier.key, *args])


def state(thing: Dossier | Order) -> str:
    return Dossier.objects.values_list("state", flat=True).get(
        pk=thing.dossier_id if isinstance(thing, Order) else thing.pk
    )


def seen(client: Client, address: str) -> str:
    """Return what the form of a page says that its author sees."""
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()
    return str(response.context["form"]["seen"].value())


def said(response: Any) -> str:
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("\xa0", " ").split())


def balances(market: Market) -> tuple[Decimal, ...]:
    envelope = Envelope.objects.get(pk=market.envelope_id)
    return envelope.free, envelope.reserved, envelope.committed, envelope.paid


EUROS = Decimal
FULL = (EUROS(50000), EUROS(0), EUROS(0), EUROS(0))


# ---------------------------------------------------------------------------------------------------------- proposing
def test_a_selection_is_priced_then_proposed(client: Client, agent: User) -> None:
    first, second = make_company("Alpha"), make_company("Bêta")
    market = make_market(first, second)
    dossier = make_reviewed()
    address = url(dossier, "propose")
    page = text(client, address)
    assert "5 jours × 900,00 € HT + TVA 20 % = 5 400,00 € TTC" in page
    assert "Après cette décision, il reste 44 600,00 € TTC." in page
    assert "Alpha, désigné par la règle du marché" in page
    assert "Aucune demande ne passe avant : il reste 50 000,00 € TTC pour celle-ci." in page
    # 4.5 days: 4 050 HT, 4 860 TTC
    priced = client.post(
        address, {"seen": "review", "half_days": "9", "company": first.pk, "reason": "", "geste": "apercu"}
    )
    assert priced.status_code == 200
    assert "4,5 jours × 900,00 € HT + TVA 20 % = 4 860,00 € TTC" in said(priced)
    assert Proposal.objects.count() == 0
    done = client.post(address, {"seen": "review", "half_days": "9", "company": first.pk, "reason": "", "geste": "x"})
    assert (done.status_code, state(dossier)) == (302, "proposed")
    proposal = Proposal.objects.get()
    assert (proposal.half_days, proposal.company, proposal.by, proposal.reason) == (9, first, agent, "")
    assert balances(market) == FULL


def test_another_provider_takes_a_reason_and_keeps_what_was_typed(client: Client, agent: User) -> None:
    first, second = make_company("Alpha"), make_company("Bêta")
    make_market(first, second)
    dossier = make_reviewed()
    typed = {"seen": "review", "half_days": "4", "company": second.pk, "reason": ""}
    refused = client.post(url(dossier, "propose"), typed)
    assert (refused.status_code, state(dossier)) == (422, "review")
    assert "Dites pourquoi ce prestataire" in said(refused)
    assert f'value="{second.pk}" class="form-check-input" id="id_company_1" checked' in said(refused)
    assert 'value="4" selected' in said(refused)
    done = client.post(url(dossier, "propose"), typed | {"reason": "Il connaît le secteur."})
    assert done.status_code == 302
    assert Proposal.objects.get().is_second_choice


def test_a_provider_in_conflict_is_shown_disabled_and_refused(client: Client, agent: User) -> None:
    first, second = make_company("Alpha"), make_company("Bêta")
    make_market(first, second)
    dossier = make_reviewed()
    siren = dossier.organisation.siren
    Conflict.objects.create(company=first, siren=siren, reason="Filiale", by=agent)
    page = client.get(url(dossier, "propose"))
    assert "Conflit d’intérêts déclaré : Filiale." in said(page)
    assert said(page).count(" disabled") == 1
    assert "Bêta, désigné par la règle du marché" in said(page)
    refused = client.post(
        url(dossier, "propose"), {"seen": "review", "half_days": "10", "company": first.pk, "reason": "x"}
    )
    assert (refused.status_code, state(dossier)) == (422, "review")
    assert "Alpha ne peut pas prendre ce diagnostic." in said(refused)
    assert list(refused.context["form"].errors) == ["company"]


@pytest.mark.parametrize("half_days", ["0", "11", "", "x", "1" * 400])
def test_a_duration_that_is_no_choice_is_refused(client: Client, agent: User, half_days: str) -> None:
    company = make_company()
    make_market(company)
    dossier = make_reviewed()
    typed = {"seen": "review", "half_days": half_days, "company": company.pk, "reason": ""}
    assert client.post(url(dossier, "propose"), typed).status_code == 422
    assert client.post(url(dossier, "propose"), typed | {"geste": "apercu"}).status_code == 422
    assert state(dossier) == "review"


def test_without_a_market_nothing_is_proposed(client: Client, agent: User) -> None:
    dossier = make_reviewed()
    for name in ("propose",):
        response = client.get(url(dossier, name))
        assert response.status_code == 409
        assert "Aucun marché n’est en vigueur aujourd’hui" in said(response)
    assert client.get(reverse("dossiers:examine", args=[dossier.key])).status_code == 200


def test_the_envelope_too_small_says_what_is_missing(client: Client, agent: User) -> None:
    market = make_market(envelope=make_envelope("5399.99"))
    dossier = make_reviewed()
    assert "il manque 0,01 € TTC" in text(client, url(dossier, "propose"))
    company = Company.objects.get()
    refused = client.post(
        url(dossier, "propose"), {"seen": "review", "half_days": "10", "company": company.pk, "reason": ""}
    )
    assert (refused.status_code, state(dossier)) == (422, "review")
    assert "Il faut 5 400,00 € TTC ; l’enveloppe a 5 399,99 € libres." in said(refused)
    assert list(refused.context["form"].errors) == ["half_days"]
    waited = client.post(url(dossier, "wait"), {"seen": "review"})
    assert (waited.status_code, state(dossier)) == (302, "waiting_list")
    assert Mail.objects.filter(kind="diagnostic.waiting_list").exists()
    assert balances(market)[0] == EUROS("5399.99")


def test_nobody_waits_while_the_envelope_pays(client: Client, agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    assert "La lettre" not in text(client, url(dossier, "wait"))
    refused = client.post(url(dossier, "wait"), {"seen": "review"})
    assert (refused.status_code, state(dossier)) == (422, "review")
    assert "L’enveloppe peut payer ce diagnostic" in said(refused)


def test_a_refusal_is_previewed_then_proposed(client: Client, agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    address = url(dossier, "propose_refusal")
    assert client.post(address, {"seen": "review", "reason": ""}).status_code == 422
    preview = client.post(address, {"seen": "review", "reason": "Le projet est <b>ailleurs</b>.", "geste": "apercu"})
    assert preview.status_code == 200
    assert "Le projet est &lt;b&gt;ailleurs&lt;/b&gt;." in said(preview)
    assert "Le courriel qui partira" in said(preview)
    assert state(dossier) == "review"
    assert client.post(address, {"seen": "review", "reason": "Hors sujet."}).status_code == 302
    assert (state(dossier), Proposal.objects.get().reason) == ("proposed", "Hors sujet.")
    assert Mail.objects.filter(kind="diagnostic.refused").count() == 0


# ------------------------------------------------------------------------------------------------------------ deciding
def test_whoever_proposed_does_not_decide(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market, agent=agent)
    page = text(client, url(dossier, "decide"))
    assert "Vous avez fait cette proposition : une autre personne la décide." in page
    assert "Sélectionner et réserver" not in page
    mark = seen(client, url(dossier, "decide"))
    refused = client.post(url(dossier, "decide"), {"seen": mark, "geste": "select"})
    assert (refused.status_code, state(dossier)) == (422, "proposed")
    assert "une autre personne la décide" in said(refused)
    assert balances(market) == FULL


def test_another_person_selects_and_the_money_is_reserved(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    address = url(dossier, "decide")
    assert "Sélectionner et réserver 5 400,00 €" in text(client, address)
    done = client.post(address, {"seen": seen(client, address), "geste": "select"})
    assert (done.status_code, state(dossier)) == (302, "granted")
    assert balances(market) == (EUROS(44600), EUROS(5400), EUROS(0), EUROS(0))
    again = client.post(address, {"seen": "x", "geste": "select"})
    assert again.status_code == 409
    assert Order.objects.count() == 1


def test_a_proposal_replaced_since_is_not_the_one_decided(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    mark = seen(client, url(dossier, "decide"))
    selection.send_back(dossier, reason="À revoir", by=make_agent())
    make_proposed(market, dossier=dossier, half_days=2)
    for geste in ("select", "refuse", "send_back"):
        late = client.post(url(dossier, "decide"), {"seen": mark, "geste": geste, "reason": "x"})
        assert (late.status_code, state(dossier)) == (409, "proposed")
    assert Order.objects.count() == 0


def test_a_price_changed_since_is_not_the_one_decided(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    mark = seen(client, url(dossier, "decide"))
    Market.objects.filter(pk=market.pk).update(day_rate="1000.00")
    late = client.post(url(dossier, "decide"), {"seen": mark, "geste": "select"})
    assert (late.status_code, state(dossier)) == (409, "proposed")


def test_a_proposal_is_sent_back_with_a_reason(client: Client, agent: User) -> None:
    dossier = make_proposed(make_market(), agent=agent)
    mark = seen(client, url(dossier, "decide"))
    assert client.post(url(dossier, "decide"), {"seen": mark, "geste": "send_back", "reason": " "}).status_code == 422
    done = client.post(url(dossier, "decide"), {"seen": mark, "geste": "send_back", "reason": "Cinq jours, c’est trop"})
    assert (done.status_code, state(dossier)) == (302, "review")
    assert client.get(url(dossier, "decide")).status_code == 409


def test_a_decision_without_a_choice_says_so(client: Client, agent: User) -> None:
    dossier = make_proposed(make_market())
    empty = client.post(url(dossier, "decide"), {"seen": seen(client, url(dossier, "decide"))})
    assert (empty.status_code, state(dossier)) == (422, "proposed")
    assert "Choisissez une décision." in said(empty)


def test_a_refusal_is_decided_with_its_letter(client: Client, agent: User) -> None:
    make_market()
    make_signatory()
    dossier = make_reviewed()
    selection.propose_refusal(dossier, reason="Hors sujet.", by=make_agent())
    page = text(client, url(dossier, "decide"))
    assert "La lettre qui partira" in page
    assert "Hors sujet." in page
    mark = seen(client, url(dossier, "decide"))
    wrong = client.post(url(dossier, "decide"), {"seen": mark, "geste": "select"})
    assert (wrong.status_code, state(dossier)) == (422, "proposed")
    assert "Un refus est proposé" in said(wrong)
    done = client.post(url(dossier, "decide"), {"seen": mark, "geste": "refuse"})
    assert (done.status_code, state(dossier)) == (302, "refused")
    assert Letter.objects.get().kind == "diagnostic.refusal"


def test_a_refusal_without_signatory_says_whom_to_ask(client: Client, agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    selection.propose_refusal(dossier, reason="Hors sujet.", by=make_agent())
    late = client.post(url(dossier, "decide"), {"seen": seen(client, url(dossier, "decide")), "geste": "refuse"})
    assert (late.status_code, state(dossier)) == (409, "proposed")
    assert "Aucun signataire n’est désigné" in said(late)


def test_a_conflict_declared_since_bars_the_selection(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    Conflict.objects.create(company=Company.objects.get(), siren=dossier.organisation.siren, reason="Filiale", by=agent)
    refused = client.post(url(dossier, "decide"), {"seen": seen(client, url(dossier, "decide")), "geste": "select"})
    assert (refused.status_code, state(dossier), balances(market)) == (422, "proposed", FULL)
    assert "Conflit d’intérêts déclaré : Filiale." in said(refused)


def test_a_company_that_left_the_market_since_bars_the_selection(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    market.holders.all().delete()
    refused = client.post(url(dossier, "decide"), {"seen": seen(client, url(dossier, "decide")), "geste": "select"})
    assert (refused.status_code, state(dossier), balances(market)) == (422, "proposed", FULL)
    assert "n’est plus dans le marché" in said(refused)


def test_a_market_that_ended_since_bars_the_selection(client: Client, agent: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    Market.objects.filter(pk=market.pk).update(ends_on=date(2026, 10, 12))
    refused = client.post(url(dossier, "decide"), {"seen": seen(client, url(dossier, "decide")), "geste": "select"})
    assert (refused.status_code, state(dossier)) == (422, "proposed")
    assert "n’est pas en vigueur aujourd’hui" in said(refused)


# ----------------------------------------------------------------------------------------------- order, notification
def test_the_purchase_order_commits_and_the_notification_names_the_provider(client: Client, agent: User) -> None:
    make_signatory()
    market = make_market()
    order = make_order(market)
    make_provider(order.company)
    early = client.post(url(order, "notify"), {"seen": seen(client, url(order, "notify"))})
    assert (early.status_code, state(order)) == (422, "granted")
    assert "Éditez d’abord le bon de commande." in said(early)
    page = text(client, url(order, "order"))
    assert "Éditer le bon de commande de 5 400,00 €" in page
    assert "Alix Exemple, La directrice d’essai" in page
    mark = seen(client, url(order, "order"))
    assert client.post(url(order, "order"), {"seen": mark}).status_code == 302
    assert client.post(url(order, "order"), {"seen": mark}).status_code == 409
    assert fresh(order).number == "BC-2026-0001"
    assert balances(market) == (EUROS(44600), EUROS(0), EUROS(5400), EUROS(0))
    page = text(client, url(order, "notify"))
    assert "au plus tard le 13 janvier 2027" in page
    assert "Cette aide est une aide de minimis, accordée le 13 octobre 2026" in page
    assert f"Notifier la sélection de {order.organisation.label}" in page
    done = client.post(url(order, "notify"), {"seen": seen(client, url(order, "notify"))})
    assert (done.status_code, state(order)) == (302, "notified")
    assert Aid.objects.get(key=f"diagnostic:order:{order.pk}").amount == EUROS(5400)
    sent = Mail.objects.filter(kind="diagnostic.selected").latest("pk")
    assert sent.text.replace("\xa0", " ") in said(client.get(url(order, "notify"))) or order.company.name in sent.text


def test_the_preview_of_the_mail_is_the_mail(client: Client, agent: User) -> None:
    make_signatory()
    order = make_order(make_market())
    make_provider(order.company)
    orders.place_order(order.dossier, by=agent)
    preview = client.get(url(order, "notify")).context["mail"]
    client.post(url(order, "notify"), {"seen": seen(client, url(order, "notify"))})
    sent = Mail.objects.filter(kind="diagnostic.selected").latest("pk")
    assert (preview.subject, preview.text) == (sent.subject, sent.text)


def test_without_signatory_no_order_and_a_sentence(client: Client, agent: User) -> None:
    order = make_order(make_market())
    assert "Aucun signataire n’est désigné aujourd’hui." in text(client, url(order, "order"))
    late = client.post(url(order, "order"), {"seen": seen(client, url(order, "order"))})
    assert late.status_code == 409
    assert (fresh(order).number, Entry.objects.filter(kind="commit").count()) == (None, 0)


def test_a_missing_declaration_stops_the_notification_and_changes_nothing(
    client: Client, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_signatory()
    order = make_order(make_market())
    orders.place_order(order.dossier, by=agent)

    def grant(*args: Any, **kwargs: Any) -> None:
        raise NotDone("Les aides de minimis ne sont pas déclarées.")

    monkeypatch.setattr("diagnostic.services.orders.granting.grant", grant)
    refused = client.post(url(order, "notify"), {"seen": seen(client, url(order, "notify"))})
    assert (refused.status_code, state(order)) == (422, "granted")
    assert "Les aides de minimis ne sont pas déclarées." in said(refused)
    assert fresh(order).notified_on is None


# ------------------------------------------------------------------------------------------------------------- report
def submitted() -> Order:
    """Return a diagnostic whose report was sent to the Region."""
    order = make_started(make_market())
    provider = make_provider(order.company)
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    return fresh(order)


def test_reading_a_report_is_written_each_time(client: Client, agent: User) -> None:
    order = submitted()
    page = text(client, url(order, "accept_report"))
    assert "Texte de la partie recommandations." in page
    assert "Accepter le rapport Demander des changements" in text(client, url(order, "desk_report"))
    openings = Opening.objects.all()
    assert [(one.by, one.purpose) for one in openings] == [(agent, "service"), (agent, "service")]
    assert Event.objects.about(order.dossier).named("report_opened").count() == 2
    client.head(url(order, "desk_report"))
    assert Opening.objects.count() == 2


def test_a_report_is_sent_back_then_accepted(client: Client, agent: User) -> None:
    order = submitted()
    mark = seen(client, url(order, "ask_report_changes"))
    assert client.post(url(order, "ask_report_changes"), {"seen": mark, "reason": ""}).status_code == 422
    done = client.post(url(order, "ask_report_changes"), {"seen": mark, "reason": "Chiffrez la partie 2."})
    assert done.status_code == 302
    assert Report.objects.get().changes == "Chiffrez la partie 2."
    nothing = client.post(url(order, "accept_report"), {"seen": mark})
    assert nothing.status_code == 422
    assert "Aucun rapport n’attend de réponse." in said(nothing)
    reports.submit(order.dossier, by=make_provider(order.company))
    late = client.post(url(order, "accept_report"), {"seen": mark})
    assert (late.status_code, Report.objects.get().state) == (409, "submitted")
    done = client.post(url(order, "accept_report"), {"seen": seen(client, url(order, "accept_report"))})
    assert (done.status_code, Report.objects.get().state) == (302, "accepted")
    assert "Demander des changements" not in text(client, url(order, "desk_report"))


def test_without_a_report_there_is_nothing_to_read(client: Client, agent: User) -> None:
    order = make_started(make_market())
    assert client.get(url(order, "desk_report")).status_code == 409
    assert client.get(url(order, "accept_report")).status_code == 200
    assert client.get(url(make_reviewed(), "desk_report")).status_code == 404


# ------------------------------------------------------------------------------------------------------------ payment
def test_the_invoice_is_proposed_at_what_was_done(client: Client, agent: User) -> None:
    market = make_market()
    order = make_delivered(market)
    page = text(client, url(order, "certify"))
    assert "0,5 jour × 900,00 € HT + TVA 20 % = 540,00 € TTC" in page
    early = client.post(
        url(order, "settle"), {"seen": "delivered", "invoice": "F-1", "on": "13/10/2026", "amount": "540"}
    )
    assert early.status_code == 422
    assert "Constatez d’abord le service fait." in said(early)
    assert client.post(url(order, "certify"), {"seen": "delivered"}).status_code == 302
    assert client.post(url(order, "certify"), {"seen": "delivered"}).status_code == 422
    page = text(client, url(order, "settle"))
    assert "Libéré pour d’autres demandes si la facture est de 540,00 € 4 860,00 €" in page
    assert client.get(url(order, "settle")).context["form"]["amount"].value() == "540,00"
    for wrong, why in (
        ({"amount": "-1"}, "ne peut pas être inférieur à 0"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "540,01"}, "dépasse 0,5 jour d’intervention"),
        ({"amount": "5 400,01"}, "dépasse le bon de commande BC-2026-0001"),
        ({"on": "14/10/2026"}, "La facture porte une date à venir."),
        ({"invoice": ""}, "Indiquez le numéro de la facture."),
    ):
        typed = {"seen": "delivered", "invoice": "F-1", "on": "13/10/2026", "amount": "540", "mandate": "M-9"} | wrong
        refused = client.post(url(order, "settle"), typed)
        assert refused.status_code == 422, wrong
        assert why in said(refused)
        assert 'value="M-9"' in said(refused)
    done = client.post(
        url(order, "settle"),
        {"seen": "delivered", "invoice": "F-1", "on": "13/10/2026", "amount": "540,00", "mandate": "M-9"},
    )
    assert (done.status_code, state(order)) == (302, "closed")
    assert balances(market) == (EUROS(49460), EUROS(0), EUROS(0), EUROS(540))


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"amount": "540,01"}, "amount", "La facture (540,01 €) dépasse 0,5 jour d’intervention (540,00 € TTC)."),
        ({"on": "14/10/2026"}, "on", "La facture porte une date à venir."),
        ({"on": "12/10/2026"}, "on", "Le bon de commande est du 13 octobre 2026 : la facture vient après."),
    ],
)
def test_what_is_wrong_with_an_invoice_is_said_beside_its_field(
    client: Client, agent: User, wrong: dict[str, str], field: str, message: str
) -> None:
    order = make_delivered(make_market())
    payments.certify(order.dossier, by=agent)
    typed = {"seen": "delivered", "invoice": "F-1", "on": "13/10/2026", "amount": "540", "mandate": "M-9"} | wrong
    refused = client.post(url(order, "settle"), typed)
    form = refused.context["form"]
    assert {name: [one.replace("\xa0", " ") for one in told] for name, told in form.errors.items()} == {
        field: [message]
    }
    assert {name: form[name].value() for name in typed} == typed
    drawn = refused.content.decode()
    assert f'href="#id_{field}"' in drawn
    control = re.search(rf'<input[^>]*name="{field}"[^>]*>', drawn)
    assert control is not None
    assert 'aria-invalid="true"' in control[0]
    described = re.search(r'aria-describedby="([^"]+)"', control[0])
    assert described is not None
    assert any(f'id="{one}"' in drawn and one.endswith("error") for one in described[1].split()), described[1]


def test_what_is_read_after_the_service_is_feedback(client: Client, agent: User) -> None:
    order = make_delivered(make_market())
    payments.certify(order.dossier, by=agent)
    assert text(client, url(order, "desk_report"))
    assert Opening.objects.get(by=agent).purpose == "feedback"


# ------------------------------------------------------------------------------------------------------ cancel, lapse
def test_a_cancelled_order_gives_everything_back(client: Client, agent: User) -> None:
    market = make_market()
    order = make_notified(market)
    page = text(client, url(order, "cancel_order"))
    assert "5 400,00 € TTC" in page
    assert "retirés du compte de l’entreprise" in page
    mark = seen(client, url(order, "cancel_order"))
    assert client.post(url(order, "cancel_order"), {"seen": mark, "reason": ""}).status_code == 422
    done = client.post(url(order, "cancel_order"), {"seen": mark, "reason": "Le prestataire renonce."})
    assert (done.status_code, state(order), balances(market)) == (302, "review", FULL)
    assert client.post(url(order, "cancel_order"), {"seen": mark, "reason": "x"}).status_code == 409


def test_a_request_lapses_with_or_without_an_order(client: Client, agent: User) -> None:
    market = make_market()
    order = make_notified(market)
    mark = seen(client, url(order, "lapse"))
    assert client.post(url(order, "lapse"), {"seen": mark, "reason": "Sans réponse."}).status_code == 302
    assert (state(order), balances(market)) == ("lapsed", FULL)
    make_envelope("0")
    poor = make_market(envelope=make_envelope("0"), starts_on=date(2025, 1, 1))
    dossier = make_reviewed()
    selection.wait(dossier, by=agent)
    assert poor.half_days_left == 400
    mark = seen(client, url(dossier, "lapse"))
    assert client.post(url(dossier, "lapse"), {"seen": mark, "reason": "La structure renonce."}).status_code == 302
    assert state(dossier) == "lapsed"
