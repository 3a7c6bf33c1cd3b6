"""Addresses of the public portal."""

from django.urls import path

from . import demonstration_views, operator_views, organisation_views, simulator_views, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("aides/", views.scheme_list, name="schemes"),
    path("aides/<slug:url_slug>/", views.scheme, name="scheme"),
    path("aides/<slug:url_slug>/simulateur/", simulator_views.start, name="simulator"),
    path("aides/<slug:url_slug>/simulateur/resultat/", simulator_views.result, name="simulator_result"),
    path("aides/<slug:url_slug>/simulateur/resultat/pdf/", simulator_views.keep, name="simulator_keep"),
    path("aides/<slug:url_slug>/simulateur/<slug:step_slug>/", simulator_views.question, name="simulator_question"),
    path("collectivites/", simulator_views.territories, name="territories"),
    path("documents/<uuid:pk>/", simulator_views.document, name="document"),
    path("documents/<uuid:pk>/fichier/", simulator_views.document_file, name="document_file"),
    path("reglement/", views.regulation, name="regulation"),
    path("aide/", views.page, {"template": "help", "title": "Aide"}, name="help"),
    path("contact/", views.page, {"template": "contact", "title": "Contact"}, name="contact"),
    path("mentions-legales/", views.page, {"template": "legal", "title": "Mentions légales"}, name="legal"),
    path("donnees-personnelles/", views.page, {"template": "privacy", "title": "Données personnelles"}, name="privacy"),
    path("accessibilite/", views.page, {"template": "accessibility", "title": "Accessibilité"}, name="accessibility"),
    path("plan-du-site/", views.plan, name="site_map"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
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
    path("demonstration/", demonstration_views.page, name="demonstration"),
    path("robots.txt", views.robots, name="robots"),
    path("sante/", views.health, name="health"),
]
