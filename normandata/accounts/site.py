"""Django's administration at /administration/: one sign-in page for all, administrators only, nothing deleted."""

from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

OURS = ("normandata.", "diagnostic", "booster_ia", "datathon", "roadmap")
UNUSED = {"autocomplete", "view_on_site", "password_change_done"}


def is_administrator(request: HttpRequest) -> bool:
    """Tell whether the visitor holds the administrator's role now; a superuser without it does not."""
    held = getattr(request.user, "holds", None)
    return bool(held and held("administrator"))


class AdministrationSite(admin.AdminSite):
    """The administration: signed in through the portal's own page, throttled and with a second factor."""

    site_header = site_title = "Administration de NormanDATA"
    index_title = "Données"
    final_catch_all_view = False
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register the portal's own models; those of libraries hold secrets and have their own pages."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        super().register([model for model in models if model.__module__.startswith(OURS)], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def hidden(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return update_wrapper(hidden, inner)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [route for route in super().get_urls() if getattr(route, "name", None) not in UNUSED]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the portal's sign-in page, whatever is posted here."""
        index = reverse("admin:index")
        if request.user.is_authenticated:
            return self.admin_view(lambda request: redirect(index))(request)  # type: ignore[no-any-return]
        after = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
            after = index
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({REDIRECT_FIELD_NAME: after})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out, on POST only."""
        if request.method != "POST":
            return redirect("account_logout")
        logout(request)
        return redirect(settings.LOGOUT_REDIRECT_URL)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")


class ModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model an administrator may read; changing or adding is opened model by model, deleting never."""

    list_per_page = 50
    may_add = False
    may_change = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
