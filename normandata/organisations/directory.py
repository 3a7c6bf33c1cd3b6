"""Client of the public « API Recherche d’entreprises » (DINUM): one SIRET in, one strict record out.

Source: https://recherche-entreprises.api.gouv.fr, 7 calls a second and address, no key. The answer is read word by
word: whatever is not as documented counts as an outage, so that a page neither hangs nor breaks.
"""

import json
import logging
import re
import time
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.utils import timezone

from . import conf

logger = logging.getLogger(__name__)
FICTITIOUS = Path(__file__).with_name("data") / "annuaire_fictif.json"
SOURCE = "Annuaire des entreprises (Insee, répertoire Sirene)"
FICTITIOUS_SOURCE = "Annuaire fictif de démonstration"
HIDDEN = "[NON-DIFFUSIBLE]"
FICTITIOUS_RANGE = "999"
NAF_2025_MAIN = date(2027, 1, 1)
_VERSION = "1"
_MAYBE_LATER = {429, 500, 502, 503, 504}


class DirectoryDown(Exception):
    """The directory did not answer in time, or not in the way it documents."""


class NotListed(Exception):
    """The directory answered that it does not know this SIRET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the directory says of one establishment and of the legal unit it belongs to; "" and None are unknown."""

    siret: str
    siren: str
    name: str
    sigle: str
    legal_category: str
    activity_code: str
    activity_nomenclature: str
    street: str
    postal_code: str
    city: str
    insee_code: str
    department: str
    epci_siren: str
    established_on: date | None
    created_on: date | None
    staff_band: str
    seat_siret: str
    seat_department: str
    is_seat: bool
    association_number: str
    finess_numbers: tuple[str, ...]
    is_diffusible: bool
    is_closed: bool
    closed_on: date | None
    source: str


def find(siret: str, *, fresh: bool = False) -> Record:
    """Look one SIRET up; raises DirectoryDown or NotListed. `fresh` asks again in spite of the cache.

    Never call it inside a transaction: it may take seconds.
    """
    key = f"organisations.directory.{_VERSION}.{siret}"
    down = "organisations.directory.down"
    known = None if fresh else _remembered(key)
    if isinstance(known, Record):
        return known
    if known == "not listed":
        raise NotListed(siret)
    if not conf.directory_url():
        return _offline(siret)
    if not fresh and _remembered(down):
        raise DirectoryDown("it was down a moment ago")
    try:
        record = parse(_ask(siret), siret)
    except NotListed:
        _remember(key, "not listed", conf.KEEP_NOT_LISTED)
        raise
    except DirectoryDown as error:
        logger.warning("The directory of companies is down (%s).", error)
        _remember(down, True, conf.KEEP_DOWN)
        raise
    _remember(key, record, conf.KEEP_FOUND)
    return record


def parse(answer: Any, siret: str, *, source: str = SOURCE) -> Record:
    """Read an answer of the API; raises NotListed when the SIRET is not in it, DirectoryDown when it is malformed."""
    try:
        units = [unit for unit in answer["results"] if unit["siren"] == siret[:9]]
        for unit in units:
            seat = unit["siege"]
            for place in (*unit.get("matching_etablissements", ()), seat):
                if place["siret"] == siret:
                    return _record(unit, place, seat, source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DirectoryDown(f"unreadable answer ({type(error).__name__})") from error
    raise NotListed(siret)


def _record(unit: dict[str, Any], place: dict[str, Any], seat: dict[str, Any], source: str) -> Record:
    extras = unit.get("complements") or {}
    insee_code = _text(place, "commune", 5)
    postal_code = _text(place, "code_postal", 5)
    city = _text(place, "libelle_commune", 100)
    is_unit_closed = _text(unit, "etat_administratif", 1) == "C"
    finess = [*_texts(place, "liste_finess"), *_texts(extras, "liste_finess_juridique")]
    return Record(
        siret=_digits(place["siret"], 14),
        siren=_digits(unit["siren"], 9),
        name=_text(unit, "nom_raison_sociale", 200) or _text(unit, "nom_complet", 200),
        sigle=_text(unit, "sigle", 80),
        legal_category=_text(unit, "nature_juridique", 4),
        activity_code=_text(place, "activite_principale", 6) or _text(unit, "activite_principale", 6),
        activity_nomenclature=_nomenclature(unit),
        street=_street(_text(place, "adresse", 300), postal_code, city),
        postal_code=postal_code,
        city=city,
        insee_code=insee_code,
        department=_department(place, insee_code or postal_code),
        epci_siren=_text(place, "epci", 9),
        established_on=_day(place, "date_creation"),
        created_on=_day(unit, "date_creation"),
        staff_band=_text(place, "tranche_effectif_salarie", 2) or _text(unit, "tranche_effectif_salarie", 2),
        seat_siret=_digits(seat["siret"], 14),
        seat_department=_department(seat, _text(seat, "commune", 5) or _text(seat, "code_postal", 5)),
        is_seat=place["siret"] == seat["siret"],
        association_number=_text(extras, "identifiant_association", 10),
        finess_numbers=tuple(dict.fromkeys(finess)),
        is_diffusible=_text(unit, "statut_diffusion", 1) != "P"
        and _text(place, "statut_diffusion_etablissement", 1) != "P"
        and HIDDEN not in f"{unit.get('nom_complet')}{unit.get('nom_raison_sociale')}{place.get('adresse')}",
        is_closed=is_unit_closed or _text(place, "etat_administratif", 1) == "F",
        closed_on=_day(place, "date_fermeture") or (_day(unit, "date_fermeture") if is_unit_closed else None),
        source=source,
    )


def _text(holder: dict[str, Any], name: str, longest: int) -> str:
    """Read a text; absent, null or hidden is empty; longer or of another kind is malformed."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(name)
    value = " ".join(value.split())
    if HIDDEN in value:
        return ""
    if len(value) > longest or any(ord(character) < 32 for character in value):
        raise ValueError(name)
    return value


def _texts(holder: dict[str, Any], name: str) -> list[str]:
    values = holder.get(name)
    return [] if values is None else [_text({name: value}, name, 9) for value in values if value]


def _digits(value: Any, length: int) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"\d{{{length}}}", value, re.ASCII):
        raise ValueError(value)
    return value


def _day(holder: dict[str, Any], name: str) -> date | None:
    value = _text(holder, name, 10)
    return date.fromisoformat(value) if value else None


def _department(place: dict[str, Any], code: str) -> str:
    return _text(place, "departement", 3) or (code[:3] if code.startswith(("97", "98")) else code[:2])


def _street(address: str, postal_code: str, city: str) -> str:
    """Keep of a whole address what stands before the postal code and the city."""
    end = f"{postal_code} {city}".strip()
    return address[: -len(end)].strip(" ,") if end and address.casefold().endswith(end.casefold()) else address


def _nomenclature(unit: dict[str, Any]) -> str:
    """Tell which nomenclature the main code belongs to: the 2025 one once its temporary field is gone (2027)."""
    if "activite_principale_naf25" not in unit and timezone.localdate() >= NAF_2025_MAIN:
        return "NAF 2025"
    return "NAF rév. 2"


# ---------------------------------------------------------------------------------------------------- the call
def _ask(siret: str) -> Any:
    """Call the API until it answers or the time is over, and return its JSON; raises DirectoryDown."""
    query = {"q": siret, "page": 1, "per_page": 1, "minimal": "true"}
    address = f"{conf.directory_url()}/search?{urlencode(query)}&include=siege,complements,matching_etablissements"
    deadline = time.monotonic() + conf.TOTAL_SECONDS
    fault = "no try"
    for attempt in range(conf.TRIES):
        try:
            status, wait, body = _call(address, deadline)
        except (urllib3.exceptions.HTTPError, OSError, TimeoutError) as error:
            fault, wait = type(error).__name__, None
        else:
            if status == 200:
                return _json(body)
            fault = f"HTTP {status}"
            if status not in _MAYBE_LATER:
                break
        pause = 0.2 * 2**attempt if wait is None else wait
        if time.monotonic() + pause >= deadline:
            break
        time.sleep(pause)
    raise DirectoryDown(fault)


def _call(address: str, deadline: float) -> tuple[int, float | None, bytes]:
    """Make one call and return status, Retry-After in seconds, body; a redirect is not followed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    response = _pool().request(
        "GET",
        address,
        headers={"User-Agent": f"NormanDATA/1.0 ({settings.SITE_URL})", "Accept": "application/json"},
        timeout=urllib3.Timeout(connect=min(conf.CONNECT_SECONDS, left), read=min(conf.CONNECT_SECONDS, left)),
        retries=False,
        redirect=False,
        preload_content=False,
    )
    try:
        body = bytearray()
        # `read1` returns after each packet, so that an answer sent drop by drop meets the deadline too.
        while response.status == 200 and (piece := response.read1(65536)):
            body += piece
            if len(body) > conf.LARGEST_ANSWER or time.monotonic() > deadline:
                raise TimeoutError
        return response.status, _seconds(response.headers.get("Retry-After")), bytes(body)
    finally:
        response.close()


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=2, maxsize=4)


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None:
        return None
    return float(retry_after) if re.fullmatch(r"\d{1,6}", retry_after.strip(), re.ASCII) else float("inf")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DirectoryDown("not JSON") from error


# --------------------------------------------------------------------------------------------- cache and offline
def _remembered(key: str) -> Any:
    """Read the cache; a cache that is down remembers nothing."""
    try:
        return shared_cache.get(key)
    except Exception:
        logger.warning("The cache did not answer.")
        return None


def _remember(key: str, value: Any, seconds: int) -> None:
    try:
        shared_cache.set(key, value, seconds)
    except Exception:
        logger.warning("The cache did not answer.")


def _offline(siret: str) -> Record:
    """Answer from the fictitious register: a 999 number it lacks is not listed, any other meets an outage."""
    if not siret.startswith(FICTITIOUS_RANGE):
        raise DirectoryDown("offline")
    return parse(fictitious(), siret, source=FICTITIOUS_SOURCE)


@cache
def fictitious() -> Any:
    """Return the fictitious register, in the shape of the API's answer."""
    return json.loads(FICTITIOUS.read_text(encoding="utf-8"))
