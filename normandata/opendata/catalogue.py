"""The catalogue: a Data Package (frictionless) and DCAT-AP in JSON-LD, which a data portal harvests.

Sources: specs.frictionlessdata.io, Data Package 1; DCAT-AP 3, with the authority tables of the Publications Office.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import writing
from .definitions import DataSet, Field, Type
from .models import Publication

LICENCE = "Licence Ouverte 2.0"
LICENCE_CODE = "etalab-2.0"
LICENCE_URL = "https://spdx.org/licenses/etalab-2.0.html"
AUTHORITIES = "http://publications.europa.eu/resource/authority"
REGION = "http://id.insee.fr/geo/region/28"
MEDIA = {"csv": "text/csv", "json": "application/json"}
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Listed = Iterable[tuple[DataSet, Publication]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the catalogue stands: its page, the page of contact, and who publishes; addresses are absolute."""

    page: str
    contact: str
    publisher: str
    siren: str

    def file(self, slug: str, format: str) -> str:
        return f"{self.page}{slug}.{format}"


def datapackage(listed: Listed, place: Place) -> dict[str, Any]:
    """Describe the sets as a Data Package, one resource a file."""
    sets = list(listed)
    return {
        "profile": "data-package",
        "name": "normandata",
        "title": "NormanDATA, données ouvertes",
        "description": "Les données ouvertes des aides data et IA de la Région Normandie.",
        "homepage": place.page,
        "licenses": [_licence()],
        "contributors": [{"title": place.publisher, "role": "publisher"}],
        "created": _instant(max((one.changed for _, one in sets), default=None)),
        "resources": [_resource(one, found, format, place) for one, found in sets for format in writing.FORMATS],
    }


def _resource(one: DataSet, found: Publication, format: str, place: Place) -> dict[str, Any]:
    dialect = {"dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True}} if format == "csv" else {}
    return {
        "name": one.slug if format == "csv" else f"{one.slug}-{format}",
        "title": one.title,
        "description": one.description,
        "path": place.file(one.slug, format),
        "profile": "tabular-data-resource",
        "format": format,
        "mediatype": MEDIA[format],
        "encoding": "utf-8",
        "bytes": found.bytes(format),
        "hash": f"sha256:{found.sha256(format)}",
        "modified": _instant(found.changed),
        "licenses": [_licence()],
        "sources": [{"title": one.source}],
        **dialect,
        "schema": table_schema(one, format),
    }


def table_schema(one: DataSet, format: str = "csv") -> dict[str, Any]:
    """Describe the columns of a set in Table Schema; of a public schema, its name, version and address."""
    said: dict[str, Any] = {"fields": [_field(field, format) for field in one.fields]}
    if one.schema:
        said |= {
            "name": one.schema.code,
            "title": one.schema.name,
            "version": one.schema.version,
            "path": one.schema.url,
        }
    keys = [field.name for field in one.fields if field.unique]
    return said | ({"primaryKey": keys} if keys else {})


def _field(one: Field, format: str) -> dict[str, Any]:
    limits: dict[str, Any] = {
        "required": one.required or None,
        "unique": one.unique or None,
        "pattern": f"^{one.pattern}$" if one.pattern else None,
        "enum": list(one.one_of) or None,
        "maxLength": one.longest,
        "minimum": float(one.minimum) if one.minimum is not None else None,
        "maximum": float(one.maximum) if one.maximum is not None else None,
    }
    said: dict[str, Any] = {"name": one.name, "title": one.title, "type": one.type.value}
    if one.description:
        said["description"] = one.description
    if one.format:
        said["format"] = one.format
    if one.type is Type.BOOLEAN and format == "csv":
        said |= {"trueValues": [one.words[0]], "falseValues": [one.words[1]]}
    kept = {name: value for name, value in limits.items() if value is not None}
    return said | ({"constraints": kept} if kept else {})


def dcat(listed: Listed, place: Place) -> dict[str, Any]:
    """Describe the sets as a DCAT-AP catalogue in JSON-LD."""
    sets = list(listed)
    return {
        "@context": CONTEXT,
        "@id": place.page,
        "@type": "dcat:Catalog",
        "dct:title": _french("NormanDATA, données ouvertes"),
        "dct:description": _french("Les données ouvertes des aides data et IA de la Région Normandie."),
        "dct:publisher": _publisher(place),
        "dct:language": _id(f"{AUTHORITIES}/language/FRA"),
        "dct:license": _id(LICENCE_URL),
        "dct:spatial": _id(REGION),
        "foaf:homepage": _id(place.page),
        "dct:modified": _dated(max((one.changed for _, one in sets), default=None)),
        "dcat:dataset": [_data_set(one, found, place) for one, found in sets],
    }


def _data_set(one: DataSet, found: Publication, place: Place) -> dict[str, Any]:
    follows = {"dct:conformsTo": _id(one.schema.url)} if one.schema else {}
    return {
        "@id": f"{place.page}#{one.slug}",
        "@type": "dcat:Dataset",
        "dct:identifier": one.slug,
        "dct:title": _french(one.title),
        "dct:description": _french(" ".join(filter(None, (one.description, one.left_out)))),
        "dct:source": _french(one.source),
        "dct:publisher": _publisher(place),
        "dct:license": _id(LICENCE_URL),
        "dct:language": _id(f"{AUTHORITIES}/language/FRA"),
        "dct:spatial": _id(REGION),
        "dct:accrualPeriodicity": _id(f"{AUTHORITIES}/frequency/{one.frequency}"),
        "dct:accessRights": _id(f"{AUTHORITIES}/access-right/PUBLIC"),
        "dct:modified": _dated(found.changed),
        "dcat:theme": [_id(f"{AUTHORITIES}/data-theme/{one.theme}")],
        "dcat:keyword": [_french(word) for word in one.keywords],
        "dcat:landingPage": _id(f"{place.page}#{one.slug}"),
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": place.publisher,
            "vcard:hasURL": _id(place.contact),
        },
        **follows,
        "dcat:distribution": [_distribution(one, found, format, place) for format in writing.FORMATS],
    }


def _distribution(one: DataSet, found: Publication, format: str, place: Place) -> dict[str, Any]:
    address = place.file(one.slug, format)
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": _french(f"{one.title}, {format.upper()}"),
        "dcat:accessURL": _id(place.page),
        "dcat:downloadURL": _id(address),
        "dct:format": _id(f"{AUTHORITIES}/file-type/{format.upper()}"),
        "dcat:mediaType": _id(f"https://www.iana.org/assignments/media-types/{MEDIA[format]}"),
        "dcat:byteSize": {"@value": str(found.bytes(format)), "@type": "xsd:nonNegativeInteger"},
        "dct:modified": _dated(found.changed),
        "dct:license": _id(LICENCE_URL),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _id("http://spdx.org/rdf/terms#checksumAlgorithm_sha256"),
            "spdx:checksumValue": {"@value": found.sha256(format), "@type": "xsd:hexBinary"},
        },
    }


def _licence() -> dict[str, str]:
    return {"name": LICENCE_CODE, "title": LICENCE, "path": LICENCE_URL}


def _publisher(place: Place) -> dict[str, Any]:
    return {
        "@id": f"https://annuaire-entreprises.data.gouv.fr/entreprise/{place.siren}",
        "@type": "foaf:Organization",
        "foaf:name": _french(place.publisher),
        "dct:identifier": place.siren,
    }


def _id(address: str) -> dict[str, str]:
    return {"@id": address}


def _french(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}


def _instant(at: Any) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _dated(at: Any) -> dict[str, str | None]:
    return {"@value": _instant(at), "@type": "xsd:dateTime"}


__all__: Sequence[str] = ("CONTEXT", "LICENCE", "LICENCE_URL", "MEDIA", "Place", "datapackage", "dcat", "table_schema")
