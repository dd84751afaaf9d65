"""The views of stories and of pairs of regions."""

from __future__ import annotations

from archive.views.view_sql import Speech, View, column, place, published, topics_of, zones_of


def stories_view(speech: Speech) -> View:
    year = speech.on("year", "s.sorted_at")
    parties = "FROM story_regions AS r WHERE r.story_id = s.id"
    gone = "FROM item_checks AS c WHERE c.item_id = {item} AND c.vanished_at IS NOT NULL"
    first_url = "(SELECT f.url FROM items AS f WHERE f.id = s.first_item_id)"
    is_there = f"NOT m.is_link_only AND NOT EXISTS (SELECT 1 {gone.format(item='m.id')})"
    in_order = (
        "m.published_at IS NULL, m.published_at, CASE WHEN m.published_at IS NULL THEN m.first_seen_at END, m.url_key"
    )
    others = "FROM items AS m WHERE m.story_id = s.id AND"
    other_url = f"(SELECT m.url {others} {is_there} ORDER BY {in_order} LIMIT 1)"
    first_is_gone = f"EXISTS (SELECT 1 {gone.format(item='s.first_item_id')})"
    agreements = speech.json_list.format(column="s.agreements")
    return View(
        name="stories_v",
        about="One row for each story: what happened, told once, whoever reprinted it.",
        columns=(
            column("id", "integer", "number of the story, as `hrwatch show` takes it", "s.id"),
            column("guid", "text", "identity in feeds, never changed", "s.guid"),
            column("seq", "integer", "cursor of change: grows with every change to any story", "s.seq"),
            column("title", "text", "title as published", "s.title"),
            column(
                "url",
                "text",
                "page of the first publisher; where that has vanished, of the first member that is there",
                f"CASE WHEN {first_is_gone} THEN coalesce({other_url}, {first_url}) ELSE {first_url} END",
            ),
            column(
                "published",
                "text",
                "when it was published, on China's clock: 2026-03-01 or 2026-03-01 12:30; NULL where undated",
                published(speech, "s"),
            ),
            column("precision", "text", "of `published`: day or minute", "s.precision"),
            column(
                "day",
                "text",
                "day in China by which it is ordered: of publication, or of first sight where undated",
                speech.on("day", "s.sorted_at"),
            ),
            column("month", "text", "month of that day: 2026-03", speech.on("month", "s.sorted_at")),
            column(
                "sorted_at",
                "time",
                "the same as a time in UTC: newest first is `ORDER BY sorted_at DESC, id DESC`",
                "s.sorted_at",
            ),
            column("first_publisher", "text", "who published it first", "s.first_source"),
            column(
                "regions",
                "text",
                "the cooperating parties by their names of that year: 四川省雅安市、西藏自治区昌都市; NULL where none",
                speech.listed(place("r.adcode", year), parties, "r.adcode"),
            ),
            column(
                "adcodes",
                "text",
                "their codes (GB/T 2260), in the same order",
                speech.listed("r.adcode", parties, "r.adcode"),
            ),
            column(
                "zones",
                "text",
                "zones: 川渝、川藏; NULL where none",
                zones_of(speech, "story_zones", "z.story_id = s.id"),
            ),
            column(
                "topics",
                "text",
                "topics in Chinese; NULL where none",
                topics_of(speech, "story_topics", "t.story_id = s.id"),
            ),
            column(
                "agreements",
                "text",
                "names of agreements, without 《》; NULL where none",
                speech.listed("member.value", agreements, "member.value"),
            ),
            column("document_number", "text", "发文字号", "s.document_number"),
            column("written", "date", "成文日期", "s.written"),
            column("event_date", "date", "when it happened, where the text tells", "s.event_date"),
            column(
                "members",
                "integer",
                "how many pages tell it: 1 means no reprint is known",
                "(SELECT count(*) FROM items AS i WHERE i.story_id = s.id)",
            ),
            column("relevant", "boolean", "true where it is about cooperation in human resources", "s.is_relevant"),
            column("score", "real", "how surely, 0 to 1", "s.score"),
            column("link_only", "boolean", "true where only a row of a list is known, and no page", "s.is_link_only"),
            column("first_seen_at", "time", "when its first member was first seen", "s.first_seen_at"),
            column("updated_at", "time", "of the last change to what is shown", "s.updated_at"),
            column(
                "body",
                "text",
                "text as published, of the member whose text is fullest",
                "(SELECT b.body FROM items AS b WHERE b.id = s.text_item_id)",
            ),
        ),
        rows="FROM stories AS s",
    )


def region_pairs_view(speech: Speech) -> View:
    year = speech.on("year", "s.sorted_at")
    # 510000 holds all of 51, 511800 all of 5118
    stem = (
        "CASE WHEN substr(a.adcode, 3) = '0000' THEN substr(a.adcode, 1, 2)"
        " WHEN substr(a.adcode, 5) = '00' THEN substr(a.adcode, 1, 4) ELSE a.adcode END"
    )
    province = "substr({side}.adcode, 1, 2) || '0000'"
    a, b = province.format(side="a"), province.format(side="b")
    return View(
        name="region_pairs_v",
        about="One row for each two regions that are parties to one story, unless one lies within the other. Count"
        " stories, not rows, where pairs of provinces are asked for: `count(DISTINCT story_id)`.",
        columns=(
            column("story_id", "integer", "the story: `stories_v.id`", "s.id"),
            column("adcode_a", "text", "one party; always the smaller code", "a.adcode"),
            column("region_a", "text", "its full name of that year", place("a.adcode", year)),
            column("adcode_b", "text", "the other party", "b.adcode"),
            column("region_b", "text", "its full name of that year", place("b.adcode", year)),
            column("province_a", "text", "code of the province that the one lies in", a),
            column("province_name_a", "text", "its name", place(a, year)),
            column("province_b", "text", "code of the province that the other lies in", b),
            column("province_name_b", "text", "its name", place(b, year)),
            column(
                "between_provinces",
                "boolean",
                "false where both lie in one province",
                "(substr(a.adcode, 1, 2) <> substr(b.adcode, 1, 2))",
            ),
            column("title", "text", "title of the story", "s.title"),
            column("published", "text", "as in `stories_v`", published(speech, "s")),
            column("day", "text", "as in `stories_v`", speech.on("day", "s.sorted_at")),
            column("month", "text", "as in `stories_v`", speech.on("month", "s.sorted_at")),
            column("sorted_at", "time", "as in `stories_v`", "s.sorted_at"),
            column("relevant", "boolean", "as in `stories_v`", "s.is_relevant"),
            column("zones", "text", "zones of the story", zones_of(speech, "story_zones", "z.story_id = s.id")),
            column("topics", "text", "topics of the story", topics_of(speech, "story_topics", "t.story_id = s.id")),
        ),
        rows="FROM stories AS s\n"
        "JOIN story_regions AS a ON a.story_id = s.id\n"
        "JOIN story_regions AS b ON b.story_id = s.id AND b.adcode > a.adcode\n"
        f"WHERE substr(b.adcode, 1, length({stem})) <> {stem}",
    )
