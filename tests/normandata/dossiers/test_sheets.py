"""The three sheets say what was voted, and the reader refuses a sheet that does not hold."""

import re
from datetime import date
from pathlib import Path

import pytest

from normandata.dossiers import sheets
from normandata.dossiers.sheets import Contact, Indicators, InvalidSheet, Sheet, Site
from normandata.regulation import reglement

ROOT = Path(__file__).parents[3]
SCHEMES = ("diagnostic", "booster_ia", "datathon")
NBSP = "\u00a0"


def sheet(scheme: str) -> Sheet:
    return sheets.load(ROOT / scheme / "sheet.toml")


def written_file(scheme: str = "diagnostic") -> str:
    return (ROOT / scheme / "sheet.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    """Change one place of the diagnostic's file; a change that finds nothing would test nothing."""
    content = written_file()
    assert content.count(old) == 1
    return content.replace(old, new)


@pytest.mark.parametrize(
    ("scheme", "title", "aid_type", "annex", "effective_on"),
    [
        (
            "diagnostic",
            "DIAGNOSTIC DATA / IA POUR ENGAGER LA VALORISATION DE SES DONNÉES",
            "Prestation de conseil",
            "annexe 3",
            date(2026, 3, 1),
        ),
        ("booster_ia", "BOOSTER IA", "Subvention", "annexe 4", date(2026, 1, 1)),
        ("datathon", "Datathon Normandie", "Jeux concours", "annexe 5", date(2026, 1, 1)),
    ],
)
def test_identity_is_the_voted_one(scheme: str, title: str, aid_type: str, annex: str, effective_on: date) -> None:
    voted = sheet(scheme)
    assert (voted.title, voted.aid_type, voted.effective_on) == (title, aid_type, effective_on)
    assert str(voted.source) == f"Délibération AP D 25-12-5, {annex}"
    assert voted.code is None


def test_each_scheme_keeps_its_own_telephone() -> None:
    assert [sheet(scheme).phone for scheme in SCHEMES] == [
        number.replace(" ", NBSP) for number in ("02 32 76 42 37", "02 31 06 79 00", "02 32 76 38 27")
    ]
    assert [sheet(scheme).phone_link for scheme in SCHEMES] == ["+33232764237", "+33231067900", "+33232763827"]


def test_contacts_are_those_of_the_voted_text() -> None:
    assert sheet("diagnostic").contacts == (Contact("Nawal Bouin", "chargée de projets", "nawal.bouin@normandie.fr"),)
    assert sheet("booster_ia").contacts == ()
    assert sheet("datathon").contacts == (
        Contact("Alexis Gallet", None, "alexis.gallet@normandie.fr"),
        Contact("Nawal Bouin", None, "nawal.bouin@normandie.fr"),
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_only_the_roadmap_is_ticked(scheme: str) -> None:
    assert sheet(scheme).ticked_frameworks == ("Feuille de route régionale de la donnée/IA",)


def test_european_banner_is_apart_from_the_boxes() -> None:
    assert [sheet(scheme).eu_banner for scheme in SCHEMES] == [True, False, True]


def test_what_an_annex_leaves_out_stays_unsaid() -> None:
    assert (sheet("diagnostic").theme, sheet("diagnostic").mission) == ("Numérique", None)
    assert (sheet("booster_ia").theme, sheet("booster_ia").sectors) == (None, "tous secteurs d’activité")
    assert (sheet("datathon").strategic_objective, sheet("datathon").theme) == (None, "Numérique")


def test_indicators_are_the_voted_ones_without_the_printed_slip() -> None:
    assert sheet("booster_ia").indicators == Indicators(
        output=("Nombre de projets accompagnés menés à leur terme",),
        result=(
            "% de projets ayant donné lieu à un retour d’expérience, "
            "que le projet ait pu ou non valider sa preuve de concept",
        ),
        context=("Nombre de structures nouvelles publiques ou privées intégrées au réseau du DataLab Normandie",),
    )
    assert sheet("datathon").indicators.output == (
        "Nombre de solutions digitales présentées",
        "Nombre d’éditions annuelles",
    )


def test_lists_of_the_voted_text_are_whole() -> None:
    assert len(sheet("diagnostic").beneficiaries[0].items) == 3
    assert [len(block.items) for block in sheet("booster_ia").characteristics if block.items] == [6, 3, 4]
    assert [len(block.items) for block in sheet("booster_ia").review_terms if block.items] == [6]
    assert [len(block.items) for block in sheet("datathon").characteristics if block.items] == [6]
    assert len(sheet("datathon").objectives[0].items) == 4


def test_expired_texts_are_flagged() -> None:
    assert any("1407/2013" in notice and "2023/2831" in notice for notice in sheet("diagnostic").notices)
    assert any("SA.58995" in notice and "SA.59107" in notice for notice in sheet("booster_ia").notices)


def test_where_to_file_is_the_site_the_text_names() -> None:
    assert sheet("booster_ia").filing_site == Site("subventions.normandie.fr", "https://subventions.normandie.fr")
    assert sheet("diagnostic").filing_site is None


def test_sections_come_in_the_order_readers_need() -> None:
    assert [section.anchor for section in sheet("datathon").sections] == [
        "beneficiaires", "caracteristiques", "instruction", "paiement", "objectifs", "contexte",
    ]  # fmt: skip
    assert all(section.blocks for section in sheet("datathon").sections)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_named_by_public_texts_are_in_the_reglement(scheme: str) -> None:
    parameters = reglement.load(ROOT / scheme / "reglement.toml").parameters
    assert sheet(scheme).figures <= parameters.keys()
    assert sheet(scheme).figures


@pytest.mark.parametrize("scheme", SCHEMES)
def test_public_texts_write_no_figure_of_their_own(scheme: str) -> None:
    texts = " ".join(getattr(sheet(scheme), name) for name in sheets.PUBLIC)
    assert set(re.findall(r"\d+", re.sub(r"annexe.\d", "", texts))) <= {"0"}


def test_figures_are_written_where_the_public_texts_name_them() -> None:
    written = {"rate": "40 %", "cap": "9 000 € HT", "duration_months": "4 mois", "waves_per_year": "3"}
    filled = sheet("booster_ia").with_figures(written)
    assert filled.promise == "40 % des dépenses, jusqu’à 9 000 € HT"
    assert filled.timing == "Toute l’année, avec 3 vagues d’instruction par an"
    assert filled.figures == frozenset()
    with pytest.raises(InvalidSheet, match=r"Booster IA: unknown figure cap"):
        sheet("booster_ia").with_figures({key: written[key] for key in written if key != "cap"})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_typography_never_lets_a_line_start_with_a_mark(scheme: str) -> None:
    texts = repr(sheet(scheme)).replace("\\xa0", NBSP)
    assert not re.search(r" [:;?!»€]|« |\d %", texts)
    assert not re.search("[\u202f\u2192\u2264\u2265]|[a-zé]'[a-zéè]", texts)


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ('aid_type = "Prestation de conseil"\n', "", "file: missing aid_type"),
        ('theme = "Numérique"', 'theme = "Numérique"\ncolour = "bleu"', "file: unknown colour"),
        ('promise = "0 € à votre charge"', 'promise = "  "', "promise: a text is expected"),
        ('theme = "Numérique"', 'theme = ""', "theme: a text is expected"),
        ("effective_on = 2026-03-01", 'effective_on = "2026-03-01"', "effective_on: a day is expected"),
        ("effective_on = 2026-03-01", "effective_on = 2026-03-01T08:00:00", "effective_on: a day is expected"),
        ("eu_banner = true", 'eu_banner = "oui"', "eu_banner: true or false expected"),
        ('phone = "02 32 76 42 37"', 'phone = "0232764237"', "phone: unreadable value '0232764237'"),
        ('email = "nawal.bouin@normandie.fr"', 'email = "Nawal"', "contacts[0].email: unreadable value 'Nawal'"),
        ('{ name = "CPIER", ticked = false }', '{ name = "CPIER" }', "frameworks[1]: missing ticked"),
        ('  { name = "FEAMPA", ticked = false },\n', "", "frameworks: expected CPER"),
        (
            'founding_decisions = ["Assemblée plénière du 15 décembre 2025"]',
            "founding_decisions = []",
            "founding_decisions: a list is expected",
        ),
        ('output = ["Nombre de diagnostics réalisés par an"]', "output = []", "indicators.output: a list is expected"),
        ('"Des établissements de santé."', '""', "beneficiaries[0].items[2]: a text is expected"),
        ('annex = "annexe 3"', 'annexe = "annexe 3"', "source: missing annex"),
    ],
)
def test_reader_refuses_and_names_the_entry(old: str, new: str, entry: str) -> None:
    with pytest.raises(InvalidSheet, match=f"^sheet.toml: {re.escape(entry)}"):
        sheets.parse(changed(old, new))


def test_reader_names_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "essai"
    folder.mkdir()
    (folder / "sheet.toml").write_text("short_title = ", encoding="utf-8")
    with pytest.raises(InvalidSheet, match=r"^essai/sheet\.toml: "):
        sheets.load(folder / "sheet.toml")


def test_the_form_of_the_diagnostic_is_printed_with_its_questions() -> None:
    section = next(part for part in sheet("diagnostic").sections if part.anchor == "questions")
    assert [len(block.items) for block in section.blocks] == [7, 4, 0, 0]
    assert [part.anchor for part in sheet("booster_ia").sections].count("questions") == 0


def test_on_paper_the_address_of_the_site_is_written_out() -> None:
    assert sheet("booster_ia").where_to_file.endswith(" https://subventions.normandie.fr")
    assert sheet("diagnostic").where_to_file == sheet("diagnostic").filing
