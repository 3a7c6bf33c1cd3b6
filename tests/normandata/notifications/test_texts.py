"""Tags are checked before a text applies, and filled in without any other language than theirs."""

import pytest

from normandata.notifications import texts
from normandata.notifications.texts import Tag

TAGS = {
    "numero": Tag("numéro du dossier", "DIA-2026-0001", is_required=True),
    "date_depot": Tag("date du dépôt", "13 octobre 2026"),
}
RIGHT = "Le dossier {{ numero }} est reçu."
CHOICE = "Ses balises : {{ numero }} et {{ date_depot }}."
SHAPE = f"Une balise a deux accolades de chaque côté et tient sur une ligne. {CHOICE}"
MISSING = "Il manque la balise {{ numero }} (numéro du dossier) : ce courriel ne peut pas s’en passer."
MEND = "Écrivez {{ numero }}, sur une seule ligne."


def not_whole(fragment: str, mend: str = MEND) -> str:
    return f"Le passage « {fragment} » n’est pas une balise complète. {mend}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RIGHT, []),
        ("{{numero}} {{  date_depot}} {{\u00a0numero\u00a0}}", []),
        ("Sans numéro.", [MISSING]),
        ("", ["Écrivez le texte du courriel.", MISSING]),
        (" \n ", ["Écrivez le texte du courriel.", MISSING]),
        (
            RIGHT + " {{ numro }}",
            ["La balise {{ numro }} n’existe pas dans ce courriel. Vouliez-vous écrire {{ numero }} ?"],
        ),
        (
            RIGHT + " {{ Date dépôt }}",
            ["La balise {{ Date dépôt }} n’existe pas dans ce courriel. Vouliez-vous écrire {{ date_depot }} ?"],
        ),
        (RIGHT + " {{ prix }}{{ prix }}", [f"La balise {{{{ prix }}}} n’existe pas dans ce courriel. {CHOICE}"]),
        (RIGHT + " {{ }}", [f"La balise {{{{  }}}} n’existe pas dans ce courriel. {CHOICE}"]),
        (
            RIGHT + " {{ numero|upper }}",
            ["La balise {{ numero|upper }} n’existe pas dans ce courriel. Vouliez-vous écrire {{ numero }} ?"],
        ),
        (RIGHT + " {{ numero", [not_whole("{{ numero")]),
        (RIGHT + " { { numero } }", [not_whole("{ { numero } }")]),
        (RIGHT + " {numero}", [not_whole("{numero}")]),
        (RIGHT + " {% if x %}", [not_whole("{% if x %}", SHAPE)]),
        (RIGHT + " {# note #}", [not_whole("{# note #}", SHAPE)]),
        (RIGHT + " }}", [not_whole("}}", SHAPE)]),
        (RIGHT + " {{{ numero }}}", [not_whole("{}", SHAPE)]),
        (
            f"{RIGHT}\n{{{{\nnumero }}}}",
            [
                f"Ligne 2 : le passage « {{{{ » n’est pas une balise complète. {SHAPE}",
                f"Ligne 3 : le passage « }}}} » n’est pas une balise complète. {SHAPE}",
            ],
        ),
        (RIGHT + " { " + "a" * 60, [not_whole("{ " + "a" * 38, SHAPE)]),
        (
            RIGHT + "a" * 10_000,
            ["Raccourcissez le texte du courriel : 10\u00a0033 signes, la limite est de 10\u00a0000."],
        ),
    ],
)
def test_a_text_is_checked_tag_by_tag(text: str, expected: list[str]) -> None:
    assert texts.problems("Reçu", text, TAGS) == ({"text": expected} if expected else {})


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Dossier {{ numero }}", []),
        ("", ["Écrivez l’objet du courriel."]),
        ("a" * 151, ["Raccourcissez l’objet du courriel : 151 signes, la limite est de 150."]),
        ("{{ nmero }}", ["La balise {{ nmero }} n’existe pas dans ce courriel. Vouliez-vous écrire {{ numero }} ?"]),
    ],
)
def test_a_subject_is_checked_too(subject: str, expected: list[str]) -> None:
    assert texts.problems(subject, RIGHT, TAGS) == ({"subject": expected} if expected else {})


def test_a_mail_without_tags_says_so() -> None:
    assert texts.problems("a", "{{ nom }}", {}) == {
        "text": [
            "La balise {{ nom }} n’existe pas dans ce courriel. "
            "Ce courriel n’a pas de balise : écrivez le texte en toutes lettres."
        ]
    }


def test_values_are_put_in_verbatim_and_once() -> None:
    values = {"a": "{{ b }} <b>&amp;</b> {% now %}", "b": "deux"}
    assert texts.fill("{{ a }}|{{b}}|{{ b }}", values) == "{{ b }} <b>&amp;</b> {% now %}|deux|deux"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x00b\x1bc\x7f\x85d", "abcd"),
        ("un\r\ndeux\rtrois\u2028quatre", "un\ndeux\ntrois\nquatre"),
        ("a\tb", "a b"),
        ("\u202egro.elpmaxe\u2066\u200f", "gro.elpmaxe"),
        ("\ud800x", "x"),
        ("Évreux – l’Œuvre\u00a0: 12\u00a0€ 👍\u200d", "Évreux – l’Œuvre\u00a0: 12\u00a0€ 👍\u200d"),
    ],
)
def test_control_characters_go(value: str, expected: str) -> None:
    assert texts.clean(value) == expected
    assert texts.fill("{{ a }}", {"a": value}) == expected


def test_a_subject_holds_on_one_line() -> None:
    assert (
        texts.one_line(" Un\r\nBcc: x@exemple.invalid\u2028 deux\u00a0:  ") == "Un Bcc: x@exemple.invalid deux\u00a0:"
    )
