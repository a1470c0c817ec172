"""Made-up names (演示地名) for what stands in a community, as they are there."""

from __future__ import annotations

import re
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in

_COMMITTEE = re.compile(r"(?:居民委员会|村民委员会|居委会|村委会|委员会)$")
_COMMUNITY_TAIL = re.compile(
    r"(?:社区|生活区|小区|[新名佳花]?苑|新村|花园|家园|公寓"
    r"|第?[一二三四五六七八九十]+村?|村|里)+$"
)
_ONE_OF_SEVERAL = re.compile(r"[一二三四五六七八九十]$")
_BASE_CHARS_MIN, _BASE_CHARS_MAX = 2, 4
# Words in a line: as lists, each would take a line of its own.
_ESTATES = (  # noqa: SIM905 - see above
    "荣乐 文翔 祥和 永乐 明珠 锦绣 碧波 金桂 玉兰 丹枫 翠湖 景福 宜家 春申 望江 "
    "新桥 人民 和平 团结 红旗 桃源 兰亭 梧桐 银杏 学府 东方 南苑 北城 西园 河畔"
).split()
_ESTATE_TAILS = (  # noqa: SIM905 - see above
    "一村 二村 三村 小区 花苑 新苑 佳苑 名苑 家园 花园 公寓 雅苑 里"
).split()
_HAMLET_TAILS = (  # noqa: SIM905 - see above
    "东宅 西宅 南宅 北宅 一组 二组 三组 五组 新农苑 集中居住点"
).split()


def stem_of(name: str) -> str:
    """Return a community's name without its committee: 岳阳社区, 马圈村."""
    name = name.replace("虚拟", "")
    stem = _COMMITTEE.sub("", name) or name
    if stem.endswith(("社区", "生活区", "）")):
        return stem
    if stem != name and name.endswith(("村委会", "村民委员会")):
        return stem if stem.endswith("村") else f"{stem}村"
    # 梅园一居委会 is one of several in 梅园: its people say 梅园一居民区.
    return f"{stem}居民区" if _ONE_OF_SEVERAL.search(stem) else f"{stem}社区"


def compound_names(rng: Random, stem: str, count: int) -> list[str]:
    """Return ``count`` different names for the compounds (小区) of a community."""
    village = stem.endswith("村")
    base = _COMMUNITY_TAIL.sub("", stem)
    plain = base.isalpha() and _BASE_CHARS_MIN <= len(base) <= _BASE_CHARS_MAX
    names: list[str] = []
    while len(names) < count:
        own = plain and (village or not names or rng.random() < 1 / 3)
        head = base if own else rng.choice(_ESTATES)
        name = head + rng.choice(_HAMLET_TAILS if village and own else _ESTATE_TAILS)
        if name not in names:
            names.append(name)
    return names
