"""Settings, read once from the command line and the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

DATA_DEFAULT = "var/pingzhan"
APPROVAL_MINUTES = 120


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where a World lives and how it shows itself.

    ``log_url``: a ``postgresql://`` address; empty: SQLite files in ``data``.
    ``clock_factor``: how many times faster than the wall the World's clock runs; 1
    outside demonstrations and drills. ``clock_start_us``: its first moment, 0: now.
    """

    data: Path
    log_url: str = ""
    label: str = "live"
    zone: str = "Asia/Shanghai"
    clock_factor: int = 1
    clock_start_us: int = 0
    hosts: tuple[str, ...] = ()
    """Names it is reached by, beside those of this machine and plain addresses."""
    vault_keys: str = ""
    """Where the keys of the vault are, if not beside it: a file or an address."""

    @property
    def approval_minutes(self) -> int:
        """How long a proposal waits if nobody says: people think at their own pace.

        Where the clock runs faster two hours are soon over: there it is the longest.
        """
        from coordination.approvals.decide import (  # noqa: PLC0415 - settings are read by whatever starts
            EXPIRES_MINUTES_MAX,
        )

        return APPROVAL_MINUTES if self.clock_factor == 1 else EXPIRES_MINUTES_MAX

    @property
    def vault_path(self) -> Path:
        """Names and numbers of people, each under a key of their own."""
        return self.data / "vault.sqlite"

    @property
    def keys_where(self) -> Path | str:
        """The keys of the vault: never in one backup with it."""
        if self.vault_keys.startswith("postgres"):
            return self.vault_keys
        return Path(self.vault_keys) if self.vault_keys else self.data / "keys.sqlite"

    @property
    def log_path(self) -> Path:
        """The SQLite log; its views and accounts stand beside it."""
        return self.data / "log.sqlite"

    @property
    def views_path(self) -> Path:
        """A file of its own: sharing the log's made views wait for commits."""
        return self.data / "views.sqlite"

    @property
    def accounts_path(self) -> Path:
        """Accounts and sessions stand outside Worlds."""
        return self.data / "accounts.sqlite"

    @property
    def delivery_path(self) -> Path:
        """What became of each notification: no rebuild of views touches it."""
        return self.data / "delivery.sqlite"

    @property
    def previews_path(self) -> Path:
        """Previews as they were shown, by digest."""
        return self.data / "previews.sqlite"

    @property
    def memory_path(self) -> Path:
        """What this host remembers of all of them, also of those on a server."""
        return self.data / "memory"

    @property
    def server_path(self) -> Path:
        """Where a running server says how the command line reaches it."""
        return self.data / "server.json"


def from_environment(data: Path | None) -> Settings:
    """Return the settings for a data directory (``--data`` or ``PINGZHAN_DATA``)."""
    chosen = data or Path(os.environ.get("PINGZHAN_DATA") or DATA_DEFAULT)
    return Settings(
        data=chosen,
        log_url=os.environ.get("PINGZHAN_LOG_URL", ""),
        vault_keys=os.environ.get("PINGZHAN_VAULT_KEYS", ""),
        hosts=tuple(
            name.strip()
            for name in os.environ.get("PINGZHAN_HOSTS", "").lower().split(",")
        ),
    )
