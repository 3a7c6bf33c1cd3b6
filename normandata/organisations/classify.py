"""What the directory's codes suggest: type of structure, activity, staff. Pure, and always open to correction."""

from dataclasses import dataclass

LEGAL_LABELS = {
    "1000": "Entrepreneur individuel",
    "4110": "Établissement public industriel ou commercial",
    "4120": "Établissement public industriel ou commercial",
    "4140": "Établissement public local industriel ou commercial",
    "4150": "Régie industrielle ou commerciale d’une collectivité",
    "5202": "Société en nom collectif",
    "5458": "SARL coopérative de production (SCOP)",
    "5485": "Société d’exercice libéral à responsabilité limitée",
    "5498": "SARL unipersonnelle",
    "5499": "Société à responsabilité limitée (SARL)",
    "5558": "SA coopérative de production (SCOP)",
    "5599": "Société anonyme (SA) à conseil d’administration",
    "5699": "Société anonyme (SA) à directoire",
    "5710": "Société par actions simplifiée (SAS)",
    "5720": "Société par actions simplifiée unipersonnelle (SASU)",
    "5785": "Société d’exercice libéral par actions simplifiée",
    "6220": "Groupement d’intérêt économique",
    "6511": "Société interprofessionnelle de soins ambulatoires",
    "6533": "Groupement agricole d’exploitation en commun",
    "6540": "Société civile immobilière",
    "7210": "Commune",
    "7220": "Département",
    "7225": "Collectivité d’outre-mer",
    "7229": "Autre collectivité territoriale",
    "7230": "Région",
    "7331": "Établissement public local d’enseignement",
    "7340": "Pôle métropolitain",
    "7343": "Communauté urbaine",
    "7344": "Métropole",
    "7345": "Syndicat intercommunal à vocation multiple",
    "7346": "Communauté de communes",
    "7348": "Communauté d’agglomération",
    "7349": "Autre établissement public local de coopération",
    "7353": "Syndicat intercommunal à vocation unique",
    "7354": "Syndicat mixte fermé",
    "7355": "Syndicat mixte ouvert",
    "7357": "Pôle d’équilibre territorial et rural",
    "7361": "Centre communal d’action sociale",
    "7364": "Établissement public d’hospitalisation",
    "7365": "Syndicat interhospitalier",
    "7366": "Établissement public social ou médico-social",
    "7367": "Centre intercommunal d’action sociale",
    "7372": "Service départemental d’incendie et de secours",
    "7379": "Autre établissement public administratif local",
    "7381": "Organisme consulaire",
    "7383": "Établissement public scientifique, culturel et professionnel",
    "7410": "Groupement d’intérêt public",
    "7470": "Groupement de coopération sanitaire à gestion publique",
    "8210": "Mutuelle",
    "9210": "Association non déclarée",
    "9220": "Association déclarée",
    "9221": "Association d’insertion par l’économique",
    "9222": "Association intermédiaire",
    "9223": "Groupement d’employeurs",
    "9230": "Association reconnue d’utilité publique",
    "9240": "Congrégation",
    "9260": "Association de droit local",
    "9300": "Fondation",
    "9970": "Groupement de coopération sanitaire à gestion privée",
}
LOCAL = frozenset(
    {"7210", "7220", "7225", "7229", "7230", "7340", "7343", "7344", "7345", "7346", "7348", "7349", "7353", "7354"}
    | {"7355", "7357"}
)
ATTACHED = frozenset({"7361", "7367"})
ASSOCIATIONS = frozenset({"9210", "9220", "9221", "9222", "9223", "9224", "9230", "9240", "9260"})
PUBLIC = ("7331", "7371", "7372", "7373", "7378", "7379", "738", "7410", "7490")
HOSPITAL_ACTIVITY = "86.10"
STAFF = {
    "NN": "sans salarié, ou effectif inconnu",
    "00": "aucun salarié en fin d’année",
    "01": "1 ou 2 salariés",
    "02": "3 à 5 salariés",
    "03": "6 à 9 salariés",
    "11": "10 à 19 salariés",
    "12": "20 à 49 salariés",
    "21": "50 à 99 salariés",
    "22": "100 à 199 salariés",
    "31": "200 à 249 salariés",
    "32": "250 à 499 salariés",
    "41": "500 à 999 salariés",
    "42": "1 000 à 1 999 salariés",
    "51": "2 000 à 4 999 salariés",
    "52": "5 000 à 9 999 salariés",
    "53": "10 000 salariés et plus",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A type of structure among those of the rules, whether it is certain, and why (a French sentence)."""

    structure_type: str
    is_certain: bool
    reason: str


def structure_type(legal_category: str, *, activity_code: str = "", has_finess: bool = False) -> Proposal:
    """Propose a type from the INSEE legal category (level III), the NAF code and the presence of a FINESS number.

    A FINESS number alone proves nothing: care homes, pharmacies and laboratories have one too (CSP L6111-1).
    """
    if health := _health(legal_category, activity_code, has_finess):
        return health
    base = _by_category(legal_category)
    if activity_code.startswith(HOSPITAL_ACTIVITY) and base.is_certain:
        return Proposal(base.structure_type, False, f"{base.reason} Son activité est hospitalière : à vérifier.")
    return base


def _health(category: str, activity_code: str, has_finess: bool) -> Proposal | None:
    if category == "7364":
        return Proposal("health_facility", True, "C’est un établissement public d’hospitalisation.")
    if category in ("7365", "7470", "9970"):
        return Proposal("health_facility", False, "C’est un groupement d’établissements de santé : à vérifier.")
    if has_finess and activity_code.startswith(HOSPITAL_ACTIVITY):
        return Proposal(
            "health_facility", False, "L’activité est hospitalière et la structure a un numéro FINESS : à vérifier."
        )
    return None


def _by_category(category: str) -> Proposal:
    if category in LOCAL:
        return Proposal("local_authority", True, "C’est une collectivité ou un groupement de collectivités.")
    if category in ATTACHED:
        return Proposal("local_authority", False, "C’est un organisme rattaché à une collectivité : à vérifier.")
    if category in ASSOCIATIONS:
        return Proposal("association", True, "C’est une association.")
    if category == "9300":
        return Proposal("association", False, "C’est une fondation : à vérifier.")
    if category == "7366":
        return Proposal("other", False, "C’est un établissement social ou médico-social, et non de santé : à vérifier.")
    if category.startswith(PUBLIC):
        return Proposal("other", True, "C’est un établissement public.")
    if category.startswith("41"):
        return Proposal("other", False, "C’est un établissement public à caractère économique : à vérifier.")
    return _company(category)


def _company(category: str) -> Proposal:
    if category == "6540":
        return Proposal("enterprise", False, "C’est une société civile immobilière : à vérifier.")
    if category == "6511":
        return Proposal("enterprise", False, "C’est une société de soins ambulatoires, non un hôpital : à vérifier.")
    if category.startswith("8"):
        return Proposal("enterprise", False, "C’est un organisme mutualiste, social ou professionnel : à vérifier.")
    if category == "1000" or category.startswith(("2", "31", "5", "6")):
        return Proposal("enterprise", True, "C’est une entreprise.")
    if not category:
        return Proposal("other", False, "La forme juridique n’est pas connue.")
    return Proposal("other", False, "La forme juridique n’entre dans aucun type : à vérifier.")


def legal_label(legal_category: str) -> str:
    """Name a legal category, or give its code."""
    if not legal_category:
        return ""
    return LEGAL_LABELS.get(legal_category, f"catégorie juridique {legal_category}")


def activity(activity_code: str) -> str:
    """Reduce a NAF code (rev. 2 or 2025: their divisions agree here) to production, services, trade or other."""
    if not activity_code[:2].isdigit():
        return "other"
    division = int(activity_code[:2])
    if 5 <= division <= 43:
        return "production"
    if 45 <= division <= 47:
        return "trade"
    if 49 <= division <= 82 or 85 <= division <= 96:
        return "services"
    return "other"


PRIMARY_PRODUCTION = ("01", "02", "03")
"""Divisions of section A: farming, forestry, fishing."""


def is_primary_production(activity_code: str) -> bool:
    """Tell whether the code is of section A."""
    return activity_code[:2] in PRIMARY_PRODUCTION


def staff_range(staff_band: str) -> str:
    """Write an INSEE staff band (`tranche_effectif_salarie`) in words; empty when unknown."""
    return STAFF.get(staff_band, "")
