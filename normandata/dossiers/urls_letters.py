"""Addresses of the letters that leave by batches."""

from django.urls import URLPattern, path

from .views import letter_batches

urlpatterns: list[URLPattern] = [
    path("instruction/lettres/relire/", letter_batches.preview, name="letters_preview"),
    path("instruction/lettres/envoyer/", letter_batches.launch, name="letters_send"),
    path("instruction/lettres/<uuid:key>/", letter_batches.batch, name="letter_batch"),
    path("instruction/lettres/<uuid:key>/lignes/<int:pk>/reessayer/", letter_batches.retry, name="letter_retry"),
    path("instruction/lettres/<uuid:key>/reprendre/", letter_batches.resume, name="letter_resume"),
    path("instruction/lettres/<uuid:key>/lettres.zip", letter_batches.archive, name="letter_archive"),
    path("instruction/<uuid:key>/lettre/", letter_batches.read, name="letter_draft"),
    path("instruction/<uuid:key>/lettre/apercu.pdf", letter_batches.draft_pdf, name="letter_draft_pdf"),
]
