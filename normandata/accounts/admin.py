"""People, roles and invitations in the administration."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest

from . import conf, services
from .models import RoleAssignment, StaffInvitation, User
from .site import ModelAdmin


def each(request: HttpRequest, things: Iterable[Any], gesture: Any, done: str) -> None:
    """Make one gesture on each thing and say what came of it."""
    count = 0
    for thing in things:
        try:
            gesture(thing, by=request.user)
        except ValidationError as error:
            messages.error(request, f"{thing} : {error.messages[0]}")
        else:
            count += 1
    messages.info(request, f"{done} : {count}.")


@admin.register(User)
class UserAdmin(ModelAdmin):
    """A person's name; accounts are closed and second factors forgotten by actions. No password is ever shown."""

    may_change = True
    list_display = ("email", "name", "is_active", "date_joined", "last_login")
    list_filter = ("is_active",)
    search_fields = ("email", "name")
    fields = ("name", "email", "is_active", "date_joined", "last_login")
    readonly_fields = ("email", "is_active", "date_joined", "last_login")
    actions = ("close", "reopen", "forget_second_factor")

    @admin.action(description="Fermer les comptes choisis")
    def close(self, request: HttpRequest, queryset: Any) -> None:
        each(request, queryset, services.close_account, "Comptes fermés")

    @admin.action(description="Rouvrir les comptes choisis")
    def reopen(self, request: HttpRequest, queryset: Any) -> None:
        each(request, queryset, services.reopen_account, "Comptes rouverts")

    @admin.action(description="Remettre à zéro le second facteur")
    def forget_second_factor(self, request: HttpRequest, queryset: Any) -> None:
        each(request, queryset, services.reset_second_factor, "Seconds facteurs remis à zéro")


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ModelAdmin):
    """Roles are given here and withdrawn by an action; a row is never changed nor deleted."""

    may_add = True
    list_display = ("user", "role", "scheme", "scope", "granted_at", "granted_by", "ended_at", "ended_by")
    list_filter = ("role", "scheme")
    list_select_related = ("user", "granted_by", "ended_by")
    search_fields = ("user__email", "user__name")
    raw_id_fields = ("user",)
    actions = ("end",)

    def get_fields(self, request: HttpRequest, obj: RoleAssignment | None = None) -> Any:
        given = ["user", "role", "scheme", "scope"]
        ended = ["granted_at", "granted_by", "ended_at", "ended_by", "ended_reason"]
        return given if obj is None else given + ended

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scheme":
            return ChoiceField(label="Dispositif", choices=conf.SCHEME_CHOICES, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        granted = services.grant_role(obj.user, obj.role, obj.scheme, obj.scope, by=request.user)  # type: ignore[arg-type]
        obj.pk = granted.pk

    @admin.action(description="Retirer les rôles choisis")
    def end(self, request: HttpRequest, queryset: Any) -> None:
        each(request, queryset.select_related("user"), services.end_role, "Rôles retirés")


@admin.register(StaffInvitation)
class StaffInvitationAdmin(ModelAdmin):
    """Invitations, to read; they are sent from « Personnes et rôles »."""

    list_display = ("email", "role", "scheme", "invited_by", "created_at", "expires_at", "accepted_at", "cancelled_at")
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    exclude = ("token_hash",)
