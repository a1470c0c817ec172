"""The seeded world of ``tests.api.served``, for every test here."""

from tests.api.served import data, seeded

__all__ = ["data", "seeded"]
