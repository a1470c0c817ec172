import msgspec
import pytest

from coordination.items.decide import (
    ITEMS_MAX,
    ImportItems,
    ItemRow,
    ItemsRefused,
    ItemsUnchanged,
    NotListed,
    WithdrawItem,
    import_items,
    withdraw_item,
)
from coordination.items.events import (
    BarcodeTaken,
    ItemListed,
    ItemWithdrawn,
    Need,
    Packaging,
)
from coordination.items.state import (
    Listed,
    UnknownItem,
    barcode_key,
    evolve_item,
    item_stream,
    listed_item,
)
from tests.decisions.goods import MASK, TENT, faults, moved
from tests.given import check, fold, table


def file(*items):
    """Return the import of a file, its first row under the heading."""
    return ImportItems(rows=tuple(ItemRow(n, i) for n, i in enumerate(items, 2)))


def listed(*items):
    """Return that items stand in the catalogue."""
    return [ItemListed(item=item) for item in items]


def so(**changed):
    """Return the mask described otherwise."""
    return msgspec.structs.replace(MASK, **changed)


GONE = ItemWithdrawn(code="mask")
TABLE = [so(code=f"i{n}") for n in range(ITEMS_MAX + 1)]


@table(
    ("new ones are listed", [], file(MASK, TENT), listed(MASK, TENT)),
    ("what stands there changes nothing", listed(MASK), file(MASK, TENT),
     listed(TENT)),
    ("one is described otherwise", listed(MASK), file(so(name="医用口罩")),
     listed(so(name="医用口罩"))),
    ("one withdrawn is listed again", [*listed(MASK), GONE], file(MASK),
     listed(MASK)),
    ("the last day and packaging that can be", [],
     file(so(shelf_days=36_500, alert_days=3_650,
             packagings=(Packaging("盒", 2), Packaging("箱", 1_000_000)))),
     listed(so(shelf_days=36_500, alert_days=3_650,
               packagings=(Packaging("盒", 2), Packaging("箱", 1_000_000))))),
    ("nothing new", listed(MASK, TENT), file(TENT, MASK), ItemsUnchanged),
    ("an empty file", [], file(), ItemsRefused),
    ("too long a file", [], file(*TABLE), ItemsRefused),
    ("one wrong row refuses all", [], file(TENT, so(category="toys")), ItemsRefused),
)  # fmt: skip
def test_a_catalogue_is_imported_all_or_nothing(given, when, then):
    """What a file says anew is listed, row by row; a wrong row refuses it."""
    check(import_items, given, when, then)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        pytest.param("category", so(category="toys"), id="no such category"),
        pytest.param("unit", so(unit="盒", packagings=()), id="another base unit"),
        pytest.param("packagings", so(packagings=(Packaging("只", 2),)),
                     id="packed in its own unit"),
        pytest.param("packagings", so(packagings=(Packaging("盒", 2),) * 2),
                     id="a packaging twice"),
        pytest.param("packagings", so(packagings=(Packaging("盒", 1),)), id="of one"),
        pytest.param("packagings", so(packagings=(Packaging("盒", 1_000_001),)),
                     id="of too many"),
        pytest.param("shelf_days", so(alert_days=-1), id="alert before the end of all"),
        pytest.param("shelf_days", so(shelf_days=9, alert_days=10),
                     id="alert before it is made"),
        pytest.param("shelf_days", so(alert_days=3_651), id="alert ten years before"),
        pytest.param("shelf_days", so(shelf_days=36_501), id="kept a century"),
        pytest.param("needs", so(needs=(Need("rain", 1),)), id="no such hazard"),
        pytest.param("needs", so(needs=(Need("flood", 0),)), id="a need of nothing"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_field(field, wrong):
    """Row and field of each fault, the base unit of what is known among them."""
    assert faults(import_items, listed(MASK), file(TENT, wrong)) == [(3, field)]


def row(item, *unstated):
    """Return a row of a file without these columns."""
    return ItemRow(2, item, unstated)


def named(*rows, others=()):
    """Return an import with what the catalogue shows of its barcodes."""
    return ImportItems(rows=rows, others=others)


def took(item, barcode="690"):
    """Return that a barcode is an item's from now on."""
    return BarcodeTaken(barcode=barcode, item=item)


CODED, COPY = so(barcodes=("0690",)), msgspec.structs.replace(TENT, barcodes=("690",))
BARE = so(barcodes=())


@pytest.mark.parametrize("typed", ["69-0", " 6 9 0 ", "0690", "690"])
def test_a_barcode_is_one_however_it_is_written(typed):
    """Spaces, hyphens and a leading zero are for the eye."""
    assert barcode_key(typed) == "690"


@table(
    ("what a file has no column for stays", listed(CODED),
     named(row(so(name="口罩二"), "barcodes", "needs", "packagings")),
     [*listed(so(name="口罩二", barcodes=("0690",))), took("mask")]),
    ("of somebody new it is empty", [], named(row(BARE, "barcodes")), listed(BARE)),
    ("an empty cell clears", listed(CODED), named(row(BARE)), listed(BARE)),
    ("what must be said cannot stay unsaid", listed(MASK),
     named(row(so(name="口罩二"), "name", "code", "nonsense")),
     listed(so(name="口罩二"))),
    ("nothing else is said", listed(CODED), named(row(BARE, "barcodes")),
     ItemsUnchanged),
    ("a barcode another has, as a scanner reads it", listed(CODED),
     named(row(COPY), others=("mask",)), ItemsRefused),
    ("one that is withdrawn", [*listed(CODED), GONE],
     named(row(COPY), others=("mask",)), ItemsRefused),
    ("two of one file", [], named(row(CODED), ItemRow(3, COPY)), ItemsRefused),
    ("it is given up in the same file", listed(CODED),
     named(row(BARE), ItemRow(3, COPY), others=("mask",)),
     [*listed(BARE, COPY), took("tent")]),
    ("another import was quicker", [*listed(CODED), took("mask")],
     named(row(COPY)), ItemsRefused),
    ("who took it has given it up", [*listed(CODED), took("mask"), *listed(BARE)],
     named(row(COPY)), [*listed(COPY), took("tent")]),
    ("the item's own", listed(CODED), named(row(so(name="二", barcodes=("0690",))),
     others=("mask",)), [*listed(so(name="二", barcodes=("0690",))), took("mask")]),
    ("its own, as it is known to be", [*listed(CODED), took("mask")],
     named(row(so(name="二", barcodes=("0690",)))),
     listed(so(name="二", barcodes=("0690",)))),
)  # fmt: skip
def test_what_a_row_does_not_say_and_whose_a_barcode_is(given, when, then):
    """Not in the file is never empty; a barcode is of one item."""
    check(import_items, given, when, then)


def test_the_holder_of_a_barcode_is_named():
    """With its name and its code, at the row of the file."""
    with pytest.raises(ItemsRefused) as caught:
        import_items(fold(*listed(CODED)), named(row(COPY), others=("mask",)), 0)
    [fault] = caught.value.facts["rows"]
    assert (fault.row, fault.field) == (2, "barcodes")
    assert f"{MASK.name}（mask）" in fault.zh


def test_every_fault_of_a_file_is_told_at_once():
    """A code twice, and two faults of one row."""
    twice = file(TENT, TENT, so(category="toys", alert_days=-1))
    found = faults(import_items, [], twice)
    assert found == [(3, "code"), (4, "category"), (4, "shelf_days")]
    assert faults(import_items, [], file()) == [(0, "file")]


@table(
    ("it is taken out", listed(MASK), WithdrawItem(item="mask"), [GONE]),
    ("not twice", [*listed(MASK), GONE], WithdrawItem(item="mask"), NotListed),
    ("never listed", listed(TENT), WithdrawItem(item="mask"),
     NotListed(item="mask")),
)  # fmt: skip
def test_an_item_is_withdrawn_once(given, when, then):
    """Nothing more of it is received afterwards."""
    check(withdraw_item, given, when, then)


def test_an_item_folds_to_how_it_was_last_described():
    """A withdrawn one is still known: what is there of it may be used up."""
    known = fold(*listed(MASK, so(name="医用口罩")), GONE)
    assert known(item_stream("mask")) == Listed(so(name="医用口罩"), withdrawn=True)
    assert listed_item(known, "mask").name == "医用口罩"
    with pytest.raises(UnknownItem):
        listed_item(known, "tent")
    assert evolve_item(Listed(), moved("l", 1)) == Listed()
    assert file().stream == "item"
    assert WithdrawItem(item="mask").stream == GONE.stream == "item/mask"
