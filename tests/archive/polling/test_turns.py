"""Many polls at the archive in one turn: what comes of it is what each alone would have come to."""

from __future__ import annotations

from dataclasses import replace

from archive import Archive
from crawler.model import HostWanted, Lease, Validators
from tests.archive.making import NOW, entry, poll

KNOWN = Validators(etag='"1"', last_modified=None, body_hash="0" * 64, source_digest="d")


def lease_of(archive: Archive, host: str, owner: str) -> Lease:
    lease = archive.acquire_lease(host, owner, 60)
    assert lease is not None
    return lease


def test_hosts_are_given_back_taken_or_refused_in_one_turn(archive: Archive) -> None:
    mine, others = lease_of(archive, "a.example", "me"), lease_of(archive, "b.example", "other")
    wanted = [HostWanted(host=f"{name}.example", source_id=name) for name in "cba"]
    new, held, again = archive.take_turn(given_back=[mine], wanted=wanted, owner="me", ttl_s=60, now=NOW)
    assert new.lease == Lease(host="c.example", owner="me", token=1)
    assert held.lease is None
    assert again.lease == Lease(host="a.example", owner="me", token=2)
    assert archive.renew_leases([others, mine], 60) == (mine,)
    assert archive.take_turn(given_back=[], wanted=[], owner="me", ttl_s=60, now=NOW) == ()


def test_a_turn_tells_what_is_known_of_each_list(archive: Archive) -> None:
    url = "https://synthetic.example/list"
    lease = lease_of(archive, "synthetic.example", "me")
    row = entry("https://synthetic.example/1.html")
    archive.note_rows([row], list_url=url, source_id="synthetic", now=NOW, validators=KNOWN, lease=lease)
    wanted = HostWanted(host="synthetic.example", source_id="synthetic", lists=(url, url + "2"))
    (taken,) = archive.take_turn(given_back=[lease], wanted=[wanted], owner="me", ttl_s=60, now=NOW)
    assert [(found.url, found.validators, [due.url for due in found.due]) for found in taken.known] == [
        (url, KNOWN, [row.url]),
        (url + "2", None, []),
    ]
    assert archive.validators(url) == KNOWN
    (busy,) = archive.take_turn(given_back=[], wanted=[wanted], owner="other", ttl_s=60, now=NOW)
    assert (busy.lease, busy.known) == (None, ())


def test_accounts_kept_together_are_those_kept_alone(archive: Archive) -> None:
    reports = [poll(name) for name in ("a", "b", "c")]
    reports[1] = replace(reports[1], skipped=True)
    assert archive.record_polls(reports) == (None, None, None)
    states = {state.source_id: state for state in archive.source_states()}
    assert states["a"].last_polled_at is not None
    assert states["b"].last_polled_at is None
    for report in reports:
        archive.record_poll(replace(report, source_id=f"{report.source_id}-alone"))
    for state in archive.source_states():
        if not state.source_id.endswith("-alone"):
            (alone,) = [other for other in archive.source_states() if other.source_id == f"{state.source_id}-alone"]
            kept = replace(alone, source_id=state.source_id, last_poll=state.last_poll)
            assert state == kept


def test_an_account_that_cannot_be_kept_costs_no_other(archive: Archive) -> None:
    bad = replace(poll("bad"), source_id=None)  # type: ignore[arg-type]
    first, fault, last = archive.record_polls([poll("a"), bad, poll("c")])
    assert (first, last) == (None, None)
    assert isinstance(fault, Exception)
    assert [len(archive.polls_of(name)) for name in ("a", "c")] == [1, 1]
