"""« Quel accompagnement pour mon projet ? » Pure: a few facts and a day in; every support of the continuum out.

Eligibility is judged by the schemes' own rules and figures; what is judged here is where each support stands in the
continuum (requirements C-02) and which doors outside may open (D-14, F-21).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from booster_ia import rules as booster
from datathon.rules import REGLEMENT as DATATHON
from diagnostic import rules as diagnostic
from normandata.regulation.findings import (
    Answer,
    Conclusion,
    Outcome,
    Verdict,
    met,
    not_applicable,
    to_review,
    unmet,
)
from normandata.regulation.formats import listing, plural
from normandata.regulation.judgment import judge
from normandata.regulation.reglement import Figures, Reglement, load
from normandata.regulation.territory import located

REGLEMENT = load(Path(__file__).parent / "data" / "orientation.toml")

EXPLORE, IDEA, TEST, DEPLOY, CHALLENGE = "savoir", "idee", "tester", "deployer", "defi"
STAGES = {
    EXPLORE: "Je veux savoir ce que mes données peuvent m’apporter",
    IDEA: "J’ai une idée, je cherche un avis sur sa faisabilité",
    TEST: "J’ai une solution à tester",
    DEPLOY: "J’ai une solution éprouvée à déployer",
    CHALLENGE: "Je veux relever un défi en équipe",
}
PERSON = "person"
STRUCTURES = {
    "local_authority": "Une collectivité",
    "enterprise": "Une entreprise",
    "public_health": "Un établissement de santé public",
    "private_health": "Un établissement de santé privé",
    "association": "Une association",
    "public_establishment": "Un autre établissement public",
    "private_establishment": "Un autre établissement privé",
    PERSON: "Une personne, en mon nom",
}
TO_DIAGNOSTIC = {
    "local_authority": "local_authority",
    "enterprise": "enterprise",
    "public_health": "health_facility",
    "private_health": "health_facility",
    "association": "association",
    "public_establishment": "other",
    "private_establishment": "other",
}
"""The type of structure that the Diagnostic's rules know, by the answer given here."""
TO_BOOSTER = {
    "local_authority": "local_authority",
    "enterprise": "enterprise",
    "public_health": "public_establishment",
    "private_health": "private_establishment",
    "association": "association",
    "public_establishment": "public_establishment",
    "private_establishment": "private_establishment",
}
"""The type of applicant that the Booster IA's rules know, by the answer given here."""
OF_BOOSTER = ("opening", "beneficiary", "normandy", "partnership", "ai")
"""The rules of Booster IA that the questions asked here inform; its simulator judges the others."""
NO_SUMS = booster.Sums((), None, None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a project on the day it is looked at; None is a question that was not asked, or not answered.

    `population` is in inhabitants, `fte` in full-time equivalents; `partner_departments` has one entry a partner.
    """

    on: date
    structure: str
    stage: str
    department: str | None = None
    has_norman_communes: bool = False
    population: Decimal | None = None
    fte: Decimal | None = None
    created_on: date | None = None
    activity: str | None = None
    partner_departments: tuple[str | None, ...] | None = None
    uses_ai: bool | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """One support of the continuum with its verdict: `stage` says whether it comes at this point of a project."""

    slug: str
    verdict: Verdict

    @property
    def conclusion(self) -> Conclusion:
        return self.verdict.conclusion

    @property
    def stage(self) -> Outcome:
        return self.verdict.findings[0].outcome


ORDER = (Conclusion.ELIGIBLE, Conclusion.TO_REVIEW, Conclusion.NOT_APPLICABLE, Conclusion.INELIGIBLE)
NEAR = (Outcome.MET, Outcome.TO_REVIEW)
"""The answers of a support that comes now, or nearly so; all others are as far."""


def orient(facts: Facts) -> tuple[Answered, ...]:
    """Judge every support, the best answer first: what fits, what is to check, then what does not fit.

    Among equals the one whose stage it is comes first, then the order of the continuum.
    """
    found = [Answered(slug, judged(facts)) for slug, judged in SUPPORTS.items()]
    return tuple(sorted(found, key=lambda one: (ORDER.index(one.conclusion), _distance(one.stage))))


def _distance(stage: Outcome) -> int:
    return NEAR.index(stage) if stage in NEAR else len(NEAR)


# -------------------------------------------------------------------------------------------------------------- stages
Words = tuple[Callable[[str], Answer], str]
STAGE_OF: Mapping[str, Mapping[str, Words]] = {
    "diagnostic": {
        EXPLORE: (met, "Le diagnostic est fait pour commencer : un tout premier niveau de conseil."),
        IDEA: (
            to_review,
            "Le diagnostic vient avant une idée précise : il reste utile si vos données sont mal connues.",
        ),
        TEST: (unmet, "Le diagnostic vient plus tôt, avant qu’une solution soit trouvée."),
        DEPLOY: (unmet, "Le diagnostic vient plus tôt, avant qu’une solution soit trouvée."),
        CHALLENGE: (unmet, "Le diagnostic est un conseil donné chez vous, pas un défi en équipe."),
    },
    "core": {
        EXPLORE: (to_review, "Le cœur expert part d’un besoin : il peut vous aider dès que vous savez le dire."),
        IDEA: (met, "Un premier échange étudie la faisabilité : technologie, délais, coûts, partenariat."),
        TEST: (
            to_review,
            "Ses experts peuvent conseiller votre expérimentation, ou vous aider à trouver un partenaire.",
        ),
        DEPLOY: (unmet, "Le cœur expert vient plus tôt, pour trouver une solution."),
        CHALLENGE: (unmet, "Le cœur expert aide un projet, pas une équipe d’un défi."),
    },
    "booster_ia": {
        EXPLORE: (unmet, "Booster IA vient plus tard, quand une solution est à tester."),
        IDEA: (to_review, "Booster IA vient ensuite : de l’audit de faisabilité à la preuve de concept."),
        TEST: (met, "Booster IA finance la preuve de concept."),
        DEPLOY: (unmet, "Booster IA finance une preuve de concept, pas le déploiement d’une solution éprouvée."),
        CHALLENGE: (unmet, "Booster IA finance une preuve de concept, pas un défi en équipe."),
    },
    "feder": {
        EXPLORE: (unmet, "Le FEDER numérique vient en dernier, pour un projet prêt à être mis en œuvre."),
        IDEA: (unmet, "Le FEDER numérique vient en dernier, pour un projet prêt à être mis en œuvre."),
        TEST: (unmet, "Le FEDER numérique vient après l’expérimentation, pour passer à l’échelle."),
        DEPLOY: (met, "Le FEDER numérique finance le passage à l’échelle."),
        CHALLENGE: (unmet, "Le FEDER numérique finance un projet, pas un défi en équipe."),
    },
    "datathon": {
        CHALLENGE: (met, "Le Datathon est un challenge en équipe, à partir de données ouvertes."),
    },
    "elsewhere": {
        CHALLENGE: (unmet, "Cet accompagnement s’adresse à un projet, pas à une équipe d’un défi."),
    },
}
NOT_A_CHALLENGE = (unmet, "Le Datathon est un challenge en équipe : ce n’est pas ce que vous cherchez aujourd’hui.")
ANY_STAGE = (not_applicable, "Cet accompagnement peut venir à plusieurs moments d’un projet.")


def staged(slug: str, otherwise: Words = NOT_A_CHALLENGE) -> Callable[[Facts, Figures], Answer]:
    """Return the rule that says whether a support comes at this stage."""

    def stage(facts: Facts, figures: Figures) -> Answer:
        answer, words = STAGE_OF[slug].get(facts.stage, otherwise)
        return answer(words)

    return stage


# --------------------------------------------------------------------------------------------------- rules of our own
def norman(facts: Facts, figures: Figures) -> Answer:
    """The continuum supports Norman actors; the departments are those of the Diagnostic's règlement."""
    departments = diagnostic.REGLEMENT.on(facts.on).codes("departments")
    if facts.department is None:
        return to_review("Le département n’est pas indiqué : ce soutien est celui des acteurs normands.")
    if facts.department in departments:
        return met(f"Vous êtes {located(facts.department)}.", department=facts.department)
    if facts.has_norman_communes:
        return to_review(
            f"Le siège du regroupement est {located(facts.department)} : des communes normandes peuvent suffire.",
            department=facts.department,
        )
    return unmet(
        f"Vous êtes {located(facts.department)} : ce soutien est celui des acteurs normands, dans les départements "
        f"{listing(departments)}.",
        department=facts.department,
    )


def core_need(facts: Facts, figures: Figures) -> Answer:
    return met("Il reçoit tout porteur d’un besoin en lien avec la donnée ou l’IA, structure ou personne.")


def feder_project(facts: Facts, figures: Figures) -> Answer:
    if facts.structure == PERSON:
        return to_review(
            "Il finance la transformation numérique d’acteurs normands : une structure est sans doute à créer."
        )
    return to_review("Le projet doit relever de la transformation numérique : un service ou une application nouvelle.")


def feder_floor(facts: Facts, figures: Figures) -> Answer:
    return to_review("L’aide y a un plancher, que la délibération cite sans le chiffrer : le service vous le dira.")


def datathon_open(facts: Facts, figures: Figures) -> Answer:
    most = DATATHON.on(facts.on).number("team_max")
    team = f"par équipes de {plural(most, 'personne')} au plus"
    if facts.structure == PERSON:
        return met(f"Il est ouvert à toute personne, {team}.", team_max=f"{most:f}")
    return met(f"Il est ouvert à toute personne, {team} : les vôtres s’inscrivent en leur nom.", team_max=f"{most:f}")


def for_structures(*kinds: str, whom: str, reason: str) -> Callable[[Facts, Figures], Answer]:
    """Return the rule of a door outside that is meant for some structures."""

    def structure(facts: Facts, figures: Figures) -> Answer:
        if facts.structure in kinds:
            return met(f"{reason} accompagne {whom}.", structure=facts.structure)
        return unmet(f"{reason} accompagne {whom} : ce n’est pas votre cas.", structure=facts.structure)

    return structure


def elsewhere_terms(facts: Facts, figures: Figures) -> Answer:
    return to_review("Ses conditions sont les siennes, et ne sont pas dans ce portail : à vérifier auprès de lui.")


def not_for_persons(facts: Facts, figures: Figures) -> Answer:
    return unmet("Cette aide s’adresse à des structures : une personne ne peut pas la demander en son nom.")


# ------------------------------------------------------------------------------------------------------------ supports
def of_diagnostic(facts: Facts) -> Verdict:
    stage = _ours(facts, diagnostic_stage=staged("diagnostic"))
    if facts.structure == PERSON:
        return _joined(stage, _without_persons(facts, diagnostic.REGLEMENT))
    known = diagnostic.Facts(
        on=facts.on,
        structure_type=TO_DIAGNOSTIC[facts.structure],
        department=facts.department,
        population=facts.population,
        fte=facts.fte,
        created_on=facts.created_on,
        activity=facts.activity,
        has_norman_communes=facts.has_norman_communes,
    )
    return _joined(stage, diagnostic.evaluate(known))


def of_booster(facts: Facts) -> Verdict:
    stage = _ours(facts, booster_stage=staged("booster_ia"))
    if facts.structure == PERSON:
        return _joined(stage, _without_persons(facts, booster.REGLEMENT))
    known = booster.Facts(
        on=facts.on,
        applicant_type=TO_BOOSTER[facts.structure],
        department=facts.department,
        partner_departments=facts.partner_departments,
        uses_ai=facts.uses_ai,
    )
    rules = {code: booster.RULES[code] for code in OF_BOOSTER}
    return _joined(stage, judge(rules, booster.Case(known, NO_SUMS), booster.REGLEMENT.on(facts.on)))


def of_core(facts: Facts) -> Verdict:
    return _ours(facts, core_stage=staged("core"), core_need=core_need, norman=norman)


def of_feder(facts: Facts) -> Verdict:
    return _ours(
        facts, feder_stage=staged("feder"), feder_project=feder_project, feder_floor=feder_floor, norman=norman
    )


def of_datathon(facts: Facts) -> Verdict:
    return _ours(facts, datathon_stage=staged("datathon"), datathon_open=datathon_open)


def of_impulsion(facts: Facts) -> Verdict:
    structure = for_structures("enterprise", whom="les entreprises", reason="L’AD Normandie")
    return _outside(facts, impulsion_structure=structure)


def of_banque(facts: Facts) -> Verdict:
    structure = for_structures("local_authority", whom="les collectivités", reason="La Banque des territoires")
    return _outside(facts, elsewhere_structure=structure)


def of_bpi(facts: Facts) -> Verdict:
    structure = for_structures("enterprise", whom="les entreprises", reason="Bpi France")
    return _outside(facts, elsewhere_structure=structure)


SUPPORTS: Mapping[str, Callable[[Facts], Verdict]] = {
    "diagnostic": of_diagnostic,
    "core": of_core,
    "booster_ia": of_booster,
    "feder": of_feder,
    "datathon": of_datathon,
    "impulsion": of_impulsion,
    "banque": of_banque,
    "bpi": of_bpi,
}
"""Every support, in the order of the continuum (C-02), then the challenge, then the doors outside."""


def _ours(facts: Facts, **rules: Callable[[Facts, Figures], Answer]) -> Verdict:
    return judge(rules, facts, REGLEMENT.on(facts.on))


def _outside(facts: Facts, **structure: Callable[[Facts, Figures], Answer]) -> Verdict:
    moment = staged("elsewhere", ANY_STAGE)
    return _ours(facts, elsewhere_stage=moment, **structure, elsewhere_terms=elsewhere_terms)


def _without_persons(facts: Facts, reglement: Reglement) -> Verdict:
    return judge({"beneficiary": not_for_persons}, facts, reglement.on(facts.on))


def _joined(*verdicts: Verdict) -> Verdict:
    return Verdict(tuple(finding for one in verdicts for finding in one.findings), verdicts[0].on)
