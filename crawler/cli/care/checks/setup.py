"""Whether what hrwatch runs on is there: its settings and files, the browser that a source needs, room on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

from crawler.cli.care.checks.check import Check
from crawler.cli.output.sizes import size_text
from crawler.config import Config
from crawler.errors import HrwatchError
from crawler.language import _
from crawler.net.browser import browser_fault, find_browser, wants_browser
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue

# Below this a pass may fail to write its pages: one WARC file of 1 GiB.
LOW_DISK_BYTES = 2**30


def setup_checks(config: Config) -> Iterator[Check]:
    """Settings, data files, sources, browser and disk; nothing of the archive is opened."""
    yield Check(
        name=_("contact"),
        is_well=config.contact is not None,
        detail=config.contact or _("none"),
        remedy="" if config.contact else _("set HRWATCH_CONTACT, so that a webmaster can reach you"),
    )
    yield _tried(_("taxonomy"), lambda: _("{zones} zones").format(zones=len(load_taxonomy(config.taxonomy).zones)))
    yield _tried(_("sources"), lambda: _sources_finding(config))
    yield from _browser_check(config)
    yield from _disk_checks(config)


def _tried(name: str, finding: Callable[[], str]) -> Check:
    try:
        return Check(name=name, is_well=True, detail=finding())
    except (HrwatchError, OSError) as error:
        return Check(name=name, is_well=False, detail=str(error))


def _sources_finding(config: Config) -> str:
    catalogue = open_catalogue(config)
    return _("{count} sources, {active} active").format(count=len(catalogue), active=len(catalogue.active()))


def _browser_check(config: Config) -> Iterator[Check]:
    """Whether there is a browser, where a source needs one."""
    try:
        wanting = [source.id for source in open_catalogue(config).active() if wants_browser(source)]
    except HrwatchError:
        return  # told of the sources already
    if wanting:
        fault = browser_fault(config)
        finding = fault or find_browser(config) or ""
        if fault is None and os.geteuid() == 0:
            finding += "; " + _("runs without its sandbox, as root")
        yield Check(name=_("browser"), is_well=fault is None, detail=f"{finding} ({', '.join(wanting)})")


def _disk_checks(config: Config) -> Iterator[Check]:
    folder = config.data
    while not folder.exists():
        if folder.is_symlink():  # a disk that is not there, or a link to itself: nothing can be made there
            yield Check(
                name=_("data folder"),
                is_well=False,
                detail=_("{folder}: a link that leads nowhere").format(folder=folder),
            )
            return
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Check(name=_("data folder"), is_well=False, detail=str(error))
        return
    is_well = free >= LOW_DISK_BYTES
    yield Check(
        name=_("data folder"),
        is_well=is_well,
        detail=_("{folder}: {size} free").format(folder=config.data, size=size_text(free)),
        remedy="" if is_well else _("make room, or let go of old pages: hrwatch prune --help"),
    )
    if not os.access(folder, os.W_OK):
        yield Check(
            name=_("data folder"),
            is_well=False,
            detail=_("{folder}: cannot be written").format(folder=folder),
            remedy=_("run hrwatch as the user whose folder it is"),
        )
