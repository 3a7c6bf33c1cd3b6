"""The tables of the project: its partners, its indicators of progress; and its calendar."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils import timezone

from normandata.deminimis.forms import MOST, YES_NO
from normandata.dossiers.forms import Line, Typed
from normandata.dossiers.tables import Row, Table, TableForm
from normandata.organisations import directory
from normandata.organisations.directory import DirectoryDown, NotListed
from normandata.organisations.siret import SiretField, compact, is_valid, written
from normandata.regulation.findings import Finding
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number, spaced
from normandata.ui.fields import DayField, NumberField

from .rules import REGLEMENT, Facts, evaluate
from .services.partners import Declared

SIRET = re.compile(r"partenaire(\d+)_siret", re.ASCII)
LARGEST = 10**9


def _partner() -> Mapping[str, forms.Field]:
    siret = SiretField(label="SIRET")
    siret.is_short = False
    return {
        "siret": siret,
        "nom": forms.CharField(label="Nom de la structure", max_length=200),
        "contact": forms.CharField(label="Personne à contacter", max_length=200),
        "courriel": forms.EmailField(
            label="Courriel",
            max_length=254,
            error_messages={"invalid": "Écrivez une adresse complète, par exemple prenom.nom@exemple.fr."},
        ),
        "lieu": forms.CharField(label="Département", max_length=3, widget=forms.HiddenInput),
    }


class PartnersForm(TableForm):
    """The partners by SIRET; each will confirm by mail. The directory says where each one is, or an agent will look.

    `lieu` is written by the portal alone: it never travels in the page.
    """

    tables = (Table("partenaire", "Partenaire", _partner, shortest=2, longest=15, quiet=frozenset({"lieu"})),)
    live_template = "booster_ia/sections/partenaires_live.html"
    avec = forms.ChoiceField(
        label="Menez-vous ce projet avec des partenaires ?",
        help_text="Le projet réunit au moins deux structures normandes, la vôtre comprise.",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )

    @classmethod
    def completed(cls, typed: Typed, before: Typed) -> Typed:
        """Ask the directory where each new partner is, and what it is called when its name is not typed."""
        known = {
            compact(str(value)): str(before.get(f"partenaire{found[1]}_lieu", ""))
            for name, value in before.items()
            if (found := SIRET.fullmatch(name))
        }
        whole = {name: value for name, value in typed.items() if not name.endswith("_lieu")}
        for name, value in typed.items():
            found, siret = SIRET.fullmatch(name), compact(str(value))
            if not found or not is_valid(siret):
                continue
            place, named = known.get(siret, ""), f"partenaire{found[1]}_nom"
            if not place or not str(whole.get(named, "")).strip():
                with contextlib.suppress(DirectoryDown, NotListed):
                    record = directory.find(siret)
                    place = record.department
                    whole[named] = str(whole.get(named, "")).strip() or record.name
            whole[f"partenaire{found[1]}_lieu"] = place
        return whole

    @property
    def partner_rows(self) -> list[Row]:
        return self.rows("partenaire")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = {self.context.organisation.siren: ""}
        partners: list[Declared] = []
        for row in self.filled("partenaire"):
            self._check(row)
            siret = self.of(row, "siret")
            if siret and siret[:9] in seen:
                self.add_error(row["siret"].name, _twice(seen[siret[:9]]))
            elif siret:
                seen[siret[:9]] = row.name
                partners.append(self._declared(row, siret))
        if cleaned.get("avec") == "oui" and not partners and not self.errors:
            self.add_error("partenaire1_siret", "Indiquez le SIRET d’un partenaire, ou répondez « Non ».")
        cleaned["partners"] = partners if cleaned.get("avec") == "oui" else []
        return cleaned

    def _check(self, row: Row) -> None:
        wanted = {
            "siret": "Indiquez son SIRET, 14 chiffres.",
            "nom": "Indiquez le nom de cette structure.",
            "courriel": "Indiquez une adresse : le partenaire y confirmera sa participation.",
        }
        for part, message in wanted.items():
            if not self.typed(row, part):
                self.add_error(row[part].name, message)

    def _declared(self, row: Row, siret: str) -> Declared:
        said = {part: self.of(row, part) or "" for part in ("nom", "courriel", "contact", "lieu")}
        return Declared(siret, said["nom"], said["courriel"], said["contact"], said["lieu"])

    @property
    def places(self) -> list[tuple[int, str, str]]:
        """Say of each partner where it is: (row, tone, sentence), outside Normandie with what that changes."""
        departments = REGLEMENT.on(self.context.on or timezone.localdate()).codes("departments")
        said = []
        for row in self.filled("partenaire"):
            place = self.of(row, "lieu") or ""
            if not self.of(row, "siret") or self.cleaned_data.get("avec") != "oui":
                continue
            if not place:
                said.append((row.number, "review", "L’annuaire n’a pas répondu : un agent vérifiera où elle est."))
            elif place in departments:
                said.append((row.number, "met", f"Établie en Normandie ({place}), d’après l’annuaire."))
            else:
                sentence = (
                    f"Établie hors de Normandie ({place}) : elle peut participer, mais ne compte pas parmi les "
                    "structures normandes qu’il faut réunir."
                )
                said.append((row.number, "na", sentence))
        return [(number, tone, spaced(sentence)) for number, tone, sentence in said]

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if not line.name.startswith("partenaire"):
                yield line
        for rank, one in enumerate(self.cleaned_data.get("partners", []), start=1):
            where = f"département {one.department}" if one.department else "département à vérifier"
            contact = f", {one.contact}" if one.contact else ""
            value = f"{one.name}, SIRET {written(one.siret)}, {where}{contact}, {one.email}"
            yield Line(f"partenaire{rank}", f"Partenaire {rank}", spaced(value))


def _twice(row: str) -> str:
    if not row:
        return "C’est le SIREN de votre propre structure : un partenaire est une autre structure."
    return f"Cette structure est déjà le {row.lower()} (même SIREN) : nommez-la une seule fois."


def _indicator() -> Mapping[str, forms.Field]:
    return {
        "nom": forms.CharField(label="Indicateur", max_length=200),
        "cible": NumberField(label="Cible", least=None, example="95"),
        "unite": forms.CharField(label="Unité", max_length=40),
    }


class CalendarForm(TableForm):
    """When the proof of concept begins and ends, and how its progress will be told (B-13, B-19)."""

    tables = (Table("indicateur", "Indicateur", _indicator, shortest=2, longest=15),)
    live_template = "booster_ia/sections/calendrier_live.html"
    debut = DayField(
        label="Début du projet",
        help_text="Par exemple 01/12/2026.",
        error_messages={"required": "Indiquez le jour où le projet commence."},
    )
    fin = DayField(
        label="Fin du projet",
        help_text="Le dernier jour de travail prévu ; la preuve de concept dure six mois au plus.",
        error_messages={"required": "Indiquez le dernier jour du projet."},
    )

    @property
    def indicator_rows(self) -> list[Row]:
        return self.rows("indicateur")

    @property
    def duration(self) -> Finding | None:
        """What the règlement says of these dates, once both can be read."""
        start, end = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        if not start or not end:
            return None
        verdict = evaluate(Facts(on=self.context.on or timezone.localdate(), start=start, end=end)).verdict
        return next(one for one in verdict.findings if one.rule == "booster_ia.duration")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("debut"), cleaned.get("fin")
        if start and end and end < start:
            self.add_error("fin", f"La fin précède le début, le {written_day(start)} : relisez les deux dates.")
        indicators = []
        for row in self.filled("indicateur"):
            self._check(row)
            name, target, unit = (self.of(row, part) for part in ("nom", "cible", "unite"))
            if name and target is not None:
                indicators.append((name, target, unit or ""))
        if not indicators and not any(name.startswith("indicateur") for name in self.errors):
            self.add_error("indicateur1_nom", "Donnez au moins un indicateur d’avancée.")
        cleaned["indicators"] = indicators
        return cleaned

    def _check(self, row: Row) -> None:
        if not self.typed(row, "nom"):
            self.add_error(row["nom"].name, "Dites ce que mesure cet indicateur.")
        if not self.typed(row, "cible"):
            self.add_error(row["cible"].name, "Indiquez la valeur visée, en chiffres.")
        target = self.of(row, "cible")
        if target is not None and abs(target) > LARGEST:
            self.add_error(row["cible"].name, MOST)

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if not line.name.startswith("indicateur"):
                yield line
        for rank, (name, target, unit) in enumerate(self.cleaned_data.get("indicators", []), start=1):
            yield Line(f"indicateur{rank}", f"Indicateur {rank}", spaced(f"{name} : {number(target)} {unit}".strip()))
