"""Prepares the answers of the orientation tool: each support with its word, its reasons, its next gesture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.urls import reverse

from booster_ia.simulator import PARTNER_PLACES, REPLIES
from diagnostic.simulator import ACTIVITY_CHOICES, UNLISTED
from normandata.dossiers import schemes
from normandata.dossiers.schemes import Recap, Scheme
from normandata.regulation.findings import Conclusion, Outcome
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, number, spaced
from normandata.ui.fields import PLACES
from normandata.ui.questionnaire import Answers

from . import continuum, presentation
from .orientation import STAGES, STRUCTURES, Answered, orient
from .orientation_forms import carried, facts_from

Gesture = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Word:
    """How a conclusion is said: its tag, and the title of the page when it is that of the best answer."""

    tone: str
    icon: str
    text: str
    title: str


WORDS = {
    Conclusion.ELIGIBLE: Word("done", "met", "Convient", "{} convient à votre projet"),
    Conclusion.TO_REVIEW: Word("todo", "review", "À vérifier", "{} : la piste à vérifier d’abord"),
    Conclusion.NOT_APPLICABLE: Word("plain", "na", "Sans objet", ""),
    Conclusion.INELIGIBLE: Word("plain", "unmet", "Ne convient pas", ""),
}
NOTHING = "Aucun de ces accompagnements ne convient aujourd’hui"
BEYOND = {
    "booster_ia": "Le simulateur regarde aussi les dates, le budget et les autres aides.",
    "diagnostic": "Le simulateur reprend vos réponses et donne chaque règle.",
}
"""What is said of the simulators beside the gesture."""


@dataclass(frozen=True, slots=True)
class Support:
    """One support as it is drawn."""

    slug: str
    title: str
    word: Word
    first: str
    findings: list[presentation.ShownFinding]
    gestures: Sequence[Gesture]
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Orientation:
    """The whole answer: its title, the supports in order, what was answered."""

    title: str
    on: date
    best: Support | None
    others: list[Support]
    recap: list[Recap]


def conclude(answers: Answers, typed: QueryDict, on: date) -> Orientation:
    """Judge the answers on a day and prepare every support, the best one first."""
    found = [_support(one, answers, typed) for one in orient(facts_from(answers, on))]
    is_none = found[0].word is WORDS[Conclusion.INELIGIBLE]
    title = NOTHING if is_none else spaced(found[0].word.title.format(found[0].title))
    return Orientation(title, on, None if is_none else found[0], found if is_none else found[1:], recap(answers))


def _support(one: Answered, answers: Answers, typed: QueryDict) -> Support:
    shown = presentation.findings(one.verdict)
    return Support(
        slug=one.slug,
        title=titles()[one.slug],
        word=WORDS[one.conclusion],
        first=decisive(one),
        findings=shown,
        gestures=gestures(one, answers, typed),
        beyond=beyond(one),
    )


def decisive(one: Answered) -> str:
    """Return the sentence that sums an answer up: what rules a support out, or why it comes now."""
    against = one.verdict.with_outcome(Outcome.UNMET)
    if against:
        return against[0].message
    has_moment = one.stage is not Outcome.NOT_APPLICABLE
    return one.verdict.findings[0 if has_moment else 1].message


def beyond(one: Answered) -> str:
    """Say what is left to check, and what the simulator adds; nothing of a support that is ruled out."""
    if one.conclusion is Conclusion.INELIGIBLE:
        return ""
    doubts = [finding.label.lower() for finding in one.verdict.with_outcome(Outcome.TO_REVIEW)]
    left = f"Reste à vérifier : {listing(doubts)}." if doubts else ""
    return spaced(f"{left} {BEYOND.get(one.slug, '')}".strip())


def titles() -> dict[str, str]:
    """Name every support: the schemes by their sheets, the others by the continuum's file."""
    facts = continuum.read()
    named = {step.slug: step.title for step in facts.steps} | {door.slug: door.title for door in facts.outside}
    return named | {slug: scheme.sheet.short_title for slug, scheme in schemes.by_slug().items()}


def gestures(one: Answered, answers: Answers, typed: QueryDict) -> Sequence[Gesture]:
    """List what to do next with a support, the main gesture first; one that does not fit is only read."""
    scheme = schemes.by_slug().get(one.slug)
    is_open = one.conclusion is not Conclusion.INELIGIBLE
    if scheme is not None:
        return _of_scheme(scheme, is_open=is_open, answers=answers, typed=typed)
    page = reverse("portal:continuum")
    if one.slug == "core":
        about = ("Lire ce qu’est le cœur expert", f"{page}#etape-core")
        return [("Demander l’aide du cœur expert", reverse("experts:ask_need")), about] if is_open else [about]
    if one.slug == "feder":
        about = ("Lire ce qu’est le FEDER numérique", f"{page}#etape-feder")
        return [("Écrire au service", reverse("portal:contact")), about] if is_open else [about]
    return [("Lire ce que c’est", f"{page}#ailleurs")]


def _of_scheme(scheme: Scheme, *, is_open: bool, answers: Answers, typed: QueryDict) -> Sequence[Gesture]:
    sheet = ("Lire la fiche", reverse("portal:scheme", args=[scheme.url_slug]))
    if not is_open:
        return [sheet]
    if scheme.simulator is not None:
        start = reverse("portal:simulator", args=[scheme.url_slug])
        return [("Continuer avec le simulateur", f"{start}?{carried(scheme.slug, answers, typed)}"), sheet]
    editions = [("Voir les éditions", reverse(scheme.editions_route))] if scheme.editions_route else []
    return [*editions, sheet]


def recap(answers: Answers) -> list[Recap]:
    """Write the answers back, each with the question where it can be changed."""
    places, activities = dict(PLACES), {value: str(label) for value, label in ACTIVITY_CHOICES}
    lines = [
        Recap("Qui porte le projet", STRUCTURES[answers["profil"]], "profil"),
        Recap("Où vous en êtes", STAGES[answers["stade"]], "stade"),
    ]
    if territory := answers.get("territory"):
        known = f"{territory.name}, {number(territory.population)} habitants (INSEE, {territory.vintage})"
        lines.append(Recap("Collectivité", known, "collectivite"))
    elif answers.get("territoire") == UNLISTED:
        lines.append(Recap("Collectivité", "Hors de la liste", "collectivite"))
    if department := answers.get("departement"):
        lines.append(Recap("Lieu", str(places[department]), "lieu"))
    if (people := answers.get("population")) is not None:
        lines.append(Recap("Population", f"{number(people)} habitants déclarés", "population"))
    if (staff := answers.get("etp")) is not None:
        lines.append(Recap("Effectif", f"{number(staff)} ETP", "effectif"))
    if created := answers.get("creation"):
        lines.append(Recap("Création", written_day(created), "creation"))
    if activity := answers.get("activite"):
        lines.append(Recap("Activité", activities[activity], "activite"))
    if reply := answers.get("ia"):
        lines.append(Recap("Usage de l’IA", dict(REPLIES)[reply], "ia"))
    if partners := answers.get("partenaires"):
        named = {value: str(label) for value, label in PARTNER_PLACES}
        lines.append(Recap("Partenaires", listing([named[place] for place in partners]), "partenaires"))
    return lines
