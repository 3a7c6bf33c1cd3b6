"""Addresses of the jury's space."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
