"""Which hosts and addresses may be reached: registered hosts only, and no private address at connection.

The middleware judges every request, redirects included; the resolver judges what a name resolves to, so that
neither a redirect nor a rebinding name server can point the crawler into somebody's network.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from crawler.model import Reason
from crawler.net.failure import IgnoredError
from crawler.services import services_of
from crawler.text.urls import web_host

logger = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What IANA gives out of IPv6 (RFC 4291, 2.4), and where networks without IPv4 put it (RFC 6052, 2.1).
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class HostGuard:
    """Refuses requests to hosts that are not registered, or not the host whose lease the poll holds or held."""

    def __init__(self, crawler: Crawler) -> None:
        self._services = services_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        host = (urlparse_cached(request).hostname or "").lower()
        poll = request.meta.get("poll")
        is_redirected = bool(request.meta.get("redirect_urls"))
        is_known = self._services.catalogue.of_host(host) is not None or (
            # a source that left the registry while its poll was under way: the rest of the poll is still its own
            poll is not None and host in poll.source.hosts
        )
        if web_host(request.url) is None or not is_known:
            reason = Reason.REDIRECT_OFFSITE if is_redirected else Reason.UNREGISTERED_HOST
            raise IgnoredError(reason, request.url)
        if poll is not None and host != poll.host and is_redirected:
            raise IgnoredError(Reason.REDIRECT_OFFSITE, request.url, is_registered=True)
        if is_redirected and request.meta.get("is_robots") and host != _host(request.meta["redirect_urls"][0]):
            # the other host's lease is not ours
            raise IgnoredError(Reason.REDIRECT_OFFSITE, request.url)
        if poll is not None and poll.may_ask is not None and not await poll.may_ask():
            raise IgnoredError(Reason.LEASE_LOST, host)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def is_public(address: Address, allowed: Sequence[Network]) -> bool:
    """True for an address of the public internet, or one in a range that a setting allows."""
    if isinstance(address, ipaddress.IPv6Address):
        address = _within(address) or address
    if any(address in network for network in allowed if network.version == address.version):
        return True
    # ipaddress calls much of IPv6 global that nobody may have: ::7f00:1, fec0::1, 64:ff9b:1::a00:1, 5f00::1
    is_in_use = address.version == 4 or address in GLOBAL_UNICAST
    return is_in_use and address.is_global and not address.is_multicast


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a gateway would make of it: ::ffff:10.0.0.1, 64:ff9b::10.0.0.1 (NAT64), 2002:a00:1::."""
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


class PrivateAddresses:
    """Host names refused at connection because of what they resolved to, with that address; read by failure.py."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}

    def note(self, host: str, address: str) -> None:
        if len(self._refused) > 1000:
            self._refused.clear()
        self._refused[host] = address

    def forget(self, host: str) -> None:
        self._refused.pop(host, None)

    def of(self, host: str) -> str | None:
        return self._refused.get(host)


refused_addresses = PrivateAddresses()


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on the public addresses of one resolution; where there is none, notes the one that was refused."""

    def __init__(self, receiver: Any, host: str, allowed: Sequence[Network]) -> None:
        self._receiver = receiver
        self._host = host
        self._allowed = allowed
        self._refused: str | None = None
        self._has_public = False

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if isinstance(address, IPv4Address | IPv6Address):
            # "fe80::1%eth0": the zone is no part of the address
            found = ipaddress.ip_address(str(address.host).partition("%")[0])
            if is_public(found, self._allowed):
                self._has_public = True
                self._receiver.addressResolved(address)
                return
            self._refused = str(found)
            told = {"host": self._host, "reason": Reason.PRIVATE_ADDRESS}
            logger.info("refused to connect to %s: %s is not a public address", self._host, found, extra=told)

    def resolutionComplete(self) -> None:
        # before the receiver is told: it fails at once where it was given no address
        if self._refused is not None and not self._has_public:
            refused_addresses.note(self._host, self._refused)
        else:
            refused_addresses.forget(self._host)
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves through the system, or by hand where a setting says so, and lets only public addresses through.

    Twisted asks it for address literals too, so http://10.0.0.1/ is judged like any name.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        by_hand: Mapping[str, str],
        allowed: Sequence[Network],
    ) -> None:
        self._reactor = reactor
        # A second crawl in one process finds our own resolver in place: never stack them.
        inner = reactor.nameResolver
        self._inner: Any = inner._inner if isinstance(inner, GuardedResolver) else inner
        self._by_hand = by_hand
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        """By Scrapy settings alone: `scrapy crawl` hands over its CrawlerProcess here, not a Crawler."""
        return cls.from_settings(crawler.settings, reactor)

    @classmethod
    def from_settings(cls, settings: BaseSettings, reactor: Any) -> GuardedResolver:
        return cls(
            reactor,
            by_hand=settings.getdict("HRWATCH_RESOLVE"),
            allowed=[ipaddress.ip_network(network) for network in settings.getlist("HRWATCH_ALLOW_PRIVATE")],
        )

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        name = self._by_hand.get(hostName.lower(), hostName)
        receiver = _PublicOnly(resolutionReceiver, hostName.lower(), self._allowed)
        address = _literal(name, portNumber)
        if address is None:
            return self._inner.resolveHostName(receiver, name, portNumber, addressTypes, transportSemantics)
        # An address needs no look-up, which would be a turn through a thread.
        resolution = _Known(hostName)
        receiver.resolutionBegan(resolution)
        receiver.addressResolved(address)
        receiver.resolutionComplete()
        return resolution


@implementer(IHostResolution)
class _Known:
    """A resolution that was over when it began."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing is under way."""


def _literal(name: str, port: int) -> IPv4Address | IPv6Address | None:
    try:
        kind = IPv6Address if ipaddress.ip_address(name).version == 6 else IPv4Address
    except ValueError:
        return None
    return kind("TCP", name, port)  # nothing here is asked by UDP
