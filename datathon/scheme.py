"""What the scheme hands up to the kernel."""

from pathlib import Path

from normandata.dossiers import sheets
from normandata.dossiers.schemes import Scheme

from .rules import REGLEMENT
from .showcase import openings

SCHEME = Scheme(
    slug="datathon",
    url_slug="datathon",
    rank=3,
    reglement=REGLEMENT,
    sheet=sheets.load(Path(__file__).with_name("sheet.toml")),
    has_editions=True,
    openings=openings,
    editions_route="datathon:editions",
)
