"""Reads the tables of a page, and its files in CSV and XLSX, so that they can be compared cell by cell."""

import csv
import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

from django.test import Client

from tests.access import finish

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("&nbsp;", " ").replace("&#x27;", "'")


def get(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def shown(page: str) -> list[list[list[str]]]:
    """Read the tables of the page, cell by cell."""
    return [
        [
            [plain(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
        ]
        for table in re.findall(r"<table[^>]*>(.*?)</table>", page, re.DOTALL)
    ]


def read_csv(client: Client, address: str) -> list[list[str]]:
    answer: Any = client.get(address)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def read_xlsx(client: Client, address: str) -> list[list[str]]:
    answer: Any = client.get(address)
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    finish(answer)
    root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [["".join(cell.itertext()) for cell in row.iter(f"{NS}c")] for row in root.iter(f"{NS}row")]


def comparable(cell: str) -> str:
    """Write a cell as a bare number where it is one: `33,3 %`, `33,3` and `33.3` say the same."""
    bare = cell.replace(" ", "").replace("€", "").replace("%", "").replace(",", ".").removeprefix("'")
    try:
        return f"{float(bare):.4f}"
    except ValueError:
        return bare
