"""Connections to PostgreSQL that wait for nothing without end (有限等待).

Whoever cuts a wire, pauses a host or fails over to another leaves sockets that are
silent for ever. Here each call has a bound, and what one connection has met the others
to the same place know: they are not used before they are made anew.
"""

from __future__ import annotations

import select
import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

from coordination.refusals import Invalid

PATIENCE_SECONDS = 8.0
"""How long one call may take."""
BOUNDS = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
"""Of a connection whose address says nothing else; in seconds, the last in ms."""
FRESH_SECONDS = 1.0
"""What was heard from so lately is taken to be there: a look costs a system call."""
RV = TypeVar("RV")
Where = tuple[str, str]
"""A host and its port."""
_silent: dict[Where, float] = {}
"""Since when somebody has waited in vain there, by the monotonic clock."""
_met: dict[Where, float] = {}
"""When a connection was last made there, by the monotonic clock."""


BadAddress = Invalid.of(
    "log.bad-address",
    "数据库地址无效",
    "this is not the address of a database",
    "请改为 postgresql://用户@主机:端口/库，多台主机用逗号分隔",
    "write postgresql://user@host:port/name, several hosts joined by commas",
)


class Patient(psycopg.Connection[Row]):
    """A connection each of whose calls is answered in ``patience`` seconds, or broken.

    0: as long as it takes, for whoever builds an index.
    """

    patience: float = PATIENCE_SECONDS

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._where = self.pgconn.host.decode(), self.pgconn.port.decode()
        self._heard = _met[self._where] = time.monotonic()

    def wait(
        self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None
    ) -> RV:
        """Wait for a call; LISTEN brings its own ``timeout`` and is left alone.

        :raises psycopg.OperationalError: if it takes too long; the connection is closed
        """
        if timeout is not None or not self.patience:
            return super().wait(gen, interval, timeout)
        if self._suspect():
            self.close()
            raise psycopg.OperationalError("others to this host are not answered")
        try:
            found = super().wait(gen, interval, self.patience)
        except psycopg.OperationalError:
            # Still at work: nobody knows what would be answered to the next call.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                _silent[self._where] = time.monotonic() - self.patience
                self.close()
            raise
        self._heard = time.monotonic()
        return found

    @property
    def doubtful(self) -> bool:
        """Whether the other side has gone, or is not heard where others wait for it."""
        if self.closed or self._suspect():
            return True
        if time.monotonic() - self._heard < FRESH_SECONDS:
            return False
        # Nobody has asked for anything: what can be read is a farewell.
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _suspect(self) -> bool:
        return self._heard < _silent.get(self._where, 0.0)


def connect(
    address: str, *, patience: float = PATIENCE_SECONDS, schema: str = "", **more: Any
) -> Patient[Any]:
    """Return a new connection; ``more``: as psycopg has it.

    :raises BadAddress: if it is none
    """
    made: Patient[Any] = Patient.connect(reachable(address, schema), **more)
    made.patience = patience
    return made


def reachable(address: str, schema: str = "") -> str:
    """Return an address with its bounds; of several hosts the last one met is first.

    Of several, one that takes writes is meant unless the address says otherwise.
    ``schema``: where names are looked for.

    :raises BadAddress: if it is none
    """
    try:
        parts = {**BOUNDS, **conninfo_to_dict(address)}
        if schema:
            given = parts.get("options") or ""
            parts["options"] = f"{given} -csearch_path={schema}".strip()
        hosts = str(parts.get("host") or "").split(",")
        if len(hosts) > 1:
            parts.setdefault("target_session_attrs", "read-write")
            if "hostaddr" not in parts:
                parts |= _ordered(hosts, str(parts.get("port") or "5432").split(","))
        return make_conninfo("", **parts)
    except (psycopg.ProgrammingError, ValueError):
        raise BadAddress from None  # its own words may hold the password


def _ordered(hosts: list[str], ports: list[str]) -> dict[str, str]:
    """Return hosts and their ports, those that were met before first.

    Each that is silent costs ``connect_timeout``, for every connection.

    :raises ValueError: if there are neither as many ports as hosts nor one
    """
    if len(ports) == 1:
        ports *= len(hosts)
    pairs = sorted(zip(hosts, ports, strict=True), key=lambda at: -_met.get(at, 0.0))
    return {
        "host": ",".join(host for host, _ in pairs),
        "port": ",".join(port for _, port in pairs),
    }
