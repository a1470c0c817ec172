"""A data directory is for its owner alone (数据目录权限): 0700, its files 0600."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from coordination.refusals import Forbidden

OTHERS = 0o077
NotPrivate = Forbidden.of(
    "data.not-private",
    "本机其他用户能读取 {path}，且无法收紧权限",
    "other users of this machine can read {path}, and that cannot be changed",
    "请由其所有者收紧权限，去掉其他用户的读写，再启动",
    "let its owner shut others out (chmod -R go=), then start again",
)


def keep_private(folder: Path) -> None:
    """Make a data directory, and shut others out of it and of what lies in it.

    Asked again once everything is open: a store makes files of its own.

    :raises NotPrivate: where they can get in and that cannot be changed
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # a store has taken it away meanwhile
            mode = path.stat().st_mode
            if mode & OTHERS and not path.is_symlink():
                try:
                    path.chmod(mode & ~OTHERS)
                except PermissionError:
                    raise NotPrivate(path=str(path)) from None
