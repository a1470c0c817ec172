"""The vault (保密库): names and numbers of people, each under a key of their own.

The log and the views know a person by an opaque id; what is personal stands here and is
joined when read. Keys stand apart from the entries and are to be kept out of backups:
a key destroyed makes unreadable what any copy of the entries still holds.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.exchange.reading import folded
from api.world.marks import writing
from api.world.vault_tables import (
    ENTRIES,
    ENTRIES_MARK,
    ENTRY,
    KEY,
    KEYS,
    KEYS_MARK,
    MASTER,
)
from coordination.refusals import Unavailable
from projections.database import insert, on_server, opened

NONCE_BYTES = 12
CIPHER_KEY_BYTES = SEAL_KEY_BYTES = MASTER_KEY_BYTES = 32
ID_HEX, SEAL_HEX = 12, 32
ASKED_MAX = 5_000
"""Ids in one question: databases allow some ten thousand values."""
_CAREFUL = {
    "journal_mode": "DELETE",
    "secure_delete": "ON",
    "temp_store": "MEMORY",
    "busy_timeout": "5000",
}
"""Leave nothing behind: no write-ahead log, no temporary file, no freed bytes."""

_log = structlog.get_logger("vault")


class Secret(msgspec.Struct, frozen=True):
    """What the vault holds of a person. ``number``: member number (党员编号)."""

    name: str
    phone: str = ""
    number: str = ""


KeysMissing = Unavailable.of(
    "vault.keys-missing",
    "人员库有内容而密钥缺失，不能启动：新密钥会使同一人成为两人",
    "the vault has people and its keys are missing: with new ones everybody would be "
    "two people",
    "请把密钥库放回原处",
    "put the store of keys back",
)
OtherKeys = Unavailable.of(
    "vault.other-keys",
    "密钥不是这份日志所用的，不能启动：同一人会成为两人",
    "these keys are not those of this log: everybody would be two people",
    "请使用同一套密钥，各主机共用一套",
    "use the keys it began with, the same on every host",
)


class Vault:
    """Secrets of people by their id; any thread may ask.

    A key that ``forget`` destroyed is nowhere in a SQLite file afterwards. Of a server
    that is true of its tables only: its write-ahead log and backups keep what they
    keep, so give it a file for the keys where that matters.
    """

    def __init__(
        self, where: Path | str, keys: Path | str, entropy: Callable[[int], bytes]
    ) -> None:
        """``where``, ``keys``: a SQLite file each, or a ``postgresql://`` address.

        On a server they are schemas, ``vault`` and ``vault_keys``. ``entropy``: random
        bytes, never the same twice.

        :raises KeysMissing: if there are people in the vault and no key to it
        """
        self._entropy = entropy
        self._writing = threading.Lock()
        self._entries = _open(where, "vault", ENTRIES)
        self._keys = _open(keys, "vault_keys", KEYS)
        with self._entries.connect() as c:
            kept = c.execute(sa.select(ENTRY.c.person).limit(1)).first() is not None
        with self._keys.begin() as c:
            if kept and c.execute(sa.select(MASTER.c.key)).first() is None:
                raise KeysMissing
            drawn = {"id": 1, "key": entropy(MASTER_KEY_BYTES)}
            c.execute(insert(c, MASTER).values(drawn).on_conflict_do_nothing())
            self._master: bytes = c.execute(sa.select(MASTER.c.key)).scalar_one()

    @property
    def fingerprint(self) -> str:
        """By which it is told whether these are the keys of a log; it opens nothing."""
        return hashlib.sha256(b"pingzhan vault " + self._master).hexdigest()[:16]

    def check_keys(self) -> None:
        """Return if the keys can be read and are still those it was opened with.

        :raises KeysMissing: if there are none any more
        :raises OtherKeys: if they are others
        """
        with self._keys.connect() as c:
            found = c.execute(sa.select(MASTER.c.key)).scalar()
        if KeysMissing.unless(found) != self._master:
            raise OtherKeys

    def person_of(self, number: str) -> str:
        """Return the id (匿名编号) of whoever has this member number: always the same.

        Without the master key nobody finds the number to an id by trying them all.
        """
        made = hmac.digest(self._master, folded(number).encode(), "sha256")
        return f"h-{made.hex()[:ID_HEX]}"

    def put(self, secrets: Mapping[str, Secret]) -> None:
        """Keep secrets by person, all or none; what is as it was is left alone."""
        with self._writing:
            keys = self._keys_for(secrets)
            known = self._opened(keys)
            rows = [
                {"person": person, "body": self._encrypt(person, keys[person], secret)}
                for person, secret in secrets.items()
                if known.get(person) != secret
            ]
            if not rows:
                return
            with writing(self._entries, ENTRIES_MARK) as c:
                put = insert(c, ENTRY)
                other = put.on_conflict_do_update(
                    index_elements=["person"], set_={"body": put.excluded.body}
                )
                c.execute(other, rows)

    def get(self, person: str) -> Secret | None:
        """Return what is known of a person, None if nothing or forgotten."""
        return self.many([person]).get(person)

    def many(self, persons: Iterable[str]) -> dict[str, Secret]:
        """Return what is known of these people; who is unknown is left out."""
        return self._opened(self._found(self._keys, KEY, list(persons)))

    def all(self) -> dict[str, Secret]:
        """Return everybody known, by person."""
        with self._keys.connect() as c:
            keys = {row.person: row.key for row in c.execute(sa.select(KEY))}
        with self._entries.connect() as c:
            found = c.execute(sa.select(ENTRY).order_by(ENTRY.c.person))
            return _decrypted(keys, {row.person: row.body for row in found})

    def sealed(self, person: str, secret: Secret) -> str:
        """Return the digest (封存摘要) of a secret under the key of a person, in hex.

        Empty for who has no key: nothing was put, or they were forgotten.
        """
        return self.seals({person: secret})[person]

    def seals(self, secrets: Mapping[str, Secret]) -> dict[str, str]:
        """Return ``sealed`` for each of many people."""
        keys = self._found(self._keys, KEY, list(secrets))
        return {
            person: _seal(keys[person], secret) if person in keys else ""
            for person, secret in secrets.items()
        }

    def forget(self, person: str) -> bool:
        """Destroy a person's key, then their entry; False if there was neither.

        Cut short it has only to be asked again: the entry goes last.
        """
        with self._writing:
            with writing(self._keys, KEYS_MARK) as c:
                mine = KEY.c.person == person
                keys = c.execute(sa.delete(KEY).where(mine)).rowcount
            with self._entries.connect() as c:
                known = sa.select(ENTRY.c.person).where(ENTRY.c.person == person)
                entries = c.scalar(known) is not None
            if not keys and not entries:
                return False
            self._scrub()
            with writing(self._entries, ENTRIES_MARK) as c:
                c.execute(sa.delete(ENTRY).where(ENTRY.c.person == person))
        return True

    def close(self) -> None:
        """Close both databases."""
        self._entries.dispose()
        self._keys.dispose()

    # --- inside ------------------------------------------------------------------

    def _scrub(self) -> None:
        """Write the keys anew: what is deleted stays in a page until that is done.

        SQLite overwrites it at once if told to, a server does not.
        """
        full = " FULL person_key" if self._keys.dialect.name == "postgresql" else ""
        # A transaction around it is refused by both databases.
        alone = self._keys.execution_options(isolation_level="AUTOCOMMIT")
        with alone.connect() as c:
            c.exec_driver_sql(f"VACUUM{full}")

    def _keys_for(self, secrets: Mapping[str, Secret]) -> dict[str, bytes]:
        """Return everybody's key, made now for who has none."""
        persons = list(secrets)
        keys = self._found(self._keys, KEY, persons)
        size = CIPHER_KEY_BYTES + SEAL_KEY_BYTES
        rows = [
            {"person": person, "key": self._entropy(size)}
            for person in persons
            if person not in keys
        ]
        if rows:
            with writing(self._keys, KEYS_MARK) as c:
                c.execute(insert(c, KEY).on_conflict_do_nothing(), rows)
            # Another process may have been first with some: theirs stands.
            new = [str(row["person"]) for row in rows]
            keys |= self._found(self._keys, KEY, new)
        return keys

    def _encrypt(self, person: str, key: bytes, secret: Secret) -> bytes:
        nonce = self._entropy(NONCE_BYTES)
        cipher = AESGCM(key[:CIPHER_KEY_BYTES])
        plain = msgspec.json.encode(secret)
        return nonce + cipher.encrypt(nonce, plain, person.encode())

    def _opened(self, keys: Mapping[str, bytes]) -> dict[str, Secret]:
        return _decrypted(keys, self._found(self._entries, ENTRY, list(keys)))

    def _found(
        self, engine: sa.Engine, table: sa.Table, persons: Sequence[str]
    ) -> dict[str, bytes]:
        """Return the key or body of each person who has one, in the order asked."""
        rows: dict[str, bytes] = {}
        with engine.connect() as c:
            for start in range(0, len(persons), ASKED_MAX):
                some = persons[start : start + ASKED_MAX]
                found = c.execute(sa.select(table).where(table.c.person.in_(some)))
                rows.update((person, value) for person, value in found)
        return {person: rows[person] for person in persons if person in rows}


def _open(where: Path | str, schema: str, tables: sa.MetaData) -> sa.Engine:
    """Return an engine with its tables; a new file is for its owner's eyes only."""
    if not on_server(where):
        Path(where).touch(mode=0o600)
    return opened(where, schema, tables, _CAREFUL)


def _seal(key: bytes, secret: Secret) -> str:
    plain = msgspec.json.encode(secret)
    made = hmac.new(key[CIPHER_KEY_BYTES:], plain, hashlib.sha256)
    return made.hexdigest()[:SEAL_HEX]


def _decrypted(
    keys: Mapping[str, bytes], bodies: Mapping[str, bytes]
) -> dict[str, Secret]:
    """Return the secrets of who has both key and entry.

    An entry that its key does not open is told to the operator and left out: a page
    shows the id then, as for somebody forgotten.
    """
    found: dict[str, Secret] = {}
    for person, body in bodies.items():
        if person not in keys:
            continue
        cipher = AESGCM(keys[person][:CIPHER_KEY_BYTES])
        nonce, sealed = body[:NONCE_BYTES], body[NONCE_BYTES:]
        try:
            plain = cipher.decrypt(nonce, sealed, person.encode())
        except InvalidTag:
            _log.error("entry-unreadable", person=person)
            continue
        found[person] = msgspec.json.decode(plain, type=Secret)
    return found
