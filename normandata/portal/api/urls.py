"""Addresses of the API: one for each operation, the document, the page, and an answer for every other."""

from django.urls import path, re_path

from . import operations, page, views
from .definitions import Operation

app_name = "api"


def _route(one: Operation) -> str:
    """Write the address of an operation as Django does: `schemes/{scheme}` → `v1/schemes/<str:scheme>`."""
    return "v1/" + one.path.replace("{", "<str:").replace("}", ">")


urlpatterns = [
    path("v1/", page.page, name="page"),
    path("v1/openapi.json", views.openapi, name="openapi"),
    *(path(_route(one), views.answering(one), name=one.name) for one in operations.EVERY),
    re_path("^(?P<rest>.*)$", views.nowhere, name="nowhere"),
]
