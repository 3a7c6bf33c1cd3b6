"""« Suis-je éligible ? », for the Diagnostic: from the home page's question to an answer with its articles."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from normandata.organisations import territories

from . import keyboard
from .browser import Window, follow
from .conftest import Visit
from .errors import ERROR_TITLE, LONG, NO_DAY, SCRIPT, WORDS, ask, check_refused, plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BASE = "/aides/diagnostic/simulateur/"
RESULT = BASE + "resultat/"
HOME = "Données et IA : trouvez l’aide de la Région qui vous convient"
STRUCTURE = "Quelle est votre structure ?"
DEPARTMENT = "Où est votre établissement ?"
STAFF = "Quel est votre effectif, en équivalents temps plein ?"
CREATION = "Quand votre entreprise a-t-elle été créée ?"
ACTIVITY = "Quelle est votre activité principale ?"
TERRITORY = "Quelle est votre collectivité ?"
ELIGIBLE = "Vous pouvez demander un diagnostic"
ENTERPRISE_PAGES = [HOME, STRUCTURE, DEPARTMENT, STAFF, CREATION, ACTIVITY, ELIGIBLE]
ENTERPRISE = {
    "structure": "enterprise",
    "departement": "14",
    "etp": "45,5",
    "creation": "12/05/2009",
    "activite": "production",
}


def start(window: Window) -> None:
    assert window.check() == HOME
    window.clicks += 1
    follow(window.page.locator(f"a[href='{BASE}']").first)
    assert window.path == BASE + "structure/"


def outcomes(window: Window) -> dict[str, str]:
    """Read the findings: the rule's label → its outcome in words."""
    labels = window.page.locator(".nd-finding__message strong").all_inner_texts()
    words = window.page.locator(".nd-finding__outcome").all_inner_texts()
    assert len(labels) == len(words)
    return dict(zip([plain(label).rstrip(".") for label in labels], map(plain, words), strict=True))


def recap(window: Window) -> dict[str, str]:
    """Read the answers as they are given back."""
    box = window.page.get_by_role("complementary", name="Vos réponses")
    labels, values = box.locator("dt").all_inner_texts(), box.locator("dd").all_inner_texts()
    return {
        label: plain(re.sub(r"Modifier.*", "", value, flags=re.S)) for label, value in zip(labels, values, strict=True)
    }


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (375, True), (320, False)])
def test_an_enterprise_reaches_its_result_in_seven_clicks(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/", width=width, javascript=javascript)
    page = window.page
    start(window)
    window.check()
    window.choose("Une entreprise")
    window.press_on("Continuer")
    window.check()
    window.choose("Calvados (14)")
    window.press_on("Continuer")
    window.check()
    page.get_by_label(STAFF).fill("45,5")
    window.press_on("Continuer")
    window.check()
    page.get_by_label(CREATION).fill("12 mai 2009")
    window.press_on("Continuer")
    window.check()
    window.choose("Production")
    window.press_on("Continuer")
    window.check()
    assert window.titles == ENTERPRISE_PAGES
    assert len(set(window.titles)) == len(window.titles)
    assert window.clicks == 6
    assert window.clicks <= 7
    assert window.path == RESULT
    assert outcomes(window) == {
        "Ouverture": "Respecté",
        "Bénéficiaire": "Respecté",
        "Normandie": "Respecté",
        "Effectif": "Respecté",
        "Ancienneté": "Respecté",
        "Activité": "Respecté",
        "Population": "Sans objet",
        "Aides de minimis": "Sans objet",
    }
    assert recap(window) == {
        "Structure": "Une entreprise",
        "Établissement": "Calvados (14)",
        "Effectif": "45,5 ETP",
        "Création": "12 mai 2009",
        "Activité": "Production",
    }


def test_an_answer_is_changed_from_the_result(visit: Visit) -> None:
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}", width=375)
    page = window.page
    assert window.title() == ELIGIBLE
    follow(page.get_by_role("link", name="Modifier : Effectif"))
    assert window.path == BASE + "effectif/"
    assert window.check() == STAFF
    assert page.get_by_label(STAFF).input_value() == "45,5"
    page.get_by_label(STAFF).fill("120")
    window.press_on("Continuer")
    assert window.path == RESULT
    assert window.check() == ELIGIBLE
    assert recap(window)["Effectif"] == "120 ETP"
    assert parse_qs(urlsplit(page.url).query) == {k: [v] for k, v in (ENTERPRISE | {"etp": "120"}).items()}


def test_the_question_before_keeps_the_answers(visit: Visit) -> None:
    window = visit(f"{BASE}creation/?{urlencode(ENTERPRISE)}", width=375)
    follow(window.page.get_by_role("link", name="Question précédente"))
    assert window.path == BASE + "effectif/"
    assert window.page.get_by_label(STAFF).input_value() == "45,5"
    window.press_on("Continuer")
    assert window.path == RESULT


@pytest.mark.parametrize("width", [1280, 375])
def test_a_mayor_finds_the_commune_by_typing(visit: Visit, width: int) -> None:
    territories.load()
    window = visit("/", width=width)
    page = window.page
    start(window)
    window.choose("Une collectivité")
    window.press_on("Continuer")
    assert window.check() == TERRITORY
    page.get_by_role("searchbox", name="Nom ou code postal").press_sequentially("lisieux", delay=20)
    choices = page.get_by_role("group", name="Choisissez votre collectivité")
    expect(choices).to_be_visible()
    assert "CA Lisieux Normandie" in "".join(choices.locator("label").all_inner_texts())
    assert window.path == BASE + "collectivite/", "typing must not leave the page"
    window.check()
    window.choose("Lisieux")
    window.press_on("Continuer")
    assert window.path == RESULT
    assert window.check() == ELIGIBLE
    assert window.clicks == 3
    assert recap(window)["Collectivité"] == "Lisieux"
    assert re.fullmatch(r"\d\d \d\d\d habitants \(INSEE, .+\)", recap(window)["Population"])
    assert outcomes(window)["Population"] == "Respecté"


def test_a_mayor_finds_the_commune_without_javascript(visit: Visit) -> None:
    territories.load()
    window = visit(f"{BASE}structure/", width=320, javascript=False)
    page = window.page
    window.choose("Une collectivité")
    window.press_on("Continuer")
    assert window.check() == TERRITORY
    page.get_by_label("Nom ou code postal").fill("lisieux")
    window.press_on("Chercher")
    assert window.path == BASE + "collectivite/"
    window.check()
    assert not page.title().startswith("Erreur"), "looking for a commune is not an error"
    assert page.get_by_label("Nom ou code postal").input_value() == "lisieux"
    window.choose("Lisieux")
    window.press_on("Continuer")
    assert window.path == RESULT
    assert window.check() == ELIGIBLE
    assert recap(window)["Collectivité"] == "Lisieux"


def test_an_unlisted_group_gives_its_own_population(visit: Visit) -> None:
    territories.load()
    window = visit(f"{BASE}collectivite/?structure=local_authority&recherche=petr", width=375)
    window.choose("Elle n’est pas dans la liste")
    window.press_on("Continuer")
    assert window.check() == DEPARTMENT
    window.choose("Orne (61)")
    window.press_on("Continuer")
    assert window.check() == "Combien d’habitants compte votre territoire ?"
    window.page.get_by_label("Combien d’habitants").fill("12 000 habitants")
    window.press_on("Continuer")
    assert window.check() == ELIGIBLE
    assert recap(window)["Population"] == "12 000 habitants déclarés"


@pytest.mark.parametrize("width", [1280, 375])
def test_an_association_is_told_the_rule_its_article_and_the_aid_that_fits(visit: Visit, width: int) -> None:
    window = visit("/", width=width)
    page = window.page
    start(window)
    window.choose("Une association")
    window.press_on("Continuer")
    assert window.check() == "Une association ne peut pas demander un diagnostic"
    verdict = page.locator(".nd-verdict--no")
    said = plain(verdict.inner_text())
    assert "Bénéficiaire. Une association ne peut pas demander un diagnostic" in said
    assert "(Délibération AP D 25-12-5, annexe 3, « Bénéficiaires de l’aide »)" in said
    assert outcomes(window)["Bénéficiaire"] == "Non respecté"
    follow(verdict.get_by_role("link", name="Voir Booster IA"))
    assert window.path == "/aides/booster-ia/"
    assert window.check() == "Booster IA"
    page.go_back()
    follow(page.locator(".nd-finding--unmet .nd-finding__source a"))
    anchor = urlsplit(page.url).fragment
    assert (window.path, anchor) == ("/reglement/", "diagnostic-beneficiary")
    assert plain(page.locator(f"#{anchor} th").inner_text()) == "Bénéficiaire"


def test_an_enterprise_reaches_its_result_by_keyboard_alone(visit: Visit) -> None:
    window = visit("/", width=1280)
    typed = window.page.keyboard
    keyboard.skip_to_content(window)
    window.check()
    keyboard.leave(window, "Suis-je éligible ? Diagnostic data et IA")
    for name, value in (("structure", "enterprise"), ("departement", "27")):
        keyboard.skip_to_content(window)
        window.check()
        keyboard.choose(window, name, value)
        keyboard.leave(window, "Continuer")
    for name, text in (("etp", "45,5"), ("creation", "12/05/2009")):
        keyboard.skip_to_content(window)
        window.check()
        keyboard.tab_to(window, "name", name)
        typed.type(text)
        with window.page.expect_navigation():
            typed.press("Enter")
    keyboard.skip_to_content(window)
    window.check()
    keyboard.choose(window, "activite", "services")
    keyboard.leave(window, "Continuer")
    assert window.path == RESULT
    window.check()
    assert window.titles == ENTERPRISE_PAGES
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Modifier : Activité")
    assert window.path == BASE + "activite/"
    assert window.page.locator("input:checked").get_attribute("value") == "services"


STAFF_TYPED = [
    (WORDS, "Écrivez ce nombre en chiffres, par exemple 45,5."),
    ("", "Indiquez l’effectif en équivalents temps plein."),
    ("-5", "Ce nombre ne peut pas être inférieur à 0."),
    ("1,234", "Deux décimales au plus ; les milliers se séparent par une espace."),
    (SCRIPT, "Écrivez ce nombre en chiffres, par exemple 45,5."),
    (LONG, "Ce nombre dépasse ce que le portail peut lire."),
]
PEOPLE_TYPED = [
    (WORDS, "Écrivez ce nombre en chiffres, par exemple 12 000."),
    ("", "Indiquez le nombre d’habitants."),
    ("-5", "Ce nombre ne peut pas être inférieur à 0."),
    ("12,5", "Écrivez un nombre entier, sans virgule."),
    (SCRIPT, "Écrivez ce nombre en chiffres, par exemple 12 000."),
    (LONG, "Ce nombre dépasse ce que le portail peut lire."),
]
DAY_TYPED = [
    (NO_DAY, "Cette date n’existe pas dans le calendrier."),
    ("", "Indiquez une date."),
    ("-5", "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
    (WORDS, "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
    ("12/05/0009", "L’année doit être comprise entre 1000 et 2100."),
    (SCRIPT, "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
    (LONG, "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
]
UNLISTED = {"structure": "local_authority", "territoire": "autre", "departement": "14"}


@pytest.mark.parametrize(
    ("step", "name", "answers", "cases"),
    [
        ("effectif", "etp", {"structure": "enterprise", "departement": "14"}, STAFF_TYPED),
        ("population", "population", UNLISTED, PEOPLE_TYPED),
        (
            "creation",
            "creation",
            {"structure": "enterprise", "departement": "14", "etp": "45"},
            [
                (typed, message.replace("Indiquez une date", "Indiquez la date de création"))
                for typed, message in DAY_TYPED
            ],
        ),
    ],
)
def test_nonsense_is_told_in_french_and_kept(
    visit: Visit, step: str, name: str, answers: dict[str, str | list[str]], cases: list[tuple[str, str]]
) -> None:
    path = f"{BASE}{step}/"
    window = ask(visit, path, answers)
    for typed, message in cases:
        control = window.page.locator(f"#id_{name}")
        control.fill(typed)
        window.press_on("Continuer")
        check_refused(window, f"id_{name}", message, path=path)
        assert control.input_value() == typed
        carried = parse_qs(urlsplit(window.page.url).query)
        assert {key: carried[key] for key in answers} == {key: [value] for key, value in answers.items()}


@pytest.mark.parametrize(
    ("step", "name", "answers", "message"),
    [
        ("structure", "structure", {}, "Choisissez le type de votre structure."),
        ("departement", "departement", {"structure": "enterprise"}, "Choisissez un département, ou « Ailleurs »."),
        (
            "activite",
            "activite",
            {k: v for k, v in ENTERPRISE.items() if k != "activite"},
            "Choisissez l’activité principale.",
        ),
    ],
)
def test_a_choice_not_made_is_asked_for(
    visit: Visit, step: str, name: str, answers: dict[str, str | list[str]], message: str
) -> None:
    path = f"{BASE}{step}/"
    window = ask(visit, path, answers, javascript=False)
    window.press_on("Continuer")
    check_refused(window, f"id_{name}_0", message, path=path)


def test_a_commune_not_chosen_or_not_found_is_told(visit: Visit) -> None:
    territories.load()
    path = BASE + "collectivite/"
    window = ask(visit, path, {"structure": "local_authority"}, javascript=False)
    search = window.page.locator("#id_recherche")
    window.press_on("Continuer")
    missing = "Écrivez le nom de votre collectivité, puis choisissez-la dans la liste."
    check_refused(window, "id_recherche", missing, path=path)
    for typed in ("lisieux", SCRIPT):
        search.fill(typed)
        window.press_on("Continuer")
        message = "hoisissez votre collectivité dans la liste."
        check_refused(window, "id_territoire", "C" + message, path=path)
        assert search.input_value() == typed


def test_the_home_page_asks_again_for_a_sentence(visit: Visit) -> None:
    window = visit("/", width=375)
    window.press_on("Voir l’accompagnement qui correspond")
    assert window.path == "/"
    window.check()
    alert = window.page.get_by_role("alert")
    assert plain(alert.inner_text()) == "Choisissez la phrase qui ressemble le plus à votre situation."


def test_the_home_page_says_in_its_title_that_a_choice_is_missing(visit: Visit) -> None:
    window = visit("/?voir=1", width=375)
    assert ERROR_TITLE.match(window.page.title())
