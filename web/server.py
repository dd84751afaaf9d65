"""The web side as a process of its own: opens the archive, listens, answers until it is told to stop.

Alone (`hrwatch serve`) or as a child (`WebProcess`, for `hrwatch run`), whose pages then never wait for a crawl.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from ipaddress import ip_address
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import FrameType

import uvicorn

from archive import open_archive
from crawler.config import Config
from crawler.errors import CatalogueError, HrwatchError
from crawler.hangup import has_terminal, say_unheeded
from crawler.language import _, use_language
from crawler.log import start_log
from crawler.model import Source
from crawler.taxonomy import load_taxonomy
from web.app import create_app
from web.known import KnownSources, follow

_log = logging.getLogger(__name__)

# Answers take milliseconds; who is still reading after this is cut off.
_GRACE_S = 3

# Opening the archive may wait for a migration, and importing for a slow disk.
_START_S = 60.0


def serve(
    config: Config, *, ready: Callable[[str], None] | None = None, until: Callable[[], object] | None = None
) -> None:
    """Answer requests until SIGTERM, SIGINT, its terminal's end, or the return of `until`, which waits in a thread.

    `ready` is given the address once connections are accepted. Raises HrwatchError where nothing can be opened
    or listened on.
    """
    use_language(config.lang)
    with closing(open_archive(config, read_only=True)) as archive, _listening(config) as listener, _stops() as stops:
        if archive.only_read_as is not None:
            _log.warning("%s: is only read: %s", archive.name, archive.only_read_as)
        taxonomy, known, ended = load_taxonomy(config.taxonomy), KnownSources(_sources(config)), threading.Event()
        app = create_app(archive, taxonomy, config, sources=known)
        threading.Thread(target=follow, args=(known, config, taxonomy, ended), daemon=True).start()
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        asked = partial(_wait_for_stop, stops, hangs_up=has_terminal())
        threading.Thread(target=_stop_after, args=(asked, server), daemon=True).start()
        if until is not None:
            threading.Thread(target=_stop_after, args=(until, server), daemon=True).start()
        if ready is not None:
            ready(_address(listener))
        try:
            server.run(sockets=[listener])
        finally:
            ended.set()


class WebProcess:
    """`serve` in a child process, which ends with its parent, however the parent ends."""

    def __init__(self, config: Config, *, verbose: int = 0) -> None:
        self._config, self._verbose = config, verbose

    def start(self) -> str:
        """Start it, again where it has ended, and return its address.

        Raises HrwatchError with the child's reason where it cannot serve.
        """
        context = multiprocessing.get_context("spawn")  # a fork would share the parent's threads' locks
        self._link, far_end = context.Pipe()
        given = (self._config.model_dump_json(), far_end, self._verbose)
        self._process = context.Process(target=main, args=given, name="hrwatch-web", daemon=True)
        self._process.start()
        far_end.close()  # now only the child holds it: its death is an end of file here
        try:
            said = self._link.recv() if self._link.poll(_START_S) else (False, _("it did not start in time"))
        except EOFError:
            said = (False, _("it ended at once"))
        is_ready, text = said
        if not is_ready:
            self.stop()
            raise HrwatchError(_("The web side cannot start: {why}").format(why=text))
        return str(text)

    def is_alive(self) -> bool:
        """True while it serves."""
        return self._process.is_alive()

    def stop(self) -> None:
        """Let it finish its answers and end; it is ended by force where it does not."""
        self._link.close()
        self._process.join(_GRACE_S + 5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def main(config_json: str, link: Connection | None = None, verbose: int = 0) -> None:
    """Serve by the settings in `config_json`; `link` is told (True, address) or (False, reason).

    The link's other end closing, by will or because its process died, is the sign to stop.
    """
    try:
        config = Config.model_validate_json(config_json)
        start_log(verbose, config.log)
        if link is None:
            serve(config)
        else:
            serve(config, ready=lambda address: link.send((True, address)), until=lambda: _wait_for_end(link))
    except HrwatchError as error:
        if link is None:
            raise
        with suppress(BrokenPipeError):
            link.send((False, str(error)))
    except BrokenPipeError:  # whoever started us has gone while we began, and so do we
        if link is None:
            raise


def _wait_for_end(link: Connection) -> None:
    try:
        link.recv()
    except (EOFError, OSError):
        return


def _wait_for_stop(stops: SimpleQueue[int], *, hangs_up: bool) -> None:
    while stops.get() == signal.SIGHUP and not hangs_up:
        say_unheeded()


def _stop_after(until: Callable[[], object], server: uvicorn.Server) -> None:
    until()
    server.should_exit = True


def _sources(config: Config) -> tuple[Source, ...]:
    # Scrapy comes with it, and only the names of sources are wanted: not worth failing for.
    from crawler.wiring import open_catalogue

    try:
        return tuple(open_catalogue(config))
    except CatalogueError as error:
        _log.warning("sources are shown by their ids: %s", error)
        return ()


@contextmanager
def _listening(config: Config) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(config, error) from error
    with listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            raise _cannot_listen(config, error) from error
        yield listener


def _cannot_listen(config: Config, error: OSError) -> HrwatchError:
    return HrwatchError(
        _("cannot listen on {host}:{port}: {why}").format(
            host=config.host, port=config.port, why=error.strerror or str(error)
        )
    )


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    ip = ip_address(host.partition("%")[0])
    if ip.is_unspecified:  # everywhere: here is the address that a person on this machine can open
        return f"http://127.0.0.1:{port}/" if ip.version == 4 else f"http://[::1]:{port}/"
    return f"http://{ip}:{port}/" if ip.version == 4 else f"http://[{ip}]:{port}/"


@contextmanager
def _stops() -> Iterator[SimpleQueue[int]]:
    """SIGHUP, and SIGTERM and SIGINT that uvicorn does not listen for yet; at the end a last element, 0."""
    # uvicorn stops on these two, then raises them again for whoever was there before: a clean end is no
    # KeyboardInterrupt and no death by signal.
    stops: SimpleQueue[int] = SimpleQueue()  # a handler may be interrupted by another: this queue bears it

    def note(number: int, _frame: FrameType | None) -> None:
        stops.put(number)

    is_main = threading.current_thread() is threading.main_thread()
    heard = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        heard.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in heard if is_main}
    try:
        yield stops
    finally:
        stops.put(0)
        for number, handler in before.items():
            signal.signal(number, handler)
