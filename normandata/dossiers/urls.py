"""Addresses of the dossiers: the organisation's space, then the agents'."""

from . import urls_applicant, urls_examine, urls_letters, urls_queue

app_name = "dossiers"
urlpatterns = [
    *urls_applicant.urlpatterns,
    *urls_queue.urlpatterns,
    *urls_examine.urlpatterns,
    *urls_letters.urlpatterns,
]
