"""Local stand-ins for the services that notifications go to: robots over HTTP, and a mail server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Robot:
    """What an HTTP service was asked, and what it answers: the last answer again once the others are used up."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b'{"errcode":0,"errmsg":"ok"}')])
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The texts of the messages, wherever each service has them."""
        return [_text(json.loads(body)) for body in self.bodies]

    def answer(self, *answers: tuple[int, bytes]) -> None:
        """Answer so from now on."""
        self.answers = list(answers)


def _text(message: dict[str, Any]) -> str:
    held = message.get("text") or message.get("content") or {}
    return str(held.get("content") or held.get("text"))


@contextmanager
def robot() -> Iterator[Robot]:
    """A service on 127.0.0.1."""
    found = Robot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.paths.append(self.path)
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """A mail server that keeps what it is given; `refusal` is what it says instead, after the recipients."""

    port: int = 0
    refusal: str | None = None
    contents: list[bytes] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, read."""
        return [message_from_bytes(content, policy=default) for content in self.contents]  # type: ignore[misc]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server on 127.0.0.1 (RFC 5321, as much of it as a client without TLS needs)."""
    found = MailServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 synthetic.example")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA" and found.refusal is not None:
                say(found.refusal)
            elif verb == b"DATA":
                say("354 go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                found.contents.append(content[:-5].replace(b"\r\n..", b"\r\n."))
                say("250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        await writer.drain()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, limit=2**24))
    found.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
