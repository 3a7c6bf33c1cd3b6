"""The regimes under which the aid may be granted (annexe 4, legal framework): the carrier chooses among them. Pure."""

DE_MINIMIS, NO_STATE_AID = "de_minimis", "hors_aide"
REGIMES = {
    "rdi": "Régime exempté d’aides à la recherche, au développement et à l’innovation (RDI)",
    "pme": "Régime exempté d’aides aux petites et moyennes entreprises (PME)",
    DE_MINIMIS: "Aide de minimis",
    NO_STATE_AID: "Hors aide d’État : l’activité n’est pas économique",
}
