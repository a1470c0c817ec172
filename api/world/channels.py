"""Channels (通知渠道): the file that names them, and the service at each address."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from coordination.refusals import Refusal

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


BadChannels = Refusal.of(
    "notify.bad-file",
    "通知渠道文件 {path} 有误（{where}）：{zh_why}",
    "the file of channels {path} cannot be used ({where}): {en_why}",
    "请改正后重新启动",
    "correct it and start again",
)
"""It never says an address."""


def service_of(url: str) -> Any:
    """Return apprise with one address.

    :raises ValueError: for one it does not understand
    """
    # It logs tokens it does not like, and addresses of services that do not answer.
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:  # without any, the last resort is stderr
            logger.addHandler(logging.NullHandler())
    import apprise  # noqa: PLC0415 - half a second that only those who notify pay

    service = apprise.Apprise()
    if not service.add(url):
        msg = "not an address that apprise understands"
        raise ValueError(msg)
    return service


def channels_from(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the channels of the file that ``PINGZHAN_NOTIFY`` names, {} without it.

    :raises BadChannels: if it cannot be read or is not ``channels: {name: url}``
    """
    path = environ.get("PINGZHAN_NOTIFY", "")
    if not path:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError:
        why = "文件不存在或无权读取", "there is no such file, or it may not be read"
        raise _bad(path, None, *why) from None
    except ValueError:
        raise _bad(path, None, "不是 UTF-8 编码", "it is not in UTF-8") from None
    return _channels_in(path, text)


def _channels_in(path: str, text: str) -> dict[str, str]:
    try:
        # As nodes: built into a dict, of two channels with one name the first is lost.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:  # its text quotes the file
        mark = getattr(error, "problem_mark", None)
        raise _bad(path, mark, "不是有效的 YAML", "not YAML") from None
    shape = "应为 channels: {名称: 地址}", "it must be channels: {name: url}"
    top = _pairs(root)
    if top is None or [name for name, _ in top] != ["channels"]:
        raise _bad(path, root and root.start_mark, *shape)
    named = _pairs(top[0][1])
    if named is None:
        raise _bad(path, top[0][1].start_mark, *shape)
    found: dict[str, str] = {}
    for name, node in named:
        if not _NAME.fullmatch(name) or name in found:
            why = (
                "名称重复，或不是小写字母、数字和 - 组成",
                "a name is there twice, or not of small letters, digits and -",
            )
            raise _bad(path, node.start_mark, *why)
        try:
            service_of(node.value if isinstance(node, yaml.ScalarNode) else "")
        except ValueError:
            why = f"{name} 的地址无法识别", f"the address of {name} is not understood"
            raise _bad(path, node.start_mark, *why) from None
        found[name] = node.value
    return found


def _pairs(node: Any) -> list[tuple[str, Any]] | None:
    """Return a mapping's names and values, None if it is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    if not all(isinstance(name, yaml.ScalarNode) for name, _ in node.value):
        return None
    return [(name.value, value) for name, value in node.value]


def _bad(path: str, mark: Any, zh: str, en: str) -> Refusal:
    where = f"{mark.line + 1}" if mark is not None else "-"
    return BadChannels(path=path, where=where, zh_why=zh, en_why=en)
