"""What the scheme hands up to the kernel."""

from normandata.dossiers.schemes import Scheme

from .application import APPLICATION, SHEET
from .rules import ACTIVITIES, REGLEMENT, STRUCTURES
from .simulator import SIMULATOR

SCHEME = Scheme(
    slug="diagnostic",
    url_slug="diagnostic",
    rank=1,
    nickname="Diagnostic",
    reglement=REGLEMENT,
    sheet=SHEET,
    simulator=SIMULATOR,
    application=APPLICATION,
    words={"structure_types": STRUCTURES, "activities": ACTIVITIES},
)
