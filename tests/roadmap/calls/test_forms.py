"""What a pilot types of a call: lists one item a line, dates in order, what is left once it is open."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict

from roadmap.calls.forms import CallForm, ConcludeForm, ExtendForm, NewCallForm
from roadmap.calls.models import Call
from roadmap.models import Chantier, Deliberation
from tests.factories.calls import make_call
from tests.factories.roadmap import make_action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
TYPED = {
    "title": "Vélos",
    "summary": "Proposez.",
    "text": "Qui peut répondre.",
    "opens_on": "23/11/2026",
    "closes_on": "1er décembre 2026",
    "themes": "Vélo\n\n  Train  à  vapeur \n",
    "scales": "Communale\nRégionale",
    "names_carriers": "on",
    "contact": "Service",
    "email": "appel@exemple.invalid",
    "phone": "02 31 00 00 00",
}


def typed(call: Call, **changed: Any) -> CallForm:
    data = QueryDict(mutable=True)
    data.update(TYPED | changed)
    return CallForm.of(call, data)


def errors(form: Any) -> dict[str, list[str]]:
    return {name: [str(one).replace("\u00a0", " ") for one in said] for name, said in form.errors.items()}


# ------------------------------------------------------------------------------------------------------- a new call
def test_a_new_call_needs_a_chantier_of_its_author_a_title_and_the_key_of_its_page() -> None:
    ours, theirs = make_action().chantier, make_action().chantier
    chantiers = Chantier.objects.filter(pk=ours.pk)
    choose = "Choisissez le chantier qui ouvre l’appel."
    assert errors(NewCallForm(QueryDict(""), chantiers=chantiers)) == {
        "chantier": [choose],
        "title": ["Donnez un intitulé à l’appel."],
        "key": ["Envoyez à nouveau ce qui est ci-dessous."],
    }
    (choice,) = NewCallForm(chantiers=chantiers).fields["chantier"].choices
    assert choice[1].replace("\u00a0", " ") == f"Annexe {ours.axis.number}, {ours}".replace("\u00a0", " ")
    key = uuid.UUID(int=5)
    form = NewCallForm(QueryDict(f"chantier={ours.pk}&title=Vélos&key={key}"), chantiers=chantiers)
    assert form.is_valid()
    assert form.values == {"chantier": ours, "title": "Vélos", "key": key}
    for other in (theirs.pk, "9" * 20):
        form = NewCallForm(QueryDict(f"chantier={other}&title=Vélos&key={key}"), chantiers=chantiers)
        assert errors(form) == {"chantier": [choose]}


def test_each_page_has_a_key_of_its_own_and_may_take_another() -> None:
    chantiers = Chantier.objects.none()
    first, second = (NewCallForm(chantiers=chantiers)["key"].value() for _ in range(2))
    assert uuid.UUID(first) != uuid.UUID(second)
    form = NewCallForm(QueryDict(f"title=Vélos&key={first}"), chantiers=chantiers)
    form.renew()
    assert form["key"].value() not in (first, second)
    assert uuid.UUID(form["key"].value())
    assert form["title"].value() == "Vélos"


# ------------------------------------------------------------------------------------------------------------ a call
def test_what_is_typed_is_read_and_lists_are_cleaned() -> None:
    form = typed(make_call("draft"))
    assert form.is_valid()
    assert form.values == {
        "title": "Vélos",
        "summary": "Proposez.",
        "text": "Qui peut répondre.",
        "opens_on": date(2026, 11, 23),
        "closes_on": date(2026, 12, 1),
        "themes": ["Vélo", "Train à vapeur"],
        "scales": ["Communale", "Régionale"],
        "names_carriers": True,
        "contact": "Service",
        "email": "appel@exemple.invalid",
        "phone": "02 31 00 00 00",
        "deliberations": (),
    }


def test_a_call_in_preparation_may_lack_all_but_its_title() -> None:
    form = CallForm.of(make_call("draft"), QueryDict("title=Vélos"))
    assert form.is_valid()
    assert (form.values["opens_on"], form.values["themes"], form.values["text"]) == (None, [], "")
    assert errors(CallForm.of(make_call("draft"), QueryDict(""))) == {"title": ["Ce champ est obligatoire."]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"closes_on": "22/11/2026"}, {"closes_on": ["L’appel ferme après avoir ouvert."]}),
        ({"closes_on": "23/11/2026"}, {}),
        ({"themes": "Vélo\nTrain\n Vélo "}, {"themes": ["« Vélo » figure deux fois."]}),
        ({"themes": "x" * 120}, {}),
        ({"themes": "x" * 121}, {"themes": [f"« {'x' * 40}… » compte 121 signes ; la limite est de 120."]}),
        ({"scales": "\n".join(map(str, range(30)))}, {}),
        (
            {"scales": "\n".join(map(str, range(31)))},
            {"scales": ["Cette liste compte 31 lignes ; la limite est de 30."]},
        ),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changed: dict[str, str], said: dict[str, list[str]]) -> None:
    assert errors(typed(make_call("draft"), **changed)) == said


def test_a_form_begins_with_what_is_kept() -> None:
    call = make_call("draft", opens_on=date(2026, 12, 1), names_carriers=True)
    form = CallForm.of(call, None)
    assert (form["opens_on"].value(), form["closes_on"].value()) == ("01/12/2026", "03/12/2026")
    assert (form["themes"].value(), form["names_carriers"].value()) == ("Mobilité\nSanté\nÉnergie", True)
    assert form["scales"].value().splitlines()[0] == "Communale"


def test_the_deliberations_offered_are_those_of_the_chantier() -> None:
    action, other = make_action(), make_action()
    ours, theirs = (
        Deliberation.objects.create(action=one, number=f"CP D {one.pk}", title="Appel", adopted_on="2026-11-01")
        for one in (action, other)
    )
    call = make_call("draft", chantier=action.chantier)
    form = typed(call, deliberations=str(ours.pk))
    assert form.is_valid()
    assert list(form.values["deliberations"]) == [ours]
    for key in (str(theirs.pk), "9" * 20, "x"):
        form = typed(call, deliberations=key)
        assert errors(form) == {"deliberations": ["Choisissez des délibérations de la liste."]}
    assert "deliberations" not in CallForm.of(make_call("draft"), None).fields


@pytest.mark.parametrize("state", ["open", "closed", "published", "cancelled"])
def test_once_open_a_form_holds_whom_to_ask_alone(state: str) -> None:
    call = make_call(state, state_reason="Motif.")
    form = CallForm.of(call, QueryDict("email=autre@exemple.invalid"))
    assert list(form.fields) == ["contact", "email", "phone"]
    assert form.is_valid()
    assert (form.values["email"], form.left_out) == ("autre@exemple.invalid", [])


def test_what_was_typed_before_an_opening_is_not_lost() -> None:
    call = make_call(title="Vélos", summary="Proposez.", text="Qui peut répondre.", opens_on=date(2026, 11, 23))
    assert typed(call).left_out == [
        ("Ferme le", "1er décembre 2026"),
        ("Thématiques", "Vélo\n\n  Train  à  vapeur \n"),
        ("Échelles", "Communale\nRégionale"),
        ("Le bilan nomme les porteurs et les titres des projets", "Oui"),
    ]
    assert typed(call, summary="").left_out[0] == ("Résumé", "(vide)")


def test_what_somebody_else_kept_is_listed_beside_what_was_typed() -> None:
    call = make_call("draft", title="Vélos", summary="", themes=("Vélo", "Train à vapeur"), opens_on=date(2026, 11, 23))
    form = typed(call)
    assert form.is_valid()
    assert [(label, value.replace("\u00a0", " ")) for label, value in form.saved(call)] == [
        ("Résumé", "(vide)"),
        ("Texte de l’appel", "Qui peut répondre :\n- les communes\n- les entreprises"),
        ("Ferme le", "3 décembre 2026"),
        ("Le bilan nomme les porteurs et les titres des projets", "Non"),
        ("Contact", "(vide)"),
        ("Téléphone", "(vide)"),
        (
            "Échelles",
            "Communale\nIntercommunale\nInfradépartementale\nDépartementale\nRégionale\nNationale ou européenne",
        ),
    ]
    assert list(form.fields)[-1] == "phone"


# ------------------------------------------------------------------------------------------------------ the gestures
def test_an_extension_asks_for_a_day_then_a_reason() -> None:
    form = ExtendForm.of(date(2026, 12, 3), None)
    assert (list(form.fields), form["closes_on"].value()) == (["closes_on", "reason"], "03/12/2026")
    form = ExtendForm.of(date(2026, 12, 3), QueryDict("closes_on=15/12/2026&reason=Questions."))
    assert form.is_valid()
    assert form.values == {"closes_on": date(2026, 12, 15), "reason": "Questions."}
    assert errors(ExtendForm.of(None, QueryDict(""))) == {
        "closes_on": ["Indiquez une date."],
        "reason": ["Indiquez le motif : il est versé au journal."],
    }


def test_an_answer_says_what_becomes_of_the_proposal_and_why() -> None:
    assert errors(ConcludeForm(QueryDict(""))) == {
        "outcome": ["Choisissez la suite donnée."],
        "answer": ["Écrivez la réponse : le porteur l’attend."],
    }
    assert [value for value, _ in ConcludeForm.base_fields["outcome"].choices] == [  # type: ignore[attr-defined]
        "retained",
        "oriented",
        "noted",
    ]
    assert list(errors(ConcludeForm(QueryDict("outcome=refused&answer=Non.")))) == ["outcome"]
    assert ConcludeForm(QueryDict("outcome=noted&answer=Merci.")).is_valid()
