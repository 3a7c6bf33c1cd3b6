"""What is typed after a decision; the whole is read in test_services."""

import time_machine
from stdnum import iban

from normandata.organisations.models import Organisation
from normandata.portal.demonstration import grants, script, session


def test_an_iban_is_valid_fictitious_and_the_same_each_time() -> None:
    found = []
    for siret in ("99910023300017", "99910015900014"):
        organisation = Organisation(siret=siret)
        found.append(grants.fictitious_iban(organisation))
        assert grants.fictitious_iban(organisation) == found[-1]
    assert [iban.is_valid(one) for one in found] == [True, True]
    assert [one[:2] + one[4:] for one in found] == [
        "FR99999000991002330001700",
        "FR99999000991001590001400",
    ]


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_invoices_are_typed_row_by_row() -> None:
    told = [["services", "Essais", "Atelier fictif", "F-1", 40, 33, "1 200"]]
    # 40 days before a Wednesday, a Friday; 33 days before, a Friday too
    assert grants.bills(told, "TTC") == {
        "autres": "non",
        "facture1_categorie": "services",
        "facture1_libelle": "Essais",
        "facture1_fournisseur": "Atelier fictif",
        "facture1_numero": "F-1",
        "facture1_date": "16/10/2026",
        "facture1_payee": "23/10/2026",
        "facture1_montant": "1 200",
        "facture1_base": "TTC",
    }


def test_what_follows_a_decision_comes_after_it() -> None:
    decided = next(one["days"] for one in script.read().session["sitting"]["steps"] if one["do"] == "decide")
    for story in script.read().stories:
        if session.is_of_session(story):
            days = [step["days"] for step in story.steps if step["do"] in grants.GESTURES]
            assert days
            assert decided - max(days) >= 3, story.slug
