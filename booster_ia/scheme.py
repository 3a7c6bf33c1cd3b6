"""What the scheme hands up to the kernel."""

from normandata.dossiers.schemes import Scheme

from .application import APPLICATION, SHEET
from .money import CATEGORIES
from .rules import APPLICANTS, REGLEMENT
from .simulator import SIMULATOR

SCHEME = Scheme(
    slug="booster_ia",
    url_slug="booster-ia",
    rank=2,
    reglement=REGLEMENT,
    sheet=SHEET,
    simulator=SIMULATOR,
    application=APPLICATION,
    words={
        "applicant_types": APPLICANTS,
        "excluded_staff": APPLICANTS,
        "alerted_staff": APPLICANTS,
        "expense_categories": CATEGORIES,
    },
)
