"""Quick finding: by whatever somebody in a hurry has typed or scanned."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.exchange.finding import READINGS_MAX, find, keys_of
from api.exchange.items import read_items, ready
from coordination.items.events import Item

READY = [row.item for row in read_items(ready())[0]]


def item(code, name, en="", barcodes=(), category="other"):
    return Item(
        code=code, name=name, en=en, category=category, unit="只", barcodes=barcodes
    )


FEW = [
    item("kz", "防汛沙袋", category="flood"),
    item("mask", "口罩", "Mask", ("0012345678905",), "protective"),
    item("mask-n95", "N95口罩", "N95 mask", ("6901234567892",), "protective"),
    item("can-kz", "空罐", "Empty can"),
    item("stick", "绿色荧光棒（12h）", "Light stick"),
    item("pump", "重型排水泵", "Heavy pump", category="flood"),
    item("scale", "电子称重秤", "Scale"),
]

TABLE = [
    # query, codes in their order
    ("kz", ["kz", "mask", "can-kz", "mask-n95"]),  # code, begins, part of a code
    ("口罩", ["mask", "mask-n95"]),
    ("罩", ["mask", "mask-n95"]),
    ("kouzhao", ["mask", "mask-n95"]),
    ("kouz", ["mask", "mask-n95"]),
    ("kou zhao", ["mask", "mask-n95"]),
    ("zhao", ["mask", "mask-n95"]),
    ("\uff2b\uff3a", ["kz", "mask", "can-kz", "mask-n95"]),
    ("n95kz", ["mask-n95"]),
    ("n95 kz", ["mask-n95"]),
    ("kz n95", ["mask-n95"]),
    ("N95 口罩", ["mask-n95"]),
    ("n95口罩", ["mask-n95"]),
    ("MASK", ["mask", "mask-n95"]),
    ("6901234567892", ["mask-n95"]),
    ("06901234567892", ["mask-n95"]),  # as GTIN-14
    ("012345678905", ["mask"]),  # as UPC-A
    ("690123", ["mask-n95"]),
    ("lvse", ["stick"]),
    ("lsygb", ["stick"]),
    ("荧光棒12", ["stick"]),
    ("zhongxing", ["pump"]),
    ("zxpsb", ["pump"]),
    ("chengzhong", ["scale"]),
    ("防汛", ["kz", "pump"]),  # of its category
    ("flood", ["kz", "pump"]),
    ("沙包", []),
    ("（", ["stick"]),
    ("%", []),
    ("口罩 泵", []),
]


@pytest.mark.parametrize(("query", "codes"), TABLE)
def test_what_is_found(query, codes):
    assert [one.code for one in find(FEW, query, 10)] == codes


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kz", "mask-surgical"),
        ("kxj", None),
        ("pzyys", "water-500ml"),
        ("zp", "tent-12"),
        ("mianbei", "quilt"),
        ("djj", "radio"),
        ("sd", "sleeping-bag"),
        ("shoudiantong", "torch"),
        ("2寸", "pump-2in"),
    ],
)
def test_the_ready_catalogue_is_found(query, first):
    found = find(READY, query, 5)
    assert (found[0].code if found else None) == first


def test_an_empty_query_finds_all_by_the_shortest_name():
    assert find(FEW, " ", 3) == sorted(FEW, key=lambda i: (len(i.name), i.code))[:3]
    assert find(FEW, "kz", 0) == []


def test_readings_are_bounded():
    line = keys_of(item("x", "泵" * 12)).split("\n")[3]
    assert 1 < len(line.split()) <= READINGS_MAX


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_way_to_an_item_leads_to_it(data):
    one = data.draw(st.sampled_from(READY))
    _, _, name, full, initials, _ = keys_of(one).split("\n")
    ways = [one.code, one.name, one.en, *one.barcodes, *name.split(), *full.split()]
    way = data.draw(st.sampled_from([*ways, *initials.split()]))
    assert one in find(READY, way, len(READY))
    assert one in find(READY, way.upper(), len(READY))
    begin = data.draw(st.integers(0, len(name.strip()) - 1))
    assert one in find(READY, name.strip()[begin:], len(READY))


@settings(max_examples=100, deadline=None)
@given(
    st.permutations(READY), st.text(max_size=4) | st.sampled_from(["s", "shui", "水"])
)
def test_the_order_of_items_is_nothing(mixed, query):
    found = find(READY, query, 30)
    assert find(mixed, query, 30) == found
    assert find(mixed, query, 5) == found[:5]


def test_of_two_exact_ones_and_none_the_order_is_the_rank():
    ranked = [
        item("ab", "丙"),
        item("x1", "ab丙"),
        item("x2", "丙ab"),
        item("x3", "丙"),
    ]
    found = find(ranked, "ab", 9)
    assert [one.code for one in found] == ["ab", "x1", "x2"]
    assert all(first != then for first, then in pairwise(found))


def test_two_thousand_items_are_searched_at_once():
    many = [item(f"x-{n}", f"医用防护口罩{n}号", "mask") for n in range(2_000)]
    find(many, "", 1)
    begun = time.thread_time()
    for query in ("kz", "yyfh", "口罩 7", "x-17", "nothing"):
        find(many, query, 20)
    # About 5 ms each, of this thread's own: others may be at work beside it.
    assert (time.thread_time() - begun) / 5 < 0.1
