"""Digests as mail: what the message holds, and how exchanges with real servers on this machine end."""

from __future__ import annotations

import email
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_message import QUOTE, UNIT, mailbox, message, no_secret

from insights.config.models import Destination
from insights.domain import Message
from insights.errors import DeliveryError
from insights.senders import email as sender

CANARY = "canary-Xq7-secret"


@dataclass
class Inbox:
    """A receiver that keeps what it takes and answers as it is told."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[Envelope] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.mails.append(envelope)
        return answer


class Server(Controller):
    """An SMTP server on a free port of this machine."""

    def __init__(self, inbox: Inbox, **options: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=port, **options)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers and stops them after the test."""
    started: list[Server] = []

    def start(inbox: Inbox, **options: Any) -> Server:
        server = Server(inbox, **options)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def deliver(destination: Destination, item: Message | None = None, *, deadline_s: float = 10.0, password: str = CANARY) -> str:
    return sender.send(item or message(), destination, root=Path(), secret=lambda reference: password, unit=UNIT, deadline_s=deadline_s)


def parsed(content: bytes) -> EmailMessage:
    mail = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_arrives_as_it_was_built(serve: Callable[..., Server]) -> None:
    """The server receives exactly the dry run's bytes, for every recipient, with text and HTML."""
    inbox = Inbox()
    there = mailbox(port=serve(inbox).port)
    identity = deliver(there)
    (received,) = inbox.mails
    assert received.mail_from == "insights@company.example"
    assert received.rcpt_tos == ["lead@billing.example", "ann@billing.example"]
    assert isinstance(received.content, bytes)
    assert received.content.rstrip(b"\r\n") == sender.build(message(), there, unit=UNIT).rstrip(b"\r\n")
    mail = parsed(received.content)
    assert mail["Message-ID"] == identity
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == message().text
    assert QUOTE in html.get_content()
    assert "svg" not in html.get_content()


def test_headers_tell_machines_what_it_is() -> None:
    """Readers' programs can thread, filter and recognise the mail as automatic."""
    mail = parsed(sender.build(message(), mailbox(), unit=UNIT))
    shown = {name: str(mail[name]) for name in mail if name not in ("MIME-Version", "Content-Type")}
    assert shown == {
        "From": "Insights <insights@company.example>",
        "To": "lead@billing.example, Ann Other <ann@billing.example>",
        "Subject": "Billing & Refunds: weekly digest 2026-W40 (1 new, 1 growing)",
        "Date": "Mon, 05 Oct 2026 06:00:00 +0000",
        "Message-ID": shown["Message-ID"],
        "List-Id": '"Billing & Refunds digest" <billing.digest.company.example>',
        "Auto-Submitted": "auto-generated",
    }


def test_the_message_id_follows_the_key_alone() -> None:
    """A retry has the same Message-ID, another digest has another."""
    first = parsed(sender.build(message(), mailbox()))["Message-ID"]
    assert parsed(sender.build(message(subject="Other", text="other"), mailbox()))["Message-ID"] == first
    assert parsed(sender.build(message(key="1f"), mailbox()))["Message-ID"] != first


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nBcc: victim@evil.example",
        "a\nBcc: victim@evil.example",
        "a\r\n\r\nbody",
        "a\0b",
        "\u2028Bcc: x@y.example",
        "=?utf-8?q?=0ABcc:x?=",
        "a" * 5000,
    ],
)
def test_nothing_smuggles_a_header(hostile: str) -> None:
    """Line breaks in a key, subject, unit or period add no header and do not stop the mail."""
    unit = replace(UNIT, id=hostile, name=hostile)
    for item in (message(subject=hostile), message(key=hostile), message(unit_id=hostile), message(period=hostile)):
        content = sender.build(item, mailbox(), unit=unit)
        mail = parsed(content)
        assert sorted(mail.keys()) == sorted(parsed(sender.build(message(), mailbox())).keys())
        assert mail["Bcc"] is None
        head = content.split(b"\r\n\r\n", 1)[0]
        assert not any(line.lower().startswith(b"bcc") for line in head.split(b"\r\n"))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=400))
def test_any_text_makes_a_mail_that_parses_back(subject: str, name: str, body: str) -> None:
    """No subject, unit name or body breaks the mail, and no line of it is longer than the protocol allows."""
    content = sender.build(message(subject=subject, text=body, mail=f"<p>{body}</p>"), mailbox(), unit=replace(UNIT, name=name))
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.replace(b"\r\n", b"").count(b"\n") == 0
    assert not parsed(content).defects


def test_a_customer_s_words_stay_out_of_the_headers() -> None:
    """What a customer said stands in the body alone."""
    content = sender.build(message(), mailbox(), unit=UNIT)
    assert b"ZEBRA" not in content.split(b"\r\n\r\n", 1)[0]


@pytest.mark.parametrize("mail", ["", "x" * 100_001])
def test_html_that_would_be_cut_off_is_left_out(mail: str) -> None:
    """Without a rendering for mail, or with one too large, the text goes alone: it holds everything."""
    built = parsed(sender.build(message(mail=mail), mailbox()))
    assert built.get_content_type() == "text/plain"
    assert QUOTE in built.get_content()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"to": []}, "at least one address"),
        ({"to": ["a@b.example\r\nBcc: c@d.example"]}, "address 1"),
        ({"to": ["fine@b.example", "no address"]}, "address 2"),
        ({"to": ["a@b.example, c@d.example"]}, "address 1"),
        ({"to": ["a@-bad-.example"]}, "address 1"),
        ({"to": ["..@b.example"]}, "address 1"),
        ({"to": ["=?utf-8?q?=0ABcc:x?= <a@b.example>"]}, "address 1"),
        ({"sender": None}, "sender"),
        ({"sender": "x@y.example>\nBcc: <z@y.example"}, "sender"),
        ({"host": None}, "host"),
        ({"host": "mail.example/path"}, "host"),
        ({"username": "u"}, "belong together"),
        ({"password": "env:P"}, "belong together"),
        ({"username": "u", "password": "env:P", "host": "mail.example"}, "in the open"),
        ({"path": "out"}, "path"),
    ],
)
def test_wrong_settings_are_named(changes: dict[str, Any], word: str) -> None:
    """Each fault of a destination has its own sentence."""
    problems = sender.check(mailbox(**changes))
    assert len(problems) == 1
    assert word in problems[0]


@pytest.mark.parametrize("host", ["mail.company.example", "localhost", "192.0.2.7", "2001:db8::1"])
def test_hosts_are_names_or_addresses(host: str) -> None:
    """Names and both kinds of addresses are taken."""
    assert sender.check(mailbox(host=host)) == []


@pytest.mark.parametrize(
    ("answers", "permanent", "word"),
    [
        ({"MAIL": "451 try later"}, False, "451"),
        ({"MAIL": "550 no"}, True, "550"),
        ({"DATA": "421 shutting down"}, False, "421"),
        ({"DATA": "452 full"}, False, "452"),
        ({"DATA": "554 spam"}, True, "554"),
        ({"lead@billing.example": "450 greylisted"}, False, "recipient 1 of 2: 450"),
        ({"lead@billing.example": "450 later", "ann@billing.example": "550 unknown"}, False, "recipient 1 of 2"),
        ({"lead@billing.example": "550 unknown", "ann@billing.example": "551 moved"}, True, "recipient 1 of 2: 550"),
    ],
)
def test_answers_decide_whether_to_try_again(serve: Callable[..., Server], answers: dict[str, str], permanent: bool, word: str) -> None:
    """Answers 5xx are final, answers 4xx pass, and nobody receives half a delivery that is tried again."""
    inbox = Inbox(answers)
    with pytest.raises(DeliveryError, match=word) as caught:
        deliver(mailbox(port=serve(inbox).port))
    assert caught.value.permanent is permanent
    assert inbox.mails == []


def test_one_dead_address_does_not_keep_the_mail_from_the_others(serve: Callable[..., Server]) -> None:
    """A recipient refused for good is reported once, and the others have the mail."""
    inbox = Inbox({"ann@billing.example": "550 no such user"})
    with pytest.raises(DeliveryError, match=r"recipient 2 of 2.*the others have it") as caught:
        deliver(mailbox(port=serve(inbox).port))
    assert caught.value.permanent
    assert [mail.rcpt_tos for mail in inbox.mails] == [["lead@billing.example"]]


def test_no_server_is_a_passing_failure() -> None:
    """A refused connection is tried again later."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryError, match="no connection") as caught:
        deliver(mailbox(port=port))
    assert not caught.value.permanent


def test_a_server_without_starttls_gets_nothing(serve: Callable[..., Server]) -> None:
    """Where encryption is asked for and not offered, neither password nor mail travels."""
    inbox = Inbox()
    with pytest.raises(DeliveryError, match="no STARTTLS") as caught:
        deliver(mailbox(port=serve(inbox).port, security="starttls", username="u", password="env:P"))
    assert caught.value.permanent
    assert inbox.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_login_is_made_and_its_refusal_is_final(serve: Callable[..., Server]) -> None:
    """The password comes from the reference; a wrong one is not tried again and stands in no message."""

    def accept(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = data.password == CANARY.encode()
        return AuthResult(
            success=right, handled=right, message=None if right else f"535 no entry for {data.login.decode()} {data.password.decode()}"
        )

    inbox = Inbox()
    server = serve(inbox, authenticator=accept, auth_required=True, auth_require_tls=False)
    there = mailbox(port=server.port, username="mailer@company.example", password="env:P")
    deliver(there)
    assert len(inbox.mails) == 1
    with pytest.raises(DeliveryError, match="refused the login") as caught:
        deliver(there, password="wrong-" + CANARY)
    assert caught.value.permanent
    assert CANARY not in repr(caught.value) + caught.value.problem + caught.value.hint
    assert "mailer@" not in caught.value.problem


def talking(answers: Callable[[socket.socket], None]) -> tuple[int, threading.Thread]:
    """Starts a server of bare sockets that speaks with one client as told; returns its port and thread."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with listener:
            client, _ = listener.accept()
            with client:
                try:
                    answers(client)
                except OSError:
                    return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener.getsockname()[1], thread


def test_a_server_that_drips_is_cut_off_at_the_deadline() -> None:
    """A byte now and then keeps no connection open past the total deadline."""
    cut = threading.Event()

    def drip(client: socket.socket) -> None:
        while not cut.is_set():
            client.sendall(b"2")
            client.settimeout(0.05)
            try:
                if client.recv(1) == b"":
                    cut.set()
            except TimeoutError:
                continue

    port, thread = talking(drip)
    with pytest.raises(DeliveryError, match=r"longer than 0\.3 s") as caught:
        deliver(mailbox(port=port), deadline_s=0.3)
    assert not caught.value.permanent
    thread.join(5)
    assert cut.is_set()


def test_a_server_that_hangs_up_after_the_text_may_be_asked_again() -> None:
    """An outcome nobody knows is tried again, under the same Message-ID."""

    def hang_up(client: socket.socket) -> None:
        client.sendall(b"220 hello\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
            client.recv(4096)
            client.sendall(answer)
        received = b""
        while b"\r\n.\r\n" not in received:
            received += client.recv(65536)

    port, _ = talking(hang_up)
    with pytest.raises(DeliveryError, match="ended the connection") as caught:
        deliver(mailbox(port=port))
    assert not caught.value.permanent


def test_an_answer_with_hostile_text_stays_one_short_line() -> None:
    """What a server says is shown on one line, without control characters, at most a few words long."""
    port, _ = talking(lambda client: client.sendall(b"554-\x1b[31mgo away\r\n554 " + b"x" * 500 + b" lead@billing.example\r\n"))
    with pytest.raises(DeliveryError) as caught:
        deliver(mailbox(port=port))
    assert caught.value.problem.isprintable()
    assert len(caught.value.problem) < 250


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Makes a key and a certificate for this machine's address."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    order = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run([*order.split(), *names], check=True, capture_output=True)
    return paths


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_exchanges_check_the_certificate(
    serve: Callable[..., Server], certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    """A mail travels encrypted to a server whose certificate is trusted, and not at all to one whose is not."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    inbox = Inbox()
    options = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    server = serve(inbox, **options) if security == "starttls" else _over_tls(serve, inbox, context, certificate, monkeypatch)
    there = mailbox(port=server.port, security=security)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(DeliveryError, match="certificate is not trusted"):
        deliver(there)
    assert inbox.mails == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    deliver(there)
    assert len(inbox.mails) == 1


def _over_tls(
    serve: Callable[..., Server], inbox: Inbox, context: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Server:
    # The server asks itself for a greeting when it starts, over a context that must trust it.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return serve(inbox, ssl_context=context)


def test_no_secret_is_resolved_without_need(serve: Callable[..., Server]) -> None:
    """A destination without a password asks for none."""
    inbox = Inbox()
    sender.send(message(), mailbox(port=serve(inbox).port), root=Path(), secret=no_secret)
    assert len(inbox.mails) == 1
