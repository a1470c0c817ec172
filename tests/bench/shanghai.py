"""An area file of a city's size: /shared is not part of the project, its shape is."""

from __future__ import annotations

import csv
from pathlib import Path

DISTRICTS, STREETS, COMMUNITIES = 16, 14, 29


def city_file(path: Path) -> list[tuple[str, str]]:
    """Write a city of about Shanghai's size; return (code, level) of every row."""
    rows = [("310000000000", "上海市", "province", "")]
    city = "310100000000"
    rows.append((city, "市辖区", "city", "310000000000"))
    for d in range(1, DISTRICTS + 1):
        district = f"3101{d:02d}000000"
        rows.append((district, f"第{d}区", "district", city))
        for s in range(1, STREETS + 1):
            street = f"3101{d:02d}{s:03d}000"
            rows.append((street, f"第{d}区{s}街道", "street", district))
            for n in range(1, COMMUNITIES + 1):
                code = f"3101{d:02d}{s:03d}{n:03d}"
                rows.append((code, f"{s}街道{n}居委会", "community", street))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "name", "level", "parent_code"))
        writer.writerows(rows)
    return [(code, level) for code, _, level, _ in rows]
