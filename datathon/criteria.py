"""The six criteria of annexe 5 (« Modalités d’instruction et d’attribution »), which every edition begins with."""

CRITERIA = (
    ("pertinence", "Pertinence avec la ou les thématiques", "Le projet répond à un thème de l’édition."),
    ("originalite", "Originalité", "Méthodes de traitement et de valorisation des données."),
    ("innovation", "Caractère innovant de la solution", ""),
    ("sobriete", "Prise en compte de la sobriété numérique", ""),
    ("faisabilite", "Faisabilité du projet", ""),
    ("oral", "Qualité de la présentation orale", ""),
)
"""Code, words, hint. The text gives no weight: each edition gives its own, and all begin equal."""
