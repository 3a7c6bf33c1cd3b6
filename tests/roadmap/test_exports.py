"""The tables say what the pages say, at the same cost for one action and for thirty."""

from datetime import date

import pytest

from roadmap import exports
from roadmap.models import Action, SchemeLink
from tests.factories.calls import make_call
from tests.factories.roadmap import ActionFactory, ChantierFactory, make_action
from tests.normandata.scoring.test_costs import cost

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
DUE, HELD = date(2026, 9, 30), date(2026, 9, 28)


def test_an_action_is_a_row() -> None:
    action = make_action(
        [(2, DUE, HELD), (3, date(2026, 10, 31), None)],
        pilot_direction="Mobilités",
        partners="Un\n\nDeux\n",
        objectives="Ouvrir.",
        climate="Report modal.",
        title="#Qualifier la donnée :",
    )
    SchemeLink.objects.create(action=action, scheme="diagnostic")
    dates = {"opens_on": date(2026, 11, 2), "closes_on": date(2026, 12, 18)}
    make_call("open", chantier=action.chantier, title="Vélos", slug="velos", **dates)
    make_call("draft", chantier=action.chantier, **dates)
    make_call("open")
    action.calls.create(title="Appel européen", url="https://exemple.invalid/appel")
    action.calls.create(title="Appel annoncé")
    act = {"adopted_on": DUE, "title": "Suite"}
    action.deliberations.create(number="CP D 1", **act)
    action.chantier.deliberations.create(number="CP D 2", **act)
    (row,) = exports.actions(Action.objects.filter(pk=action.pk).whole(), TODAY)
    assert dict(zip((one.label for one in exports.ACTIONS), row, strict=True)) == {
        "Action": "#Qualifier la donnée :",
        "Annexe": 1,
        "Axe": "Développer les usages",
        "Chantier": action.chantier.number,
        "Intitulé du chantier": "Investir dans les services publics",
        "Direction pilote": "Mobilités",
        "Partenaires": "Un; Deux",
        "État": "En cours",
        "Motif": "",
        "Début": date(2026, 2, 1),
        "Fin": date(2027, 6, 30),
        "Jalons": 2,
        "Jalons tenus": 1,
        "Jalons en retard": 1,
        "Avancement (%)": 40,
        "Objectifs": "Ouvrir.",
        "Risques": "",
        "Climat, biodiversité, ressources naturelles": "Report modal.",
        "Dispositifs": "Diagnostic data et IA",
        "Appels du chantier": "Vélos, ouvert, du 2026-11-02 au 2026-12-18, http://localhost:8000/appels/velos/",
        "Appels liés": "Appel européen, https://exemple.invalid/appel; Appel annoncé",
        "Délibérations": "AP D 25-12-5; CP D 1; CP D 2",
        "Identifiant": action.slug,
    }


def test_a_milestone_is_a_row() -> None:
    action = make_action([(2, DUE, HELD), (3, date(2026, 10, 31), None), (1, date(2027, 1, 1), None)])
    titles = [one.title for one in action.milestones.all()]
    assert list(exports.milestones(Action.objects.whole(), TODAY)) == [
        (action.title, action.slug, titles[0], DUE, 2, HELD, "Non"),
        (action.title, action.slug, titles[1], date(2026, 10, 31), 3, None, "Oui"),
        (action.title, action.slug, titles[2], date(2027, 1, 1), 1, None, "Non"),
    ]


def test_queries_are_flat_and_objects_grow_with_what_is_shown() -> None:
    chantier = ChantierFactory.create()
    make_action([(1, DUE, None)], chantier=chantier)
    one = cost(lambda: list(exports.actions(Action.objects.whole(), TODAY)))
    for letter in range(29):
        action = ActionFactory.create(chantier=chantier, letter=chr(ord("b") + letter))
        action.milestones.create(title="x", due_on=DUE, weight=1)
    thirty = cost(lambda: list(exports.actions(Action.objects.whole(), TODAY)))
    assert (one[0], thirty[0]) == (6, 6)
    # an action comes with its chantier, its axis and its milestone: four objects a row
    assert (one[1], thirty[1]) == (4, 120)
