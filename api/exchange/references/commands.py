"""The reference of the command line (命令行参考), from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from api.cli import build
from api.exchange.references.operations import operations, tongue_of
from api.exchange.references.words import CHINESE, Tongue

COMMON = ("--as", "--command-id", "--data", "--json", "--seen", "--unseen")
"""Options that so many commands share: told once."""
_CHINESE_FIRST = re.compile(r"^[\u4e00-\u9fff（）]+[,:]? *")
Offered = Mapping[str, tuple[str, dict[str, Any]]]
"""The address and operation of a decision, by the words of its command."""


def commands_part(lang: str) -> Iterator[str]:
    """Yield the lines of all commands, by group."""
    tongue = tongue_of(lang)
    offered = {
        o["x-decision"].replace(".", " "): (f"{method} {path}", o)
        for method, path, o in operations()
        if "x-decision" in o
    }
    whole: Any = typer.main.get_command(build())
    lone = {n: c for n, c in whole.commands.items() if not getattr(c, "commands", {})}
    for name, group in whole.commands.items():
        if name not in lone:
            yield from (f"## `pingzhan {name}`: {tongue.part(group.help or '')}", "")
            yield from _commands(group, name, offered, tongue)
    yield from (f"## {tongue.say('Others', '其他')}", "")
    for name, command in lone.items():
        yield from _commands(command, name, {}, tongue)


def _commands(
    command: Any, path: str, offered: Offered, tongue: Tongue
) -> Iterator[str]:
    """Yield the lines of each command that can be called."""
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        yield from _command(command, path, offered.get(path), tongue)
    for name, one in below.items():
        yield from _commands(one, f"{path} {name}", offered, tongue)


def _command(
    command: Any, path: str, way: tuple[str, dict[str, Any]] | None, tongue: Tongue
) -> Iterator[str]:
    said = tongue.sentence(tongue.part((command.help or "").partition("\n\n")[0]))
    labels: dict[str, str] = {}
    if way is not None:
        labels = _labels(way[1], tongue)
        said += tongue.say(f" As `{way[0]}`.", f"同 `{way[0]}`。")
    yield from (f"### `pingzhan {path}`", "", said, "")
    own = [p for p in command.params if not {*COMMON, "--help"} & {*p.opts}]
    rows = [_option(one, labels.get(one.name, ""), tongue) for one in own]
    head = "Argument or option,●,Meaning", "参数或选项,●,含义"
    yield from tongue.table(*head, rows)
    if shared := [n for p in command.params for n in COMMON if n in p.opts]:
        told = tongue.codes(shared)
        yield from [""] * bool(rows)
        yield tongue.say(f"Also {told}.", f"另有 {told}。")
    yield ""


def _labels(operation: dict[str, Any], tongue: Tongue) -> dict[str, str]:
    """Return how the fields of a decision are called, by name."""
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    found = dict(tongue.whole(body).get("properties", {}))
    found |= {p["name"]: p["schema"] for p in operation.get("parameters", ())}
    return {n: tongue.part(tongue.whole(s).get("title", "")) for n, s in found.items()}


def _option(one: Any, label: str, tongue: Tongue) -> tuple[str, str, str]:
    """Return how an option is typed, whether it must be, and what it means."""
    flags = "/".join(
        f"`{flag if flag[0] == '-' else flag.upper()}`"
        for flag in (*one.opts, *one.secondary_opts)
    )
    many = one.nargs == -1 or getattr(one, "multiple", False)
    must = ("●" if one.required else "") + (" …" if many else "")
    said = one.help or ""
    head, colon, tail = said.partition(": ")
    if label and CHINESE.search(head):
        said = f"{label}: {tail}" if colon else label
    elif not tongue.zh:  # the name of an option is an English word already
        said = _CHINESE_FIRST.sub("", said) or str(one.name).capitalize()
    if one.default not in (None, "", False, [], ()) and not callable(one.default):
        said += tongue.say(f" (else {one.default})", f"（不写为 {one.default}）")
    return flags, must.strip(), said.strip()
