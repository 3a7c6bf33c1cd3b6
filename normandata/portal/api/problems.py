"""What goes wrong, as RFC 9457 has it: a JSON document in French, which a person and a program both read."""

from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its anchor on the API's page is its type, its status, its title, what to do about it."""

    anchor: str
    status: int
    title: str
    advice: str


PARAMETER = Kind(
    "erreur-parametre",
    400,
    "Paramètre illisible",
    "Corrigez le paramètre nommé : inconnu, répété, ou d’une forme que la description n’admet pas.",
)
BODY = Kind(
    "erreur-corps", 400, "Corps illisible", "Envoyez un seul document JSON en UTF-8, sans champ écrit deux fois."
)
NOT_FOUND = Kind("erreur-introuvable", 404, "Introuvable", "Partez de la liste : elle donne les identifiants admis.")
METHOD = Kind(
    "erreur-methode",
    405,
    "Méthode refusée",
    "L’en-tête Allow dit les méthodes admises : l’API se lit, rien ne s’écrit.",
)
GONE = Kind("erreur-perimee", 410, "Page périmée", "Le jeu a été republié : reprenez sa lecture à la première page.")
HEAVY = Kind("erreur-poids", 413, "Envoi trop lourd", "Envoyez moins de cas à la fois.")
MEDIA = Kind(
    "erreur-format", 415, "Format non admis", "Envoyez l’en-tête Content-Type avec la valeur application/json."
)
CASE = Kind(
    "erreur-cas", 422, "Cas illisible", "Le détail nomme le champ et ce qui est attendu ; un champ absent est admis."
)
CROWDED = Kind("erreur-frequence", 429, "Trop de demandes", "Attendez le nombre de secondes de l’en-tête Retry-After.")
FAILURE = Kind(
    "erreur-panne", 500, "Panne", "La panne vient du portail et elle est signalée. Réessayez dans quelques minutes."
)
KINDS = (PARAMETER, BODY, NOT_FOUND, METHOD, GONE, HEAVY, MEDIA, CASE, CROWDED, FAILURE)


class Problem(Exception):
    """An answer that is a problem. `detail` is a French sentence; `pointer` names the parameter at fault."""

    def __init__(self, kind: Kind, detail: str, *, pointer: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.pointer, self.headers = kind, detail, pointer, headers or {}

    def as_record(self, page: str, instance: str) -> dict[str, Any]:
        """Return the document; `page` is the address of the API's page, `instance` what was asked."""
        said: dict[str, Any] = {
            "type": f"{page}#{self.kind.anchor}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
        }
        return said | ({"parameter": self.pointer} if self.pointer else {})
