"""The roadmap: its axes, chantiers and actions as voted, how far each is, and its public journal."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from normandata.opendata import conf
from roadmap import presentation, rules, workflow
from roadmap.calls import workflow as calls
from roadmap.exports import FOUNDING
from roadmap.models import Action, Deliberation, Milestone
from roadmap.models import Call as Opened

from . import schemas as s
from .definitions import Call, Operation
from .parameters import Choice, Day, Key, Whole
from .problems import NOT_FOUND, Problem

GROUP = "Feuille de route"
SLUG = Key("action", "L’identifiant de l’action, donné par la liste.", "[a-z0-9-]{1,80}")
AXIS = Choice("axis", "L’axe : le numéro de son annexe.", ("1", "2"))
STATE = Choice("state", "L’état.", tuple(workflow.STATES))
LIMIT = Whole("limit", "Combien de nouvelles par page ; 20 par défaut.", 1, 100, 20)
AFTER = Key("after", "La place de la page, donnée par « next ».", r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,9}")
DAY = Day("after", "")

MILESTONE = s.thing(
    {
        "title": s.text("Le jalon."),
        "due_on": s.day("Son échéance."),
        "weight": s.whole("Ce qu’il pèse dans l’avancement.", minimum=1, maximum=rules.HEAVIEST),
        "done_on": s.nullable(s.day("Le jour où il a été tenu.")),
        "is_late": s.flag("L’échéance est passée sans qu’il soit tenu."),
    }
)
BRIEF = {
    "id": s.text("L’identifiant de l’action."),
    "title": s.text("Son intitulé voté, mot pour mot."),
    "axis": s.whole("Son axe.", minimum=1),
    "chantier": s.whole("Son chantier, dans l’axe.", minimum=1),
    "letter": s.text("Sa lettre, dans le chantier."),
    "state": s.one_of(workflow.STATES, "Son état."),
    "state_label": s.text("Son état, en français."),
    "progress": s.nullable(
        s.whole("La part des poids des jalons tenus, en pour cent ; null sans jalon.", minimum=0, maximum=100)
    ),
    "milestones": s.whole("Combien de jalons.", minimum=0),
    "milestones_done": s.whole("Combien sont tenus.", minimum=0),
    "milestones_late": s.whole("Combien sont en retard.", minimum=0),
    "pilot": s.text("La direction pilote ; vide tant qu’elle n’est pas désignée."),
    "starts_on": s.nullable(s.day("Le début.")),
    "ends_on": s.nullable(s.day("La fin.")),
    "updated_at": s.nullable(s.instant("Sa dernière mise à jour ; null si elle est telle que votée.")),
    "url": s.address("Sa page."),
}
OPENED = s.thing(
    {
        "title": s.text("Son intitulé."),
        "url": s.address("Sa page."),
        "state": s.one_of(calls.PUBLIC, "Son état."),
        "state_label": s.text("Son état, en français."),
        "opens_on": s.nullable(s.day("Le premier jour.")),
        "closes_on": s.nullable(s.day("Le dernier jour, compris.")),
    }
)
DETAIL = BRIEF | {
    "state_reason": s.text("Le motif d’une suspension, d’un abandon, d’une reprise."),
    "voted_text": s.text("Le texte voté, mot pour mot."),
    "objectives": s.text("Les objectifs."),
    "partners": s.several(s.text(), "Les partenaires."),
    "risks": s.text("Les risques."),
    "climate": s.text("Climat, biodiversité, ressources naturelles."),
    "steps": s.several(MILESTONE, "Les jalons, par échéance."),
    "schemes": s.several(s.text(), "Les codes des dispositifs qu’elle a ouverts."),
    "calls": s.several(
        s.thing({"title": s.text(), "url": s.nullable(s.address())}), "Les appels que son pilote lui a liés."
    ),
    "chantier_calls": s.several(OPENED, "Les appels à manifestation d’intérêt que son chantier a ouverts."),
    "deliberations": s.several(
        s.thing(
            {
                "number": s.text(),
                "title": s.text(),
                "adopted_on": s.day(),
                "url": s.nullable(s.address()),
                "of_whole_chantier": s.flag(),
            }
        ),
        "Les délibérations ultérieures.",
    ),
    "news_url": s.address("Son journal public."),
}
CHANTIER = s.thing(
    {
        "number": s.whole("Son numéro dans l’axe."),
        "title": s.text("Son intitulé voté."),
        "subtitle": s.text("Son sous-titre."),
        "url": s.address("Sa place dans la page."),
        "actions": s.several(s.text(), "Les identifiants de ses actions, dans leur ordre."),
    }
)
WHOLE = s.thing(
    {
        "deliberation": s.text("L’acte fondateur."),
        "starts_on": s.day(),
        "ends_on": s.day(),
        "on": s.day("Le jour de la lecture."),
        "summary": s.text("Où elle en est, en deux phrases."),
        "axes": s.several(
            s.thing({"number": s.whole(), "title": s.text(), "chantiers": s.several(CHANTIER)}), "Les axes."
        ),
    }
)
NEWS = s.thing({"on": s.day("Le jour."), "text": s.text("La nouvelle.")})


def whole(call: Call) -> Any:
    """Write the tree; three queries."""
    actions, today = list(Action.objects.whole()), timezone.localdate()
    sections = presentation.sections([presentation.card(one, today) for one in actions])
    page = conf.site() + reverse("roadmap:list")
    return {
        "deliberation": FOUNDING,
        "starts_on": rules.FIRST_DAY.isoformat(),
        "ends_on": rules.LAST_DAY.isoformat(),
        "on": today.isoformat(),
        "summary": presentation.summary(actions, today) if actions else "",
        "axes": [
            {
                "number": section.axis.number,
                "title": section.axis.title,
                "chantiers": [
                    {
                        "number": group.chantier.number,
                        "title": group.chantier.title,
                        "subtitle": group.chantier.subtitle,
                        "url": f"{page}#{group.chantier.key}",
                        "actions": [card.action.slug for card in group.cards],
                    }
                    for group in section.groups
                ],
            }
            for section in sections
        ],
    }


def listing(call: Call) -> Any:
    """List the actions, of an axis or in a state where one is asked for."""
    found = Action.objects.whole()
    if "axis" in call.query:
        found = found.filter(chantier__axis__number=int(call.query["axis"]))
    if "state" in call.query:
        found = found.filter(state=call.query["state"])
    today = timezone.localdate()
    return {"on": today.isoformat(), "data": [_brief(one, today) for one in found]}


def one(call: Call) -> Any:
    """Write an action whole, with what its page shows."""
    action, today = _found(call), timezone.localdate()
    late = action.late(today)
    return _brief(action, today) | {
        "state_reason": action.state_reason,
        "voted_text": action.voted_text,
        "objectives": action.objectives,
        "partners": [line.strip() for line in action.partners.splitlines() if line.strip()],
        "risks": action.risks,
        "climate": action.climate,
        "steps": [_step(step, step in late) for step in action.milestones.all()],
        "schemes": [link.scheme for link in action.scheme_links.all()],
        "calls": [{"title": link.title, "url": link.url or None} for link in action.calls.all()],
        "chantier_calls": [_opened(call) for call in Opened.objects.public().filter(chantier=action.chantier_id)],
        "deliberations": [
            {
                "number": act.number,
                "title": act.title,
                "adopted_on": act.adopted_on.isoformat(),
                "url": act.url or None,
                "of_whole_chantier": act.action_id is None,
            }
            for act in Deliberation.objects.about(action)
        ],
        "news_url": conf.site() + reverse("api:roadmap_news", args=[action.slug]),
    }


def news(call: Call) -> Any:
    """Write a page of the journal of an action, the newest first; each page begins after a place, not a count."""
    action, limit = _found(call), call.query.get("limit", LIMIT.default)
    found = action.news.all()
    if after := call.query.get("after"):
        day, _, pk = after.partition(".")
        on = DAY.read(day)
        found = found.filter(Q(on__lt=on) | Q(on=on, pk__lt=int(pk)))
    rows = list(found[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    here = conf.site() + reverse("api:roadmap_news", args=[action.slug])
    return {
        "data": [{"on": row.on.isoformat(), "text": row.text} for row in rows[:limit]],
        "next": f"{here}?limit={limit}&after={last.on.isoformat()}.{last.pk}" if last else None,
    }


def _found(call: Call) -> Action:
    found = Action.objects.whole().filter(slug=call.path["action"]).first()
    if found is None:
        raise Problem(NOT_FOUND, f"Aucune action de la feuille de route n’a l’identifiant {call.path['action'][:80]}.")
    return found


def _brief(action: Action, today: date) -> dict[str, Any]:
    chantier, steps = action.chantier, action.steps
    return {
        "id": action.slug,
        "title": action.title,
        "axis": chantier.axis.number,
        "chantier": chantier.number,
        "letter": action.letter,
        "state": action.state,
        "state_label": action.standing.label,
        "progress": action.progress,
        "milestones": len(steps),
        "milestones_done": sum(step.done_on is not None for step in steps),
        "milestones_late": len(action.late(today)),
        "pilot": action.pilot_direction,
        "starts_on": _day(action.starts_on),
        "ends_on": _day(action.ends_on),
        "updated_at": action.updated_at.isoformat(timespec="seconds") if action.updated_at else None,
        "url": conf.site() + reverse("roadmap:action", args=[action.slug]),
    }


def _step(one: Milestone, is_late: bool) -> dict[str, Any]:
    return {
        "title": one.title,
        "due_on": one.due_on.isoformat(),
        "weight": one.weight,
        "done_on": _day(one.done_on),
        "is_late": is_late,
    }


def _opened(one: Opened) -> dict[str, Any]:
    return {
        "title": one.title,
        "url": conf.site() + reverse("roadmap:call", args=[one.slug]),
        "state": one.state,
        "state_label": one.standing.public_label,
        "opens_on": _day(one.opens_on),
        "closes_on": _day(one.closes_on),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


OPERATIONS = (
    Operation(
        name="roadmap",
        group=GROUP,
        path="roadmap",
        title="La feuille de route",
        about="Ses deux axes, leurs chantiers et les actions de chacun, tels que votés.",
        answer=whole,
        schema=WHOLE,
    ),
    Operation(
        name="roadmap_actions",
        group=GROUP,
        path="roadmap/actions",
        title="Les actions",
        about="L’état, l’avancement et les jalons de chaque action. L’avancement se calcule, personne ne le saisit.",
        answer=listing,
        schema=s.thing({"on": s.day("Le jour de la lecture."), "data": s.several(s.thing(BRIEF), "Les actions.")}),
        query=(AXIS, STATE),
    ),
    Operation(
        name="roadmap_action",
        group=GROUP,
        path="roadmap/actions/{action}",
        title="Une action",
        about="Tout ce que sa page dit : texte voté, objectifs, risques, jalons, délibérations, appels.",
        answer=one,
        schema=s.thing(DETAIL),
        parts=(SLUG,),
        example={"action": "foncier"},
    ),
    Operation(
        name="roadmap_news",
        group=GROUP,
        path="roadmap/actions/{action}/news",
        title="Le journal d’une action",
        about="Ses nouvelles, de la plus récente à la plus ancienne, page par page.",
        answer=news,
        schema=s.page_of(NEWS, "Les nouvelles."),
        parts=(SLUG,),
        query=(LIMIT, AFTER),
        example={"action": "foncier"},
    ),
)
