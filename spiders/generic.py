"""Family: any other list page, by a source's own row selector or article pattern, or by the repeated block of links."""

from __future__ import annotations

from spiders.column import ColumnSpider


class GenericSpider(ColumnSpider):
    """A plain HTML list. `list.rows` (CSS) and `article` (regex) make it exact; without either it looks for the
    repeated block of dated headlines, which is right for most one-column lists and wrong for portals' front pages.
    """

    name = "generic"
