"""A mail server and a chat's webhook on loopback: real sockets, and as much protocol as the tests need."""

import asyncio
import json
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class MailServer:
    """Takes mail until told otherwise.

    ``refuses`` has the replies to commands (``RCPT``, ``DATA``, or ``END``: to the mail itself);
    ``vanishes`` keeps the mail and hangs up before saying so.
    """

    tls: ssl.SSLContext | None = None
    refuses: dict[str, str] = field(default_factory=dict)
    vanishes: bool = False
    encrypted: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)
    """The sender's address of each mail that was begun, as the connection said it."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a house that tells its people by this server."""
        return {
            "host": "localhost",
            "port": self.port,
            "sender": "Chorus <chorus@example.com>",
            "starttls": False,
        }

    def texts(self) -> list[str]:
        """The words of each mail."""
        return [_words(mail, "plain") for mail in self.mails]

    def pages(self) -> list[str]:
        """The same as HTML, where a mail has that."""
        return [_words(mail, "html") for mail in self.mails]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 here\r\n")
            while line := await reader.readline():
                verb = line.split()[0].upper().decode()
                if verb in self.refuses:
                    writer.write(f"{self.refuses[verb]}\r\n".encode())
                elif verb == "EHLO":
                    writer.write(b"250-here\r\n250 STARTTLS\r\n" if self.tls else b"250 here\r\n")
                elif verb == "STARTTLS":
                    writer.write(b"220 go\r\n")
                    await writer.drain()
                    await writer.start_tls(self.tls)  # type: ignore[arg-type]
                    self.encrypted = True
                elif verb == "DATA":
                    if not await self._take(reader, writer):
                        return
                elif verb == "MAIL":
                    self.envelopes.append(line.decode().partition("<")[2].partition(">")[0])
                    writer.write(b"250 fine\r\n")
                elif verb == "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                else:
                    writer.write(b"250 fine\r\n")
                await writer.drain()
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"354 go on\r\n")
        await writer.drain()
        raw = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        if "END" in self.refuses:
            writer.write(f"{self.refuses['END']}\r\n".encode())
            return True
        self.raw.append(raw)
        self.mails.append(message_from_bytes(raw.replace(b"\n..", b"\n."), policy=policy.default))
        if self.vanishes:
            return False
        writer.write(b"250 taken\r\n")
        return True


@dataclass
class ChatServer:
    """A chat's incoming webhook, which answers with ``status``."""

    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                chat.bodies.append(json.loads(body))
                self.send_response(chat.status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/services/T0/secret"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def texts(self) -> list[str]:
        """The words of each message."""
        return [body["text"] for body in self.bodies]


def _words(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")
