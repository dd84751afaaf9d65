"""What people read is Chinese, or English where HRWATCH_LANG=en: gettext catalogues kept with Babel.

Source strings are English. Code, logs and docs do not pass through here.
"""

from __future__ import annotations

import gettext as _gettext
from functools import lru_cache
from pathlib import Path

DOMAIN = "hrwatch"
LOCALE_DIR = Path(__file__).parent / "locale"

_language = "zh"


def use_language(language: str) -> None:
    """Make `language` ("zh" or "en") the one that `_` speaks from now on; anything else is taken for Chinese."""
    global _language
    _language = "en" if language.lower().startswith("en") else "zh"


def language() -> str:
    """The language spoken: "zh" or "en"."""
    return _language


def _(message: str) -> str:
    """`message` in the language in use."""
    return _translations(_language).gettext(message)


def N_(message: str) -> str:
    """`message` as it stands: marks for translation what is made at import and shown through `_` later."""
    return message


def ngettext(one: str, many: str, n: int) -> str:
    """`one` or `many`, by `n`, in the language in use."""
    return _translations(_language).ngettext(one, many, n)


@lru_cache
def _translations(code: str) -> _gettext.NullTranslations:
    if code == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(DOMAIN, LOCALE_DIR, languages=["zh_CN"], fallback=True)
