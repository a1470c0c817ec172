"""Made-up people (演示数据) for made-up ground: units, members, posts and packages.

Nobody here is real. The ratios are those of H District (DOMAIN §5): 15,100 members of
600 units on 274 areas. The same areas, ground and seed give the same roster, whatever
the order of the rows: each area draws from a generator of its own.

China keeps no telephone numbers for fiction. 154 is the one prefix among 150 to 159
given to no operator, so that a number made of it cannot be anybody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise, product
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in
from typing import NamedTuple

from api.demo.packages import packages_of
from api.demo.posts import PostPlan, posts_of
from api.exchange.roster_import import unit_id
from api.world.ground import generator
from coordination.areas.decide import AreaRow, RegisterGround
from coordination.packages.decide import PackageRow
from coordination.people.decide import UnitRow
from coordination.people.events import Training
from coordination.tree import community_of, local_level
from coordination.vocabulary import POST_KINDS, SKILLS, TRAININGS


class Person(NamedTuple):
    """A made-up member (报到党员). ``number``: the member's, ``unit``: its id."""

    number: str
    name: str
    phone: str
    unit: str
    residence: str
    skills: tuple[str, ...]
    trainings: tuple[Training, ...]


class Roster(NamedTuple):
    """Everybody (花名册), by number; posts and packages by street and community.

    Where a package has a person or backups, they are numbers.
    """

    units: tuple[UnitRow, ...]
    persons: tuple[Person, ...]
    posts: tuple[PostPlan, ...]
    packages: tuple[PackageRow, ...]


# --- names ---------------------------------------------------------------------------

# Words in a line: as lists, each would take a line of its own.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文红志海波宁慧莹雪琳晨"
    "宇浩然子轩欣怡佳思远安康乐永春秋清源松柏云帆书瑶一诺嘉俊凯旭东晓岚启航若溪"
)
_HEADS = (  # noqa: SIM905 - see above
    "云间 华亭 泗泾 九峰 鼎新 恒通 瑞丰 启明 远航 宏达 长风 金桥 新程 同济桥 春晖 东方 "
    "绿源 天成 锦江桥 大同 广益 永兴 兴隆 博雅 致远 第一 第二 第三 第四 第五 区属 城东 "
    "城西 城南 城北 滨江"
).split()
_TRADES = (  # noqa: SIM905 - see above
    "中学 小学 幼儿园 医院 卫生服务中心 税务所 供电所 水务公司 公交公司 环卫所 "
    "银行支行 设计院 研究所 图书馆 市场监管所 司法所 机械厂 电子公司 物流公司 建设公司 "
    "食品公司 医药公司 软件公司 物业公司 保险公司 农业合作社"
).split()
_ONE_CHAR_NAME = 0.25


def _unit_names(rng: Random, count: int) -> list[str]:
    """Return ``count`` different names of units (单位)."""
    plain = [head + trade for head, trade in product(_HEADS, _TRADES)]
    rng.shuffle(plain)
    return [
        plain[n % len(plain)] + (f"{n // len(plain) + 1}部" if n >= len(plain) else "")
        for n in range(count)
    ]


def _names(rng: Random, count: int) -> Iterator[str]:
    """Yield names of people; some are borne twice, as anywhere."""
    # The first surnames are the frequent ones.
    weights = list(accumulate(1 / (n + 5) for n in range(len(_SURNAMES))))
    for surname in rng.choices(_SURNAMES, cum_weights=weights, k=count):
        chars = 1 if rng.random() < _ONE_CHAR_NAME else 2
        yield surname + "".join(rng.choices(_GIVEN, k=chars))


# --- who lives where -----------------------------------------------------------------

AREAS, MEMBERS, UNITS = 274, 15_100, 600
"""H District (DOMAIN §5) on Huadu's areas."""
_UNEVEN = (0.6, 1.4)
_UNIT_SIZE_ALPHA, _UNIT_SIZE_MAX = 1.5, 12.0  # of the smallest
_UNLISTED = 0.1  # units with members that are on no roster yet


def _shares(total: int, weights: Sequence[float]) -> list[int]:
    """Return ``total`` cut in proportion to ``weights``, in whole people."""
    sums = [0.0, *accumulate(weights)]
    marks = [round(total * part / sums[-1]) for part in sums]
    return [after - before for before, after in pairwise(marks)]


def _homes(
    rows: Iterable[AreaRow], nodes: Mapping[str, list[str]], seed: int, members: int
) -> dict[str, str]:
    """Return number -> residence, by community: a building where there is one."""
    codes = sorted(row.code for row in rows if row.level == "community")
    if not codes:
        return {}
    drawn = {code: generator(seed, f"people:homes:{code}") for code in codes}
    sizes = _shares(members, [rng.uniform(*_UNEVEN) for rng in drawn.values()])
    homes: dict[str, str] = {}
    for (code, rng), size in zip(drawn.items(), sizes, strict=True):
        own = nodes.get(code, ())
        buildings = [c for c in own if local_level(c) == "building"] or [code]
        for home in rng.choices(buildings, k=size):
            homes[f"M{len(homes) + 1:07}"] = home
    return homes


def _units(seed: int, members: int) -> tuple[list[UnitRow], list[str]]:
    """Return the units, and the unit of each member in turn."""
    if not members:
        return [], []
    rng = generator(seed, "people:units")
    count = max(1, round(members * UNITS / MEMBERS))
    drawn = (rng.paretovariate(_UNIT_SIZE_ALPHA) for _ in range(count))
    sizes = _shares(members - count, [min(size, _UNIT_SIZE_MAX) for size in drawn])
    units, of_member = [], []
    for name, more in zip(_unit_names(rng, count), sizes, strict=True):
        size = 1 + more  # no unit without a member
        unlisted = rng.randint(1, 1 + size // 4) if rng.random() < _UNLISTED else 0
        units.append(UnitRow(unit_id(name), name, size + unlisted))
        of_member.extend([units[-1].unit] * size)
    rng.shuffle(of_member)
    return units, of_member


# --- skills and trainings ------------------------------------------------------------

_SKILL_WEIGHTS = {
    "medical": 6, "driving": 25, "it": 8, "translation": 3, "counselling": 4,
    "electrician": 5, "logistics": 14, "cooking": 9, "security": 8,
    "public-speaking": 12,
}  # fmt: skip
_SKILLS_OF_ONE = (45, 35, 15, 5)  # how many skills, out of a hundred people
_TRAINED = {
    "command": 0.03, "sampling": 0.12, "disinfection": 0.09, "stores": 0.04,
    "flood-rescue": 0.06, "first-aid": 0.18,
}  # fmt: skip
_EXPIRED = 0.085
_VALID_DAYS, _EXPIRED_DAYS = (30, 900), (0, 400)
DAY_US = 86_400_000_000
EAST_US = 8 * 3_600_000_000  # China is eight hours ahead of UTC, all year


def midnight(now_us: int) -> int:
    """Return the first moment of the day, in China."""
    return (now_us + EAST_US) // DAY_US * DAY_US - EAST_US


def _skills(rng: Random) -> tuple[str, ...]:
    """Return what somebody can do, in the vocabulary's order."""
    count = rng.choices(range(len(_SKILLS_OF_ONE)), _SKILLS_OF_ONE)[0]
    if not count:
        return ()
    found = rng.choices(list(_SKILL_WEIGHTS), list(_SKILL_WEIGHTS.values()), k=count)
    return tuple(name for name in SKILLS if name in found)


def _trainings(
    rng: Random, needed: Mapping[str, bool], midnight_us: int
) -> tuple[Training, ...]:
    """Return what somebody is trained for; ``needed``: by a post, True: of an A."""
    found = []
    for name in TRAININGS:
        # The same draws for everybody, so that nobody's change another's.
        has, expired = rng.random() < _TRAINED[name], rng.random() < _EXPIRED
        days, ago = rng.randint(*_VALID_DAYS), rng.randint(*_EXPIRED_DAYS)
        if has or name in needed:
            out = expired and not needed.get(name, False)
            until_us = midnight_us + (-ago if out else days) * DAY_US
            found.append(Training(name, until_us))
    return tuple(found)


def _persons(
    homes: Mapping[str, str],
    units: Iterable[str],
    posts: Iterable[PostPlan],
    seed: int,
    now_us: int,
) -> Iterator[Person]:
    """Yield everybody, by number; whoever is in a chain has the training it needs.

    An A's is valid; a B's may have expired, as anybody's.
    """
    needed: dict[str, dict[str, bool]] = defaultdict(dict)
    for post in posts:
        training = POST_KINDS[post.kind].training
        for place, number in enumerate(post.chain if training else ()):
            firm = needed[number].get(training, False)
            needed[number][training] = firm or place == 0
    midnight_us = midnight(now_us)
    names = _names(generator(seed, "people:names"), len(homes))
    rng = generator(seed, "people:trained")
    for (number, home), unit, name in zip(homes.items(), units, names, strict=True):
        yield Person(
            number=number,
            name=name,
            phone=f"154{number[1:]:0>8}",
            unit=unit,
            residence=home,
            skills=_skills(rng),
            trainings=_trainings(rng, needed.get(number, {}), midnight_us),
        )


# --- all of it -----------------------------------------------------------------------


def people(
    rows: Sequence[AreaRow],
    grounds: Sequence[RegisterGround],
    seed: int,
    members: int | None = None,
    *,
    now_us: int,
) -> Roster:
    """Return who lives on these areas, what they do and what is theirs.

    ``grounds``: what ``ground(rows, …)`` gave. ``members``: how many people, by default
    as many an area as in H District. ``now_us``: trainings are valid or expired then.
    """
    if members is None:
        members = round(MEMBERS / AREAS * len(rows))
    grounds = sorted(grounds, key=lambda ground: ground.street)
    nodes = {
        plan.community: [node.code for node in plan.nodes]
        for ground in grounds
        for plan in ground.local
    }
    homes = _homes(rows, nodes, seed, members)
    living: dict[str, list[str]] = defaultdict(list)
    for number, home in homes.items():
        living[community_of(home)].append(number)
    units, of_member = _units(seed, len(homes))
    by_code = {row.code: row for row in rows}
    posts = tuple(posts_of(by_code, grounds, living, homes, seed))
    return Roster(
        units=tuple(units),
        persons=tuple(_persons(homes, of_member, posts, seed, now_us)),
        posts=posts,
        packages=tuple(packages_of(grounds, living, homes, (units, posts), seed)),
    )
