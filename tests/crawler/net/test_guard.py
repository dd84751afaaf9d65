"""Private addresses are refused at connection: tested with a stubbed resolver and a stubbed connector."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from scrapy.settings import Settings
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer

from crawler.net.guard import GuardedResolver, is_public, refused_addresses

PRIVATE = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "ff02::1",
    # what a gateway between IPv6 and IPv4 would make a private address of
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    # what ipaddress calls global although nobody may have it
    "::7f00:1",
    "::ffff:0:a00:1",
    "fec0::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address), ())


def test_a_setting_allows_a_range_and_nothing_beside_it() -> None:
    allowed = [ipaddress.ip_network("127.0.0.1/32")]
    assert is_public(ipaddress.ip_address("127.0.0.1"), allowed)
    assert is_public(ipaddress.ip_address("::ffff:127.0.0.1"), allowed)
    assert not is_public(ipaddress.ip_address("127.0.0.2"), allowed)
    assert not is_public(ipaddress.ip_address("10.0.0.1"), allowed)


@implementer(IHostnameResolver)
class StubbedResolver:
    """Answers every name with the addresses it was given; literals with themselves."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    def resolveHostName(
        self,
        receiver: Any,
        host: str,
        port: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        self.asked.append(host)
        receiver.resolutionBegan(None)
        try:
            found: tuple[str, ...] = (str(ipaddress.ip_address(host)),)
        except ValueError:
            found = self.addresses
        for address in found:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return None


def connect(host: str, *addresses: str, allow: tuple[str, ...] = (), resolve: dict[str, str] | None = None) -> Any:
    """Connect through the guard on a reactor that only writes down whom it was told to connect to."""
    reactor = MemoryReactorClock()
    reactor.nameResolver = StubbedResolver(*addresses)
    settings = Settings({"HRWATCH_RESOLVE": resolve or {}, "HRWATCH_ALLOW_PRIVATE": list(allow)})
    guard = GuardedResolver.from_settings(settings, reactor)
    reactor.nameResolver = guard
    failures: list[Any] = []
    endpoint = HostnameEndpoint(reactor, host, 80)
    endpoint.connect(Factory.forProtocol(Protocol)).addErrback(failures.append)
    reactor.advance(1)
    return [client[0] for client in reactor.tcpClients], failures


@pytest.mark.parametrize("address", [address for address in PRIVATE if address != "::ffff:10.0.0.1"])
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(address: str) -> None:
    connected, failures = connect("rebound.example", address)
    assert connected == []
    assert failures
    assert refused_addresses.of("rebound.example") == address


@pytest.mark.parametrize("literal", ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1"])
def test_an_address_in_a_url_is_judged_like_a_name(literal: str) -> None:
    connected, failures = connect(literal)
    assert connected == []
    assert failures


def test_only_the_public_one_of_two_addresses_is_connected_to() -> None:
    connected, failures = connect("both.example", "10.0.0.1", "93.184.216.34")
    assert connected == ["93.184.216.34"]
    assert not failures


def test_an_allowed_range_is_connected_to() -> None:
    connected, _failures = connect("demo.example", "127.0.0.1", allow=("127.0.0.0/8",))
    assert connected == ["127.0.0.1"]


def test_a_name_resolved_by_hand_is_judged_too() -> None:
    assert connect("site.example", "93.184.216.34", resolve={"site.example": "10.0.0.1"})[0] == []
    connected, _failures = connect("site.example", "1.1.1.1", resolve={"site.example": "93.184.216.34"})
    assert connected == ["93.184.216.34"]


def test_guards_do_not_stack() -> None:
    reactor = MemoryReactorClock()
    inner = StubbedResolver()
    reactor.nameResolver = inner
    settings = Settings({"HRWATCH_RESOLVE": {}, "HRWATCH_ALLOW_PRIVATE": []})
    reactor.nameResolver = GuardedResolver.from_settings(settings, reactor)
    assert GuardedResolver.from_settings(settings, reactor)._inner is inner
