"""Addresses of an applicant's organisations, under /structures/."""

from django.urls import path, register_converter

from . import member_views, views


class SiretConverter:
    """Fourteen digits."""

    regex = "[0-9]{14}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SiretConverter, "siret")

app_name = "organisations"
urlpatterns = [
    path("", views.index, name="index"),
    path("ajouter/", views.add, name="add"),
    path("invitation/<str:token>/", member_views.invitation, name="invitation"),
    path("<siret:siret>/", views.detail, name="detail"),
    path("<siret:siret>/decrire/", views.describe, name="describe"),
    path("<siret:siret>/signaler/", views.report_error, name="report_error"),
    path("<siret:siret>/quitter/", member_views.leave, name="leave"),
    path("<siret:siret>/inviter/", member_views.invite, name="invite"),
    path("<siret:siret>/invitations/<int:pk>/renvoyer/", member_views.resend, name="resend"),
    path("<siret:siret>/invitations/<int:pk>/annuler/", member_views.cancel, name="cancel"),
    path("<siret:siret>/membres/<int:pk>/accepter/", member_views.accept, name="accept"),
    path("<siret:siret>/membres/<int:pk>/refuser/", member_views.refuse, name="refuse"),
    path("<siret:siret>/membres/<int:pk>/role/", member_views.change_role, name="change_role"),
    path("<siret:siret>/membres/<int:pk>/retirer/", member_views.remove, name="remove"),
]
