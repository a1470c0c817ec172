"""What every command of the command line shares: options, output, refusals."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from coordination.refusals import Invalid, NotFound, Refusal

Data = Annotated[
    Path | None, typer.Option("--data", help="data directory, else PINGZHAN_DATA")
]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]
CommandId = Annotated[str, typer.Option(help="id of this command; a retry repeats it")]
As = Annotated[
    str, typer.Option("--as", help="act as this demo account, on the local data")
]
REFUSED = 2
Run = Callable[..., None]
COMMANDS: dict[str, Run] = {}
"""What is neither a declared decision nor a declared read, by its words."""
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def command(
    words: str, way: Callable[[Any], Run] | None = None
) -> Callable[[Run], Run]:
    """Offer what follows under these words; ``way``: what gives it its ``Way``."""

    def keep(run: Run) -> Run:
        COMMANDS[words] = way(run) if way else run
        return run

    return keep


FileMissing = NotFound.of(
    "file.missing",
    "没有 {path} 这个文件",
    "there is no file {path}",
    "请检查路径",
    "check its path",
)
FileIsFolder = Invalid.of(
    "file.folder",
    "{path} 是文件夹",
    "{path} is a folder",
    "请给出其中的文件",
    "name a file in it",
)
NotAFolder = Invalid.of(
    "file.not-a-folder",
    "{path} 不是文件夹",
    "{path} is no folder",
    "请换一个路径",
    "take another path",
)
FileClosed = Refusal.of(
    "file.closed",
    "无法读写 {path}",
    "{path} cannot be read or written",
    "请检查权限和磁盘",
    "check permissions and the disk",
)


_TROUBLES: dict[type[OSError], type[Refusal]] = {
    FileNotFoundError: FileMissing,
    IsADirectoryError: FileIsFolder,
    NotADirectoryError: NotAFolder,
    FileExistsError: NotAFolder,
}


def trouble_with(error: OSError) -> Refusal | None:
    """Return what is said of a file that cannot be used; None: it is about none."""
    if error.filename is None:
        return None
    return _TROUBLES.get(type(error), FileClosed)(path=str(error.filename))


def say_no(body: dict[str, Any]) -> None:
    """Print a refusal on stderr and exit 2."""
    typer.echo(f"{body['code']}: {body['zh']} / {body['en']}", err=True)
    if body["code"] == "command.already-recorded":
        seen = body["facts"]["recorded"]
        typer.echo(
            f"  再次登记请加 --recorded {seen} / once more: --recorded {seen}", err=True
        )
    if body["code"] == "command.replaced":
        held = body["facts"]["held"] or "-"
        typer.echo(
            f"  核对无误请加 --expected {held} / if that is meant: --expected {held}",
            err=True,
        )
    for field in body.get("fields", []):
        row = field.get("row")
        zh = f"第 {row} 行 {field['name_zh']}" if row else field["name_zh"]
        en = f"row {row}, {field['name_en']}" if row else field["name_en"]
        typer.echo(f"  {zh}：{field['zh']} / {en}: {field['en']}", err=True)
    sys.exit(REFUSED)


def show(found: dict[str, Any], *, as_json: bool) -> None:
    """Print a result, for programs or for people."""
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for key, value in found.items():
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
        typer.echo(f"{key:>12}  {text}")


def command_id_of(given: str) -> str:
    """Return the id given, or a fresh one."""
    from api.world.wiring import new_command_id  # noqa: PLC0415 - starts quicker without

    if given and not COMMAND_ID.fullmatch(given):
        raise typer.BadParameter("8 to 64 letters, digits, - or _")
    return given or new_command_id()
