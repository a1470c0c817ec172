"""Notices (对外通知): which news goes to which channel, when, and how much of it."""
