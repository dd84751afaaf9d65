"""Search over folded text equals a naive scan of small archives, whatever is asked of whatever texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.search.asking import Filters, ask
from archive.storing.folding import fold
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, judged, judgement
from tests.archive.places import Place

DAY = timedelta(days=1)
_ZONES = ("川渝", "川藏", "长三角")
_REGIONS = {"四川": "510000", "重庆": "500000", "雅安": "511800"}


@dataclass(frozen=True)
class Text:
    title: str
    body: str
    zone: str
    region: str
    is_relevant: bool


# few letters, so that words meet texts: some traditional, one of another plane, marks that the index looks past
_CHARACTERS = "川渝藏慶庆雲云𠮷"
_MARKS = "。，、-—(（）“ \n\u200b"
_WRITTEN = st.text(alphabet=f"{_CHARACTERS}{_CHARACTERS}abＡ12{_MARKS}", max_size=14)
_texts = st.builds(
    Text,
    title=_WRITTEN,
    body=_WRITTEN,
    zone=st.sampled_from(_ZONES),
    region=st.sampled_from(tuple(_REGIONS)),
    is_relevant=st.sampled_from((True, True, True, False)),
)


class Asked:
    """An expression as it is typed, and whether a text holds it: without the parser, the index or the database."""

    def __init__(self, typed: str, holds: Callable[[Text], bool]) -> None:
        self.typed, self.holds = typed, holds

    def __repr__(self) -> str:
        return self.typed


def tokens(text: str) -> list[str]:
    return re.findall(r"[㐀-鿿𠮷]|[a-z0-9]+", fold(text).lower())


def stands_in(word: list[str], text: str) -> bool:
    held = tokens(text)
    return any(held[at : at + len(word)] == word for at in range(len(held)))


def phrase(text: str, *, is_title: bool) -> Asked:
    word = tokens(text)
    typed = f'"{text}"' if re.search(r"\s|[(（）)]", text) else text
    if is_title:
        return Asked(f"标题:{typed}", lambda held: stands_in(word, held.title))
    return Asked(typed, lambda held: stands_in(word, held.title) or stands_in(word, held.body))


_words = st.text(alphabet=_CHARACTERS + "ab12-、 ", min_size=1, max_size=5).map(str.strip).filter(tokens)
# a hyphen before a word says NOT, which is asked for below
_phrases = st.builds(phrase, _words.filter(lambda text: not text.startswith("-")), is_title=st.booleans())
_fields = st.one_of(
    st.sampled_from(_ZONES).map(lambda zone: Asked(f"区域:{zone}", lambda held: held.zone == zone)),
    st.sampled_from(("四川", "重庆")).map(
        lambda name: Asked(f"地区:{name}", lambda held: _REGIONS[held.region][:2] == _REGIONS[name][:2])
    ),
)


def both(parts: list[Asked], operator: str) -> Asked:
    return Asked(f"({operator.join(map(repr, parts))})", lambda held: all(part.holds(held) for part in parts))


def either(parts: list[Asked], operator: str) -> Asked:
    return Asked(f"({operator.join(map(repr, parts))})", lambda held: any(part.holds(held) for part in parts))


def lacking(part: Asked, operator: str) -> Asked:
    if part.typed.startswith(("-", "非 ", "NOT ")):  # two hyphens are one to a reader, and "-非" is a word left out
        operator = "NOT "
    return Asked(f"{operator}{part}", lambda held: not part.holds(held))


_asked = st.recursive(
    st.one_of(_phrases, _phrases, _fields),
    lambda part: st.one_of(
        st.builds(both, st.lists(part, min_size=2, max_size=3), st.sampled_from((" ", " AND ", " 与 "))),
        st.builds(either, st.lists(part, min_size=2, max_size=3), st.sampled_from((" OR ", " | ", " 或 "))),
        st.builds(lacking, part, st.sampled_from(("-", "NOT ", "非 "))),
    ),
    max_leaves=5,
)


# each try makes an archive: to make a failing one smaller takes many minutes, and what is printed is small already
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(_texts, min_size=1, max_size=5), questions=st.lists(_asked, min_size=1, max_size=8))
def test_search_equals_a_naive_scan(new_place: Callable[[], Place], texts: list[Text], questions: list[Asked]) -> None:
    with new_place().open() as archive:
        numbers: dict[str, int] = {}
        for number, text in enumerate(texts):
            url = f"https://{number}.example/1"
            verdict = judgement(relevant=text.is_relevant, zones=(text.zone,), regions=(_REGIONS[text.region],))
            item = judged(url, text.body, title=text.title, verdict=verdict, published=NOW - number * DAY)
            folded = replace(item.article, folded_title=fold(text.title), folded_body=fold(text.body))
            archive.store(replace(item, article=folded), now=NOW)
            numbers[url] = number
        for question in questions:
            asked = ask(question.typed, Filters(relevant_only=False), load_taxonomy(None))
            assert asked.slips == (), question
            expected = [number for number, text in enumerate(texts) if question.holds(text)]
            for order in ("time", "relevance"):
                hits = archive.search(asked.question, order=order, limit=100)
                found = [numbers[member.url] for hit in hits for member in hit.story.members]
                assert sorted(found) == expected, (question, order)
                if order == "time":
                    assert found == expected, question
            relevant = ask(question.typed, Filters(), load_taxonomy(None)).question
            found = [numbers[hit.story.url] for hit in archive.search(relevant, limit=100)]
            assert found == [number for number in expected if texts[number].is_relevant], question
