"""The plans (预案) that come with the service: data files; see ``schema.json``."""

from __future__ import annotations

from importlib import resources


def texts() -> dict[str, str]:
    """Return the text of every ``<id>.yaml`` of this package, by id, ids in order.

    Nothing is checked: that is for ``coordination.playbook.compile_text``.
    """
    files = sorted(resources.files(__name__).iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".yaml")
    }
