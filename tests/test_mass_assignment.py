"""Every column of every table, posted to every form: nothing changes but what the same form changes without them.

A form's own fields are those that its page shows. Beside them go the names of all columns (`state`, `owner_id`,
`is_superuser`…), with values that would do harm; what is written must be equal, row for row and column for column.
"""

import random
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import get_resolver, path, reverse
from django.utils import timezone

from normandata.accounts.models import StaffInvitation, User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.models import Session
from normandata.deminimis.models import Aid
from normandata.dossiers.models import Dossier
from normandata.organisations.models import MemberInvitation, Organisation
from tests import world as w
from tests.access import cases, finish
from tests.factories.accounts import PASSWORD
from tests.factories.organisations import siret
from tests.normandata.documents.ordinary import pdf
from tests.world import World

pytestmark = pytest.mark.usefixtures("quiet")
UNWRITTEN = {"sessions.Session", "contenttypes.ContentType", "auth.Permission", "organisations.Territory"}
Rows = dict[str, dict[Any, dict[str, Any]]]


# ------------------------------------------------------------------------------------------------ what is in the tables
def every_model() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.label not in UNWRITTEN and model._meta.managed]


def snapshot(tables: Collection[str] | None = None) -> Rows:
    """Read every row of every table, or of these only."""
    return {
        model._meta.label: {row[model._meta.pk.attname]: row for row in model._default_manager.values()}
        for model in every_model()
        if model._meta.pk is not None and (tables is None or model._meta.db_table in tables)
    }


class Writes:
    """Listens to what is asked of the database: the tables written to, None once a statement is not understood."""

    READS = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK|SET|PRAGMA)\b", re.IGNORECASE)
    WRITTEN = re.compile(r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) \"(\w+)\"", re.IGNORECASE)

    def __init__(self) -> None:
        self.tables: set[str] | None = set()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = self.WRITTEN.match(sql)
        if found is not None and self.tables is not None:
            self.tables.add(found[1])
        elif found is None and not self.READS.match(sql):
            self.tables = None
        return execute(sql, params, many, context)


@dataclass(slots=True)
class Written:
    """What a request wrote: by table, the rows added or changed, in order, and the keys of those removed."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    removed: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def between(cls, before: Rows, after: Rows) -> "Written":
        found = cls()
        for label, rows in after.items():
            changed = sorted((row for pk, row in rows.items() if before[label].get(pk) != row), key=_said)
            gone = [pk for pk in before[label] if pk not in rows]
            if changed:
                found.rows[label] = changed
            if gone:
                found.removed[label] = gone
        return found

    def cells(self) -> dict[tuple[str, int, str], Any]:
        """Return each value by table, rank of its row, and column."""
        return {
            (label, rank, column): value
            for label, rows in self.rows.items()
            for rank, row in enumerate(rows)
            for column, value in row.items()
        }


def _said(row: Mapping[str, Any]) -> str:
    """Order rows by what they say: their keys are drawn, and a database gives them in any order."""
    return repr(
        [value for name, value in sorted(row.items()) if name != "id" and not isinstance(value, UUID | datetime)]
    )


# ------------------------------------------------------------------------------------------------- what is slipped in
def tempting(column: "models.Field[Any, Any]", world: World) -> list[str]:
    """Return values that a column would take."""
    if column.choices:
        return [str(value) for value, _ in column.flatchoices]
    if isinstance(column, models.ForeignKey | models.OneToOneField):
        other = column.related_model
        if other is User:
            return [str(world.people[w.STRANGER].pk)]
        keys = other._default_manager.order_by("-pk").values_list("pk", flat=True)[:2]  # type: ignore[union-attr]
        return [str(pk) for pk in keys] or ["1"]
    match column:
        case models.BooleanField():
            return ["on", "", "false"]
        case models.IntegerField() | models.DecimalField():
            return ["1", "4242"]
        case models.DateTimeField():
            return ["2020-01-01 00:00:00"]
        case models.DateField():
            return ["2020-01-01"]
        case models.UUIDField():
            return ["00000000-0000-4000-8000-000000004242"]
        case models.JSONField():
            return ['{"slipped": "in"}']
        case models.EmailField():
            return ["slipped@exemple.invalid"]
    return ["slipped"]


def slipped(world: World) -> list[dict[str, str]]:
    """Return rounds of column names with values: by its name, by its attribute, with each of its values."""
    values: dict[str, list[str]] = {}
    for model in every_model():
        for column in model._meta.concrete_fields:
            for name in {column.name, column.attname}:
                known = values.setdefault(name, [])
                known += [value for value in tempting(column, world) if value not in known]
    rounds = min(4, max(len(known) for known in values.values()))
    return [{name: known[rank % len(known)] for name, known in values.items()} for rank in range(rounds)]


# ------------------------------------------------------------------------------------------------------------- forms
class Fields(HTMLParser):
    """Collects the fields of a page's forms that post, and the values they come with."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.values: dict[str, str] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag in ("input", "select", "textarea", "button") and name:
            self.names.add(name)
        if tag == "input" and name and kind not in ("submit", "button", "file", "image"):
            is_box = kind in ("radio", "checkbox")
            if not is_box or "checked" in given:
                self.values[name] = given.get("value") or ("on" if is_box else "")
        if tag == "textarea":
            self.area, self.values[name] = name, ""
        if tag == "select":
            self.select = name
            self.values.setdefault(name, "")
        if tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data


@dataclass(frozen=True, slots=True)
class Post:
    """A form as somebody fills it: who, where, with what besides what the page proposes; whether it must be done."""

    name: str
    persona: str
    address: str
    data: Mapping[str, Any]
    is_awaited: bool = False

    def __str__(self) -> str:
        return f"{self.name} as {self.persona}"


# What each form is filled with, besides what its page proposes and what the access table says: a body that is accepted.
NEW = "neuve@exemple.invalid"
FILLED: dict[str, dict[str, Any]] = {
    "account_login": {"login": "@email", "password": PASSWORD},
    "account_signup": {
        "name": "Camille",
        "email": "neuve@exemple.invalid",
        "password1": "une phrase bien assez longue",
    },
    "account_reset_password": {"email": "@email"},
    "account_email": {"email": "neuve@exemple.invalid", "action_add": ""},
    "account_change_password": {"oldpassword": PASSWORD, "password1": "une phrase bien assez longue"},
    "accounts:account": {"name": "Un autre nom"},
    "accounts:people": {"email": "neuve@exemple.invalid", "role": "agent", "scheme": "diagnostic"},
    "accounts:end_role": {"reason": "Départ du service."},
    "organisations:add": {"siret": siret(77), "name": "Atelier", "street": "", "postal_code": "14000", "city": "Caen"},
    "organisations:describe": {"name": "Atelier", "postal_code": "14000", "city": "Caen"},
    "organisations:invite": {"email": "neuve@exemple.invalid", "role": "member"},
    "organisations:change_role": {"role": "manager"},
    "notifications:mail_text": {"action": "save", "subject": "Dossier {{ numero }} bien reçu"},
    "dossiers:start": {"structure": "autre", "siret": siret(78)},
    "dossiers:section": {"competences": "Trois techniciens."},
    "dossiers:review": {"qui": "moi", "accepte_questionnaire": "on", "accepte_exact": "on"},
    "dossiers:ask": {"demande-piece-complement": "on", "attendu-piece-complement": "Le plan.", "geste": "envoyer"},
    "dossiers:bulk": {"action": "start_review"},
    "diagnostic:follow_up": {"has_acted": "oui", "actions": ["ai"], "what": "Un essai."},
    "diagnostic:report_describe": {"caption": "Le plan de l’atelier."},
    "diagnostic:report_part": {"text": "Trois usages repérés.", "version": "0"},
    "diagnostic:report_file": {"purpose": "service"},
    "diagnostic:report_redacted": {"purpose": "feedback"},
    "diagnostic:report_annex": {"purpose": "service"},
    "diagnostic:cancel_order": {"reason": "Prestataire défaillant."},
    "diagnostic:lapse": {"reason": "La structure renonce."},
    "diagnostic:market_new": {
        "reference": "M-2027",
        "label": "Diagnostics",
        "envelope": "@envelope",
        "sharing": "rotation",
        "day_rate": "900,00",
        "vat_rate": "20",
        "days_max": "100",
        "starts_on": "01/01/2029",
        "ends_on": "31/12/2029",
    },
    "diagnostic:market_edit": {"label": "Un autre objet"},
    "diagnostic:market_act": {"label": "Avenant", "reference": "AV-1", "day": "12/05/2026"},
    "diagnostic:holder_new": {"company": "@newcomer", "rank": "2", "competences": ["enterprise"], "skills": "IA"},
    "diagnostic:company_new": {"siret": siret(79), "name": "Atelier neuf", "email": NEW},
    "diagnostic:conflict_new": {"siren": "999000904", "reason": "Filiale."},
    "diagnostic:envelope_new": {"label": "Seconde enveloppe", "year": "2027"},
    "diagnostic:envelope_vote": {"amount": "50 000,00", "act": "CP D 26-01-12", "day": "12/01/2026"},
    "rights:ask": {"kind": "opposition", "text": "Plus de courriels."},
    "rights:erase": {"sure": "on"},
    "rights:request_erase": {"answer": "Au revoir."},
    "rights:request_note": {"email": NEW, "name": "Zoé Canarix", "kind": "erasure", "text": "Effacez-moi."},
    "rights:request": {"outcome": "granted", "answer": "C’est fait."},
    "rights:lot_visa": {"reference": "AD-2", "name": "Archives", "on": "@today"},
    "rights:lot_drop": {"reason": "Tri à revoir."},
    "experts:declare": {"conflict": "non", "reason": ""},
    "experts:ask": {"expert": "@adviser", "question": "Est-ce faisable ?", "sharing": "agents"},
    "experts:cancel": {"reason": "La structure a répondu."},
    "experts:extend": {"due_on": "@later"},
    "experts:add": {"name": "Laboratoire", "email": NEW, "skills": "vision"},
    "experts:expert": {"skills": "vision, santé"},
    "experts:entry_listing": {"shown": "nom", "domains": "sante", "presentation": "Bonjour."},
    "experts:listing": {"shown": "nom", "domains": "sante", "presentation": "Bonjour."},
    "experts:ask_need": {
        "organisation": "moi",
        "title": "Prévoir",
        "need": "Ouvrir les bons bassins.",
        "contact_name": "Camille",
        "key": "00000000-0000-4000-8000-000000000009",
    },
    "experts:tell_outcome": {"outcome": "booster_ia", "outcome_on": "@today", "words": "Dossier déposé."},
    "experts:conclude_need": {"outcome": "abandoned", "outcome_on": "@today", "words": "Sans suite."},
    "experts:schedule_need": {"day": "22/10/2099 à 14 h 30", "place": "À Caen."},
    "experts:hold_need": {"held_on": "@today", "technology": "Faisable."},
    "experts:solicit": {"experts": "@free_expert"},
    "experts:agree": {"given_on": "12/05/2026", "proof": "Courriel du 12 mai 2026."},
    "booster_ia:wave_new": {
        "year": "2028",
        "number": "1",
        "opens_on": "01/10/2027",
        "closing_on": "31/03/2028",
        "instruction_from": "01/04/2028",
        "scoring_closes_on": "07/05/2028",
        "instruction_to": "15/05/2028",
        "committee_on": "14/06/2028",
    },
    "booster_ia:wave_edit": {"committee_on": "15/12/2026", "reason": "Commission déplacée."},
    "booster_ia:meeting_new": {"day": "@later", "hour": "14 h 30", "place": "Caen", "who": "La Région"},
    "booster_ia:meeting": {"place": "Rouen"},
    "booster_ia:meeting_cancel": {"reason": "Salle fermée."},
    "booster_ia:partner": {"by_name": "Camille, gérante", "reponse": "confirmer"},
    "booster_ia:scoring_withdraw": {"motif": "Un parent y travaille."},
    "booster_ia:scoring_reopen": {"motif": "Une fiche était attendue."},
    "booster_ia:conflict_lift": {"motif": "Il n’y travaille plus."},
    "booster_ia:sheet_withdraw": {"motif": "Un parent y travaille."},
    "booster_ia:sheet_ask": {"motif": "L’écart est large.", "personne": ""},
    "booster_ia:sheet_reopen": {"motif": "À sa demande.", "personne": "@scorer"},
    "booster_ia:outcome": {"appris": "Mesurer plus tôt."},
    "booster_ia:exchange": {"on": "@today", "mode": "remote", "notes": "Tout va."},
    "booster_ia:review": {"on": "@today", "attended": "oui"},
    "booster_ia:proof": {"is_yes": "non"},
    "booster_ia:feedback": {"is_yes": "oui", "link": "https://exemple.invalid/rex"},
    "booster_ia:network": {"is_new": "oui", "is_public": "non", "joined_on": "@today"},
    "booster_ia:desk_agreement": {"name": "Le Maire", "function": "Maire", "on": "@today"},
    "booster_ia:agreement": {"name": "Le Maire", "function": "Maire", "is_entitled": "on", "has_read": "on"},
    "booster_ia:proposals": {"choix": "@proposal"},
    "booster_ia:scenario": {"name": "Un autre nom", "geste": "enregistrer"},
    "booster_ia:propose_refusal": {"reason": "Hors du champ.", "geste": "proposer"},
    "booster_ia:decide": {"geste": "send_back", "reason": "Montant à revoir."},
    "booster_ia:bank": {"holder": "Atelier", "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": "AGRIFRPP"},
    "booster_ia:payment_fill": {"facture1_libelle": "Un autre libellé"},
    "booster_ia:payment_review": {"atteste": "oui"},
    "booster_ia:recovery_own": {"observations": "Nous demandons un étalement."},
    "booster_ia:payments_certify": {"demande": "@checked_payment"},
    "booster_ia:payments_mandates": {"on": "@today"},
    "booster_ia:recovery": {"geste": "waive", "reason": "Montant minime."},
    "booster_ia:breach": {"amount": "1000", "reason": "Logo absent."},
    "booster_ia:payment_lapse": {"geste": "propose", "reason": "Rien n’a été justifié."},
    "booster_ia:payment_line": {"accepted": "1000", "reason": "Hors projet."},
    "booster_ia:payment_send_back": {"reason": "La facture est illisible."},
    "booster_ia:payment_refuse": {"reason": "Projet abandonné."},
    "booster_ia:payment_reopen": {"reason": "Une pièce manquait."},
    "booster_ia:payment_mandate": {"number": "M-1", "on": "@today"},
    "deminimis:register": {"on": "@today"},
    "datathon:team_gallery": {"reason": "À la demande de l’équipe."},
    "datathon:note_follow_up": {"kind": "reuse", "actor": "Ville", "on": "@today", "text": "Une carte."},
    "datathon:remove_follow_up": {"reason": "Erreur."},
    "datathon:audience": {"source": "Réseau", "measure": "vues", "count": "12", "measured_on": "@today"},
    "datathon:remove_audience": {"reason": "Erreur."},
    "datathon:juror_new": {"name": "Ada", "email": NEW, "quality": "expert", "title": "Mer"},
    "datathon:juror_edit": {"name": "Un autre nom", "quality": "expert"},
    "datathon:juror_remove": {"motif": "Empêchée."},
    "datathon:jury_draw": {"version": "@jury_ready_revision"},
    "datathon:jury_open": {"vue": "@jury_ready_revision"},
    "datathon:jury_deliberate": {"vue": "@jury_scored_revision"},
    "datathon:ballot_recuse": {"motif": "Un proche y participe."},
    "datathon:ballot_save": {"palier-relevance": "4"},
    "datathon:ballot_give_back": {"motif": "À sa demande.", "personne": "@jury_author"},
    "datathon:deliberation": {"version": "@jury_room_revision", "motif": "Après comparaison."},
    "datathon:deliberation_vote": {"objet": "Mention", "pour": "2", "contre": "1", "abstentions": "0"},
    "datathon:deliberation_cancel_vote": {"motif": "Saisi deux fois."},
    "datathon:guardian": {"is_parent": "on", "reponse": "accepter"},
    "datathon:register": {"profile": "student", "age": "majeur", "accepts": "on"},
    "datathon:registration_change": {"profile": "student", "pitch": "Une phrase."},
    "datathon:consent": {"accord": "oui"},
    "datathon:team_create": {"name": "Les Haies"},
    "datathon:team_join": {"code": "@dt_code"},
    "datathon:team_change": {"project": "Prévoir les crues"},
    "datathon:team_leave": {"successor": "@dt_seat"},
    "datathon:team_hand_over": {"successor": "@dt_seat"},
    "datathon:team_remove": {"reason": "Ne répond plus."},
    "datathon:request_answer": {"reponse": "accepter"},
    "datathon:team_ask": {"message": "Bonjour"},
    "datathon:team_invite": {"message": "Bonjour"},
    "datathon:deliver_words": {
        "url": "https://exemple.invalid/depot",
        "row0_title": "Arrêts",
        "row0_url": "https://exemple.invalid/arrets",
        "row0_licence": "LO 2.0",
    },
    "datathon:registration_refuse": {"refusal": "rules", "message": "Fraude."},
    "datathon:registration_readmit": {"reason": "Erreur."},
    "datathon:team_extend": {"until": "@later_hour", "reason": "Panne."},
    "datathon:team_moderate_remove": {"reason": "Fraude."},
    "committee:new": {"held_on": "12/05/2027", "place": "Caen"},
    "committee:edit": {"place": "Rouen"},
    "committee:add": {"tous": "1"},
    "committee:take_off": {"reason": "Pièce à revoir."},
    "committee:results": {"deliberation_number": "CP D 26-12-41", "pour": "40"},
    "committee:deliberation": {"executory_on": "18/12/2026"},
    "committee:undo": {"reason": "Vote à vérifier."},
    "bulletin:write": {"title": "Une date de plus", "summary": "La date est connue."},
    "bulletin:correct": {"title": "À venir bientôt", "summary": "La date approche.", "revision": "1"},
    "bulletin:move": {"reason": "La date a changé."},
    "indicators:state": {
        "label": "DataLab Normandie",
        "structure": "enterprise",
        "department": "14",
        "value": "12",
        "measured_on": "12/05/2026",
        "source": "Liste des membres",
    },
    "indicators:correct": {
        "value": "131",
        "measured_on": "30/06/2026",
        "source": "Rapport d’activité du CRIGE",
        "reason": "Une structure oubliée.",
    },
    "portal:announcement": {
        "seen": "1",
        "kind": "incident",
        "title": "Courriels en retard",
        "text": "Ils partiront.",
        "ends_at": "",
        "starts_at": "12/10/2027 à 18 h 00",
        "shown_from": "12/10/2027 à 18 h 00",
    },
    "portal:announce": {
        "kind": "incident",
        "title": "Courriels en retard",
        "text": "Ils partiront.",
        "starts_at": "12/10/2027 à 18 h 00",
        "shown_from": "12/10/2027 à 18 h 00",
    },
    "roadmap:describe": {"pilot_direction": "Direction des mobilités"},
    "roadmap:move": {"reason": "Le marché est infructueux."},
    "roadmap:milestone": {"done_on": "@today"},
    "roadmap:add": {
        "title": "Un jalon de plus",
        "due_on": "12/05/2028",
        "weight": "2",
        "text": "Un pas de plus.",
        "number": "CP D 26-06-12",
        "adopted_on": "12/05/2026",
        "scheme": "booster_ia",
    },
    "roadmap:remove": {"reason": "Regroupé avec un autre."},
    "roadmap:call_new": {"chantier": "@call_chantier", "title": "Un appel de plus", "key": str(UUID(int=7))},
    "roadmap:call_describe": {"contact": "Service des données"},
    "roadmap:call_move": {"closes_on": "@later", "reason": "Beaucoup de questions.", "revision": "1"},
    "roadmap:conclude": {"seen": "review", "outcome": "noted", "answer": "Merci."},
    "datathon:mentor_offer": {"skills": "data", "about": "Hydrologue"},
    "datathon:new": {"title": "Datathon des forêts", "year": "2029"},
    "datathon:clone": {"title": "Datathon des haies", "year": "2029", "dates": "later"},
    "datathon:settings": {"closing_place": "Rouen"},
    "datathon:gesture": {"reason": "Salle fermée."},
    "datathon:prizes": {"prizes": "2000"},
    "datathon:phases": {"opened": "challenge:board"},
    "datathon:publish_rules": {"text": "Un autre texte.", "change": "Tout."},
    "datathon:row_new": {"title": "Marées", "url": "https://exemple.invalid/m", "licence": "ODbL", "rank": "3"},
    "datathon:row": {"title": "Autrement"},
    "datathon:row_remove": {"revision": "@edition_revision"},
    "datathon:tick": {"shown": "@edition_registration", "tick": "@edition_registration"},
    "datathon:staff": {"email": NEW},
    "datathon:staff_end": {"reason": "Mutation."},
    "datathon:mentors": {"email": NEW},
    "datathon:mentor_decline": {"message": "Merci."},
    "datathon:mentor_end": {"reason": "Plus le temps."},
    "datathon:meeting_new": {"title": "Point", "starts_at": "12/10/2028 à 14 h", "ends_at": "12/10/2028 à 15 h"},
    "datathon:meeting": {"place": "Rouen"},
    "datathon:meeting_cancel": {"reason": "Grève."},
    "datathon:mentor_profile": {"skills": "dev"},
    "datathon:mentor_stop": {"reason": "Plus le temps."},
    "datathon:mentor_team": {"text": "Une note."},
    "datathon:help": {"question": "Une question ?"},
}
# The forms of a stage that the access table's things have passed or not reached yet: what each is asked of, and how.
STAGES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("diagnostic:propose", w.AGENT, "to_propose", {"half_days": "1", "reason": "Plus près de la structure."}),
    ("diagnostic:propose_refusal", w.AGENT, "to_propose", {"reason": "Hors du champ."}),
    ("diagnostic:wait", w.AGENT, "to_propose", {}),
    ("diagnostic:decide", w.AGENT, "to_select", {"geste": "select"}),
    ("diagnostic:decide", w.LEAD, "to_select", {"geste": "send_back", "reason": "Durée à revoir."}),
    ("diagnostic:decide", w.AGENT, "to_refuse", {"geste": "refuse"}),
    ("diagnostic:order", w.AGENT, "to_order", {}),
    ("diagnostic:notify", w.AGENT, "to_notify", {}),
    ("diagnostic:start", w.PROVIDER, "to_start", {"on": "@today"}),
    ("diagnostic:note_session", w.PROVIDER, "to_note", {"on": "@today", "half_days": "1", "what": "Entretiens"}),
    ("diagnostic:report_submit", w.PROVIDER, "to_submit", {"conforme": "on"}),
    ("diagnostic:ask_report_changes", w.AGENT, "to_accept", {"reason": "La partie 2 est courte."}),
    ("diagnostic:accept_report", w.AGENT, "to_accept", {}),
    ("diagnostic:deliver", w.PROVIDER, "to_deliver", {"presented_on": "@today"}),
    ("diagnostic:report_redact", w.AGENT, "to_deliver", {}),
    ("diagnostic:settle", w.AGENT, "to_settle", {"invoice": "F-1", "on": "@today", "mandate": "M-1"}),
    ("diagnostic:holder_remove", w.LEAD, "unordered", {"reason": "Groupement refait."}),
    ("diagnostic:evaluation", w.MEMBER, "delivered", {**w.SAID, "suite": "1", "accord": "oui"}),
    ("diagnostic:naming", w.MEMBER, "answered", {"accord": "oui"}),
    ("booster_ia:scoring_people", w.OTHER_LEAD, "planned_wave", {"personnes": "@scorer"}),
    ("booster_ia:sheet_resume", w.OTHER_AGENT, "abstained", {}),
    ("booster_ia:sheet_confirm", w.OTHER_AGENT, "changed", {"lue": "2"}),
)
FILED = {"dossiers:attach", "diagnostic:report_attach", "booster_ia:payment_attach", "booster_ia:bank"}
FILED |= {"datathon:deliver_file"}
"""Forms that take a file."""
# Asked where they are refused, whatever is filled in: their own tests write them.
REFUSED = {
    "datathon:guardian_again",
    "dossiers:letters_send",
    "booster_ia:propose",
    "booster_ia:advance_begin",
    "booster_ia:breach",
    "booster_ia:balance_begin",
    "booster_ia:bank_check",
    "booster_ia:payment_check",
    "datathon:jury_order",
    "datathon:deliberation_close",
    "datathon:deliberation_reopen",
    "datathon:deliberation_scoring",
}
# Nothing to fill in, nothing written, or the step of something begun elsewhere: signing in, the second factor.
WRITES_NOTHING = {
    # Answered in JSON, or refused: nothing that is simulated is kept.
    "api:simulate_diagnostic",
    "api:simulate_booster_ia",
    "api:simulate_de_minimis",
    "api:simulate_datathon_prizes",
    "datathon:certificate",  # the one that waits is given back
    "account_email_verification_sent",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "account_logout",
    "usersessions_list",
    "notifications:restore",
    "dossiers:bulk",
    "portal:operator_resend",
    "portal:operator_retry",
    "portal:operator_retry_document",
    "dossiers:answer",
    "booster_ia:sheet_total",
    "datathon:ballot_total",
    "datathon:ballot_resume",
    "dossiers:letters_preview",
    "dossiers:letter_resume",
}


def posts(world: World) -> Iterator[Post]:
    """Yield every form of the access table, and those of the administration."""
    person = world.people[w.MEMBER]
    for name, case in cases():
        people = [persona for status in sorted(case.post, reverse=True) for persona in case.post[status]]
        if not people:
            continue
        asked = {**case.body(world.mine), **FILLED.get(name, {})}
        data = _filled(world, asked)
        if name in FILED:
            data["fichier"] = SimpleUploadedFile("devis.pdf", pdf(), "application/pdf")
        if name == "booster_ia:payments_mandates":
            data[f"mandat{world.mine['certified_payment']}"] = "M-1"
        if name in ("committee:add", "committee:table"):
            data["revision"] = str(Session.objects.get(pk=world.mine["sitting"]).revision)
        if name == "deminimis:register":
            data["aids"] = str(Aid.objects.to_register().order_by("pk")[0].pk)
        if name == "dossiers:letter_posted":
            data["day"] = f"{timezone.localdate():%d/%m/%Y}"
        if name == "dossiers:absences":
            data |= {"since": f"{timezone.localdate():%d/%m/%Y}", "until": f"{timezone.localdate():%d/%m/%Y}"}
        if name == "dossiers:bulk_launch":
            data["choix"] = Dossier.objects.get(key=world.mine["dossier"]).number
        inside = [persona for persona in people if persona not in (*w.OUT, *w.HALF_IN)]
        persona = PERSONAS.get(name) or (w.ANONYMOUS if w.ANONYMOUS in people else inside[0])
        yield Post(name, persona, case.address(name, case.kwargs(world.mine)), data)
    for name, persona, thing, asked in STAGES:
        address = reverse(name, args=[world.mine[thing]])
        yield Post(name, persona, address, _filled(world, asked), is_awaited=True)
    member = reverse("admin:accounts_user_change", args=[person.pk])
    yield Post("admin:accounts_user_change", w.ADMINISTRATOR, member, {"name": "Un autre nom"})
    yield Post(
        "admin:accounts_roleassignment_add",
        w.ADMINISTRATOR,
        reverse("admin:accounts_roleassignment_add"),
        {"user": str(person.pk), "role": "juror", "scheme": "datathon"},
    )


def _filled(world: World, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put the member's address, a day or a thing in the place of its name."""
    known = {"@email": world.people[w.MEMBER].email, "@today": f"{timezone.localdate():%d/%m/%Y}"}
    known["@later"] = f"{timezone.localdate() + timedelta(days=40):%d/%m/%Y}"
    known["@later_hour"] = f"{timezone.localdate() + timedelta(days=45):%d/%m/%Y} à 10 h"
    known |= {f"@{name}": str(thing) for name, thing in world.mine.items()}
    return {key: known.get(value, value) if isinstance(value, str) else value for key, value in asked.items()}


PERSONAS = {"rights:erase": w.LEFT, "organisations:invitation": w.LEFT, "accounts:invitation": w.JUROR}


@pytest.fixture
def house(world: World) -> Iterator[World]:
    """Make the house ready for every form: two invitations reach somebody, an organisation is to be described.

    Each decision on a diagnostic has one that awaits it, in an envelope that pays them all. The clock stands still: a
    mail that says the minute, a link that is signed and dated, sent twice, is the same.
    """
    MemberInvitation.objects.filter(pk=world.mine["invitation"]).update(email=world.people[w.LEFT].email)
    StaffInvitation.objects.filter(pk=world.mine["staff_invitation"]).update(email=world.people[w.JUROR].email)
    Organisation.objects.filter(siret=world.mine["siret"]).update(is_diffusible=False)
    envelope = Envelope.objects.get(pk=world.mine["envelope"])
    budgets.vote(envelope, Decimal("200000.00"), act="CP D 26-01-01", day=date(2026, 1, 1), key="house", by=None)
    world.mine |= w.stages(world)
    with time_machine.travel(timezone.now(), tick=False):
        yield world


def own_fields(world: World, post: Post) -> Fields:
    """Read the fields of the page that posts there, which is at the same address; a button has none.

    What reading writes, as the opening of a report, is undone: it is not what the form writes.
    """
    page = Fields()
    with transaction.atomic():
        response = world.client(post.persona).get(post.address)
        if response.status_code == 200 and not response.streaming:
            page.feed(response.content.decode())
        finish(response)
        transaction.set_rollback(True)
    page.names |= set(post.data)
    return page


def encoded(body: Mapping[str, Any]) -> tuple[Any, ...]:
    """Write a body as a page does, in parts where it has a file: hundreds of columns are long to read in parts."""
    if any(hasattr(value, "seek") for value in body.values()):
        return (dict(body),)
    return urlencode(body, doseq=True), "application/x-www-form-urlencoded"


def send(world: World, post: Post, body: Mapping[str, Any], before: Rows) -> tuple[Written, int]:
    """Post a body, see what it wrote, and undo it."""
    for value in body.values():
        if hasattr(value, "seek"):
            value.seek(0)
    cache.clear()  # counted requests are not undone with the rest
    with transaction.atomic():
        writes = Writes()
        with connection.execute_wrapper(writes):
            response = world.client(post.persona).post(post.address, *encoded(body))
            finish(response)
        written = Written.between(before, snapshot(writes.tables))
        transaction.set_rollback(True)
    return written, response.status_code


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def counted(first: Any, again: Any, found: Any, turn: int) -> bool:
    """Tell whether a value is the number that a sequence gives at this turn: PostgreSQL does not take numbers back."""
    values = [str(value) for value in (first, again, found)]
    if not all(value.isdecimal() for value in values):
        return False
    one, two, three = map(int, values)
    return one < two and three == two + turn * (two - one)


def differences(world: World, post: Post, rounds: list[dict[str, str]], before: Rows) -> tuple[list[str], bool]:
    """List what the slipped columns changed; tell also whether the form writes anything at all."""
    page = own_fields(world, post)
    body = {**page.values, **post.data}
    first, status = send(world, post, body, before)
    again, _ = send(world, post, body, before)
    cells, others = first.cells(), again.cells()
    # Instants, tokens, keys: what differs from one time to the next.
    drawn = {key for key in cells if not same(cells[key], others.get(key))}
    has_written = bool(first.rows or first.removed)
    wrong = []
    if post.is_awaited and (status, has_written) != (302, True):
        wrong.append(f"{post}: {status}, not done")
    for turn, extra in enumerate(rounds, start=1):
        added = {name: value for name, value in extra.items() if name not in page.names}
        written, got = send(world, post, {**body, **added}, before)
        if got != status or written.removed != first.removed:
            wrong.append(f"{post}: {got} instead of {status}, removed {written.removed}")
        found = written.cells()
        wrong += [
            f"{post}: {label}.{column} is {found.get(key)!r}, not {cells.get(key)!r}"
            for key in sorted({*found, *cells} - drawn)
            if not same(found.get(key), cells.get(key))
            for label, _, column in [key]
        ]
        taken = {str(value) for value in added.values()} - {""}
        wrong += [
            f"{post}: {label}.{column} took {found[key]!r}"
            for key in sorted(drawn & set(found))
            for label, _, column in [key]
            if isinstance(found[key], str | UUID | datetime | date)
            and str(found[key])[:19] in taken
            and not counted(cells[key], others.get(key), found[key], turn)
        ]
    return wrong, has_written


def test_no_form_takes_a_field_that_it_does_not_show(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # An order drawn at random differs from one post to the next, whatever was slipped in.
    monkeypatch.setattr("datathon.services.scoring.random.SystemRandom", lambda: random.Random(1))
    rounds, before = slipped(house), snapshot()
    assert {"state", "turn", "number", "owner_id", "is_superuser", "role", "siret", "amount", "by"} <= set(rounds[0])
    wrong, names, writing, count = [], set(), set(), 0
    for post in posts(house):
        found, has_written = differences(house, post, rounds, before)
        wrong += found
        count += 1
        names.add(post.name)
        if has_written:
            writing.add(post.name)
    assert wrong == []
    assert count >= 185
    assert names - writing - WRITES_NOTHING - REFUSED == set()


# ---------------------------------------------------------------------------------------------------------- witnesses
@pytest.mark.django_db
def test_every_table_written_to_is_heard() -> None:
    before, writes = snapshot(), Writes()
    with connection.execute_wrapper(writes):
        user = User.objects.create_user("ecoute@exemple.invalid", PASSWORD)
        User.objects.filter(pk=user.pk).update(name="Camille")
        list(Dossier.objects.all())
    assert writes.tables == {User._meta.db_table}
    assert Written.between(before, snapshot(writes.tables)) == Written.between(before, snapshot())
    with connection.execute_wrapper(writes), connection.cursor() as cursor:
        cursor.execute("WITH one AS (SELECT 1) SELECT * FROM one")
    assert writes.tables is None


def open_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Write whatever is posted: what no view of ours does."""
    user = get_object_or_404(User, pk=pk)
    for name, value in request.POST.items():
        if name != "pk" and name in {column.name for column in User._meta.concrete_fields} - {"id", "last_login"}:
            setattr(user, name, value == "on" if name.startswith("is_") else value)
    user.date_joined = User.objects.get(pk=pk).date_joined
    user.save()
    return HttpResponse("done")


def open_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note, and the owner if somebody thinks of it."""
    dossier = get_object_or_404(Dossier, pk=pk)
    dossier.owner_id = int(request.POST["owner_id"]) if "owner_id" in request.POST else dossier.owner_id
    dossier.save()
    return HttpResponse("done")


urlpatterns = [*get_resolver("normandata.urls").url_patterns]
urlpatterns += [path("ouvert/<int:pk>/", open_person), path("ouvert/dossier/<int:pk>/", open_dossier)]


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("/ouvert/{person}/", {"is_superuser", "is_staff", "name", "email"}),
        ("/ouvert/dossier/{dossier}/", {"owner_id"}),
    ],
)
def test_a_view_that_takes_what_it_is_given_is_seen(house: World, settings, address: str, columns: set[str]) -> None:
    settings.ROOT_URLCONF = __name__
    dossier = Dossier.objects.get(key=house.mine["dossier"])
    found = address.format(person=house.people[w.MEMBER].pk, dossier=dossier.pk)
    wrong, _ = differences(house, Post("open", w.MEMBER, found, {}), slipped(house), snapshot())
    assert columns <= {line.partition(": ")[2].partition(" ")[0].rpartition(".")[2] for line in wrong}
