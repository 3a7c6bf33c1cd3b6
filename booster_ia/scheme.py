"""What the scheme hands up to the kernel."""

from pathlib import Path

from normandata.dossiers import sheets
from normandata.dossiers.schemes import Scheme

from .money import CATEGORIES
from .rules import APPLICANTS, REGLEMENT
from .simulator import SIMULATOR

SCHEME = Scheme(
    slug="booster_ia",
    url_slug="booster-ia",
    rank=2,
    reglement=REGLEMENT,
    sheet=sheets.load(Path(__file__).with_name("sheet.toml")),
    simulator=SIMULATOR,
    words={
        "applicant_types": APPLICANTS,
        "excluded_staff": APPLICANTS,
        "alerted_staff": APPLICANTS,
        "expense_categories": CATEGORIES,
    },
)
