"""What the scheme hands up to the kernel."""

from pathlib import Path

from normandata.dossiers import sheets
from normandata.dossiers.schemes import Scheme

from .rules import ACTIVITIES, REGLEMENT, STRUCTURES
from .simulator import SIMULATOR

SCHEME = Scheme(
    slug="diagnostic",
    url_slug="diagnostic",
    rank=1,
    reglement=REGLEMENT,
    sheet=sheets.load(Path(__file__).with_name("sheet.toml")),
    simulator=SIMULATOR,
    words={"structure_types": STRUCTURES, "activities": ACTIVITIES},
)
