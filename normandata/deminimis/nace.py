"""The sector of an activity as the register writes it: NACE section, division and class (`C.25.62`). Pure."""

SECTIONS = (
    ("A", 1, 3), ("B", 5, 9), ("C", 10, 33), ("D", 35, 35), ("E", 36, 39), ("F", 41, 43), ("G", 45, 47), ("H", 49, 53),
    ("I", 55, 56), ("J", 58, 63), ("K", 64, 66), ("L", 68, 68), ("M", 69, 75), ("N", 77, 82), ("O", 84, 84),
    ("P", 85, 85), ("Q", 86, 88), ("R", 90, 93), ("S", 94, 96), ("T", 97, 98), ("U", 99, 99),
)  # fmt: skip
"""NACE rev. 2: letter, first and last division (règlement (CE) n° 1893/2006, annexe I)."""


SECTIONS_2025 = (
    *SECTIONS[:6], ("G", 46, 47), *SECTIONS[7:9], ("J", 58, 60), ("K", 61, 63), ("L", 64, 66), ("M", 68, 68),
    ("N", 69, 75), ("O", 77, 82), ("P", 84, 84), ("Q", 85, 85), ("R", 86, 88), ("S", 90, 93), ("T", 94, 96),
    ("U", 97, 98), ("V", 99, 99),
)  # fmt: skip
"""NACE rev. 2.1 (règlement délégué (UE) 2023/137), on which NAF 2025 is built."""


def nace(activity_code: str, nomenclature: str = "") -> str:
    """Write a NAF code (`25.62B`) as the NACE class it belongs to; empty when it is not one."""
    code = activity_code.replace(".", "")[:4]
    if len(code) < 4 or not (code.isascii() and code.isdigit()):
        return ""
    sections = SECTIONS_2025 if "2025" in nomenclature else SECTIONS
    division = int(code[:2])
    letter = next((letter for letter, first, last in sections if first <= division <= last), "")
    return f"{letter}.{code[:2]}.{code[2:]}" if letter else ""
