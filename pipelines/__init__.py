"""What happens to a capture on its way to the archive: one verb per file, in this order."""

# Order is meaning; Scrapy's numbers are computed from it in crawler/settings.py.
ORDER: tuple[str, ...] = (
    "pipelines.extract.Extract",  # first: everything later speaks of an article, not of bytes
    "pipelines.judge.Judge",  # before the archive: a link-only row that is not about the subject is not kept as an item
    "pipelines.store.Store",  # last: page, item, judgement and story become true together or not at all
)
