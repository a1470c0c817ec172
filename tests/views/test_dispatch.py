"""Handlers by event: bound by a decorator, wrong ones refused as they are defined."""

from __future__ import annotations

import pytest

from coordination.mode.events import LevelLowered, LevelRaised, Regraded
from projections.view import Tables, View


def view():
    """Return a view without handlers."""
    return View("test_dispatch", 1, ())


def on_level(_t: Tables, _e: LevelRaised | LevelLowered) -> None: ...


def on_regraded(_t: Tables, _e: Regraded) -> None: ...


def test_a_handler_stands_under_each_event_it_takes():
    one = view()
    assert one.on(LevelRaised | LevelLowered)(on_level) is on_level
    one.on(Regraded)(on_regraded)
    assert one.handlers == {
        LevelRaised: on_level,
        LevelLowered: on_level,
        Regraded: on_regraded,
    }


@pytest.mark.parametrize("events", [Regraded, LevelRaised, LevelRaised | Regraded])
def test_a_handler_of_another_event_than_it_is_bound_to_is_refused(events):
    one = view()
    with pytest.raises(TypeError, match="on_level"):
        one.on(events)(on_level)
    assert one.handlers == {}


def test_one_event_has_one_handler():
    one = view()
    one.on(Regraded)(on_regraded)
    with pytest.raises(TypeError, match="Regraded"):
        one.on(Regraded)(on_regraded)


def test_handlers_of_a_file_of_their_own_count_too():
    one = View("test_dispatch", 1, (), handlers={Regraded: on_regraded})
    with pytest.raises(TypeError, match="Regraded"):
        one.on(Regraded)(on_regraded)
