"""What the indicators make: the sheet for the assembly."""

from normandata.documents import kinds as documents

from . import paper

documents.register(documents.Kind(paper.SHEET, "pdf/indicators/sheet.html", paper.context))
