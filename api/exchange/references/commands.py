"""The reference of the command line (命令行参考), from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from api.cli import build
from api.exchange.references.heads import COMMANDS_EN, COMMANDS_ZH
from api.exchange.references.operations import operations, the_document
from api.exchange.references.words import (
    CHINESE,
    Schemas,
    joined,
    part,
    pick,
    sentence,
    table,
)

COMMON = ("as", "command-id", "data", "json")
"""Options that so many commands share: told once."""
_CHINESE_FIRST = re.compile(r"^[\u4e00-\u9fff（）]+[,:]? *")


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each command that can be called."""
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        yield path, command
    for name, one in below.items():
        yield from commands(one, f"{path} {name}")


def commands_page(lang: str) -> str:
    """Return the page of all commands, by group."""
    whole: Any = typer.main.get_command(build())
    page = [pick(lang, COMMANDS_EN, COMMANDS_ZH)]
    lone = {n: c for n, c in whole.commands.items() if not getattr(c, "commands", {})}
    offered = {
        o["x-decision"].replace(".", " "): (f"{method} {path}", o)
        for method, path, o in operations()
        if "x-decision" in o
    }
    for name, group in whole.commands.items():
        if name in lone:
            continue
        page += [f"## `pingzhan {name}`: {part(group.help or '', lang)}", ""]
        for path, command in commands(group, name):
            page += _command(path, command, offered.get(path), lang)
    page += [f"## {pick(lang, 'Others', '其他')}", ""]
    for name, command in lone.items():
        page += _command(name, command, None, lang)
    return "\n".join(page)


def _command(
    path: str, command: Any, way: tuple[str, dict[str, Any]] | None, lang: str
) -> list[str]:
    said = part((command.help or "").partition("\n\n")[0], lang)
    said = sentence(said, lang)
    labels: dict[str, str] = {}
    if way is not None:
        address, operation = way
        labels = _labels(operation, lang)
        said += pick(lang, f" As `{address}`.", f"同 `{address}`。")
    rows, shared = [], []
    for one in command.params:
        names = [f"--{n}" for n in COMMON if f"--{n}" in one.opts]
        if names or "--help" in one.opts:
            shared += names
            continue
        flags = "/".join(
            f"`{flag if flag[0] == '-' else flag.upper()}`"
            for flag in (*one.opts, *one.secondary_opts)
        )
        many = one.nargs == -1 or getattr(one, "multiple", False)
        must = ("●" if one.required else "") + (" …" if many else "")
        rows.append((flags, must.strip(), _means(one, labels.get(one.name, ""), lang)))
    head = pick(lang, "Argument or option,●,Meaning", "参数或选项,●,含义").split(",")
    lines = [f"### `pingzhan {path}`", "", said, "", *table(head, rows)]
    if shared:
        lines += [""] * bool(rows)
        told = joined(shared, lang)
        lines.append(pick(lang, f"Also {told}.", f"另有 {told}。"))
    return [*lines, ""]


def _labels(operation: dict[str, Any], lang: str) -> dict[str, str]:
    """Return how the fields of a decision are called, by name."""
    schemas = Schemas(the_document()["components"]["schemas"], lang)
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    found = dict(schemas.whole(body).get("properties", {}))
    found |= {p["name"]: p["schema"] for p in operation.get("parameters", ())}
    return {
        name: part(schemas.whole(one).get("title", ""), lang)
        for name, one in found.items()
    }


def _means(one: Any, label: str, lang: str) -> str:
    """Return what an option means: its label, what its help says more, its default."""
    said = one.help or ""
    head, colon, tail = said.partition(": ")
    if label and CHINESE.search(head):
        said = f"{label}: {tail}" if colon else label
    elif lang == "en":  # the name of an option is an English word already
        said = _CHINESE_FIRST.sub("", said) or str(one.name).capitalize()
    if one.default not in (None, "", False, [], ()) and not callable(one.default):
        said += pick(lang, f" (else {one.default})", f"（不写为 {one.default}）")
    return said.strip()
