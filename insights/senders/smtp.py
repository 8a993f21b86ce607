"""One exchange with an SMTP server under a total deadline, its answers told apart into final and passing ones."""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from insights.errors import DeliveryError

_LATER = "it is tried again; check host, port and network if it stays so"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to speak with it; ``security`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    security: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends what to whom; ``content`` is a whole mail with CRLF line ends."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)


def exchange(server: Server, envelope: Envelope, *, deadline_s: float) -> None:
    """Hands a mail to a server.

    The time-outs of sockets count each read on its own, so a server that answers a byte at a time could hold the caller
    for ever. The exchange therefore runs beside the caller, who cuts the connection when the deadline has passed; what
    was not sent by then is not sent later.

    Args:
        server: Where to.
        envelope: What.
        deadline_s: Seconds for everything: name, connection, encryption, login and mail.

    Raises:
        DeliveryError: With ``permanent`` set for answers that another attempt would not change.
    """
    work = _Exchange(server, envelope, deadline_s)
    thread = threading.Thread(target=work.run, name="smtp", daemon=True)
    thread.start()
    thread.join(deadline_s)
    if thread.is_alive():
        if not work.delivered.is_set():
            work.cut()
            raise work.lateness()
        thread.join(1.0)
    if work.error is not None:
        raise work.error


class _Watched(smtplib.SMTP):
    """A client that shows itself before it connects, so that its connection can be cut from the first byte on."""

    def __init__(self, show: Callable[[smtplib.SMTP], None], server: Server, **options: Any) -> None:
        self._show = show
        super().__init__(server.host, server.port, **options)

    def connect(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        self._show(self)
        return super().connect(*args, **options)


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class _Exchange:
    """The state shared by the exchange and the caller that watches the time."""

    def __init__(self, server: Server, envelope: Envelope, deadline_s: float) -> None:
        self.server, self.envelope, self.deadline_s = server, envelope, deadline_s
        self.error: DeliveryError | None = None
        self.delivered = threading.Event()
        self._late = threading.Event()
        self._client: smtplib.SMTP | None = None

    def run(self) -> None:
        try:
            self._deliver()
        except DeliveryError as error:
            self.error = error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.error = _told(error, self._private())
        finally:
            self._hang_up()

    def cut(self) -> None:
        """Ends the exchange: the flag first, so that a connection made just now is not used any more."""
        self._late.set()
        sock = getattr(self._client, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def lateness(self) -> DeliveryError:
        return DeliveryError(f"the mail server took longer than {self.deadline_s:g} s", _LATER)

    def _deliver(self) -> None:
        client = self._connect()
        self._in_time()
        if self.server.security == "starttls":
            client.ehlo_or_helo_if_needed()
            if not client.has_extn("starttls"):
                raise DeliveryError(
                    "the mail server offers no STARTTLS", 'set security = "tls", or ask who runs the server', permanent=True
                )
            client.starttls(context=ssl.create_default_context())
        if self.server.username:
            self._in_time()
            client.login(self.server.username, self.server.password)
        self._hand_over(client)

    def _connect(self) -> smtplib.SMTP:
        if self.server.security == "tls":
            return _WatchedTls(self._show, self.server, timeout=self.deadline_s, context=ssl.create_default_context())
        return _Watched(self._show, self.server, timeout=self.deadline_s)

    def _show(self, client: smtplib.SMTP) -> None:
        self._client = client

    def _hand_over(self, client: smtplib.SMTP) -> None:
        """Sends the mail to those the server takes; to nobody while it refuses one of them only for now."""
        envelope = self.envelope
        client.ehlo_or_helo_if_needed()
        self._in_time()
        _answered(*client.mail(envelope.sender))
        refused: dict[int, tuple[int, bytes]] = {}
        for position, recipient in enumerate(envelope.recipients, start=1):
            self._in_time()
            code, answer = client.rcpt(recipient)
            if code not in (250, 251):
                refused[position] = (code, answer)
        if passing := [item for item in refused.items() if item[1][0] < 500]:
            self._refuse(passing, permanent=False)
        if len(refused) == len(envelope.recipients):
            self._refuse(refused.items(), permanent=True)
        self._in_time()
        _answered(*client.data(envelope.content))
        self.delivered.set()
        if refused:
            self._refuse(refused.items(), permanent=True, rest="; the others have it")

    def _refuse(self, refused: Iterable[tuple[int, tuple[int, bytes]]], *, permanent: bool, rest: str = "") -> None:
        position, (code, answer) = min(refused)
        everyone = len(self.envelope.recipients)
        raise DeliveryError(
            f"the mail server refused recipient {position} of {everyone}: {code} {_said(answer, self._private())}{rest}",
            "mend the address in insights.toml" if permanent else _LATER,
            permanent=permanent,
        )

    def _in_time(self) -> None:
        if self._late.is_set():
            raise self.lateness()

    def _hang_up(self) -> None:
        """Says goodbye without waiting for an answer: the mail is handed over or refused already."""
        if self._client is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
                self._client.putcmd("quit")
            self._client.close()

    def _private(self) -> tuple[str, ...]:
        """Returns what no error may show: the password in every form it travels in, the names, the addresses."""
        user, password = self.server.username, self.server.password
        forms = [base64.b64encode(form.encode("utf-8", "replace")).decode("ascii") for form in (user, password, f"\0{user}\0{password}")]
        secrets = [password, *forms] if password else []
        return (*secrets, *filter(lambda name: len(name) > 3, (user, self.envelope.sender, *self.envelope.recipients)))


def _answered(code: int, answer: bytes) -> None:
    if not 200 <= code < 400:
        raise smtplib.SMTPResponseException(code, answer)


def _told(error: Exception, private: Iterable[str]) -> DeliveryError:
    """Returns what an error means to the one who reads the outbox, without secrets and addresses."""
    if isinstance(error, smtplib.SMTPResponseException):
        code = int(error.smtp_code)
        answer = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode("utf-8", "replace")
        did = "refused the login" if isinstance(error, smtplib.SMTPAuthenticationError) else "answered"
        hint = "mend the settings of the destination, or ask who runs the server" if code >= 500 else _LATER
        return DeliveryError(f"the mail server {did}: {code} {_said(answer, private)}", hint, permanent=500 <= code < 600)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return DeliveryError("the mail server ended the connection", _LATER)
    if isinstance(error, smtplib.SMTPException):
        return DeliveryError("the mail server does not offer what the settings ask for", "check username and security", permanent=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryError(f"the mail server's certificate is not trusted: {error.verify_message}", "check that host is the name in it")
    if isinstance(error, ssl.SSLError):
        return DeliveryError(f"no encrypted connection to the mail server: {error.reason}", "check port and security")
    if isinstance(error, socket.gaierror):
        return DeliveryError("the mail server's name cannot be resolved", _LATER)
    if isinstance(error, TimeoutError):
        return DeliveryError("the mail server did not answer in time", _LATER)
    if isinstance(error, OSError):
        return DeliveryError(f"no connection to the mail server: {error.strerror or type(error).__name__}", _LATER)
    return DeliveryError("username or password hold characters the mail server cannot take", "use ASCII", permanent=True)


def _said(answer: bytes, private: Iterable[str]) -> str:
    """Returns a server's answer as one short line, with what is private masked."""
    text = answer.decode("utf-8", "replace")
    for secret in sorted(set(private), key=len, reverse=True):
        text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:160]
