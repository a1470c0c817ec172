"""Facts about posts and packages as sentences (叙述)."""

from __future__ import annotations

from coordination.packages import events as packages
from coordination.packages.events import Party
from coordination.posts import events as posts
from coordination.vocabulary import HANDOVER_ITEMS, POST_WAITS, TURN_CAUSES, TURNS
from projections.dispatch import On
from projections.names import Both, Names, Sayings

POSTS: Sayings = {}
says = On(POSTS)


@says(posts.PostDefined)
def _defined(n: Names, e: posts.PostDefined) -> Both:
    post = n.post(e.post)
    return f"设岗：{post}", f"Post defined: {post}"


@says(posts.ChainSet)
def _chain(n: Names, e: posts.ChainSet) -> Both:
    post = n.post(e.post)
    return f"{post}调整 AB 角名单", f"{post}: another line of backups"


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


@says(posts.PostVacated)
def _vacated(n: Names, e: posts.PostVacated) -> Both:
    post = n.post(e.post)
    count = len(e.tried)
    return (
        f"岗位空缺：{post}{_because(e.cause)}，AB 角 {count} 人均不能履职",
        f"Vacant: {post}{_because(e.cause, 1)}; none of {count} in line can act",
    )


@says(posts.SubstitutionAccepted)
def _accepted(n: Names, e: posts.SubstitutionAccepted) -> Both:
    post = n.post(e.post)
    return f"{post}：已接岗", f"{post}: accepted"


@says(posts.SubstitutionDeclined)
def _declined(n: Names, e: posts.SubstitutionDeclined) -> Both:
    post, (zh, en) = n.post(e.post), n.human(e.person)
    return f"{post}：{zh}不能接岗", f"{post}: {en} declined"


@says(posts.SubstitutionRatified)
def _ratified(n: Names, e: posts.SubstitutionRatified) -> Both:
    post = n.post(e.post)
    return f"{post}：紧急自任已追认", f"{post}: what was seized is ratified"


@says(posts.HandoverItemTaken)
def _item(n: Names, e: posts.HandoverItemTaken) -> Both:
    post, (zh, en) = n.post(e.post), HANDOVER_ITEMS[e.item]
    count = f" {e.count}" if e.count >= 0 else ""
    return f"{post}：交接“{zh}”{count}", f"{post}: {en.lower()} taken over{count}"


@says(posts.SafetyConfirmed)
def _safe(n: Names, e: posts.SafetyConfirmed) -> Both:
    post = n.post(e.post)
    return f"{post}：平安报到", f"{post}: all is well"


@says(posts.HolderSilent)
def _silent(n: Names, e: posts.HolderSilent) -> Both:
    post, (zh, en) = n.post(e.post), n.human(e.person)
    return f"{post}：{zh}平安报到超时", f"{post}: {en} is silent"


@says(posts.WaitOverdue)
def _overdue(n: Names, e: posts.WaitOverdue) -> Both:
    post, (zh, en) = n.post(e.post), POST_WAITS[e.what]
    return f"{post}：{zh}超时", f"{post}: {en} is overdue"


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


@says(packages.PackageKindsSet)
def _kinds(_n: Names, e: packages.PackageKindsSet) -> Both:
    count = len(e.kinds)
    return f"设定包保类型 {count} 种", f"{count} kinds of packages configured"


@says(packages.PackageAssigned)
def _assigned(n: Names, e: packages.PackageAssigned) -> Both:
    (zh, en), (who, who_en) = package_name(e.package, n), party_name(e.party, n)
    return f"{zh}由{who}负责", f"{en}: {who_en}"


@says(packages.PackageHandedOver)
def _handed(n: Names, e: packages.PackageHandedOver) -> Both:
    zh, en = package_name(e.package, n)
    before, before_en = party_name(e.before, n)
    after, after_en = party_name(e.party, n)
    stands, stands_en = ("兜底", ", standing in") if e.standing else ("", "")
    return (
        f"{zh}移交：{before}→{after}{stands}{_because(e.cause)}",
        f"{en}: {before_en} → {after_en}{stands_en}{_because(e.cause, 1)}",
    )


@says(packages.PackageReleased)
def _released(n: Names, e: packages.PackageReleased) -> Both:
    zh, en = package_name(e.package, n)
    return f"{zh}解除", f"{en}: released"
