"""The seeded world of ``tests.api.served``, and the one with people, for every test."""

from tests.api.peopled import peopled
from tests.api.served import data, seeded

__all__ = ["data", "peopled", "seeded"]
