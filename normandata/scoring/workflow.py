"""The tables of a panel and of a mark sheet, and the code behind their names.

Services hold the panel first and hand over, as `data`, what the conditions read.
"""

from normandata.procedure.services import Firing, Procedure
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import permissions
from .kinds import Deadline

PREPARING, OPEN, CLOSED = "preparing", "open", "closed"
DRAFT, SUBMITTED, ABSTAINED, SET_ASIDE = "draft", "submitted", "abstained", "set_aside"

PANEL_STATES = {
    state.slug: state
    for state in (
        State(PREPARING, "En préparation", "En préparation", "leader", tone="plain", icon="pencil"),
        State(OPEN, "Notation ouverte", "Notation ouverte", "scorers", tone="progress", icon="clock"),
        State(CLOSED, "Notation close", "Notation close", "nobody", tone="done", icon="met"),
    )
}
SHEET_STATES = {
    state.slug: state
    for state in (
        State(DRAFT, "Fiche en cours", "Fiche en cours", "author", tone="progress", icon="pencil"),
        State(SUBMITTED, "Fiche remise", "Fiche remise", "nobody", tone="done", icon="met"),
        State(ABSTAINED, "Abstention", "Abstention", "nobody", tone="plain", icon="close"),
        State(SET_ASIDE, "Fiche écartée (conflit d’intérêts)", "Fiche écartée", "nobody", tone="plain", icon="close"),
    )
}
COUNTED_WHEN = "panel_open", "seated", "no_conflict"
SPOILED = (
    "Vous avez lu les résultats de ce projet quand la notation était close : vous n’y écrivez plus de fiche. Seule une "
    "fiche qu’un responsable vous rouvre, avec un motif, peut encore changer."
)


def panel_is_open(firing: Firing) -> list[str]:
    """No sheet moves while the panel is not open."""
    return [] if firing.data["panel"].is_open else [firing.data["panel"].why_not_open]


def is_seated(firing: Firing) -> list[str]:
    return [] if firing.data["seated"] else ["Vous ne siégez pas dans ce jury."]


def has_no_conflict(firing: Firing) -> list[str]:
    return [] if not firing.data["conflict"] else ["Un conflit d’intérêts vous ferme ce projet."]


def has_not_read(firing: Firing) -> list[str]:
    """Who has read the results writes no sheet, unless somebody gave it back."""
    return [SPOILED] if firing.data["spoiled"] else []


def is_in_time(firing: Firing) -> list[str]:
    """A sheet is submitted by the last day that its panel's thing says, grace included."""
    deadline = firing.data["deadline"]
    if deadline is None or not deadline.is_over(firing.at):
        return []
    return [f"{too_late(deadline)} Votre fiche est gardée telle quelle."]


def too_late(deadline: Deadline) -> str:
    """Say that sheets are not submitted any more, and who may put the day off."""
    return (
        f"Les fiches se remettaient jusqu’au {written_day(deadline.on)} à 23 h 59, heure de Paris. Un responsable peut "
        "repousser ce jour, avec un motif."
    )


def is_complete(firing: Firing) -> list[str]:
    """Name each criterion without a mark, and each without a justification where the grid asks for one."""
    filled = firing.data["filled"]
    sentences = [(filled.without_mark, "la note"), (filled.without_justification, "la justification")]
    return [
        f"Il manque {what} : {listing([f'« {label} »' for label in labels])}." for labels, what in sentences if labels
    ]


def judges_this_version(firing: Firing) -> list[str]:
    """Whoever judged another version than the one that stands reads again before submitting."""
    judged, now = firing.data["judged"], firing.data["version"]
    if judged in ("", now):
        return []
    return [f"Le projet a changé : vous avez lu la version {judged}, la version {now} est arrivée. Relisez-le d’abord."]


def has_subjects(firing: Firing) -> list[str]:
    return [] if firing.data["subjects"] else ["Aucun projet à noter : ajoutez-en avant d’ouvrir la notation."]


def has_scorers(firing: Firing) -> list[str]:
    return [] if firing.data["seats"] else ["Personne ne siège : désignez les personnes qui notent."]


def has_criteria(firing: Firing) -> list[str]:
    return [] if firing.data["criteria"] else ["La grille n’a pas de critère."]


def is_another_person(firing: Firing) -> list[str]:
    """Reopening takes a second person: not the one who closed."""
    if firing.by is not None and firing.thing.closed_by_id == firing.by.pk:
        return ["Vous avez clos cette notation : une autre personne doit la rouvrir."]
    return []


def freeze_grid(firing: Firing) -> None:
    """The grid served: its criteria do not change any more."""
    grid = firing.thing.grid
    if grid.frozen_at is None:
        grid.freeze(firing.at)


def keep_who_closed(firing: Firing) -> None:
    firing.thing.closed_by, firing.thing.closed_at = firing.by, firing.at


def forget_who_closed(firing: Firing) -> None:
    firing.thing.closed_by = firing.thing.closed_at = None


def freeze_sheet(firing: Firing) -> None:
    """Keep what was judged and by which grid, and the points that count from now on."""
    sheet = firing.thing
    sheet.points, sheet.submitted_at = firing.data["filled"].points, firing.at
    sheet.grid_id, sheet.subject_version = firing.data["panel"].grid_id, firing.data["version"]
    sheet.reopened_at = sheet.reopened_by = None
    sheet.reopened_reason = ""
    sheet.revision += 1


def thaw_sheet(firing: Firing) -> None:
    """Nothing counts until the author submits again; marks and justifications stay."""
    sheet = firing.thing
    sheet.points = sheet.submitted_at = sheet.grid_id = None
    sheet.subject_version = ""
    sheet.revision += 1


def keep_version(firing: Firing) -> None:
    """The author read the version that stands, and the sheet says the same of it."""
    firing.thing.subject_version = firing.data["version"]
    firing.thing.revision += 1


def judges_another_version(firing: Firing) -> list[str]:
    return [] if firing.thing.subject_version != firing.data["version"] else ["Votre fiche juge déjà cette version."]


def give_back(firing: Firing) -> None:
    """Thaw a sheet for its author, who reads by whom and why until it is submitted again."""
    thaw_sheet(firing)
    sheet = firing.thing
    sheet.reopened_at, sheet.reopened_by, sheet.reopened_reason = firing.at, firing.by, firing.reason


PANEL = Procedure(
    Workflow(
        PANEL_STATES,
        (
            Transition(
                "open_panel", "Ouvrir la notation", (PREPARING,), OPEN, permission="lead",
                conditions=("criteria", "subjects", "scorers"), effect="freeze_grid",
            ),
            Transition("close_panel", "Clore la notation", (OPEN,), CLOSED, permission="lead", effect="keep_closer"),
            Transition(
                "reopen_panel", "Rouvrir la notation", (CLOSED,), OPEN, permission="lead",
                conditions=("another_person",), effect="forget_closer", reason=Reason.REQUIRED, is_danger=True,
            ),
        ),
    ),
    {"lead": permissions.may_lead},
    {
        "criteria": has_criteria,
        "subjects": has_subjects,
        "scorers": has_scorers,
        "another_person": is_another_person,
    },
    {"freeze_grid": freeze_grid, "keep_closer": keep_who_closed, "forget_closer": forget_who_closed},
)  # fmt: skip
SHEET = Procedure(
    Workflow(
        SHEET_STATES,
        (
            Transition(
                "submit_sheet", "Remettre", (DRAFT,), SUBMITTED, permission="author",
                conditions=(*COUNTED_WHEN, "unread", "in_time", "complete", "version_read"), effect="freeze",
            ),
            Transition(
                "confirm_sheet", "Ma fiche reste la même", (SUBMITTED,), SUBMITTED, permission="author",
                conditions=(*COUNTED_WHEN, "other_version", "version_read"), effect="keep_version",
            ),
            Transition(
                "abstain", "M’abstenir", (DRAFT,), ABSTAINED, permission="author", conditions=COUNTED_WHEN,
                effect="thaw", reason=Reason.OPTIONAL,
            ),
            Transition(
                "resume", "Reprendre ma fiche", (ABSTAINED,), DRAFT, permission="author",
                conditions=(*COUNTED_WHEN, "unread"), effect="thaw",
            ),
            Transition(
                "reopen_sheet", "Rouvrir à son auteur", (SUBMITTED,), DRAFT, permission="moderate",
                conditions=("panel_open",), effect="give_back", reason=Reason.REQUIRED, is_danger=True,
            ),
            Transition("set_aside", "Écarter", (DRAFT, SUBMITTED, ABSTAINED), SET_ASIDE, effect="thaw"),
            Transition("restore", "Rendre", (SET_ASIDE,), DRAFT, effect="thaw"),
        ),
    ),
    {"author": permissions.is_author, "moderate": permissions.may_moderate},
    {
        "panel_open": panel_is_open,
        "seated": is_seated,
        "no_conflict": has_no_conflict,
        "unread": has_not_read,
        "in_time": is_in_time,
        "complete": is_complete,
        "version_read": judges_this_version,
        "other_version": judges_another_version,
    },
    {"freeze": freeze_sheet, "thaw": thaw_sheet, "give_back": give_back, "keep_version": keep_version},
)  # fmt: skip
