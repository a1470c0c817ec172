"""The one table shape against a naive model: the list of everything ever put."""

from __future__ import annotations

import contextlib
import itertools
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from projections.board import AREA, GROUND, LOCAL
from projections.progress import PROGRESS
from projections.store import open_views
from projections.temporal import Temporal, differences
from projections.timeline import ENTRY
from projections.writer import Writer
from tests.views.city import content


class Thing(NamedTuple):
    """Something in a place, with a number that may be missing."""

    key: str
    path: str
    name: str
    number: int | None
    occurred_us: int
    seq_from: int


class Note(NamedTuple):
    """Something that never changes."""

    seq: int
    path: str
    text: str
    occurred_us: int


THING = Temporal("test_thing", Thing)
NOTE = Temporal("test_note", Note, append_only=True)
PATHS = {"a": "31", "b": "3101", "c": "310117001", "d": "310117001001g01", "e": "32"}


@contextlib.contextmanager
def opened(home):
    """Give an engine on a views database."""
    engine = open_views(home)
    try:
        yield engine
    finally:
        engine.dispose()


def empty(c):
    """Delete every row of the two tables."""
    c.execute(THING.table.delete())
    c.execute(NOTE.table.delete())


values = st.tuples(
    st.sampled_from(sorted(PATHS)),
    st.sampled_from(["", "东", "西\t\n\\N"]),
    st.sampled_from([None, 0, 2**53]),
)
histories = st.lists(st.lists(values, max_size=4), max_size=8)
"""For each seq from 1 on, what is put in its order."""
cuts = st.lists(st.sampled_from(["", "flush", "restart"]), min_size=8, max_size=8)


def puts_of(history):
    """Return the rows that a history puts, in order."""
    return [
        Thing(key, PATHS[key], name, number, 1_000 + seq, seq)
        for seq, put in enumerate(history, start=1)
        for key, name, number in put
    ]


def write(c, history, cut):
    """Put a history; after each seq flush, or flush and begin anew, where cut."""
    writer = Writer(THING)
    writer.load(c)
    for seq in range(1, len(history) + 1):
        for row in puts_of(history):
            if row.seq_from == seq:
                writer.put(row)
        if cut[seq - 1]:
            writer.flush(c)
        if cut[seq - 1] == "restart":
            writer = Writer(THING)
            writer.load(c)
    writer.flush(c)


def model(history):
    """Return what each key's rows must be: a put begins one if it says anything new."""
    rows = {}
    for row in puts_of(history):
        mine = rows.setdefault(row.key, [])
        if mine and mine[-1][:-2] == row[:-2]:
            continue
        if mine and mine[-1].seq_from == row.seq_from:
            mine.pop()  # never seen: the same event put another
        mine.append(row)
    return rows


def said(history, upto):
    """Return what was last put for each key, without its time."""
    return {row.key: row[:-2] for row in puts_of(history) if row.seq_from <= upto}


def by_key(row):
    """Return what a row is sorted by."""
    return row.key, row.seq_from


def check_against_model(c, history):
    """Assert that now, as of, changed and history answer as the model does."""
    rows, head = model(history), len(history)
    everything = sorted((r for mine in rows.values() for r in mine), key=by_key)
    now = sorted((mine[-1] for mine in rows.values()), key=by_key)
    assert sorted(THING.select(c, at=None), key=by_key) == now
    assert {row.key: row[:-2] for row in now} == said(history, head)
    for seq in range(head + 2):
        then = THING.select(c, at=seq)
        assert {row.key: row[:-2] for row in then} == said(history, seq)
        assert set(then) == {
            max((r for r in mine if r.seq_from <= seq), key=lambda r: r.seq_from)
            for mine in rows.values()
            if mine[0].seq_from <= seq
        }
        path, key = ("31", "3101", "310117001")[seq % 3], "abcde"[seq % 5]
        below = [row for row in then if row.path.startswith(path)]
        assert set(THING.select(c, at=seq, path=path)) == set(below)
        expected = [row for row in then if row.key == key]
        assert THING.get(c, key, at=seq) == (expected[0] if expected else None)
        begun = [row for row in everything if row.seq_from > seq]
        changed = THING.changed(c, after=seq, upto=head)
        assert sorted(changed, key=by_key) == begun
        assert [r.seq_from for r in changed] == sorted(r.seq_from for r in begun)
        earlier = {row for row in everything if row.seq_from <= seq}
        assert set(THING.changed(c, after=0, upto=seq)) == earlier
    for key in PATHS:
        assert THING.history(c, key) == rows.get(key, [])
        assert THING.get(c, key, at=None) == (rows[key][-1] if key in rows else None)


def ends_meet(c):
    """Assert that each row ends where its key's next one begins, the last nowhere."""
    rows = content(c, [THING])[THING.name]
    for row, following in itertools.pairwise([*rows, None]):
        same = following is not None and following[0] == row[0]
        assert row[-1] == (following[-2] if same else None)


def examples(home):
    """Return how many histories are worth their time: a server's are dearer."""
    return 15 if isinstance(home, str) else 50


def test_every_question_is_answered_as_by_the_list_of_all_puts(home):
    """Now, as of every seq, changed and history agree with the model, however cut."""
    with opened(home) as engine:

        @given(history=histories, cut=cuts)
        @settings(max_examples=examples(home), deadline=None, database=None)
        def check(history, cut):
            with engine.begin() as c:
                empty(c)
                write(c, history, cut)
                check_against_model(c, history)
                ends_meet(c)

        check()


def test_batches_do_not_show_in_the_tables(home):
    """One flush, one after each seq, restarts and a rebuild's flush write the same."""
    with opened(home) as engine:

        @given(history=histories, cut=cuts)
        @settings(max_examples=examples(home), deadline=None, database=None)
        def check(history, cut):
            found = []
            for cutting in (cut, [""] * 8, ["flush"] * 8, ["restart"] * 8):
                with engine.begin() as c:
                    empty(c)
                    write(c, history, cutting)
                    found.append(content(c, [THING]))
            with engine.begin() as c:
                empty(c)
                writer = Writer(THING)
                for number, row in enumerate(puts_of(history)):
                    for earlier in puts_of(history)[number - 1 : number]:
                        if cut[row.seq_from - 1] and earlier[-1] < row[-1]:
                            writer.flush(c, keep_open=True)
                    writer.put(row)
                writer.flush(c, keep_open=True)
                writer.flush(c)
                found.append(content(c, [THING]))
            assert all(each == found[0] for each in found)

        check()


UNCHANGED = [
    # what is put at seq 1, 2, …: name, and how many rows there are after it
    ("the same again", ["甲", "甲"], 1),
    ("another and the same again", ["甲", "乙", "乙"], 2),
    ("back again", ["甲", "乙", "甲"], 3),
]


@pytest.mark.parametrize(("names", "rows"), [
    pytest.param(names, rows, id=sentence) for sentence, names, rows in UNCHANGED
])  # fmt: skip
@pytest.mark.parametrize("restart", [False, True])
def test_an_unchanged_put_makes_no_row(home, names, rows, restart):
    """Only a put that says something new ends a row and begins another."""
    with opened(home) as engine, engine.begin() as c:
        history = [[("a", name, 1)] for name in names]
        write(c, history, ["restart" if restart else ""] * len(names))
        assert len(THING.history(c, "a")) == rows


def test_of_several_puts_in_one_seq_the_last_one_stands(home):
    """No moment shows what the same event put and replaced."""
    with opened(home) as engine, engine.begin() as c:
        history = [[("a", "甲", 1)], [("a", "乙", 1), ("a", "丙", 1)]]
        write(c, history, ["flush", "flush"])
        rows = [(row.name, row.seq_from) for row in THING.history(c, "a")]
        assert rows == [("甲", 1), ("丙", 2)]


def test_an_append_only_table_keeps_every_row_and_none_in_memory(home):
    """Each row is an entity of its own, written once, also over a restart."""
    notes = [Note(n, "310117", f"n{n % 3}", n) for n in range(1, 8)]
    with opened(home) as engine, engine.begin() as c:
        writer = Writer(NOTE)
        writer.load(c)
        for note in notes:
            writer.put(note)
            if note.seq % 3 == 0:
                writer.flush(c)
        writer.flush(c)
        assert writer.current == {}
        writer.load(c)
        writer.flush(c)
        assert content(c, [NOTE])[NOTE.name] == notes
        assert [NOTE.get(c, n, at=None) for n in range(1, 9)] == [*notes, None]


def test_what_a_failed_batch_put_is_forgotten_by_load(home):
    """After a rollback, load takes back what the database has, and nothing else."""
    with opened(home) as engine:
        things, notes = Writer(THING), Writer(NOTE)
        with engine.begin() as c:
            things.put(Thing("a", "31", "甲", 1, 1, 1))
            notes.put(Note(1, "31", "甲", 1))
            things.flush(c)
            notes.flush(c)
        with engine.connect() as c:
            things.put(Thing("a", "31", "乙", 1, 2, 2))
            things.put(Thing("b", "3101", "乙", 1, 2, 2))
            notes.put(Note(2, "31", "乙", 2))
            things.flush(c)
            things.put(Thing("a", "31", "丙", 1, 3, 3))
            c.rollback()
        with engine.begin() as c:
            things.load(c)
            notes.load(c)
            things.put(Thing("a", "31", "丁", 1, 4, 4))
            things.flush(c)
            notes.flush(c)
            rows = [(row.name, row.seq_from) for row in THING.history(c, "a")]
            assert rows == [("甲", 1), ("丁", 4)]
            assert THING.get(c, "b", at=None) is None
            assert len(content(c, [NOTE])[NOTE.name]) == 1


STOOD = [["a", "甲"], ["b", "甲"], ["a", "乙"], ["c", "甲"], ["c", "乙"], ["b", "乙"]]
ROW = Thing("bb", "31", "甲", None, 1, 2)
TAMPERED = [
    # what is done to one side, and the keys of the rows that differ
    ("nothing", lambda _: [], []),
    ("a cell", lambda t: [t.update().where(t.c.key == "b", t.c.seq_from == 2)
                          .values(name="丙")], [("b", 2)]),
    ("a NULL", lambda t: [t.update().where(t.c.key == "a", t.c.seq_from == 1)
                          .values(number=None)], [("a", 1)]),
    ("an end", lambda t: [t.update().where(t.c.key == "c", t.c.seq_from == 4)
                          .values(seq_to=9)], [("c", 4)]),
    ("the first row", lambda t: [t.delete().where(t.c.key == "a",
                                                  t.c.seq_from == 1)], [("a", 1)]),
    ("the last row", lambda t: [t.delete().where(t.c.key == "c",
                                                 t.c.seq_from == 5)], [("c", 5)]),
    ("all rows", lambda t: [t.delete()],
     [("a", 1), ("a", 3), ("b", 2), ("b", 6), ("c", 4), ("c", 5)]),
    ("a row more", lambda t: [t.insert().values(ROW._asdict())], [("bb", 2)]),
    ("three things", lambda t: [
        t.insert().values(ROW._asdict()), t.delete().where(t.c.key == "a"),
        t.update().where(t.c.key == "c").values(path="9"),
    ], [("a", 1), ("a", 3), ("bb", 2), ("c", 4), ("c", 5)]),
]  # fmt: skip


@pytest.mark.parametrize("side", ["live", "rebuilt"])
@pytest.mark.parametrize(("tamper", "differ"), [
    pytest.param(tamper, differ, id=sentence) for sentence, tamper, differ in TAMPERED
])  # fmt: skip
def test_differences_names_each_row_that_is_not_the_same(
    tmp_path, side, tamper, differ
):
    """A changed, a missing and a further row are found on either side, once each."""
    check_differences(tmp_path / "1.db", tmp_path / "2.db", side, tamper, differ)


@pytest.mark.parametrize("side", ["live", "rebuilt"])
def test_differences_compares_a_file_with_a_server(tmp_path, pg_dsn, side):
    """Both databases sort and read rows alike, so that either can check the other."""
    for sentence, tamper, differ in TAMPERED:
        home = tmp_path / f"{sentence}.db"
        check_differences(home, pg_dsn, side, tamper, differ)


def check_differences(one_home, other_home, side, tamper, differ):
    """Write the same rows twice, tamper with one side, ask for the differences."""
    history = [[(key, name, 1)] for key, name in STOOD]
    with opened(one_home) as one, opened(other_home) as other:
        for engine in (one, other):
            with engine.begin() as c:
                empty(c)
                write(c, history, ["flush"] * len(history))
        with (one if side == "live" else other).begin() as c:
            for statement in tamper(THING.table):
                c.execute(statement)
        with one.connect() as live, other.connect() as rebuilt:
            found = list(differences(live, rebuilt, THING))
    assert [(d["live"] or d["rebuilt"])[0::5] for d in found] == differ
    for difference in found:
        assert difference["table"] == "test_thing"
        assert difference["live"] != difference["rebuilt"]


@pytest.mark.parametrize("table", [AREA, LOCAL, GROUND, PROGRESS, ENTRY, THING],
                         ids=lambda table: table.name)  # fmt: skip
def test_text_sorts_by_its_bytes_whatever_the_server_speaks(table):
    """Path ranges and differences rely on byte order; most servers are en_US.UTF-8."""
    ddl = str(CreateTable(table.table).compile(dialect=postgresql.dialect()))
    texts = [line for line in ddl.splitlines() if " TEXT" in line]
    assert texts
    assert [line for line in texts if 'COLLATE "C"' not in line] == []
