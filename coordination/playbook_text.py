"""Playbooks as text (预案文本): a playbook, or a list of findings. Opens no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from coordination.fields import unfit
from coordination.playbook import PHASES, ROMAN, Conversion, Playbook
from coordination.vocabulary import EXCLUSIVE, FUNCTIONS, POST_KINDS

TEXT_BYTES_MAX = 262_144
DEPTH_MAX = 16
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Finding(msgspec.Struct, frozen=True):
    """One fault (检查发现) of a playbook: where it is and what is wrong."""

    where: str
    code: str
    zh: str
    en: str


class _Loader(yaml.SafeLoader):
    """Safe YAML without duplicate keys, aliases (billion laughs) or deep nesting."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(
                None, None, "aliases are not allowed", event.start_mark
            )
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                "nested too deep",
                self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the library's signature
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, str) or key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} twice or not text", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def compile_text(text: str) -> tuple[Playbook | None, list[Finding]]:
    """Return the playbook, or None, and everything found wrong with the text."""
    if len(text.encode("utf-8", "replace")) > TEXT_BYTES_MAX:
        return None, [Finding("", "playbook.too-large", "文件过大", "file too large")]
    if _FORBIDDEN.search(text):
        why = "control or surrogate characters"
        return None, [Finding("", "playbook.characters", "含控制字符", why)]
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, made stricter
    # LookupError, TypeError, AttributeError: tags such as !!int on what is none
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        zh = "YAML 有误，请检查缩进、冒号、引号和重复的键"
        en = "not YAML: check indentation, colons, quotes and keys that stand twice"
        return None, [Finding(where, "playbook.not-yaml", zh, en)]
    if _any_forbidden(raw):
        why = "control or surrogate characters"
        return None, [Finding("", "playbook.characters", "含控制字符", why)]
    try:
        playbook = msgspec.convert(raw, Playbook)
    except msgspec.ValidationError as error:
        where = str(error).partition(" - at `$")[2].rstrip("`").lstrip(".") or "."
        place, zh, en = unfit(error)
        name = place.rpartition(".")[2]
        return None, [Finding(where, "playbook.shape", f"{name} {zh}", f"{name} {en}")]
    pairs = {tuple(sorted(pair)) for pair in (*playbook.excludes, *EXCLUSIVE)}
    whole = msgspec.structs.replace(playbook, excludes=tuple(sorted(pairs)))
    return whole, list(_lint(playbook))


def _any_forbidden(raw: Any) -> bool:
    """Tell whether any text has characters that YAML escapes can smuggle in."""
    if isinstance(raw, dict):
        return any(_any_forbidden(v) for pair in raw.items() for v in pair)
    if isinstance(raw, list):
        return any(_any_forbidden(v) for v in raw)
    return isinstance(raw, str) and bool(_FORBIDDEN.search(raw))


def _lint(playbook: Playbook) -> Iterator[Finding]:
    """Yield what the shape alone cannot catch."""
    functions: set[str] = set()
    ids: set[str] = set()
    if not playbook.conversions:
        yield Finding(
            "conversions", "playbook.empty", "没有任何阵地转换", "no site conversion"
        )
    for number, (one, other) in enumerate(playbook.excludes):
        if one == other:
            yield Finding(
                f"excludes[{number}]",
                "playbook.excludes-itself",
                f"功能 {one} 不能与自身互斥",
                f"function {one} cannot exclude itself",
            )
    for number, demand in enumerate(playbook.posts):
        if demand.kind not in POST_KINDS:
            yield Finding(
                f"posts[{number}].kind",
                "playbook.unknown-post",
                f"没有岗位类型 {demand.kind}",
                f"there is no kind of post {demand.kind}",
            )
    yield from _lint_materials(playbook)
    for number, entry in enumerate(playbook.conversions):
        where = f"conversions[{number}]"
        if entry.function in functions:
            yield Finding(
                f"{where}.function",
                "playbook.function-twice",
                f"功能 {entry.function} 重复",
                f"function {entry.function} twice",
            )
        functions.add(entry.function)
        for phase in PHASES:
            yield from _lint_phase(entry, phase, where, ids)


def _lint_materials(playbook: Playbook) -> Iterator[Finding]:
    """Yield demands for materials that ask for nothing, or for no known function."""
    for number, demand in enumerate(playbook.materials):
        where = f"materials[{number}]"
        if bool(demand.function) != bool(demand.per_site):
            yield Finding(
                where,
                "playbook.material-of-no-site",
                "function 与 per_site 须同时给出",
                "function and per_site go together",
            )
        if not demand.days and not demand.per_site:
            yield Finding(
                where,
                "playbook.material-of-nothing",
                f"物资 {demand.item} 未写明数量",
                f"nothing is asked for of {demand.item}",
            )
        if demand.function and demand.function not in FUNCTIONS:
            yield Finding(
                f"{where}.function",
                "playbook.unknown-function",
                f"没有战时功能 {demand.function}",
                f"there is no function {demand.function}",
            )


def _lint_phase(
    entry: Conversion, phase: str, where: str, ids: set[str]
) -> Iterator[Finding]:
    """Yield the faults of one checklist; ``ids`` collects the step ids seen."""
    # Taken into service at its lightest level, a site must still have an end to reach.
    lightest = entry.steps(phase, ROMAN[entry.from_level])
    if not any(step.mandatory for step in lightest):
        yield Finding(
            f"{where}.{phase}",
            "playbook.no-mandatory-step",
            f"{entry.zh}在 {entry.from_level} 级没有必做步骤，永远无法完成",
            f"no mandatory step at level {entry.from_level}: it could never end",
        )
    for number, step in enumerate(getattr(entry, phase)):
        if step.id in ids:
            yield Finding(
                f"{where}.{phase}[{number}].id",
                "playbook.step-twice",
                f"步骤编号 {step.id} 重复",
                f"step id {step.id} twice",
            )
        ids.add(step.id)
