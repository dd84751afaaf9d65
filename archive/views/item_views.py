"""The views of items and of sources."""

from __future__ import annotations

from archive.views.view_sql import Speech, View, column, place, published, topics_of, zones_of


def items_view(speech: Speech) -> View:
    year = speech.on("year", "coalesce(i.published_at, i.first_seen_at)")
    parties = "FROM item_regions AS r WHERE r.item_id = i.id AND r.role = 'party'"
    judged = "FROM judgements AS j WHERE j.item_id = i.id"
    return View(
        name="items_v",
        about="One row for each page that was kept, or row of a list that only links: what it says, how it was judged,"
        " and why it is in its story.",
        columns=(
            column("id", "integer", "number of the item", "i.id"),
            column("story_id", "integer", "its story: `stories_v.id`", "i.story_id"),
            column("url", "text", "address of the page", "i.url"),
            column("source_id", "text", "source whose host carries it: `source_health_v.source_id`", "i.source_id"),
            column("site_name", "text", "name of that source when it was kept", "i.site_name"),
            column("source_name", "text", "来源, as the page names it", "i.source_name"),
            column("author", "text", "author or editor, as the page names them", "i.author"),
            column("title", "text", "title as published", "i.title"),
            column("body", "text", "text as published; empty where only a link is known", "i.body"),
            column(
                "published",
                "text",
                "when, on China's clock: 2026-03-01 or 2026-03-01 12:30; NULL where undated",
                published(speech, "i"),
            ),
            column("precision", "text", "of `published`: day or minute", "i.precision"),
            column("published_from", "text", "where the date was read", "i.published_from"),
            column("document_number", "text", "发文字号", "i.document_number"),
            column("written", "date", "成文日期", "i.written"),
            column("first_seen_at", "time", "when it was first seen", "i.first_seen_at"),
            column("updated_at", "time", "of the last change to what is kept of it", "i.updated_at"),
            column(
                "relevant", "boolean", "true where this page is about the subject", f"(SELECT j.is_relevant {judged})"
            ),
            column("score", "real", "how surely, 0 to 1", f"(SELECT j.score {judged})"),
            column(
                "labelled_by",
                "text",
                "the person whose word overrides the rules; NULL: the rules'",
                "(SELECT l.labelled_by FROM labels AS l WHERE l.item_id = i.id)",
            ),
            column(
                "regions",
                "text",
                "the cooperating parties by their names of that year; NULL where none",
                speech.listed(place("r.adcode", year), parties, "r.adcode"),
            ),
            column("adcodes", "text", "their codes, in the same order", speech.listed("r.adcode", parties, "r.adcode")),
            column("zones", "text", "zones; NULL where none", zones_of(speech, "item_zones", "z.item_id = i.id")),
            column(
                "topics",
                "text",
                "topics in Chinese; NULL where none",
                topics_of(speech, "item_topics", "t.item_id = i.id"),
            ),
            column(
                "is_first",
                "boolean",
                "true for the first publisher's page of its story",
                "(i.id = (SELECT s.first_item_id FROM stories AS s WHERE s.id = i.story_id))",
            ),
            column("join_reason", "text", "why it is a reprint: see `items.join_reason`", "i.join_reason"),
            column("join_score", "real", "how alike, 0 to 1", "i.join_score"),
            column("joined_to", "integer", "the item it is alike", "i.joined_to"),
            column("link_only", "boolean", "true where only a row of a list is known, and no page", "i.is_link_only"),
            column(
                "vanished_at",
                "time",
                "since when its address has answered 404 or 410",
                "(SELECT c.vanished_at FROM item_checks AS c WHERE c.item_id = i.id)",
            ),
            column(
                "warc_file",
                "text",
                "WARC file that holds the page",
                "(SELECT p.warc_file FROM pages AS p WHERE p.id = i.page_id)",
            ),
            column(
                "warc_offset",
                "integer",
                "byte in that file at which its record begins",
                "(SELECT p.warc_offset FROM pages AS p WHERE p.id = i.page_id)",
            ),
        ),
        rows="FROM items AS i",
    )


def source_health_view(speech: Speech) -> View:
    refused = speech.json_object.format(column="p.refused")
    verdict = (
        "CASE WHEN s.left_at IS NOT NULL THEN 'left' WHEN s.status <> 'active' THEN s.status"
        " WHEN s.failures > 0 THEN coalesce(p.reason, 'error') WHEN s.last_polled_at IS NULL THEN 'new' ELSE 'ok' END"
    )
    return View(
        name="source_health_v",
        about="One row for each source of the registry, past or present, with its last poll that was not skipped.",
        columns=(
            column("source_id", "text", "its id, the name of its file", "s.source_id"),
            column("name", "text", "its name", "s.name"),
            column("kind", "text", "what it is, as its file says", "s.kind"),
            column("level", "text", "national, province, city, county, zone, park or media", "s.level"),
            column("adcode", "text", "where it speaks for; 100000: the whole country", "s.adcode"),
            column(
                "region",
                "text",
                "the name of that place; NULL for the whole country",
                "(SELECT r.full_name FROM regions AS r WHERE r.adcode = s.adcode)",
            ),
            column("home", "text", "its home page", "s.home"),
            column("family", "text", "how its lists are read", "s.family"),
            column("holds", "text", "what its lists hold: news, notices, policy or mixed", "s.holds"),
            column("status", "text", "active, unverified, blocked, paused or retired: what its file says", "s.status"),
            column("why", "text", "why it is not active", "s.why"),
            column("left_at", "time", "since when the registry has not had it; NULL: it has", "s.left_at"),
            column(
                "verdict",
                "text",
                "ok; new: never polled; left; its status where that is not active; else the reason why its last poll"
                " failed",
                verdict,
            ),
            column("failures", "integer", "polls that failed, one after another, up to now", "s.failures"),
            column("first_polled_at", "time", "end of the first poll that succeeded", "s.first_polled_at"),
            column("last_polled_at", "time", "end of the last poll", "s.last_polled_at"),
            column("last_ok_at", "time", "end of the last poll that succeeded", "s.last_ok_at"),
            column("last_new_at", "time", "when a list last had a new row", "s.last_new_at"),
            column("next_poll_at", "time", "when it is polled next", "s.next_poll_at"),
            column(
                "last_rows",
                "integer",
                "rows its lists showed in the last poll; 0 with no reason: not modified",
                "p.rows",
            ),
            column("last_new", "integer", "how many of them were new", "p.new"),
            column("last_newest", "date", "newest day among them", "p.newest"),
            column("last_unchanged", "integer", "lists that had not changed", "p.unchanged"),
            column("last_fetched", "integer", "pages fetched", "p.fetched"),
            column("last_stored", "integer", "items stored", "p.stored"),
            column("last_relevant", "integer", "how many of these are relevant", "p.relevant"),
            column(
                "last_refused",
                "text",
                "what was refused, by reason: irrelevant 3、no-body 1; NULL: nothing",
                speech.listed("member.key || ' ' || member.value", refused, "member.key"),
            ),
            column("last_reason", "text", "why the last poll failed; NULL: it did not", "p.reason"),
            column("last_detail", "text", "the same in words", "p.detail"),
            column(
                "items",
                "integer",
                "items kept from its hosts",
                "(SELECT count(*) FROM items AS i WHERE i.source_id = s.source_id)",
            ),
            column(
                "health",
                "text",
                "healthy, quiet, slow, silent, broken, moved, blocked, refused, unreachable or fault, as all its polls"
                " have it; NULL: not known yet",
                "h.verdict",
            ),
            column("health_since", "time", "since when", "h.since"),
            column("health_detail", "text", "why, in English", "h.detail"),
            column("last_good_at", "time", "the last poll that said nothing bad", "h.good_at"),
            column(
                "newest_at",
                "time",
                "when its newest row was published, or else first seen",
                "CASE WHEN s.first_polled_at IS NOT NULL THEN h.freshest_at END",
            ),
            column("last_dated", "integer", "rows with a date in the last poll; NULL: not measured", "p.dated"),
            column("last_bytes", "integer", "size of the lists that it read", "p.bytes"),
            column("last_charset", "text", "the charset they were read in", "p.charset"),
            column("last_wait_ms", "integer", "the longest time to an answer, in milliseconds", "p.wait_ms"),
        ),
        rows="FROM sources AS s\n"
        "LEFT JOIN source_health AS h ON h.source_id = s.source_id\n"
        "LEFT JOIN polls AS p ON p.id = (SELECT q.id FROM polls AS q WHERE q.source_id = s.source_id"
        " AND NOT q.is_skipped ORDER BY q.id DESC LIMIT 1)",
    )
