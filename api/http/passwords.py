"""Passwords (密码): long enough and not soon guessed, on every way in.

As NIST SP 800-63B asks: a length, no rules of composition, and nothing that is common,
names the account or follows a pattern; ``zxcvbn`` knows the lists.
"""

from __future__ import annotations

from coordination.refusals import Invalid

LENGTH_MIN, LENGTH_MAX = 8, 200
GUESSES_MIN = 10**8
"""Below this, whoever tries for some months at the pace allowed could find it."""
LOOKED_AT = 72
"""Characters of a long one that are looked at: the search grows with their square."""

WeakPassword = Invalid.of(
    "auth.weak-password",
    "密码太短或太常见，容易被猜到",
    "the password is too short or too common: it is soon guessed",
    "请换成至少 8 位、不含账号和姓名的短句",
    "choose a phrase of 8 characters or more, without the account or a name in it",
)


def check_password(password: str, *own: str, field: str = "password") -> None:
    """Return if a password is fit. ``own``: words that are known of whose it is.

    ``field``: of the form, to be blamed.

    :raises WeakPassword: if it is too short or soon guessed
    """
    # Its lists take a while to load, and only this needs them.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    if len(password) < LENGTH_MIN:
        raise WeakPassword(element=field)
    found = zxcvbn(password[:LOOKED_AT], user_inputs=list(own))
    if found["guesses"] < GUESSES_MIN:
        raise WeakPassword(element=field)
