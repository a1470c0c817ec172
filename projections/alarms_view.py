"""How alarms are raised and end (告警): one function an event."""

from __future__ import annotations

from collections.abc import Callable

from coordination.alarms import events as alarms
from coordination.approvals import events as approvals
from coordination.authority import events as authority
from coordination.grants import events as grants
from coordination.kernel import Event
from coordination.mode import events as mode
from coordination.orders import events as orders
from coordination.packages import events as packages
from coordination.packages.state import target_path
from coordination.people import events as people
from coordination.posts import events as posts
from coordination.posts.events import SEIZED
from coordination.posts.state import ACCEPT, HANDOVER, RATIFY, post_path
from coordination.tree import Place, covers, site_path
from projections.alarms import (
    ABOUT,
    ALARM,
    GRAVE,
    ON_SHELF,
    OVER,
    WARNING,
    WAY,
    About,
    raise_alarm,
    settle,
)
from projections.alarms_goods import GOODS
from projections.view import Tables, View

ALARMS = View("alarms", 10, (ALARM, ABOUT, ON_SHELF, WAY), handlers=dict(GOODS))


SETTLED: dict[type[Event], tuple[str, str]] = {
    mode.ExpectationExtended: ("{0.emergency}", "expectation"),
    mode.LevelLowered: ("{0.emergency}", "expectation"),
    approvals.GlassReviewed: ("{0.glass}", ""),
    orders.OrderWithdrawn: ("{0.order}", ""),
    authority.AbsenceEnded: ("{0.absence}", ""),
    people.PersonAvailable: ("person:{0.person}", ""),
    people.PersonUnavailable: ("person:{0.person}", ""),
    people.PersonForgotten: ("person:{0.person}", ""),
    people.PersonMerged: ("person:{0.person}", ""),
    posts.SafetyConfirmed: ("post:{0.post}", "silent"),
}
"""Facts by which something is decided: about what, and of which kind of alarm."""


def _settling(about: str, kind: str) -> Callable[[Tables, Event], None]:
    return lambda t, e: settle(t, about.format(e), kind=kind)


ALARMS.handlers.update({event: _settling(*of) for event, of in SETTLED.items()})


@ALARMS.on(alarms.AlarmAcknowledged)
def on_acknowledged(t: Tables, e: alarms.AlarmAcknowledged) -> None:
    """Somebody sees to it."""
    row, who = t[ALARM].current.get(e.alarm), t.fact.envelope
    if row is None:
        # Of a post's alarm the rules know the post, not which fact raised it.
        return
    row = row._replace(acknowledged_by=who.actor, acknowledged_us=who.occurred_us)
    t.put(ALARM, row)


@ALARMS.on(grants.AccountActed)
def on_account(t: Tables, e: grants.AccountActed) -> None:
    """Who resets a password could be whose it is, until they have chosen another."""
    about = f"reset:{e.account}"
    if e.act == "password":
        raise_alarm(t, f"{about}:{e.at_us}", GRAVE, about, e.account, 0)
    elif e.act == "own-password":
        settle(t, about)


# --- emergencies ---------------------------------------------------------------------

Covering = mode.EmergencyDeclared | mode.ScopeWidened | mode.ScopeNarrowed


@ALARMS.on(Covering)
def on_scope(t: Tables, e: Covering) -> None:
    """Remember where an emergency is; who is left out of it waits for nothing."""
    _place(t, e.emergency, e.scope, e.emergency)
    within, less = ([p.path for p in named] for named in (e.scope, e.excluded))
    for about in _freed(t).get(e.emergency, ()):
        if not covers(within, less, site_path(about.rpartition(":")[2])):
            settle(t, about)


@ALARMS.on(mode.EmergencyEnded | mode.EmergencyVoided)
def on_over(t: Tables, e: mode.EmergencyEnded | mode.EmergencyVoided) -> None:
    """What an emergency's converting was late with, or waits for, matters no more."""
    for about in (e.emergency, *_freed(t).get(e.emergency, ())):
        settle(t, about)


@ALARMS.on(mode.SitesFreed)
def on_freed(t: Tables, e: mode.SitesFreed) -> None:
    """What sites were passed over for is over: somebody must decide on each."""
    for site, number in ((one.site, one.round) for one in e.freed):
        about = f"freed:{e.emergency}:{site}"
        told = {"paths": site_path(site), "emergency": e.emergency}
        raise_alarm(t, f"{about}:{number}", WARNING, about, e.emergency, 0, **told)
        listed = _freed(t).setdefault(e.emergency, [])
        if about not in listed:
            listed.append(about)


@ALARMS.on(mode.SitesTakenUp)
def on_taken_up(t: Tables, e: mode.SitesTakenUp) -> None:
    """They convert after all."""
    for site in e.sites:
        settle(t, f"freed:{e.emergency}:{site}")


def _freed(t: Tables) -> dict[str, list[str]]:
    """Return what alarms of free sites are about, by emergency."""
    known: dict[str, list[str]] | None = t.memo.get("freed")
    if known is None:
        known = t.memo["freed"] = {}
        for row in t[ALARM].every():
            if row.kind == "freed" and row.state != OVER:
                known.setdefault(row.emergency, []).append(row.about)
    return known


def _place(t: Tables, key: str, scope: tuple[Place, ...], emergency: str) -> None:
    paths = ",".join(place.path for place in scope)
    t.put(ABOUT, About(key=key, paths=paths, emergency=emergency))


@ALARMS.on(mode.DeadlinePassed)
def on_deadline(t: Tables, e: mode.DeadlinePassed) -> None:
    """A step's deadline has passed; whether a site is late, the board tells."""
    alarm = f"deadline:{e.emergency}:{e.phase}:{e.step}:{e.due_us}"
    raise_alarm(t, alarm, WARNING, e.emergency, e.step, e.due_us)


@ALARMS.on(mode.ExpectationPassed)
def on_expectation(t: Tables, e: mode.ExpectationPassed) -> None:
    """Somebody must decide: extend, lower or end."""
    alarm = f"expectation:{e.emergency}:{e.due_us}"
    raise_alarm(t, alarm, GRAVE, e.emergency, e.emergency, e.due_us)


# --- second persons, orders, offices -------------------------------------------------


@ALARMS.on(approvals.ProposalMade)
def on_proposed(t: Tables, e: approvals.ProposalMade) -> None:
    """Remember what a proposal is about."""
    paths = ",".join(e.places)
    t.put(ABOUT, About(key=e.proposal, paths=paths, emergency=e.emergency))


@ALARMS.on(approvals.ProposalExpired)
def on_expired(t: Tables, e: approvals.ProposalExpired) -> None:
    """A proposal found nobody."""
    raise_alarm(t, f"proposal:{e.proposal}", GRAVE, e.proposal, e.proposal, e.due_us)


@ALARMS.on(approvals.GlassBroken)
def on_broken(t: Tables, e: approvals.GlassBroken) -> None:
    """One person has decided alone."""
    paths = ",".join(e.places)
    t.put(ABOUT, About(key=e.glass, paths=paths, emergency=e.emergency))
    raise_alarm(t, f"glass:{e.glass}", GRAVE, e.glass, e.account, e.review_due_us)


@ALARMS.on(approvals.ReviewOverdue)
def on_review_late(t: Tables, e: approvals.ReviewOverdue) -> None:
    """A mandatory review is overdue."""
    raise_alarm(t, f"review:{e.glass}", GRAVE, e.glass, e.glass, e.due_us)


@ALARMS.on(orders.OrderIssued)
def on_issued(t: Tables, e: orders.OrderIssued) -> None:
    """Remember where an order goes; the one it corrects is over."""
    if e.corrects:
        settle(t, e.corrects)
    _place(t, e.order, e.scope, e.emergency)


@ALARMS.on(orders.OrderOverdue)
def on_order_late(t: Tables, e: orders.OrderOverdue) -> None:
    """An order's time limit has passed; who is late, the orders tell."""
    raise_alarm(t, f"order:{e.order}:{e.what}", WARNING, e.order, e.order, e.due_us)


@ALARMS.on(authority.AbsenceRecorded)
def on_absent(t: Tables, e: authority.AbsenceRecorded) -> None:
    """An office is absent; the next in line signs."""
    alarm = f"absence:{e.absence}"
    raise_alarm(t, alarm, WARNING, e.absence, e.role, e.until_us, e.area.path)


@ALARMS.on(people.AbsencePassed)
def on_expected_back(t: Tables, e: people.AbsencePassed) -> None:
    """Somebody was expected back: are they?"""
    about, alarm = f"person:{e.person}", f"back:{e.person}:{e.due_us}"
    raise_alarm(t, alarm, WARNING, about, e.person, e.due_us, e.community)


# --- posts and packages --------------------------------------------------------------


def _on_post(t: Tables, kind: str, gravity: str, post: str, due_us: int) -> None:
    alarm, about = f"{kind}:{post}:{t.fact.seq}", f"post:{post}"
    raise_alarm(t, alarm, gravity, about, post, due_us, post_path(post))


@ALARMS.on(posts.PostVacated)
def on_vacated(t: Tables, e: posts.PostVacated) -> None:
    """Nobody in line can act on a post: the level above must find somebody."""
    settle(t, f"post:{e.post}")
    _on_post(t, "vacancy", GRAVE, e.post, 0)


@ALARMS.on(posts.SubstitutionMade)
def on_made(t: Tables, e: posts.SubstitutionMade) -> None:
    """Somebody acts on a post: whatever was the matter with it is over."""
    settle(t, f"post:{e.post}")
    if e.how == SEIZED:
        _on_post(t, "seized", GRAVE, e.post, e.ratify_by_us)


@ALARMS.on(posts.HolderSilent)
def on_silent(t: Tables, e: posts.HolderSilent) -> None:
    """Whoever acts has not confirmed to be well."""
    _on_post(t, "silent", GRAVE, e.post, e.due_us)


@ALARMS.on(posts.WaitOverdue)
def on_wait(t: Tables, e: posts.WaitOverdue) -> None:
    """Somebody has not accepted, taken over or ratified in time."""
    if e.what != ACCEPT:  # then the next in line was called, or it is vacant
        _on_post(t, e.what, WARNING, e.post, e.due_us)


@ALARMS.on(posts.SubstitutionRatified)
def on_ratified(t: Tables, e: posts.SubstitutionRatified) -> None:
    """What was seized in need is agreed to."""
    for kind in ("seized", RATIFY):
        settle(t, f"post:{e.post}", kind=kind)


@ALARMS.on(posts.HandoverItemTaken)
def on_taken(t: Tables, e: posts.HandoverItemTaken) -> None:
    """With its last item a handover is over."""
    if not e.left:
        settle(t, f"post:{e.post}", kind=HANDOVER)


@ALARMS.on(posts.ItemTakenBack)
def on_item_taken_back(t: Tables, e: posts.ItemTakenBack) -> None:
    """A handover that was complete, and overdue, is so again."""
    if e.late and e.left == 1:
        _on_post(t, HANDOVER, WARNING, e.post, e.due_us)


@ALARMS.on(packages.Handing)
def on_package(t: Tables, e: packages.Handing) -> None:
    """A package that fell to the community until somebody is named, or is theirs."""
    about = f"package:{e.kind}:{e.target}"
    settle(t, about)
    if isinstance(e, packages.PackageHandedOver) and e.standing:
        alarm = f"standing:{e.kind}:{e.target}:{t.fact.seq}"
        raise_alarm(t, alarm, WARNING, about, e.package, 0, target_path(e.target))
