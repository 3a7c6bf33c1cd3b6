"""Addresses of the public portal."""

from django.urls import path

from . import (
    continuum_views,
    demonstration_views,
    operator_views,
    organisation_views,
    simulator_views,
    status_views,
    views,
)

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("aides/", views.scheme_list, name="schemes"),
    path("aides/<slug:url_slug>/", views.scheme, name="scheme"),
    path("aides/<slug:url_slug>/simulateur/", simulator_views.start, name="simulator"),
    path("aides/<slug:url_slug>/simulateur/resultat/", simulator_views.result, name="simulator_result"),
    path("aides/<slug:url_slug>/simulateur/resultat/pdf/", simulator_views.keep, name="simulator_keep"),
    path("aides/<slug:url_slug>/simulateur/<slug:step_slug>/", simulator_views.question, name="simulator_question"),
    path("accompagnement/", continuum_views.page, name="continuum"),
    path("accompagnement/orientation/", continuum_views.start, name="orientation"),
    path("accompagnement/orientation/reponse/", continuum_views.result, name="orientation_result"),
    path("accompagnement/orientation/<slug:step_slug>/", continuum_views.question, name="orientation_question"),
    path("collectivites/", simulator_views.territories, name="territories"),
    path("documents/<uuid:pk>/", simulator_views.document, name="document"),
    path("documents/<uuid:pk>/fichier/", simulator_views.document_file, name="document_file"),
    path("reglement/", views.regulation, name="regulation"),
    path("aide/", views.page, {"template": "help", "title": "Aide"}, name="help"),
    path("contact/", views.page, {"template": "contact", "title": "Contact"}, name="contact"),
    path("mentions-legales/", views.page, {"template": "legal", "title": "Mentions légales"}, name="legal"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("accessibilite/", views.page, {"template": "accessibility", "title": "Accessibilité"}, name="accessibility"),
    path("plan-du-site/", views.page, {"template": "site_map", "title": "Plan du site"}, name="site_map"),
    path("instruction/structures/", organisation_views.listing, name="organisations"),
    path("instruction/structures/<str:siren>/", organisation_views.page, name="organisation"),
    path(
        "instruction/structures/<str:siren>/structure.<slug:format>",
        organisation_views.export,
        name="organisation_export",
    ),
    path("exploitation/", operator_views.page, name="operator"),
    path("exploitation/courriels/<uuid:pk>/renvoyer/", operator_views.resend, name="operator_resend"),
    path("exploitation/envois/<uuid:pk>/relancer/", operator_views.retry, name="operator_retry"),
    path("exploitation/documents/<uuid:pk>/relancer/", operator_views.retry_document, name="operator_retry_document"),
    path("exploitation/annonces/", status_views.announcements, name="announcements"),
    path("exploitation/annonces/nouvelle/", status_views.announce, name="announce"),
    path("exploitation/annonces/<int:pk>/", status_views.announcement, name="announcement"),
    path("exploitation/annonces/<int:pk>/finir/", status_views.end, name="announcement_end"),
    path("etat/", status_views.page, name="status"),
    path("etat.json", status_views.record, name="status_record"),
    path("demonstration/", demonstration_views.page, name="demonstration"),
    path("robots.txt", views.robots, name="robots"),
    path("sante/", views.health, name="health"),
]
