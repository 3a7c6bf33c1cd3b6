"""The simulator of Booster IA: seven questions, then a sum whose every line is checked against a hand-worked one."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from . import keyboard
from .browser import Window, follow
from .conftest import Visit
from .errors import LONG, NO_DAY, SCRIPT, WORDS, ask, check_refused, plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BASE = "/aides/booster-ia/simulateur/"
RESULT = BASE + "resultat/"
PAGES = [
    "Qui porte le projet ?",
    "Où le porteur est-il établi ?",
    "Où sont établis vos partenaires ?",
    "Un usage principal de votre projet s’appuie-t-il sur l’intelligence artificielle ?",
    "Quand le projet se déroule-t-il ?",
    "Quel est le budget du projet ?",
    "Quelles autres aides avez-vous ?",
]
# 12 000 € of staff, 8 000 of them permanent in a public establishment: excluded. Equipment: no such category.
# Eligible: 4 000 + 18 000 = 22 000. Half: 11 000. Cap: 12 500. Left by 2 000 of other aid: 20 000. Least: 11 000.
GRANT = "Votre projet peut demander jusqu’à 11 000,00 €"
SUM = {
    "Dépenses éligibles TTC": "22 000,00 €",
    "50 % de ces dépenses": "11 000,00 €",
    "Plafond de la subvention": "12 500,00 €",
    "Dépenses moins autres aides publiques": "20 000,00 €",
    "Subvention possible : le plus petit des trois derniers": "11 000,00 €",
}
REFUSED_LINES = [
    "Frais de personnel, 8 000,00 € : personnel permanent d’un établissement public, exclu par le texte.",
    "Équipement, 4 000,00 € : hors des catégories de dépenses éligibles.",
]
ANSWERS = {
    "porteur": "public_establishment",
    "departement": "14",
    "partenaires": "76",
    "ia": "oui",
    "debut": "01/12/2026",
    "fin": "31/05/2027",
    "tva": "non",
    "personnel": "12 000",
    "permanent": "8 000",
    "prestations": "18 000",
    "equipement": "4 000",
    "autres_aides": "2 000",
}
BUDGET = ("tva", "personnel", "permanent", "prestations", "equipement")
UP_TO_CALENDAR = {name: ANSWERS[name] for name in ("porteur", "departement", "partenaires", "ia")}
UP_TO_BUDGET = UP_TO_CALENDAR | {name: ANSWERS[name] for name in ("debut", "fin")}
UP_TO_AID = UP_TO_BUDGET | {name: ANSWERS[name] for name in BUDGET}


def money(window: Window) -> dict[str, str]:
    box = window.page.locator(".nd-pairs--money")
    labels, values = box.locator("dt").all_inner_texts(), box.locator("dd").all_inner_texts()
    return dict(zip(map(plain, labels), map(plain, values), strict=True))


def refused_lines(window: Window) -> list[str]:
    return [plain(line) for line in window.page.locator("section[aria-labelledby=t-montants] ul li").all_inner_texts()]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (375, True), (320, False)])
def test_a_university_reaches_a_sum_worked_by_hand(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/", width=width, javascript=javascript)
    page = window.page
    follow(page.locator("a[href='/aides/booster-ia/simulateur/']").first)
    window.check()
    window.choose("Un établissement public")
    window.press_on("Continuer")
    window.check()
    window.choose("Calvados (14)")
    window.press_on("Continuer")
    window.check()
    window.choose("Seine-Maritime (76)")
    window.press_on("Continuer")
    window.check()
    window.choose("Oui")
    window.press_on("Continuer")
    window.check()
    page.get_by_label("Quand le projet commence-t-il ?").fill("1er décembre 2026")
    page.get_by_label("Quand finit-il ?").fill("31/05/2027")
    window.press_on("Continuer")
    window.check()
    window.choose("Non : montants TTC")
    page.get_by_label("Personnel employé pour le projet").fill("12 000")
    page.get_by_label("Dont personnel permanent").fill("8000,00 €")
    page.get_by_label("Autres prestations").fill("18 000,00")
    page.get_by_label("Équipement, matériel").fill("4000")
    window.press_on("Continuer")
    window.check()
    page.get_by_label("Quelles autres aides publiques financent ce projet").fill("2 000")
    window.press_on("Continuer")
    assert window.path == RESULT
    assert window.check() == GRANT
    assert window.titles == [*PAGES, GRANT]
    assert window.clicks == 7
    assert money(window) == SUM
    assert sorted(refused_lines(window)) == REFUSED_LINES


@pytest.mark.parametrize(
    ("changes", "grant", "eligible"),
    [
        # 40 000 of services: half is 20 000, brought down to the cap.
        ({"prestations": "40 000", "personnel": "", "permanent": "", "equipement": ""}, "12 500,00 €", "40 000,00 €"),
        # 10 000,01 of services: half is 5 000,005, rounded half up.
        ({"prestations": "10 000,01", "personnel": "", "permanent": "", "equipement": ""}, "5 000,01 €", "10 000,01 €"),
        # 22 000 eligible, 15 000 of other aid: 7 000 left under total public aid.
        ({"autres_aides": "15 000"}, "7 000,00 €", "22 000,00 €"),
        # An enterprise keeps its permanent staff: 12 000 + 18 000 = 30 000, half is 15 000, capped.
        ({"porteur": "enterprise"}, "12 500,00 €", "30 000,00 €"),
    ],
)
def test_other_sums_worked_by_hand(visit: Visit, changes: dict[str, str], grant: str, eligible: str) -> None:
    window = visit(f"{RESULT}?{urlencode(ANSWERS | changes)}", width=375)
    assert window.title() == f"Votre projet peut demander jusqu’à {grant}"
    shown = list(money(window).values())
    assert (shown[0], shown[-1]) == (eligible, grant)


def test_a_project_alone_is_refused_with_its_article(visit: Visit) -> None:
    window = visit(f"{RESULT}?{urlencode(ANSWERS | {'partenaires': 'aucun', 'ia': 'non'})}", width=375)
    assert window.check() == "Votre projet ne peut pas être présenté en l’état"
    said = plain(window.page.locator(".nd-verdict--no").inner_text())
    for label, article in (
        ("Partenariat", "« Caractéristiques de l’aide », dépenses éligibles"),
        ("Intelligence artificielle", "« Bénéficiaires de l’aide »"),
    ):
        paragraph = next(line for line in said.splitlines() if line.startswith(f"{label}."))
        assert paragraph.endswith(f"(Délibération AP D 25-12-5, annexe 4, {article})")
    links = window.page.locator(".nd-verdict--no a")
    assert [(plain(link.inner_text()), link.get_attribute("href")) for link in links.all()] == [
        ("Voir le cœur expert", "/aides/#coeur-expert"),
        ("Voir le diagnostic", "/aides/diagnostic/"),
        ("Poser une question à la Région", "/contact/"),
    ]


def test_an_enterprise_reaches_its_sum_by_keyboard_alone(visit: Visit) -> None:
    window = visit(BASE, width=1280)
    typed = window.page.keyboard

    def fill(name: str, text: str) -> None:
        keyboard.tab_to(window, "name", name)
        typed.type(text)

    def send() -> None:
        with window.page.expect_navigation():
            typed.press("Enter")

    for name, value in (("porteur", "enterprise"), ("departement", "76")):
        keyboard.skip_to_content(window)
        window.check()
        keyboard.choose(window, name, value)
        keyboard.leave(window, "Continuer")
    keyboard.skip_to_content(window)
    window.check()
    keyboard.tab_to(window, "value", "14")
    typed.press("Space")
    keyboard.leave(window, "Continuer")
    keyboard.skip_to_content(window)
    window.check()
    keyboard.choose(window, "ia", "oui")
    keyboard.leave(window, "Continuer")
    keyboard.skip_to_content(window)
    window.check()
    fill("debut", "01/12/2026")
    fill("fin", "31/05/2027")
    send()
    keyboard.skip_to_content(window)
    window.check()
    keyboard.choose(window, "tva", "oui")
    fill("prestations", "18000")
    send()
    keyboard.skip_to_content(window)
    window.check()
    fill("autres_aides", "0")
    keyboard.tab_to_text(window, "Ajouter les aides de minimis reçues depuis 3 ans (facultatif)")
    typed.press("Enter")
    fill("dm_date_1", "12/05/2025")
    fill("dm_montant_1", "100 000")
    send()
    assert window.path == RESULT
    # 18 000 eligible, half is 9 000; 100 000 of de minimis aid leave 200 000 under the ceiling of 300 000.
    assert window.check() == "Votre projet peut demander jusqu’à 9 000,00 €"
    assert window.titles == [*PAGES, "Votre projet peut demander jusqu’à 9 000,00 €"]
    assert next(iter(money(window).items())) == ("Dépenses éligibles HT", "18 000,00 €")


MONEY = "écrivez ce nombre en chiffres, par exemple 12 500."
MONEY_TYPED = [
    (WORDS, MONEY),
    ("-5", "ce nombre ne peut pas être inférieur à 0."),
    ("1,234", "deux décimales au plus ; les milliers se séparent par une espace."),
    (SCRIPT, MONEY),
    (LONG, "ce nombre dépasse ce que le portail peut lire."),
]


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


@pytest.mark.parametrize(
    ("name", "label"),
    [("personnel", "Personnel employé pour le projet"), ("autres", "Frais généraux et autres dépenses")],
)
def test_nonsense_in_the_budget_is_told_and_kept(visit: Visit, name: str, label: str) -> None:
    path = BASE + "budget/"
    window = ask(visit, path, UP_TO_BUDGET)
    window.choose("Non : montants TTC")
    control = window.page.locator(f"#id_{name}")
    for typed, message in MONEY_TYPED:
        control.fill(typed)
        window.press_on("Continuer")
        check_refused(window, f"id_{name}", capital(message), path=path, summary=f"{label} : {message}")
        assert control.input_value() == typed
        assert window.page.locator("input[name=tva]:checked").get_attribute("value") == "non"


def test_an_empty_or_contradictory_budget_is_told(visit: Visit) -> None:
    path = BASE + "budget/"
    window = ask(visit, path, UP_TO_BUDGET, javascript=False)
    window.choose("Oui : montants HT")
    window.press_on("Continuer")
    said = "Indiquez au moins une dépense."
    check_refused(window, "id_personnel", said, path=path, summary="Personnel employé pour le projet : i" + said[1:])
    window.page.locator("#id_permanent").fill("10")
    window.page.locator("#id_personnel").fill("5")
    window.press_on("Continuer")
    said = "Cette part ne peut pas dépasser la ligne du personnel."
    check_refused(window, "id_permanent", said, path=path, summary="Dont personnel permanent : c" + said[1:])


def test_vat_not_answered_is_asked_for(visit: Visit) -> None:
    path = BASE + "budget/"
    window = ask(visit, path, UP_TO_BUDGET)
    window.page.locator("#id_prestations").fill("100")
    window.press_on("Continuer")
    check_refused(window, "id_tva_0", "Indiquez si le porteur récupère la TVA.", path=path)
    assert window.page.locator("#id_prestations").input_value() == "100"


def test_nonsense_in_the_calendar_is_told_and_kept(visit: Visit) -> None:
    path = BASE + "calendrier/"
    window = ask(visit, path, UP_TO_CALENDAR)
    control = window.page.locator("#id_fin")
    window.page.locator("#id_debut").fill("01/12/2026")
    unreadable = "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."
    for typed, message in (
        (NO_DAY, "Cette date n’existe pas dans le calendrier."),
        ("", "Indiquez une date."),
        (WORDS, unreadable),
        ("-5", unreadable),
        (SCRIPT, unreadable),
        (LONG, unreadable),
        ("30/11/2026", "La fin précède le début, le 1er décembre 2026."),
    ):
        control.fill(typed)
        window.press_on("Continuer")
        check_refused(window, "id_fin", message, path=path)
        assert control.input_value() == typed
        assert window.page.locator("#id_debut").input_value() == "01/12/2026"


def test_nonsense_in_the_other_aids_is_told_and_kept(visit: Visit) -> None:
    path = BASE + "aides/"
    window = ask(visit, path, UP_TO_AID)
    control = window.page.locator("#id_autres_aides")
    messages = [(typed, capital(message).replace("12 500", "5 000")) for typed, message in MONEY_TYPED]
    for typed, message in [*messages, ("", "Indiquez un montant, ou 0 s’il n’y a pas d’autre aide.")]:
        control.fill(typed)
        window.press_on("Continuer")
        check_refused(window, "id_autres_aides", message, path=path)
        assert control.input_value() == typed
    control.fill("0")
    window.page.locator("summary").click()
    window.page.locator("#id_dm_montant_2").fill("5 000")
    window.press_on("Continuer")
    said = "Indiquez la date de cette aide."
    check_refused(window, "id_dm_date_2", said, path=path, summary="Aide 2 : date d’octroi : i" + said[1:])
    assert window.page.locator("#id_dm_montant_2").input_value() == "5 000"
    assert parse_qs(urlsplit(window.page.url).query)["partenaires"] == ["76"]


@pytest.mark.parametrize(
    ("step", "control", "answers", "message"),
    [
        ("porteur", "id_porteur_0", {}, "Choisissez le type de porteur."),
        ("departement", "id_departement_0", {"porteur": "enterprise"}, "Choisissez un département, ou « Ailleurs »."),
        (
            "partenaires",
            "id_partenaires_0",
            {"porteur": "enterprise", "departement": "14"},
            "Cochez au moins une case, ou « Je n’ai pas de partenaire ».",
        ),
        (
            "ia",
            "id_ia_0",
            {"porteur": "enterprise", "departement": "14", "partenaires": "14"},
            "Répondez par oui ou par non, ou « Je ne sais pas ».",
        ),
    ],
)
def test_a_choice_not_made_is_asked_for(
    visit: Visit, step: str, control: str, answers: dict[str, str | list[str]], message: str
) -> None:
    path = f"{BASE}{step}/"
    window = ask(visit, path, answers)
    window.press_on("Continuer")
    check_refused(window, control, message, path=path)


def test_partners_and_no_partner_contradict_each_other(visit: Visit) -> None:
    path = BASE + "partenaires/"
    window = ask(visit, path, {"porteur": "enterprise", "departement": "14"})
    window.choose("Orne (61)")
    window.choose("Je n’ai pas de partenaire")
    window.press_on("Continuer")
    said = "Décochez « Je n’ai pas de partenaire », ou décochez les départements."
    check_refused(window, "id_partenaires_0", said, path=path)
    assert [box.get_attribute("value") for box in window.page.locator("input:checked").all()] == ["61", "aucun"]
