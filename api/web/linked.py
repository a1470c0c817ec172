"""The modules of a page as one script (合成脚本): one request instead of fifty.

Nothing is built: modules stand in ``static`` as they are written, and name each other
in one way only, ``import { a, b as c } from "./x.js";``, which the formatter keeps.
Each becomes a function called once, in the order in which browsers would run them.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).with_name("static")
_IMPORT = re.compile(
    r'^import (?:(\{[^}]*\}|\* as [\w$]+) from )?"\./([\w.]+)\.js";\n', re.MULTILINE
)
_EXPORT = re.compile(
    r"^(?P<type>/\*\*.*\*/ )?export (?="
    r"(?:async )?(?:const|function\*?|class) (?P<name>[\w$]+)"
    r"|(?:const )?\{(?P<names>[\w$,\s]+)\})",
    re.MULTILINE,
)
_ALONE = re.compile(r"^\{[\w$,\s]+\};\n", re.MULTILINE)
_LEFT = re.compile(r"^(?:/\*.*\*/ )?(?:import|export)\b.*", re.MULTILINE)


class LinkError(ValueError):
    """A module says what cannot be linked, or imports who imports it."""


def linked(entry: Path) -> str:
    """Return a page's module with all that it imports, as one module.

    :raises LinkError: naming the line or the ring
    """
    scripts: dict[str, str] = {}
    _link(entry, scripts, ())
    return "\n".join(scripts.values())


def _link(module: Path, scripts: dict[str, str], by: tuple[str, ...]) -> None:
    name = module.stem
    if name in by:
        raise LinkError(" → ".join((*by, name)))
    source = module.read_text("utf-8")
    for imported in _IMPORT.finditer(source):
        if imported[2] not in scripts:
            needed = module.with_name(f"{imported[2]}.js")
            _link(needed, scripts, (*by, name))
    body = _IMPORT.sub(_taken, source)
    found = _EXPORT.finditer(body)
    given = [each["name"] or each["names"].strip(" ,\n") for each in found]
    body = _ALONE.sub("", _EXPORT.sub(r"\g<type>", body))
    if left := _LEFT.search(body):
        raise LinkError(f"{name}.js: {left[0]}")
    scripts[name] = (
        f"// {name}.js\n"
        f"const ${name} = (() => {{\n{body}return {{ {', '.join(given)} }};\n}})();\n"
    )


def _taken(found: re.Match[str]) -> str:
    """Say an import as what is taken of a module that ran before."""
    taken, module = found.groups()
    if taken is None:
        return ""
    # `as` renames what is taken; of everything it names the whole.
    if taken.startswith("*"):
        return f"const {taken.removeprefix('* as ')} = ${module};\n"
    return f"const {taken.replace(' as ', ': ')} = ${module};\n"
