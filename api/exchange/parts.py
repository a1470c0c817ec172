"""The parts of a workbook (工作簿的部件): its sheets, shared texts, number formats.

Each part is read once, element by element; what is beyond the limits ends the reading
before it takes memory.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from api.exchange.reading import of_file
from api.exchange.shown import BUILTIN, GENERAL
from coordination.refusals import RowFault

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
SPOKEN = "rPh"
DAMAGED = of_file(
    "不是完整的 .xlsx 文件，请用表格软件打开后另存",
    "no whole .xlsx file; open it in a spreadsheet and save it again",
)
TOO_MUCH = of_file(
    "文件解压后过大，请只保留需要的工作表",
    "too large when unpacked; keep only the sheet that is needed",
)


class NotRead(Exception):  # noqa: N818 - as the refusals are called
    """This workbook is not read."""

    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault.en)
        self.fault = fault


class Part:
    """Reads one part (部件): an element begins, has text, and ends.

    What says how a text is spoken is passed over: nobody sees it.
    """

    def __init__(self, elements_max: int) -> None:
        self._left = elements_max
        self._text: list[str] | None = None
        self._spoken = False

    def read(self, content: bytes) -> None:
        """Read a part.

        :raises NotRead: if it is not XML in the limits
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._element
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)  # noqa: FBT003 - the library's last argument
        except (expat.ExpatError, ValueError) as error:
            raise NotRead(DAMAGED) from error

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""

    def end(self, tag: str, text: str) -> None:
        """End an element; ``text``: what was heard since ``listen``."""

    def listen(self) -> None:
        """Keep the text from here to the end of the element."""
        self._text = []

    def _doctype(self, *_: object) -> None:
        raise NotRead(DAMAGED)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _element(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise NotRead(TOO_MUCH)
        if any(":" in name for name in attributes):
            attributes = {n.rpartition(":")[2]: v for n, v in attributes.items()}
        tag = tag.rpartition(":")[2]
        self._spoken |= tag == SPOKEN
        if not self._spoken:
            self.begin(tag, attributes)

    def _ends(self, tag: str) -> None:
        text, self._text = self._text, None
        tag = tag.rpartition(":")[2]
        if not self._spoken:
            self.end(tag, "".join(text or ()))
        self._spoken &= tag != SPOKEN


class Book(Part):
    """Which sheet is the first that people see, and how days are counted."""

    def __init__(self, elements_max: int) -> None:
        super().__init__(elements_max)
        self.shown: list[str] = []
        """Ids of the relations to the sheets that are not hidden."""
        self.from_1904 = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Note a sheet."""
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            self.shown.append(attributes.get("id", ""))
        elif tag == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}


class Relations(Part):
    """Where the parts of a workbook stand: by id, and by kind."""

    def __init__(self, elements_max: int) -> None:
        super().__init__(elements_max)
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}
        self.sheets: set[str] = set()

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Note a relation."""
        if tag != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        name = target[1:] if target.startswith("/") else f"xl/{target}"
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.by_id[attributes.get("Id", "")] = name
        self.by_kind.setdefault(kind, name)
        if kind == "worksheet":
            self.sheets.add(name)


class Shared(Part):
    """The texts that cells share."""

    def __init__(self, elements_max: int) -> None:
        super().__init__(elements_max)
        self.texts: list[str] = []
        self._runs: list[str] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a text, or one of its runs."""
        del attributes
        if tag == "si":
            self._runs = []
        elif tag == "t":
            self.listen()

    def end(self, tag: str, text: str) -> None:
        """Keep a text."""
        if tag == "t":
            self._runs.append(text)
        elif tag == "si":
            self.texts.append(plainly("".join(self._runs)))


class Styles(Part):
    """The number formats of the cells, by their style."""

    def __init__(self, elements_max: int) -> None:
        super().__init__(elements_max)
        self.formats: list[str] = []
        self._named: dict[int, str] = dict(BUILTIN)
        self._of_cells = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Note a format, or the style that has it."""
        if tag == "numFmt":
            named = attributes.get("formatCode", GENERAL)
            self._named[int(attributes.get("numFmtId", "0"))] = named
        elif tag == "cellXfs":
            self._of_cells = True
        elif tag == "xf" and self._of_cells:
            number = int(attributes.get("numFmtId", "0"))
            self.formats.append(self._named.get(number, GENERAL))

    def end(self, tag: str, text: str) -> None:
        """End the styles of cells."""
        del text
        if tag == "cellXfs":
            self._of_cells = False


def plainly(text: str) -> str:
    """Return a text with the signs that a workbook writes as ``_x000D_``."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
