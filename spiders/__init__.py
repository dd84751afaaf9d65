"""How a list is read: one Scrapy spider class per site family. What a site is stands in `sources/`."""
