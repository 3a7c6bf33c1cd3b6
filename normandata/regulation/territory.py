"""Departments of France: codes, and the names of the Norman ones."""

NORMAN_NAMES = {"14": "Calvados", "27": "Eure", "50": "Manche", "61": "Orne", "76": "Seine-Maritime"}
_ARTICLES = {"14": "le", "27": "l’", "50": "la", "61": "l’", "76": "la"}
WITH_ARTICLES = {
    code: article + ("" if article.endswith("’") else " ") + NORMAN_NAMES[code] for code, article in _ARTICLES.items()
}
"""The Norman departments as a sentence names them: `le Calvados`."""

DEPARTMENTS = frozenset(
    {f"{number:02d}" for number in range(1, 96) if number != 20}
    | {"2A", "2B", "971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988"}
)


OUTSIDE = "ailleurs"
"""Stands for « some department outside Normandie » where the exact one was not asked."""


def located(department: str) -> str:
    """Write a department as a place: `dans l’Orne (61), en Normandie`, `dans le département 75, hors de Normandie`."""
    if name := NORMAN_NAMES.get(department):
        article = _ARTICLES[department]
        return f"dans {article}{'' if article.endswith('’') else ' '}{name} ({department}), en Normandie"
    return "hors de Normandie" if department == OUTSIDE else f"dans le département {department}, hors de Normandie"
