"""What the Datathon sends and makes: its mails with their tags, its documents."""

from normandata.documents import kinds as documents

# Mails, letters and receipts are declared by their import.
from . import edition_kinds, jury_mails, jury_papers, mails_people, receipts, refusal_letter  # noqa: F401

documents.register(documents.Kind(jury_papers.RECORD, "pdf/datathon/record.html", jury_papers.record_context))
documents.register(
    documents.Kind(jury_papers.CERTIFICATE, "pdf/datathon/certificate.html", jury_papers.certificate_context)
)
