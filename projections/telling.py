"""Facts about posts and packages as sentences (叙述)."""

from __future__ import annotations

from coordination.packages import events as packages
from coordination.packages.events import Party
from coordination.posts import events as posts
from coordination.vocabulary import HANDOVER_ITEMS, POST_WAITS, TURN_CAUSES, TURNS
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.wording import worded

POSTS: Sayings = {}
says = On(POSTS)


@says(posts.SubstitutionMade)
def _made(n: Names, e: posts.SubstitutionMade) -> Both:
    post, (how, how_en) = n.post(e.post), TURNS[e.how]
    after, after_en = n.human(e.after)
    if not e.before:
        return f"{post}：{after}到岗（{how}）", f"{post}: {after_en} acts ({how_en})"
    before, before_en = n.human(e.before)
    zh = f"{post}：{before}→{after}（{how}{_because(e.cause)}）"
    return zh, f"{post}: {before_en} → {after_en} ({how_en}{_because(e.cause, 1)})"


def _because(cause: str, lang: int = 0) -> str:
    """Return why, in zh (0) or en (1), with what parts it from what stands before."""
    if not cause:
        return ""
    said = TURN_CAUSES[cause][lang]
    return f"，{said}" if lang == 0 else f", {said.lower()}"


@says(posts.HandoverItemTaken)
def _item(n: Names, e: posts.HandoverItemTaken) -> Both:
    post, (zh, en) = n.post(e.post), HANDOVER_ITEMS[e.item]
    count = f" {e.count}" if e.count >= 0 else ""
    return f"{post}：交接“{zh}”{count}", f"{post}: {en.lower()} taken over{count}"


def package_name(package: str, n: Names) -> Both:
    """Return how a package is called: its kind and its target."""
    kind, _, target = package.partition("/")
    zh, en = n.package_kind(kind)
    where = n.target(target)
    return f"“{zh}”{where}", f"“{en}” {where}"


def party_name(party: Party, n: Names) -> Both:
    """Return how a responsible party is called."""
    match party.kind:
        case "person":
            return n.human(party.id)
        case "post":
            return n.post(party.id), n.post(party.id)
    mark, _, code = party.id.partition(":")
    if mark == "community":
        return f"{n.area(code)}党组织", f"{n.area(code)} organisation"
    return n.unit(party.id), n.unit(party.id)


worded(
    POSTS,
    {
        posts.PostDefined: ("设岗：{post}", "Post defined: {post}"),
        posts.ChainSet: ("{post}调整 AB 角名单", "{post}: another line of backups"),
        posts.PostVacated: (
            "岗位空缺：{post}{cause}，AB 角 {tried} 人均不能履职",
            "Vacant: {post}{cause}; none of {tried} in line can act",
        ),
        posts.SubstitutionAccepted: ("{post}：已接岗", "{post}: accepted"),
        posts.SubstitutionDeclined: (
            "{post}：{person}不能接岗",
            "{post}: {person} declined",
        ),
        posts.SubstitutionRatified: (
            "{post}：紧急自任已追认",
            "{post}: what was seized is ratified",
        ),
        posts.SafetyConfirmed: ("{post}：平安报到", "{post}: all is well"),
        posts.HolderSilent: (
            "{post}：{person}平安报到超时",
            "{post}: {person} is silent",
        ),
        posts.WaitOverdue: ("{post}：{what}超时", "{post}: {what} is overdue"),
        packages.PackageKindsSet: (
            "设定包保类型 {kinds} 种",
            "{kinds} kinds of packages configured",
        ),
        packages.PackageAssigned: ("{package}由{party}负责", "{package}: {party}"),
        packages.PackageHandedOver: (
            "{package}移交：{before}→{party}{standing}{cause}",
            "{package}: {before} → {party}{standing}{cause}",
        ),
        packages.PackageReleased: ("{package}解除", "{package}: released"),
    },
    cause=lambda _n, e: (_because(e.cause), _because(e.cause, 1)),
    tried=lambda _n, e: len(e.tried),
    what=lambda _n, e: POST_WAITS[e.what],
    kinds=lambda _n, e: len(e.kinds),
    package=lambda n, e: package_name(e.package, n),
    party=lambda n, e: party_name(e.party, n),
    before=lambda n, e: party_name(e.before, n),
    standing=lambda _n, e: ("兜底", ", standing in") if e.standing else "",
)
