"""The directory's client against a real server that is slow, crowded, broken or lying."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from normandata.organisations import conf, directory
from normandata.organisations.directory import DirectoryDown, NotListed, Record
from normandata.organisations.models import Territory
from normandata.organisations.siret import is_valid
from normandata.organisations.territories import reference_rows

SIRET = "99900001100018"
Answer = Callable[[BaseHTTPRequestHandler], None]


def unit(siret: str) -> dict[str, Any]:
    """Copy the entry of the fictitious register that holds a SIRET."""
    for found in directory.fictitious()["results"]:
        if any(place["siret"] == siret for place in found["matching_etablissements"]):
            return json.loads(json.dumps(found))
    raise LookupError(siret)


class Server:
    """A directory whose answers are written by the test, one after the other; the last one repeats."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[BaseHTTPRequestHandler] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.asked.append(self)
                answers = server.answers
                self.close_connection = True
                try:
                    (answers.pop(0) if len(answers) > 1 else answers[0])(self)
                except OSError:
                    self.close_connection = True  # the client hung up, as it should

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"


def says(body: Any, status: int = 200, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


GOOD = says({"results": [unit(SIRET)]})


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    settings.DIRECTORY_URL = server.url
    monkeypatch.setattr(conf, "CONNECT_SECONDS", 0.4)
    monkeypatch.setattr(conf, "TOTAL_SECONDS", 1.0)
    yield server
    server.http.shutdown()
    server.http.server_close()


def test_a_record_is_read_whole(server: Server) -> None:
    server.answers = [GOOD]
    assert directory.find(SIRET) == Record(
        siret=SIRET, siren="999000011", name="Ateliers fictifs de la Seine", sigle="", legal_category="5710",
        activity_code="25.62B", activity_nomenclature="NAF rév. 2", street="1 rue de l’Exemple", postal_code="76000",
        city="Rouen", insee_code="76540", department="76", epci_siren="200023414", established_on=date(2009, 5, 12),
        created_on=date(2009, 5, 12), staff_band="12", seat_siret=SIRET, seat_department="76", is_seat=True,
        association_number="", finess_numbers=(), is_diffusible=True, is_closed=False, closed_on=None,
        source=directory.SOURCE,
    )  # fmt: skip
    request = server.asked[0]
    parts = urlsplit(request.path)
    assert (parts.path, parse_qs(parts.query)) == (
        "/search",
        {
            "q": [SIRET], "page": ["1"], "per_page": ["1"], "minimal": ["true"],
            "include": ["siege,complements,matching_etablissements"],
        },
    )  # fmt: skip
    assert request.headers["User-Agent"].startswith("NormanDATA/")


def test_the_answer_is_kept_a_day_unless_a_fresh_one_is_asked(server: Server) -> None:
    server.answers = [GOOD]
    assert directory.find(SIRET) == directory.find(SIRET)
    assert len(server.asked) == 1
    directory.find(SIRET, fresh=True)
    assert len(server.asked) == 2


def test_a_number_that_is_not_listed_is_told_apart_from_an_outage(server: Server) -> None:
    server.answers = [says({"results": [], "total_results": 0})]
    for _ in range(2):
        with pytest.raises(NotListed):
            directory.find(SIRET)
    assert len(server.asked) == 1
    server.answers = [says({"results": [unit("99900010200015")]})]
    with pytest.raises(NotListed):
        directory.find(SIRET, fresh=True)


def test_a_crowded_directory_is_asked_again_after_the_time_it_gives(server: Server) -> None:
    server.answers = [says({}, 429, Retry_After="0"), says(b"oops", 503), GOOD]
    assert directory.find(SIRET).name == "Ateliers fictifs de la Seine"
    assert len(server.asked) == 3


def slow(request: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def drop_by_drop(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(30):
        request.wfile.write(b" ")
        time.sleep(0.1)


def truncated(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(json.dumps({"results": [unit(SIRET)]}).encode())


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.close()


def broken(**changes: Any) -> Answer:
    return says({"results": [unit(SIRET) | changes]})


FAULTS: dict[str, Answer] = {
    "slow": slow,
    "drop by drop": drop_by_drop,
    "truncated": truncated,
    "hangs up": hangs_up,
    "crowded for an hour": says({}, 429, Retry_After="3600"),
    "crowded until a date": says({}, 429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"),
    "500": says(b"", 500),
    "403": says(b"", 403),
    "redirect": says(b"", 302, Location="http://127.0.0.1:1/"),
    "garbage": says(b"<html>maintenance</html>"),
    "empty": says(b""),
    "deep": says(b"[" * 100_000),
    "huge": says(b" " * 1_100_000),
    "a list": says([1]),
    "no results": says({"total_results": 0}),
    "results of numbers": says({"results": [1]}),
    "no seat": broken(siege=None),
    "a date that is none": broken(date_creation="2009-13-45"),
    "a name that is a number": broken(nom_raison_sociale=12),
    "a name without end": broken(nom_raison_sociale="x" * 201),
    "a category without end": broken(nature_juridique="57100"),
    "a seat that is no SIRET": broken(siege={**unit(SIRET)["siege"], "siret": "1"}, matching_etablissements=[]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_an_outage_that_ends_in_time(server: Server, fault: str) -> None:
    if fault == "a seat that is no SIRET":
        found = unit(SIRET)
        server.answers = [says({"results": [found | {"siege": {**found["siege"], "siret": "1"}}]})]
    else:
        server.answers = [FAULTS[fault]]
    start = time.monotonic()
    with pytest.raises(DirectoryDown):
        directory.find(SIRET)
    assert time.monotonic() - start < 2


def test_an_outage_is_remembered_a_little_so_that_it_holds_one_page_only(server: Server) -> None:
    server.answers = [says(b"", 500)]
    with pytest.raises(DirectoryDown):
        directory.find(SIRET)
    asked = len(server.asked)
    assert asked == 3
    server.answers = [GOOD]
    with pytest.raises(DirectoryDown):
        directory.find("99900010200015")
    assert len(server.asked) == asked
    assert directory.find(SIRET, fresh=True).siret == SIRET


def test_nobody_listening_is_an_outage(settings: LazySettings) -> None:
    settings.DIRECTORY_URL = "http://127.0.0.1:9"
    with pytest.raises(DirectoryDown):
        directory.find(SIRET)


def test_a_cache_that_is_down_breaks_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def get(self, key: str) -> None:
            raise ConnectionError

        def set(self, key: str, value: Any, seconds: int) -> None:
            raise ConnectionError

    monkeypatch.setattr(directory, "shared_cache", Down())
    server.answers = [GOOD]
    assert directory.find(SIRET).siret == SIRET


# ------------------------------------------------------------------------------------------------ what is read
def test_the_establishment_and_its_seat_are_told_apart() -> None:
    record = directory.find("99900029200030")
    assert (record.department, record.is_seat) == ("61", False)
    assert (record.seat_siret, record.seat_department) == ("99900029200022", "75")
    seat = directory.find("99900029200022")
    assert (seat.department, seat.is_seat, seat.siren) == ("75", True, record.siren)


def test_two_establishments_of_one_company_share_its_siren() -> None:
    first, second = directory.find("99900030000015"), directory.find("99900030000023")
    assert (first.siren, first.city, first.established_on) == ("999000300", "Falaise", date(1999, 12, 1))
    assert (second.siren, second.city, second.established_on) == ("999000300", "Bernay", date(2018, 4, 1))
    assert first.created_on == second.created_on == date(1999, 12, 1)


def test_a_closed_company_says_since_when() -> None:
    record = directory.find("99900032600010")
    assert (record.is_closed, record.closed_on) == (True, date(2021, 12, 31))


def test_one_closed_establishment_of_a_living_company_is_closed() -> None:
    found = unit("99900030000023")
    found["matching_etablissements"][1] |= {"etat_administratif": "F", "date_fermeture": "2025-06-30"}
    record = directory.parse({"results": [found]}, "99900030000023")
    assert (record.is_closed, record.closed_on) == (True, date(2025, 6, 30))
    assert not directory.parse({"results": [found]}, "99900030000015").is_closed


def test_what_is_not_public_stays_unsaid() -> None:
    record = directory.find("99900033400014")
    assert (record.name, record.street, record.is_diffusible) == ("", "", False)
    assert (record.city, record.department, record.legal_category) == ("Avranches", "50", "1000")


@pytest.mark.parametrize("change", [{"statut_diffusion": "P"}, {"nom_complet": "[NON-DIFFUSIBLE]"}])
def test_each_mark_of_secrecy_is_enough(change: dict[str, str]) -> None:
    assert not directory.parse({"results": [unit(SIRET) | change]}, SIRET).is_diffusible


def test_the_seat_alone_is_enough_and_the_department_is_drawn_from_the_commune() -> None:
    found = unit(SIRET)
    del found["matching_etablissements"]
    del found["siege"]["departement"]
    record = directory.parse({"results": [found]}, SIRET)
    assert (record.department, record.is_seat) == ("76", True)
    found["siege"]["commune"] = "97411"
    assert directory.parse({"results": [found]}, SIRET).department == "974"


def test_the_nomenclature_changes_in_2027(time_machine_at: Callable[[str], None]) -> None:
    found = unit(SIRET)
    time_machine_at("2027-01-02")
    assert directory.parse({"results": [found]}, SIRET).activity_nomenclature == "NAF rév. 2"
    del found["activite_principale_naf25"]
    assert directory.parse({"results": [found]}, SIRET).activity_nomenclature == "NAF 2025"
    time_machine_at("2026-12-30")
    assert directory.parse({"results": [found]}, SIRET).activity_nomenclature == "NAF rév. 2"


@pytest.fixture
def time_machine_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda day: monkeypatch.setattr(directory.timezone, "localdate", lambda: date.fromisoformat(day))


# ------------------------------------------------------------------------------------------------ offline
def test_offline_an_unlisted_fictitious_number_is_unknown_and_any_other_meets_an_outage() -> None:
    with pytest.raises(NotListed):
        directory.find("99950000100011")
    with pytest.raises(DirectoryDown):
        directory.find("73282932000074")
    assert directory.find(SIRET).source == directory.FICTITIOUS_SOURCE


def test_the_fictitious_register_is_sound() -> None:
    communes = {row.insee_code: row for row in reference_rows() if row.kind == Territory.Kind.COMMUNE}
    places = [place for found in directory.fictitious()["results"] for place in found["matching_etablissements"]]
    numbers = [place["siret"] for place in places]
    assert len(numbers) == len(set(numbers)) == 72
    assert all(is_valid(number) and number.startswith("999") for number in numbers)
    norman = [place for place in places if place["region"] == "28"]
    assert len(norman) == 70
    for place in norman:
        commune = communes[place["commune"]]
        assert (commune.name, commune.department, commune.epci_id) == (
            place["libelle_commune"], place["departement"], place["epci"],
        )  # fmt: skip
        assert place["code_postal"] in commune.postal_codes.split()
    records = [directory.find(number) for number in numbers]
    assert {record.legal_category[:2] for record in records} >= {"10", "55", "57", "72", "73", "92", "93"}
