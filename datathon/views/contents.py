"""The organisers' pages of what an edition says: themes, data sets, criteria, prizes, phases, rules text."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from ..edition_forms import FORMS, PhasesForm, PrizesForm, RulesForm
from ..editions import Edition
from ..phases import SETTABLE, STATES
from ..services import contents as services
from ..services import editions
from ..services.holding import LIVING, OPEN
from .organise_access import attempt, done, gestures, organisers, posted, readers, refused, seen, shown

CONTENTS = "datathon:contents"
RELATED = {"themes": "themes", "donnees": "data_sets", "criteres": "criteria"}


@readers
def contents(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show all that an edition says, each with its way to change it."""
    pairs = {(one.phase, one.right) for one in edition.shut.all()}
    context = {
        "edition": edition,
        "rows": [(kind, label, list(getattr(edition, RELATED[kind]).all())) for kind, (_, _, label) in FORMS.items()],
        "rules": edition.rules_texts.select_related("published_by"),
        "shut": [f"{STATES[phase].label} : {SETTABLE[right].lower()}" for phase, right in sorted(pairs)],
        "is_open": edition.state in OPEN,
        "is_priced": edition.state in editions.PRICED_IN,
        "is_living": edition.state in LIVING,
    }
    return render(request, "datathon/organise/contents.html", context)


@organisers
def row(request: HttpRequest, edition: Edition, kind: str, pk: int = 0) -> HttpResponse:
    """Add a theme, a data set or a criterion, or change it."""
    if kind not in FORMS or edition.state not in OPEN:
        raise Http404
    model, form_class, label = FORMS[kind]
    thing = _row(edition, kind, pk) if pk else model(edition=edition)
    form = form_class.of(thing, posted(request))
    if attempt(form, lambda: services.put(form.fill(thing), by=person(request), seen=seen(request))):
        return done(request, "C’est enregistré.", CONTENTS, edition.slug)
    title = f"Modifier {label}" if pk else f"Ajouter {label}"
    context = {"title": title, "button": "Enregistrer", "back": reverse(CONTENTS, args=[edition.slug])}
    if pk:
        context["removal"] = reverse("datathon:row_remove", args=[edition.slug, kind, pk])
        return shown(request, edition, form, context, kept=lambda: form_class.of(model.objects.get(pk=pk)))
    return shown(request, edition, form, context)


@gestures
def remove(request: HttpRequest, edition: Edition, kind: str, pk: int) -> HttpResponse:
    """Take a theme, a data set or a criterion out."""
    if kind not in FORMS:
        raise Http404
    thing = _row(edition, kind, pk)
    try:
        services.take_out(thing, by=person(request), seen=seen(request))
    except NotDone as error:
        return refused(request, error, CONTENTS, edition.slug)
    return done(request, "C’est retiré.", CONTENTS, edition.slug)


@organisers
def prizes(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Set the prizes."""
    if edition.state not in editions.PRICED_IN:
        raise Http404
    form = PrizesForm.of(edition, posted(request))
    if attempt(
        form, lambda: editions.set_prizes(edition, form.cleaned_data["prizes"], by=person(request), seen=seen(request))
    ):
        return done(request, "Les prix sont fixés.", CONTENTS, edition.slug)
    context = {"title": "Prix de l’édition", "button": "Fixer les prix", "back": reverse(CONTENTS, args=[edition.slug])}
    context["lead"] = (
        "Des bons cadeaux, de valeur décroissante. Le règlement (annexe 5) borne leur nombre et leur total."
    )
    return shown(request, edition, form, context, kept=lambda: PrizesForm.of(edition))


@organisers
def phases(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Say what each phase lets see."""
    if edition.state not in LIVING:
        raise Http404
    form = PhasesForm.of(edition, posted(request))
    if attempt(form, lambda: editions.shut(edition, form.shut, by=person(request), seen=seen(request))):
        return done(request, "Ce que chaque phase laisse voir est enregistré.", CONTENTS, edition.slug)
    context = {"title": "Phases", "button": "Enregistrer", "back": reverse(CONTENTS, args=[edition.slug])}
    context["lead"] = "Décochez ce que cette édition ferme. Ce que la phase n’ouvre pas ne peut pas s’ouvrir ici."
    return shown(request, edition, form, context, kept=lambda: PhasesForm.of(edition))


@organisers
def rules(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Publish the rules of the edition, or a new version."""
    if edition.state not in OPEN:
        raise Http404
    form = RulesForm.of(edition, posted(request))
    if attempt(
        form, lambda: services.publish_rules(edition, **form.cleaned_data, by=person(request), seen=seen(request))
    ):
        return done(request, "Le règlement est publié, son PDF se prépare.", CONTENTS, edition.slug)
    last = edition.rules_texts.first()
    title = f"Version {last.version + 1} du règlement" if last else "Règlement de l’édition"
    context = {"title": title, "button": "Publier cette version", "back": reverse(CONTENTS, args=[edition.slug])}
    context["lead"] = "Une version publiée ne se modifie plus. Qui s’est inscrit garde la version acceptée."
    return shown(request, edition, form, context, kept=lambda: RulesForm.of(edition))


def _row(edition: Edition, kind: str, pk: int) -> services.Row:
    found: services.Row | None = getattr(edition, RELATED[kind]).filter(pk=pk).first()
    if found is None:
        raise Http404
    found.edition = edition
    return found
