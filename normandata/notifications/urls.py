"""Addresses of the mail texts."""

from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.mail_texts, name="mail_texts"),
    path("<str:slug>/", views.mail_text, name="mail_text"),
    path("<str:slug>/origine/", views.restore, name="restore"),
]
