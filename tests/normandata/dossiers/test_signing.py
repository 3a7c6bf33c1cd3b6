"""Who commits the organisation, and what is accepted."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from normandata.dossiers import drafts
from normandata.dossiers.models import Attachment, Dossier
from normandata.dossiers.services import deposits
from normandata.dossiers.services.deposits import Signatory
from normandata.dossiers.signing import SigningForm
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def typed(dossier: Dossier, **changes: Any) -> SigningForm:
    state = drafts.read(dossier)
    content = deposits.answers_hash(state)
    body = {"cle": str(uuid.uuid4()), "contenu": content, "qui": "moi", "nom": "A", "fonction": "Maire"}
    accepted = {"accepte_questionnaire": "on", "accepte_exact": "on"}
    return SigningForm({**body, **accepted, **changes}, state=state, content=content)


def test_the_form_knows_the_name_and_function_already_given() -> None:
    state = drafts.read(make_draft())
    form = SigningForm(state=state, content="x")
    assert (form["nom"].value(), form["fonction"].value(), form["contenu"].value()) == (
        "Dominique Exemple",
        "Gérante",
        "x",
    )


def test_a_signature_in_person() -> None:
    form = typed(make_draft())
    assert form.is_valid(), form.errors
    assert form.signatory == Signatory("A", "Maire", in_person=True, accepted=("questionnaire", "exact"))


def test_a_signature_on_paper_wants_the_paper() -> None:
    dossier = make_draft()
    assert list(typed(dossier, qui="papier").errors) == ["qui"]
    upload = UploadFactory()
    Attachment.objects.create(dossier=dossier, piece="signature", upload=upload, added_by=dossier.created_by)
    form = typed(dossier, qui="papier")
    assert form.is_valid(), form.errors
    assert not form.signatory.in_person


def test_each_commitment_left_is_quoted_in_the_summary() -> None:
    form = typed(make_draft(), accepte_exact="")
    assert [message for _, message in form.problems] == [
        "Cochez l’engagement «\u00a0Les renseignements donnés dans cette demande sont exacts et complets\u00a0»."
    ]


def test_a_page_shown_again_has_a_key_and_a_content_of_its_own_and_keeps_what_was_typed() -> None:
    form = typed(make_draft(), contenu="ancien", nom="Élise")
    key = form["cle"].value()
    assert list(form.errors) == ["__all__"]
    form.renew()
    assert form["cle"].value() != key
    assert form["contenu"].value() == form.content
    assert (form["nom"].value(), form["qui"].value()) == ("Élise", "moi")


def test_a_commitment_that_does_not_concern_a_request_is_not_asked() -> None:
    state = drafts.read(make_draft())
    first, second = state.application.commitments
    other = replace(state.application, commitments=(first, replace(second, concerns=lambda context: False)))
    object.__setattr__(state, "application", other)
    form = SigningForm(state=state, content="x")
    assert [name for name in form.fields if name.startswith("accepte_")] == [f"accepte_{first.slug}"]
