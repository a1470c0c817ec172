"""People (人员): who is not available, who is who, who is forgotten, who signs in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api.http.declared import Decision, Done, Said, Writing
from api.http.outside import Envelope
from api.http.signed import Proved
from coordination.checkin.decide import WalkUp
from coordination.fields import named
from coordination.log import Receipt
from coordination.people.availability import MarkAvailable, MarkUnavailable
from coordination.people.events import PersonRegistered
from coordination.people.identity import BindAccount, ForgetPerson, MergePerson
from coordination.people.state import person_stream
from coordination.refusals import Forbidden

PASSWORD_MAX = 200
Row = dict[str, Any]


# --- not available -------------------------------------------------------------------


class WhatIf(Envelope, kw_only=True):
    """Whether it is only to be shown."""

    what_if: Annotated[
        bool, named("预演", "What if", "show what it would do, store nothing")
    ] = False


class Outlook(msgspec.Struct):
    """What becomes of posts and packages, each list cut to the first 500."""

    what_if: bool
    people: int
    counts: dict[str, int]
    substituted: list[Row]
    vacated: list[Row]
    packages: list[Row]


async def unavailable(
    write: Writing, command: MarkUnavailable, said: WhatIf
) -> Receipt | dict[str, Any]:
    """Record who is not available, or show what that would do."""
    from api.planning.outlook import what_if  # noqa: PLC0415 - as above

    world, by = write.world, write.said(said)
    if not said.what_if:
        return await world.do(command, by)
    shown = await asyncio.to_thread(what_if, world, write.caller, command, by)
    return {"what_if": True, **shown}


def followed(done: Done) -> Outlook:
    """Return what a decision did to posts and packages."""
    from api.planning.outlook import what_was  # noqa: PLC0415 - as above

    return Outlook(what_if=False, **what_was(done))


def replanned(found: dict[str, Any]) -> list[str]:
    """Return the lines that tell who acts and answers from now on."""
    lines = [f"{name}: {count}" for name, count in found["counts"].items()]
    for row in found["substituted"]:
        before = row["before"]["label"] if row["before"] else "—"
        lines.append(f"转换 {row['full_name']}: {before} → {row['after']['label']}")
    for row in found["vacated"]:
        tried = [f"{t['person']['label']}（{t['test_zh']}）" for t in row["tried"]]
        lines.append(f"空缺 {row['full_name']}: {'、'.join(tried) or '—'}")
    packages = found["packages"]
    said = [f"包保 {row['target_name']}: → {row['after']['label']}" for row in packages]
    return [*lines, *said]


# --- walk-ups ------------------------------------------------------------------------


class Called(Envelope, kw_only=True):
    """What the vault keeps of somebody."""

    name: Annotated[str, Meta(min_length=1, max_length=50), named("姓名", "Name")]
    phone: Annotated[str, Meta(max_length=40), named("手机", "Phone")] = ""


async def walk_up(write: Writing, command: WalkUp, said: Called) -> Receipt:
    """Register a walk-up: codes in the log, the name in the vault."""
    from api.world.vault import Secret  # noqa: PLC0415 - as above

    world, by = write.world, write.said(said)
    person = f"h-{command.person.partition('-')[2]}00"
    command = msgspec.structs.replace(command, person=person)
    secret = Secret(said.name, said.phone)
    if world.state(person_stream(person)).registered is None:
        # Of what would be refused no name is kept; nor does one sent again under the
        # same command id rename anybody, or bring back who was forgotten since.
        await asyncio.to_thread(world.handler.preview, command, by, world.clock())
        await asyncio.to_thread(world.vault.put, {person: secret})
    sealed = await asyncio.to_thread(world.vault.sealed, person, secret)
    return await world.do(msgspec.structs.replace(command, sealed=sealed), by)


# --- forgetting, signing in ----------------------------------------------------------


NotProved = Forbidden.of(
    "people.not-proved",
    "注销个人信息须验证本人身份",
    "forgetting somebody needs proof of who you are",
    "请再次输入本人密码",
    "enter your password once more",
    field="password",
)


async def forget(write: Writing, command: ForgetPerson, said: Proved) -> Receipt:
    """Forget somebody: the key to their name is destroyed, their account closed.

    :raises NotProved: without the caller's password
    """
    world, proof = write.world, await write.proof(said.password)
    by = write.said(said, reauthenticated=proof)
    if not proof:
        # Whoever may not is told so, rather than asked for a password.
        world.entitle(by, command.ACTION, command.places(world.read()))
        raise NotProved
    account = world.state(person_stream(command.person)).account
    receipt = await world.do(command, by)
    await asyncio.to_thread(world.vault.forget, command.person)
    accounts = write.request.app.state.accounts
    if account and accounts.get(account) is not None:
        accounts.disable(account)
    return receipt


class FirstPassword(Envelope, kw_only=True):
    """The password by which somebody signs in at first."""

    password: Annotated[
        str, Meta(min_length=12, max_length=PASSWORD_MAX), named("密码", "Password")
    ]


async def bind(write: Writing, command: BindAccount, said: FirstPassword) -> Receipt:
    """Bind an account to somebody, and open it if there is none of this name."""
    from api.http.accounts_file import Account  # noqa: PLC0415 - as above
    from projections.names import label_of  # noqa: PLC0415 - as above

    receipt = await write.world.do(command, write.said(said))
    accounts = write.request.app.state.accounts
    if accounts.get(command.account) is None:
        # No name there: forgetting somebody must find all of them in the vault.
        made = Account(command.account, label_of(command.person)[0])
        await asyncio.to_thread(accounts.add, made, said.password)
    return receipt


async def vacancies(write: Writing, command: MarkAvailable) -> MarkAvailable:
    """Return the command with the vacant posts in whose line a view finds them."""
    from projections.posts import vacant_behind  # noqa: PLC0415 - needs the views

    await asyncio.to_thread(write.world.runner.catch_up)
    found = await write.look(lambda c: vacant_behind(c, command.people))
    return msgspec.structs.replace(command, vacant=tuple(found))


DECISIONS = (
    Decision(
        path="/people/unavailable",
        command=MarkUnavailable,
        words="people unavailable",
        arguments=("people",),
        defaults={"cause": "other"},
        more=WhatIf,
        carry=unavailable,
        answers=followed,
        tells=replanned,
    ),
    Decision(
        path="/people/available",
        command=MarkAvailable,
        words="people available",
        arguments=("people",),
        look=vacancies,
    ),
    Decision(
        path="/people/walkups",
        command=WalkUp,
        made={"person": "w"},
        fixed={"sealed": ""},
        more=Called,
        carry=walk_up,
        answers=Said("person", of=PersonRegistered),
    ),
    Decision(
        path="/people/{person}/merge",
        command=MergePerson,
        words="people merge",
        answers=Said("person", "into"),
    ),
    Decision(
        path="/people/{person}/forget",
        command=ForgetPerson,
        words="people forget",
        more=Proved,
        carry=forget,
        answers=Said("person"),
    ),
    Decision(
        path="/people/{person}/account",
        command=BindAccount,
        more=FirstPassword,
        carry=bind,
        answers=Said("person", "account"),
        status=201,
    ),
)
