"""Administrators edit the words of the mails: nobody else, nothing lost, nothing overwritten in silence."""

import re
from html import unescape

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.notifications import kinds, services
from normandata.notifications.kinds import Kind, Tag
from normandata.notifications.models import MailText
from tests.factories import notifications as factories
from tests.factories.accounts import sign_in
from tests.factories.notifications import MailTextFactory
from tests.test_consistency import LACKING, badly_spaced, lines

pytestmark = pytest.mark.django_db
LIST = "/administration/courriels/"
PAGE = "/administration/courriels/portal.receipt/"
RESTORE = "/administration/courriels/portal.receipt/origine/"
TYPED = {"seen": "0", "subject": "Reçu, {{ numero }}", "text": "Dossier {{ numero }}.\nMerci.", "reason": "Plus court"}
NBSP = "\u00a0"


@pytest.fixture
def admin(client: Client, administrator: User) -> Client:
    sign_in(client, administrator)
    return client


def text_of(response) -> str:
    return "\n".join(lines(response.content.decode())).replace(NBSP, " ")


def test_the_addresses() -> None:
    assert reverse("notifications:mail_texts") == LIST
    assert reverse("notifications:mail_text", args=["portal.receipt"]) == PAGE
    assert reverse("notifications:restore", args=["portal.receipt"]) == RESTORE


# ------------------------------------------------------------------------------------------------------------- access
@pytest.mark.usefixtures("kind")
def test_without_an_account_one_signs_in_first(client: Client) -> None:
    for method, address in (("GET", LIST), ("GET", PAGE), ("POST", PAGE), ("POST", RESTORE)):
        response = client.generic(method, address)
        assert (response.status_code, response.headers["Location"]) == (302, f"/connexion/?next={address}")


@pytest.mark.parametrize("role", [*sorted(set(Role) - {Role.ADMINISTRATOR}), None])
@pytest.mark.usefixtures("kind")
def test_for_anybody_but_an_administrator_the_pages_do_not_exist(client: Client, role: Role | None) -> None:
    person = User.objects.create_user("dominique@exemple.invalid")
    if role:
        RoleAssignment.objects.create(user=person, role=role)
    sign_in(client, person)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        for address in (LIST, PAGE, RESTORE, LIST + "portal.none/"):
            assert client.generic(method, address).status_code == 404, (method, address)
    client.post(PAGE, TYPED | {"action": "save"})
    assert MailText.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_an_administrator_of_one_scheme_is_not_one_of_the_portal(client: Client) -> None:
    person = User.objects.create_user("dominique@exemple.invalid")
    RoleAssignment.objects.create(user=person, role=Role.ADMINISTRATOR, scheme="diagnostic")
    sign_in(client, person)
    assert client.get(LIST).status_code == 404


@pytest.mark.usefixtures("kind")
def test_what_an_administrator_may_ask(admin: Client) -> None:
    answered = {
        (method, address): admin.generic(method, address).status_code
        for address in (LIST, PAGE, RESTORE, LIST + "portal.none/", LIST + "portal.none/origine/")
        for method in ("GET", "HEAD", "POST", "PUT")
    }
    assert [[answered[method, address] for method in ("GET", "HEAD", "POST", "PUT")] for address in (LIST, PAGE)] == [
        [200, 200, 405, 405],
        [200, 200, 200, 405],
    ]
    assert [answered[method, RESTORE] for method in ("GET", "HEAD", "POST", "PUT")] == [405, 405, 200, 405]
    assert [answered[method, LIST + "portal.none/"] for method in ("GET", "HEAD", "POST", "PUT")] == [
        404,
        404,
        404,
        405,
    ]
    assert answered["POST", LIST + "portal.none/origine/"] == 404
    assert "no-store" in admin.get(PAGE).headers["Cache-Control"]


# --------------------------------------------------------------------------------------------------------------- list
def test_the_list_tells_who_changed_each_text(admin: Client, administrator: User) -> None:
    kinds.register(factories.kind())
    kinds.register(factories.kind("documents.ready", label="Document prêt"))
    kinds.register(factories.kind("documents.old", label="Ancien", tags={}, default_subject="a", default_text="b"))
    MailTextFactory(number=1, edited_by=administrator)
    MailTextFactory(kind="documents.old", number=1, edited_by=administrator)
    page = text_of(admin.get(LIST))
    rows = re.findall(r"(Document prêt|Accusé de réception|Ancien)\nEnvoyé à\n.*\nTexte\n(.*)\nModifié\n(.*)", page)
    assert [row[:2] for row in rows] == [
        ("Document prêt", "D’origine"),
        ("Ancien", "À revoir"),
        ("Accusé de réception", "Version 1"),
    ]
    assert rows[0][2] == "Jamais"
    assert re.fullmatch(r"le .+ 20\d\d par Camille Fictive", rows[2][2])


def test_an_empty_list_says_so(admin: Client) -> None:
    assert "Aucun courriel à régler pour l’instant." in text_of(admin.get(LIST))


def counted(client: Client, address: str) -> tuple[int, int]:
    """Count the queries and the versions read by one page."""
    client.get(address)  # the first page of a session also prolongs it
    made: list[object] = []
    post_init.connect(lambda sender, **_: made.append(sender), sender=MailText, weak=False, dispatch_uid="counted")
    try:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
    finally:
        post_init.disconnect(sender=MailText, dispatch_uid="counted")
    return len(queries), len(made)


def test_thirty_kinds_cost_the_queries_of_one(admin: Client, administrator: User) -> None:
    kinds.register(factories.kind())
    MailTextFactory(number=1, edited_by=administrator)
    queries, versions = counted(admin, LIST)
    assert (queries <= 5, versions) == (True, 1)
    for rank in range(29):
        kinds.register(factories.kind(f"portal.kind{rank}"))
        for number in (1, 2, 3):
            MailTextFactory(kind=f"portal.kind{rank}", number=number, edited_by=administrator)
    assert counted(admin, LIST) == (queries, 30)


@pytest.mark.usefixtures("kind")
def test_a_long_history_costs_the_queries_of_a_short_one(admin: Client, administrator: User) -> None:
    MailTextFactory(number=1, edited_by=administrator)
    queries, _ = counted(admin, PAGE)
    for number in range(2, 60):
        MailTextFactory(number=number, text=f"{{{{ numero }}}} {number}", edited_by=administrator)
    assert counted(admin, PAGE) == (queries, 21)
    page = text_of(admin.get(PAGE))
    assert re.findall(r"^Version (\d+)$", page, re.MULTILINE) == [str(number) for number in range(59, 39, -1)]
    assert "cette page montre les 20 dernières" in page


# --------------------------------------------------------------------------------------------------------------- edit
@pytest.mark.usefixtures("kind")
def test_the_page_shows_the_tags_to_copy(admin: Client) -> None:
    page = admin.get(PAGE).content.decode()
    assert re.findall(r"<code[^>]*>(.*?)</code>", page) == ["{{ numero }}", "{{ structure }}"]
    assert "Exemple : Atelier fictif du Perche" in text_of(admin.get(PAGE))


@pytest.mark.usefixtures("kind")
def test_a_preview_shows_the_examples_and_saves_nothing(admin: Client) -> None:
    for more in ({"action": "preview"}, {}):
        response = admin.post(PAGE, TYPED | more | {"text": "<b>{{ numero }}</b>\n\nFin"})
        page = response.content.decode()
        assert "&lt;b&gt;DIA-2026-0001&lt;/b&gt;<br><br>Fin" in page
        assert "Reçu, DIA-2026-0001" in page
        assert "&lt;b&gt;{{ numero }}&lt;/b&gt;\n\nFin</textarea>" in page
        assert 'value="Plus court"' in page
    assert MailText.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_a_wrong_tag_is_told_and_nothing_is_lost(admin: Client) -> None:
    response = admin.post(PAGE, TYPED | {"text": "Dossier {{ numro }}", "action": "save"})
    page = text_of(response)
    assert "Texte : la balise {{ numro }} n’existe pas dans ce courriel. Vouliez-vous écrire {{ numero }} ?" in page
    assert "Erreur :" in response.content.decode().replace("&nbsp;", " ")
    assert "Dossier {{ numro }}</textarea>" in response.content.decode()
    assert MailText.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_a_saved_text_is_a_version_with_what_changed(admin: Client, administrator: User) -> None:
    response = admin.post(PAGE, TYPED | {"action": "save"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{PAGE}?enregistre=1")
    row = MailText.objects.get()
    assert (row.number, row.subject, row.text, row.reason, row.edited_by) == (
        1,
        "Reçu, {{ numero }}",
        "Dossier {{ numero }}.\nMerci.",
        "Plus court",
        administrator,
    )
    page = text_of(admin.get(response.headers["Location"]))
    assert "Version 1 enregistrée à" in page
    assert re.findall(r"^(?:Ajouté|Retiré) : ([+−] .*)$", page, re.MULTILINE) == [
        "− Objet : Dossier {{ numero }} reçu",
        "+ Objet : Reçu, {{ numero }}",
        "− Bonjour,",
        "− ligne vide",
        "− Le dossier {{ numero }} de {{ structure }} est reçu : merci.",
        "+ Dossier {{ numero }}.",
        "+ Merci.",
    ]
    assert "enregistrée à" not in text_of(admin.get(PAGE + "?enregistre=2"))


@pytest.mark.usefixtures("kind")
def test_a_text_that_changes_nothing_says_so(admin: Client, kind: Kind) -> None:
    typed = {"seen": "0", "subject": kind.default_subject, "text": kind.default_text, "action": "save"}
    assert "il n’y a rien à enregistrer" in text_of(admin.post(PAGE, typed))


@pytest.mark.usefixtures("kind")
def test_two_administrators_never_overwrite_in_silence(admin: Client, administrator: User) -> None:
    other = User.objects.create_user("sacha@exemple.invalid", name="Sacha Imaginaire")
    services.edit_text("portal.receipt", "À elle", "{{ numero }} à elle", by=other, seen=0)
    response = admin.post(PAGE, TYPED | {"action": "save"})
    page = text_of(response)
    assert "Sacha Imaginaire a enregistré la version 1" in page
    assert "{{ numero }} à elle" in page
    assert "Dossier {{ numero }}.\nMerci.</textarea>" in response.content.decode()
    assert MailText.objects.get().subject == "À elle"
    seen = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert seen is not None
    assert seen[1] == "1"
    assert admin.post(PAGE, TYPED | {"action": "save", "seen": "1"}).status_code == 302
    assert MailText.objects.of("portal.receipt").first().subject == "Reçu, {{ numero }}"  # type: ignore[union-attr]


@pytest.mark.parametrize("seen", ["", "abc", "-1", "7", "9" * 30, "9" * 5000])
@pytest.mark.usefixtures("kind")
def test_a_version_number_that_was_not_shown_saves_nothing(admin: Client, seen: str) -> None:
    assert admin.post(PAGE, TYPED | {"action": "save", "seen": seen}).status_code == 200
    assert admin.post(RESTORE, {"seen": seen}).status_code == 200
    assert MailText.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_the_original_and_older_versions_come_back(admin: Client, administrator: User, kind: Kind) -> None:
    services.edit_text(kind.slug, "Un", "{{ numero }} un", by=administrator, seen=0)
    services.edit_text(kind.slug, "Deux", "{{ numero }} deux", by=administrator, seen=1)
    taken = admin.get(PAGE + "?version=1").content.decode()
    assert "{{ numero }} un</textarea>" in taken
    assert 'name="seen" value="2"' in taken
    assert "Le formulaire reprend un texte plus ancien." in unescape(taken)
    for unknown in ("9", "x", "", "2"):
        assert "{{ numero }} deux</textarea>" in admin.get(f"{PAGE}?version={unknown}").content.decode()
    assert admin.post(RESTORE, {"seen": "1"}).status_code == 200
    assert MailText.objects.count() == 2
    assert admin.post(RESTORE, {"seen": "2"}).headers["Location"] == f"{PAGE}?enregistre=3"
    assert admin.post(RESTORE, {"seen": "3"}).headers["Location"] == PAGE
    assert MailText.objects.of(kind.slug).first().text == kind.default_text  # type: ignore[union-attr]
    assert "identique au texte d’origine" in text_of(admin.get(PAGE))


@pytest.mark.usefixtures("kind")
def test_only_the_words_are_taken_from_the_form(admin: Client, administrator: User) -> None:
    stolen = {"number": "9", "kind": "portal.other", "edited_by": "1", "edited_at": "2000-01-01", "id": "77"}
    admin.post(PAGE, TYPED | stolen | {"action": "save"})
    row = MailText.objects.get()
    assert (row.number, row.kind, row.edited_by, row.edited_at.year > 2000) == (
        1,
        "portal.receipt",
        administrator,
        True,
    )


def test_a_version_whose_tags_are_gone_is_told(admin: Client, administrator: User) -> None:
    kinds.register(factories.kind(tags={"numero": Tag("numéro", "1")}, default_text="{{ numero }}"))
    MailTextFactory(number=1, text="{{ numero }} {{ disparue }}", edited_by=administrator)
    page = text_of(admin.get(PAGE))
    assert "La version 1 ne s’applique plus." in page
    assert "{{ disparue }}</textarea>" in admin.get(PAGE + "?version=1").content.decode()


@pytest.mark.usefixtures("kind")
def test_the_pages_are_set_as_french_is(admin: Client, administrator: User, kind: Kind) -> None:
    pages = [admin.get(LIST), admin.get(PAGE), admin.post(PAGE, TYPED), admin.post(PAGE, TYPED | {"text": "{{ x"})]
    services.edit_text(kind.slug, "Un", "{{ numero }} un", by=administrator, seen=0)
    pages += [
        admin.get(LIST),
        admin.get(PAGE),
        admin.get(PAGE + "?version=0"),
        admin.post(PAGE, TYPED | {"action": "save"}),
    ]
    for response in pages:
        page = response.content.decode()
        assert badly_spaced(page) == []
        assert not [line for line in lines(page) if LACKING.search(line)]
        assert (page.count("<h1"), "style=" in page, page.count("<script")) == (1, False, 0)
