"""Languages of the screens (界面语言).

Chinese is the source language: message ids are Chinese, and the other languages are
``.po`` files compiled in memory at first use, so no ``.mo`` stands in the repository
and nothing needs building.
"""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "zh_CN"
_FOLDER = Path(__file__).parent / "locale"
LANGS: tuple[str, ...] = (SOURCE, *sorted(p.stem for p in _FOLDER.glob("*.po")))


@cache
def translations(lang: str) -> gettext.NullTranslations:
    """Return the catalogue of ``lang``; the source language needs none."""
    path = _FOLDER / f"{lang}.po"
    if lang not in LANGS or not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def js_catalog(lang: str) -> dict[str, str]:
    """Return what the screen's modules look up, as Chinese text to ``lang``."""
    path = _FOLDER / f"{lang}.po"
    if lang not in LANGS or not path.exists():
        return {}
    with path.open("rb") as source:
        catalog = read_po(source, locale=lang)
    return {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string
    }


def html_lang(lang: str) -> str:
    """Return the language as HTML writes it (``zh-CN``)."""
    return lang.replace("_", "-")


def pick(cookie: str | None, accept: str) -> str:
    """Return the language to show: the chosen one, then the browser's, then Chinese.

    ``cookie``: the ``lang`` cookie, ``zh_CN`` or ``zh-CN`` or ``en``.
    ``accept``: the ``Accept-Language`` header, with or without weights.
    """
    chosen = (cookie or "").replace("-", "_")
    if chosen in LANGS:
        return chosen
    for tag in _by_weight(accept):
        for lang in LANGS:
            if lang.split("_")[0] == tag:
                return lang
    return SOURCE


def _by_weight(accept: str) -> list[str]:
    """Return the primary language tags of ``accept``, most wanted first."""
    weighted: list[tuple[float, str]] = []
    for part in accept.split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = parameters.strip().removeprefix("q=") if parameters else "1"
        try:
            quality = float(weight)
        except ValueError:
            continue
        if tag and quality > 0:
            weighted.append((quality, tag.split("-")[0].lower()))
    # Stable: tags of one weight keep the order the browser gave them.
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
