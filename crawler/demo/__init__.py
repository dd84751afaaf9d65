"""The built-in demonstration: a synthetic small internet, its sources, and what a right pass over it holds."""

from crawler.demo.check import Finding, Seen, SeenStory, check, check_manners
from crawler.demo.expected import Expected, expected
from crawler.demo.registry import demo_addresses, demo_hosts, stranger_hosts, without_port, write_sources
from crawler.demo.server import DemoServer, Visit
from crawler.demo.site import DemoSite

__all__ = [
    "DemoServer",
    "DemoSite",
    "Expected",
    "Finding",
    "Seen",
    "SeenStory",
    "Visit",
    "check",
    "check_manners",
    "demo_addresses",
    "demo_hosts",
    "expected",
    "stranger_hosts",
    "without_port",
    "write_sources",
]
