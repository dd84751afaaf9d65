"""How a pipeline lets go of an item: always with a Reason, which the spider records and counts."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from crawler.model import Reason


class RefusedItem(DropItem):
    """An item that goes no further, with its Reason."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
