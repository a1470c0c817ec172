"""A decision that replaces somebody names whom (rule 10): of two, one is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coordination.authority.decide import SetAuthority
from coordination.authority.events import LevelAuthority
from coordination.authority.state import DEFAULT
from coordination.checks import Replaced
from coordination.kernel import version_of
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    PackageRow,
    PackagesRefused,
    ReleasePackage,
)
from coordination.packages.events import PERSON, PackageAssigned, Party
from coordination.packages.kinds import SetPackageKinds
from coordination.packages.state import DEFAULT_KINDS
from coordination.posts.decide import Appoint, SetChain
from coordination.posts.events import PostVacated
from coordination.posts.state import holding
from coordination.posts.substitution import Seize, Substitute, TakeBack
from coordination.provenance import UNSEEN
from coordination.refusals import Refusal
from coordination.stations.decide import OpenStation, TakeCustody
from coordination.stations.events import CustodyTaken, StationOpened
from tests.given import (
    AREAS,
    BUILDING,
    FLOOD_TEXT,
    FOLK,
    NOW,
    SEAT,
    A,
    B,
    C,
    D,
    E,
    as_one,
    by,
    declared,
    fold,
    manned,
    published,
    put,
    site,
    together,
)

BLIND = by(seen_seq=UNSEEN)
POST = SEAT.post
GIVEN = [*AREAS, *FOLK, *manned(SEAT)]
TARGET = BUILDING.code
HELD = PackageAssigned(
    kind="building", target=TARGET, party=Party(PERSON, A), backups=()
)
STATION = site(1).site
OTHER_LEVELS = (LevelAuthority(1, ("commander",)), *DEFAULT[1:])
FEWER = DEFAULT_KINDS[:3]


def person(who):
    return Party(PERSON, who)


def to(who):
    return HandOverPackage(kind="building", target=TARGET, party=person(who))


REPLACING = {
    "substitute": (GIVEN, Substitute(post=POST, person=B, reason="r"), A),
    "the next": (GIVEN, Substitute(post=POST, reason="r"), A),
    "appoint": (GIVEN, Appoint(post=POST, person=D, reason="r"), A),
    "line": (GIVEN, SetChain(post=POST, chain=(A, C)), f"{A},{B},{C}"),
    "take back": ([*GIVEN, *put(SEAT, B, A)], TakeBack(post=POST), B),
    "hand over": ([*GIVEN, HELD], to(B), f"person:{A}"),
    "release": (
        [*GIVEN, HELD],
        ReleasePackage(kind="building", target=TARGET, reason="r"),
        f"person:{A}",
    ),
}
"""What was decided, what replaces it, and what that names."""


@pytest.mark.parametrize("name", REPLACING)
def test_what_is_replaced_is_named(name):
    """Named as it stands it goes through; another is refused, with who, by whom."""
    facts, command, held = REPLACING[name]
    assert together(fold(*facts, who=BLIND), replace(command, expected=held), NOW)
    for wrong in ("-", "h-000000000000"):
        with pytest.raises(Replaced) as caught:
            together(fold(*facts), replace(command, expected=wrong), NOW)
        assert caught.value.facts["held"] == held
        assert caught.value.facts["by"] == "wang"
        assert "2023-11-15 06:13:20" in caught.value.say("zh")


@pytest.mark.parametrize("name", REPLACING)
def test_who_says_nothing_must_have_seen_it(name):
    """Without a word an old tab is refused; who has seen the last change is not."""
    facts, command, _ = REPLACING[name]
    for seen in (UNSEEN, len(AREAS)):
        with pytest.raises(Replaced):
            together(fold(*facts, who=by(seen_seq=seen)), command, NOW)
    assert together(fold(*facts, who=by(seen_seq=len(facts))), command, NOW)


def test_what_nobody_holds_is_taken_without_a_word():
    """A vacant post, a station that nobody keeps, a setting nobody made."""
    vacant = [*GIVEN, PostVacated(post=POST, before=A, cause="ill", tried=())]
    for facts, command in (
        (vacant, Substitute(post=POST, person=B, reason="r")),
        (AREAS, SetAuthority(levels=OTHER_LEVELS, basis="b")),
        (AREAS, SetPackageKinds(kinds=FEWER)),
    ):
        assert together(fold(*facts, who=BLIND), command, NOW)
        assert together(fold(*facts, who=by(seen_seq=1)), command, NOW)


def test_a_setting_is_named_by_its_version():
    """Two who begin with the same table do not both set it."""
    for command, version in (
        (SetAuthority(levels=OTHER_LEVELS, basis="b"), version_of(DEFAULT)),
        (SetPackageKinds(kinds=FEWER), version_of(DEFAULT_KINDS)),
    ):
        named = replace(command, expected=version)
        facts = together(fold(*AREAS), named, NOW)
        with pytest.raises(Replaced) as caught:
            together(fold(*AREAS, *facts), named, NOW)
        assert "另一版本" in caught.value.say("zh")


def test_a_keeper_and_a_keepers_post_are_named():
    """Who takes a station over names whom they relieve; so does another post."""
    kept = CustodyTaken(station=STATION, keeper="li", before="", count="c-0123456789")
    opened = StationOpened(station=STATION, post=f"{STATION}-p-station-keeper")
    facts = [*AREAS, site(1), opened, kept]
    with pytest.raises(Replaced) as caught:
        together(
            fold(*facts, who=BLIND),
            TakeCustody(station=STATION, count="c-0123456780"),
            NOW,
        )
    assert caught.value.facts["held"] == "li"
    with pytest.raises(Replaced):
        together(fold(*facts, who=BLIND), OpenStation(station=STATION), NOW)


def test_appointing_names_the_holder_and_who_acts():
    """Whoever the line or the post has got meanwhile is not replaced unseen."""
    changed = together(
        fold(*GIVEN), SetChain(post=POST, chain=(C, A), expected=f"{A},{B},{C}"), NOW
    )
    appoint = Appoint(post=POST, person=D, reason="r", expected=A)
    with pytest.raises(Replaced) as caught:
        together(fold(*GIVEN, *changed), appoint, NOW)
    assert caught.value.facts["held"] == f"{C},{A}" == holding((C,), A)
    stepped_in = [*GIVEN, *put(SEAT, B, A)]
    with pytest.raises(Replaced):
        together(fold(*stepped_in), appoint, NOW)


def test_a_second_assignment_says_who_was_quicker():
    """A gap is filled once; the second hears by whom and since when."""
    row = PackageRow(kind="building", target=TARGET, party=person(B))
    with pytest.raises(PackagesRefused) as caught:
        together(fold(*GIVEN, HELD), AssignPackages(rows=(row,)), NOW)
    (fault,) = caught.value.facts["rows"]
    assert "wang于2023-11-15 06:13:20决定" in fault.zh


def test_seizing_names_who_acts():
    """Two who seize one post at once: the second hears of the first."""
    war = [published(FLOOD_TEXT), declared("e1")]
    facts = [*GIVEN, *war]
    first = together(
        fold(*facts, who=as_one(B)), Seize(post=POST, reason="r", expected=A), NOW
    )
    with pytest.raises(Replaced) as caught:
        together(
            fold(*facts, *first, who=as_one(C)),
            Seize(post=POST, reason="r", expected=A),
            NOW,
        )
    assert caught.value.facts["held"] == B


# --- two on one base ----------------------------------------------------------------

STATES = st.sampled_from(["acts", "acts another", "vacant"])
VERBS = st.sampled_from([
    lambda who, seen: Substitute(post=POST, person=who, reason="r", expected=seen["a"]),
    lambda _who, seen: Substitute(post=POST, reason="r", expected=seen["a"]),
    lambda who, seen: Appoint(post=POST, person=who, reason="r", expected=seen["h"]),
    lambda who, seen: SetChain(post=POST, chain=(who,), expected=seen["l"]),
    lambda _who, seen: TakeBack(post=POST, expected=seen["a"]),
    lambda who, seen: replace(to(who), expected=seen["p"]),
    lambda _who, seen: ReleasePackage(
        kind="building", target=TARGET, reason="r", expected=seen["p"]),
])  # fmt: skip
BASES = {
    "acts": (manned(SEAT), A),
    "acts another": ([*manned(SEAT), *put(SEAT, B, A)], B),
    "vacant": (
        [*manned(SEAT), PostVacated(post=POST, before=A, cause="ill", tried=())],
        "",
    ),
}


@given(STATES, VERBS, VERBS, st.sampled_from([A, B, C, D]), st.sampled_from([B, C, E]),
       st.booleans())  # fmt: skip
def test_two_on_one_base_never_both_replace_it(state, one, two, first, second, said):
    """Named or by what was on the screen: the second never undoes the first unseen."""
    facts, acting = BASES[state]
    base = [*AREAS, *FOLK, *facts, HELD]
    seen = {
        "a": acting or "-",
        "h": holding((A,), acting),
        "l": f"{A},{B},{C}",
        "p": f"person:{A}",
    }
    if not said:
        seen = dict.fromkeys(seen, "")
    who = by(seen_seq=len(base))
    try:
        done = together(fold(*base, who=who), one(first, seen), NOW)
    except Refusal:
        return
    before, command = fold(*base), two(second, seen)
    after = fold(*base, *done, who=who)
    held = command.held(before)
    try:
        together(after, command, NOW)
    except Refusal:
        return
    holds = command.held(after)
    assert holds.now == held.now or not holds.now, "replaced what nobody had seen"
