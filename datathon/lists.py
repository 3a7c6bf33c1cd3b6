"""The organisers' lists: teams and registrations, filtered, page by page, and as files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from normandata.ui.tables import Cell, Column, Unit

from .deliverables import REQUIRED, Deliverable
from .editions import Edition
from .registrations import IMAGE, NEWSLETTER, PROFILES, Consent, Registration
from .teams import Seat, Team
from .workflow import ACTIVE, DISSOLVED, REGISTRATION_STATES

LONGEST = 100
TEAM_FILTERS = {"incompletes": "Livrables à compléter", "seules": "Une seule personne", "dissoutes": "Dissoutes"}
TEAM_COLUMNS = (
    *(Column("Équipe"), Column("Thème"), Column("Projet"), Column("Territoire"), Column("Référent")),
    *(Column("Membres", Unit.COUNT), Column("Pièces remises", Unit.COUNT), Column("État"), Column("Créée le")),
)
REGISTRATION_COLUMNS = (
    *(Column("Nom"), Column("Adresse électronique"), Column("Profil"), Column("État"), Column("Mineur")),
    *(Column("Équipe"), Column("Cherche une équipe"), Column("Inscrit le"), Column("Règlement accepté")),
    *(Column("Image"), Column("Lettre d’information"), Column("Présent"), Column("Lot")),
)
SOUGHT = {"sans-equipe": "Sans équipe", "cherche": "Cherche une équipe"}


def teams(edition: Edition, asked: Mapping[str, str]) -> QuerySet[Team]:
    """Return the teams of an edition that the address asks for, with what a row shows of each: no query by row."""
    seats = Seat.objects.filter(team=OuterRef("pk")).order_by().values("team").annotate(n=Count("pk")).values("n")
    kinds = Deliverable.objects.filter(team=OuterRef("pk"), kind__in=REQUIRED).order_by().values("team")
    handed = kinds.annotate(n=Count("kind", distinct=True)).values("n")
    rows = Team.objects.filter(edition=edition, rehearsal=edition.is_rehearsing).annotate(
        member_count=Coalesce(Subquery(seats), 0), handed_count=Coalesce(Subquery(handed), 0)
    )
    chosen = asked.get("equipes", "")
    rows = rows.filter(state=DISSOLVED if chosen == "dissoutes" else ACTIVE)
    if chosen == "incompletes":
        rows = rows.filter(handed_count__lt=len(REQUIRED))
    if chosen == "seules":
        rows = rows.filter(member_count=1)
    if words := typed(asked):
        rows = rows.filter(Q(name__icontains=words) | Q(project__icontains=words))
    return rows.select_related("theme", "referent__registration__person")


def registrations(edition: Edition, asked: Mapping[str, str]) -> QuerySet[Registration]:
    """Return the registrations that the address asks for, with the name of the team of each: no query by row."""
    team = Seat.objects.filter(registration=OuterRef("pk")).values("team__name")[:1]
    rows = Registration.objects.filter(edition=edition, rehearsal=edition.is_rehearsing)
    rows = rows.annotate(team_name=Subquery(team)).select_related("person")
    if (state := asked.get("etat", "")) in REGISTRATION_STATES:
        rows = rows.filter(state=state)
    if (profile := asked.get("profil", "")) in dict(PROFILES):
        rows = rows.filter(profile=profile)
    if asked.get("equipe") == "sans-equipe":
        rows = rows.filter(seats=None)
    if asked.get("equipe") == "cherche":
        rows = rows.filter(wants_team=True, seats=None)
    if words := typed(asked):
        rows = rows.filter(Q(person__name__icontains=words) | Q(person__email__icontains=words))
    return rows


def typed(asked: Mapping[str, str]) -> str:
    """Return the words looked for."""
    return " ".join(asked.get("q", "").replace("\x00", "").split())[:LONGEST]


def team_rows(edition: Edition, asked: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """Give the rows of the file of teams, one by one."""
    for team in teams(edition, asked).order_by("pk").iterator(chunk_size=500):
        referent = team.referent.registration if team.referent else None
        yield (
            team.name,
            team.theme.title if team.theme else None,
            team.project,
            team.territory,
            str(referent) if referent else None,
            getattr(team, "member_count", None),
            getattr(team, "handed_count", None),
            team.standing.label,
            timezone.localdate(team.created_at),
        )


def registration_rows(edition: Edition, asked: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """Give the rows of the file of registrations, one by one."""
    given = Consent.objects.filter(registration=OuterRef("pk"), withdrawn_at=None)
    rows = registrations(edition, asked).annotate(
        image=Exists(given.filter(kind=IMAGE)), newsletter=Exists(given.filter(kind=NEWSLETTER))
    )
    for one in rows.order_by("pk").iterator(chunk_size=500):
        yield (
            one.person.name if one.person else "Participant effacé",
            one.person.email if one.person else None,
            one.get_profile_display(),
            one.standing.label,
            yes(one.is_minor),
            getattr(one, "team_name", None),
            yes(one.wants_team),
            timezone.localdate(one.registered_at),
            timezone.localdate(one.rules_accepted_at),
            *(yes(flag) for flag in (one.image, one.newsletter, one.present_at, one.lot_given_at)),
        )


def yes(flag: Any) -> str:
    return "oui" if flag else "non"
