"""Files of the pages: linked, compressed, kept for ever by whoever has them."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.web import files
from api.web.linked import STATIC, LinkError, linked

TEMPLATES = STATIC.with_name("templates")
SCRIPT = re.compile(r'src="\{\{ static \}\}/(\w+\.js)"')
ENTRIES = sorted(
    STATIC / name
    for template in TEMPLATES.glob("*.html")
    for name in SCRIPT.findall(template.read_text("utf-8"))
)
"""The module of each page."""
STYLES = [*sorted(STATIC.glob("*.css")), STATIC / "icon.svg"]
WORKER = STATIC / "sw.js"
LEFT = re.compile(r"^(/\*.*\*/ )?(import|export)\b", re.MULTILINE)


APP = FastAPI()
APP.include_router(files.router)


def get(path: str, encoding: str = "gzip") -> httpx.Response:
    """Ask an application of files alone."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=APP)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://t"
        ) as client:
            return await client.get(path, headers={"Accept-Encoding": encoding})

    return asyncio.run(asked())


def written(folder: Path, **modules: str) -> Path:
    """Write modules; return the first."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, "utf-8")
    return folder / f"{next(iter(modules))}.js"


def test_every_module_is_of_some_page():
    scripts = "\n".join(map(linked, ENTRIES))
    known = {
        f"{name}.js" for name in re.findall(r"^// (\w+)\.js$", scripts, re.MULTILINE)
    }
    assert {path.name for path in STATIC.glob("*.js")} == known | {WORKER.name}


@pytest.mark.parametrize("module", ENTRIES, ids=lambda module: module.stem)
def test_nothing_is_left_to_ask_for(module: Path):
    """Each module stands in a script once, before whatever takes from it."""
    whole = linked(module)
    assert not LEFT.search(whole)
    made = re.findall(r"^const \$(\w+) = \(\(\) => \{$", whole, re.MULTILINE)
    assert len(made) == len(set(made))
    assert made[-1] == module.stem
    for place, name in enumerate(made):
        taken = re.findall(r"^const .* = \$(\w+);$", part_of(whole, name), re.MULTILINE)
        assert set(taken) <= set(made[:place])


def part_of(whole: str, name: str) -> str:
    """Return what was made of one module."""
    return whole.partition(f"// {name}.js\n")[2].partition("\n})();\n")[0]


def test_names_are_taken_as_they_are_called(tmp_path: Path):
    entry = written(
        tmp_path,
        page='import { a, b as c } from "./one.js";\nimport * as all from "./one.js";\n'
        'import "./two.js";\na(c, all.k);\n',
        one="export const a = () => 1;\nexport async function b() {}\n"
        "/** @type {X} */ export const { k, m } = n;\nclass D {}\nexport { D };\n",
        two='import { a } from "./one.js";\na();\n',
    )
    assert linked(entry) == (
        "// one.js\nconst $one = (() => {\nconst a = () => 1;\nasync function b() {}\n"
        "/** @type {X} */ const { k, m } = n;\nclass D {}\n"
        "return { a, b, k, m, D };\n})();\n"
        "\n// two.js\nconst $two = (() => {\nconst { a } = $one;\na();\n"
        "return {  };\n})();\n"
        "\n// page.js\nconst $page = (() => {\nconst { a, b: c } = $one;\n"
        "const all = $one;\na(c, all.k);\nreturn {  };\n})();\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        "export default a;",
        "export let a = 1;",
        "export var a = 1;",
        'export * from "./one.js";',
        'import a from "./one.js";',
        'import { a } from "library";',
        "import { a } from './one.js';",
    ],
)
def test_what_cannot_be_linked_is_named(tmp_path: Path, line: str):
    entry = written(tmp_path, page=f"{line}\n", one="export const a = 1;\n")
    with pytest.raises(LinkError, match=re.escape(f"page.js: {line}")):
        linked(entry)


def test_a_ring_is_named(tmp_path: Path):
    ring = {"one": 'import "./two.js";\n', "two": 'import "./one.js";\n'}
    with pytest.raises(LinkError, match="one → two → one"):
        linked(written(tmp_path, **ring))


@pytest.mark.parametrize("path", [*ENTRIES, *STYLES], ids=lambda path: path.name)
def test_a_file_by_its_own_address_is_kept_for_ever(path: Path):
    plain = get(f"{files.address()}/{path.name}", "identity")
    packed = get(f"{files.address()}/{path.name}")
    assert plain.headers["cache-control"] == packed.headers["cache-control"]
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    whole = linked(path) if path.suffix == ".js" else path.read_text("utf-8")
    assert plain.text == packed.text == whole
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert plain.headers["content-type"].startswith(kinds[path.suffix])


def test_a_page_of_another_version_gets_what_there_is_and_keeps_nothing():
    """Its page was opened while the program was replaced."""
    answer = get("/static/0123456789abcdef/board.js")
    assert answer.text == linked(STATIC / "board.js")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "..%2Flinked.py", "..%2F..%2Fa", "%00"])
def test_there_is_no_other_file(name: str):
    assert get(f"{files.address()}/{name}").status_code == 404


def test_new_files_have_a_new_address():
    """Every one of them counts: a page is made of many."""
    assert re.fullmatch("/static/[0-9a-f]{16}", files.address())
    for template in TEMPLATES.glob("*.html"):
        assert "/static/" not in template.read_text("utf-8"), template.name
