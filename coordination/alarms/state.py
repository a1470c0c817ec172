"""Which alarms there are (告警), told by the states of what raised them."""

from __future__ import annotations

from coordination.alarms.events import AlarmAcknowledged
from coordination.approvals.state import APPROVALS, EXPIRED
from coordination.authority.state import AUTHORITY
from coordination.grants.accounts import reset_of
from coordination.kernel import Event, Read, Stream
from coordination.mode.events import PassedOver
from coordination.mode.state import EMERGENCIES
from coordination.orders.state import ORDERS
from coordination.packages.state import package_stream, target_path
from coordination.people.state import person_stream
from coordination.posts.events import SEIZED
from coordination.posts.state import post_path, post_stream
from coordination.stations.state import station_stream
from coordination.stock.state import lot_stream, stock_stream
from coordination.transfers.state import shipment_stream
from coordination.tree import site_path

Acknowledged = frozenset[str]


def evolve_alarms(state: Acknowledged, event: Event) -> Acknowledged:
    """Fold one acknowledgement."""
    return state | {event.alarm} if isinstance(event, AlarmAcknowledged) else state


NONE: Acknowledged = frozenset()
ALARMS: Stream[Acknowledged] = Stream("alarms", NONE, evolve_alarms)


def places_of(read: Read, alarm: str) -> tuple[str, ...] | None:
    """Return the paths a raised alarm is about, None if there is no such alarm."""
    kind, _, rest = alarm.partition(":")
    match kind, rest.split(":"):
        case "deadline", [emergency, phase, step, due]:
            known = read(EMERGENCIES).all.get(emergency)
            if known and due.isdecimal() and (phase, step, int(due)) in known.passed:
                return tuple(p.path for p in known.newest.scope)
        case "expectation", [emergency, due]:
            known = read(EMERGENCIES).all.get(emergency)
            if known and due.isdecimal() and int(due) in known.expectations_passed:
                return tuple(p.path for p in known.newest.scope)
        case "freed", [emergency, site, number]:
            known = read(EMERGENCIES).all.get(emergency)
            told = number.isdecimal() and PassedOver(site, int(number))
            return (site_path(site),) if known and told in known.freed else None
        case "glass", [glass]:
            broken = read(APPROVALS).glasses.get(glass)
            return broken.broken.places if broken else None
        case "review", [glass]:
            broken = read(APPROVALS).glasses.get(glass)
            return broken.broken.places if broken and broken.overdue else None
        case "proposal", [proposal]:
            made = read(APPROVALS).proposals.get(proposal)
            return made.made.places if made and made.state == EXPIRED else None
        case "order", [order, what]:
            issued = read(ORDERS).get(order)
            if issued and what in issued.overdue:
                return tuple(p.path for p in issued.fact.scope)
        case "reset", [account, at]:
            return ("",) if str(read(reset_of(account)).at_us) == at else None
        case "absence", [absence]:
            recorded = read(AUTHORITY).absences.get(absence)
            return (recorded.area.path,) if recorded else None
        case "back", [person, due]:
            away = read(person_stream(person))
            asked = away.cause and due.isdecimal() and away.asked_us == int(due)
            return (away.home,) if asked else None
        case "vacancy" | "silent" | "seized" | "handover" | "ratify", [post, _seq]:
            return (post_path(post),) if _alarming(read, kind, post) else None
        case "standing", [package, target, _seq]:
            held = read(package_stream(f"{package}/{target}"))
            return (target_path(target),) if held.standing else None
    return _of_goods(read, kind, rest)


def _of_goods(read: Read, kind: str, rest: str) -> tuple[str, ...] | None:
    """Return the paths that an alarm of stock or transfers is about."""
    match kind, rest.split(":"):
        case "shortage", [station, _seq]:
            return (
                (site_path(station),) if read(station_stream(station)).noted else None
            )
        case "expiring" | "expired", [lot, _seq]:
            station, item, name = (*lot.split("/"), "", "", "")[:3]
            held = read(stock_stream(station, item)).lots.get(name)
            if held is None or not held.on_hand:
                return None
            batch = read(lot_stream(item, name)).registered
            told = held.told_of(batch.expires_us) if batch else held.noted
            here = told == kind
            return (site_path(station),) if here else None
        case "transfer" | "discrepancy", [shipment]:
            known = read(shipment_stream(shipment))
            late = known.late and not known.complete
            open_ = known.complete if kind == "discrepancy" else late
            if known.sent is not None and known.left and open_:
                ends = known.sent.station, known.sent.to
                return tuple(dict.fromkeys(map(site_path, ends)))
    return None


def _alarming(read: Read, kind: str, post: str) -> bool:
    """Tell whether there is such an alarm of a post now."""
    found = read(post_stream(post))
    match kind:
        case "vacancy":
            return found.defined is not None and not found.acting
        case "silent":
            return bool(found.silences)
        case "seized":
            return found.made is not None and found.made.how == SEIZED
    return kind in found.overdue
