"""E-mail: single messages and mailboxes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from reader_files import interactions, mail, mailbox, only, options, readings, refused

from insights.domain import Interaction, Role, SetAside, Skipped
from insights.readers import explain, mbox
from insights.readers.mail import MOST_PARTS, NO_DATE, NO_MESSAGE_ID, RECEIVED_DATE
from insights.readers.markup import text_of_html


def test_plain_message(tmp_path: Path) -> None:
    """A message is one turn of its sender, its subject in front; who wrote to whom goes to meta for redaction."""
    found = only(readings(tmp_path, mail()))
    assert (found.source_ref, found.channel, found.customer_ref) == ("one@example.org", "email", "ana@example.org")
    assert found.started_at == found.turns[0].at == datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
    assert [(turn.role, turn.text) for turn in found.turns] == [(Role.CUSTOMER, "Where is it\n\nMy parcel never came.")]
    assert found.meta == {
        "email_from": "ana@example.org",
        "email_to": "care@shop.example",
        "mailbox_to": "Shop Care",
        "name_from": "Ana Example",
        "subject": "Where is it",
    }
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("headers", "at", "repair"),
    [
        ({"Date": "Mon, 02 Mar 2026 09:14:00 -0000"}, datetime(2026, 3, 2, 9, 14, tzinfo=UTC), None),
        ({"Date": "", "Received": "from x by y; Mon, 2 Mar 2026 10:14:00 +0100"}, datetime(2026, 3, 2, 9, 14, tzinfo=UTC), RECEIVED_DATE),
        ({"Date": "Mon, 32 Mar 2026 09:14:00 +0000"}, None, NO_DATE),
        ({"Date": "Mon, 02 Mar 2026 09:14:00"}, None, NO_DATE),
        ({"Date": "soon"}, None, NO_DATE),
    ],
)
def test_dates(tmp_path: Path, headers: dict[str, str], at: datetime | None, repair: str | None) -> None:
    """The date needs an offset; without a usable one the last relay's serves; without both the message has no time."""
    found = only(readings(tmp_path, mail(**headers), timezone="Asia/Tokyo"))
    assert found.started_at == at
    assert found.repairs == ((repair,) if repair else ())


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-replied (vacation)"},
        {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        {"X-Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Subject": "Automatic reply: Where is it"},
        {"Subject": "Out of office"},
        {"From": "Mail Delivery System <MAILER-DAEMON@mx.example>"},
        {"Content-Type": 'multipart/report; boundary="x"'},
    ],
)
def test_automatic_messages(tmp_path: Path, headers: dict[str, str]) -> None:
    """Automatic replies, bounces and reports are skipped, with the reason."""
    found = readings(tmp_path, mail(**headers))
    assert [type(reading) for reading in found] == [Skipped]


@pytest.mark.parametrize(
    "headers", [{"Auto-Submitted": "no"}, {"Auto-Submitted": "auto-generated"}, {"Subject": "Your automatic replies annoy me"}]
)
def test_messages_of_people(tmp_path: Path, headers: dict[str, str]) -> None:
    """Words about automatic replies, and contact forms, which send what people write, are kept."""
    assert isinstance(only(readings(tmp_path, mail(**headers))), Interaction)


def multipart(*parts: tuple[str, str], kind: str = "alternative") -> str:
    inner = "".join(f"--b\nContent-Type: {content_type}\n\n{body}\n" for content_type, body in parts)
    return mail(inner + "--b--", Content_Type=f'multipart/{kind}; boundary="b"', Subject="")


def test_html_only(tmp_path: Path) -> None:
    """HTML becomes text with its paragraphs, lists and quotations; what nobody sees is left out."""
    html = (
        "<html><head><style>p{}</style><title>x</title></head><body><p>Hello&nbsp;there,</p><p>it <b>broke</b>\nagain:</p><ul><li>one</li><li>two</li></ul>"
        '<div style="display: none">hidden</div>Bye<br>Ana<!-- note --><blockquote><p>Dear Ana</p>as before</blockquote></body></html>'
    )
    found = only(readings(tmp_path, multipart(("text/html; charset=utf-8", html))))
    assert found.turns[0].text == "Hello there,\n\nit broke again:\n\n- one\n- two\n\nBye\nAna\n\n> Dear Ana\n>\n> as before"


def test_plain_before_html(tmp_path: Path) -> None:
    """Plain text is taken where there is any, HTML where the plain text is empty; attachments are counted, not read."""
    both = multipart(("text/plain", "Plain."), ("text/html", "<p>Marked.</p>"))
    assert only(readings(tmp_path, both)).turns[0].text == "Plain."
    assert only(readings(tmp_path, multipart(("text/plain", "  "), ("text/html", "<p>Marked.</p>")))).turns[0].text == "Marked."
    attached = multipart(("text/plain", "Plain."), ('text/plain\nContent-Disposition: attachment; filename="x"', "Secret."), kind="mixed")
    found = only(readings(tmp_path, attached))
    assert (found.turns[0].text, found.meta["attachments"]) == ("Plain.", "1")


@pytest.mark.parametrize(
    ("charset", "raw", "repair"),
    [
        ("x-unknown", "né".encode("cp1252"), "unknown charset, cp1252 decoded"),
        ("utf-8", "né".encode("cp1252"), "unknown charset, cp1252 decoded"),
        ("x-unknown", "né".encode(), "unknown charset, utf-8 decoded"),
        ("iso-8859-1", "né".encode("latin-1"), ""),
    ],
)
def test_charsets(tmp_path: Path, charset: str, raw: bytes, repair: str) -> None:
    """A charset that is unknown or untrue is guessed, and noted."""
    head = mail("", Content_Type=f"text/plain; charset={charset}", Content_Transfer_Encoding="8bit", Subject="").encode()
    found = only(readings(tmp_path, head + raw))
    assert found.turns[0].text == "né"
    assert found.repairs == ((repair,) if repair else ())


def test_headers_in_words(tmp_path: Path) -> None:
    """Encoded words and raw bytes in headers become text."""
    content = mail(Subject="=?utf-8?q?caf=C3=A9?= now", From="=?iso-8859-1?q?Ren=E9?= <rene@example.org>").encode()
    found = only(readings(tmp_path, content))
    assert (found.meta["subject"], found.meta["name_from"]) == ("café now", "René")
    raw = only(readings(tmp_path, mail(Subject="cafX now").encode().replace(b"X", b"\xe9")))
    assert raw.meta["subject"] == "café now"
    assert "raw bytes in a header, cp1252 decoded" in raw.repairs


def test_company_headers(tmp_path: Path) -> None:
    """Headers a company adds itself are fields or meta; those of mail programs are neither."""
    content = mail(X_Customer="LB1", X_Queue="care", X_Region="south", X_MS_Exchange_Id="z", X_Spam_Score="1", X_Case="9")
    found = only(readings(tmp_path, content))
    assert (found.customer_ref, found.queue, found.meta["region"], found.meta["case"]) == ("LB1", "care", "south", "9")
    assert not [key for key in found.meta if "spam" in key or "exchange" in key]
    mapped = only(readings(tmp_path, content, mapping={"columns": {"id": "X-Case", "customer": "X-Region"}, "ignore": ["X-Queue"]}))
    assert (mapped.source_ref, mapped.customer_ref, mapped.queue) == ("9", "south", "care")


def test_no_message_id(tmp_path: Path) -> None:
    """Without a Message-ID a hash of the message is the id, the same on every reading."""
    first, second = only(readings(tmp_path, mail(Message_ID=""))), only(readings(tmp_path, mail(Message_ID="").replace("\n", "\r\n")))
    assert first.source_ref == second.source_ref != ""
    assert first.repairs == (NO_MESSAGE_ID,)


def test_mime_bombs(tmp_path: Path) -> None:
    """Parts nested without end, or a broken structure, cost one message."""
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n' for level in range(MOST_PARTS + 5))
    assert refused(readings(tmp_path, mail().partition("\n\n")[0] + "\n" + deep + "Hi.\n")).reason == "MIME parts nested too deeply"
    unfinished = only(readings(tmp_path, mail("--b\nContent-Type: text/plain\n\nHi.\n", Content_Type='multipart/mixed; boundary="b"')))
    assert unfinished.turns[0].text.endswith("Hi.")
    broken = mail("%%%", Content_Type="text/plain; charset*=x'y'z", Content_Transfer_Encoding="base64")
    assert isinstance(readings(tmp_path, broken)[0], Interaction | SetAside)


def test_large_message(tmp_path: Path) -> None:
    """A message of ten megabytes of text costs itself, and the mailbox goes on."""
    found = readings(tmp_path, mailbox(mail("word " * 2_000_000), mail(Message_ID="<two@example.org>")))
    assert [type(reading) for reading in found] == [SetAside, Interaction]
    assert "8 MB" in found[0].reason
    assert found[0].locator.endswith(":1")


@pytest.mark.parametrize(
    "header", ["Subject: " + "=?utf-8?q?a?= " * 30_000, "To: " + "a@b.example, " * 30_000, "References: " + "<a@b> " * 30_000]
)
def test_endless_headers(tmp_path: Path, header: str) -> None:
    """A header beyond any real one is looked at only as far as real ones go."""
    found = only(readings(tmp_path, mail(Subject="", To="").replace("\n\n", f"\n{header}\n\n")))
    assert all(len(value) <= 20_000 for value in found.meta.values())


def test_flowed_text(tmp_path: Path) -> None:
    """Soft line breaks of flowed text are joined, quoted lines and signatures kept."""
    found = only(readings(tmp_path, mail("It \nbroke.\n> old \n> words\n-- \nAna", Content_Type="text/plain; format=flowed", Subject="")))
    assert found.turns[0].text == "It broke.\n> old \n> words\n-- \nAna"


def thread() -> list[str]:
    return [
        mail(),
        mail(
            "We look into it.",
            Message_ID="<two@shop.example>",
            In_Reply_To="<one@example.org>",
            From="Shop Care <care@shop.example>",
            Subject="Re: Where is it",
            Date="Mon, 02 Mar 2026 12:00:00 +0000",
        ),
        mail("Other matter.", Message_ID="<other@example.org>", From="Bo Sample <bo@example.org>"),
        mail(
            "Thanks.",
            Message_ID="<three@example.org>",
            References="<one@example.org> <two@shop.example>",
            Subject="AW: Re: Where is it",
            Date="Mon, 02 Mar 2026 13:00:00 +0000",
        ),
    ]


def test_threads(tmp_path: Path) -> None:
    """Messages that refer to each other are one interaction, in the order of their dates, with the roles of the two sides."""
    for messages in (thread(), [*thread()[:1], *thread()[:0:-1]]):
        found = {reading.source_ref: reading for reading in interactions(readings(tmp_path, mailbox(*messages)))}
        assert set(found) == {"one@example.org", "other@example.org"}
        assert [(turn.role, turn.text) for turn in found["one@example.org"].turns] == [
            (Role.CUSTOMER, "Where is it\n\nMy parcel never came."),
            (Role.AGENT, "We look into it."),
            (Role.CUSTOMER, "Thanks."),
        ]
        assert found["one@example.org"].customer_ref == "ana@example.org"
        assert found["one@example.org"].meta["messages"] == "3"


def test_thread_begun_by_the_company(tmp_path: Path) -> None:
    """The customer is who writes from an address that is not the company's, by usual names or by the mapping."""
    sent = mail("Your bill.", From="Shop <billing@shop.example>", Subject="Bill")
    answer = mail("It is wrong.", Message_ID="<two@example.org>", In_Reply_To="<one@example.org>", Subject="Re: Bill")
    found = only(readings(tmp_path, mailbox(sent, answer)))
    assert [turn.role for turn in found.turns] == [Role.AGENT, Role.CUSTOMER]
    assert found.customer_ref == "ana@example.org"
    person = sent.replace("billing@", "sam@")
    mapped = only(readings(tmp_path, mailbox(person, answer), mapping={"roles": {"@shop.example": "agent"}}))
    assert [turn.role for turn in mapped.turns] == [Role.AGENT, Role.CUSTOMER]


def test_thread_from_another_month(tmp_path: Path) -> None:
    """An answer to a message that is not in the file is an interaction of its own and names the thread."""
    found = only(readings(tmp_path, mailbox(thread()[3])))
    assert (found.source_ref, found.meta["thread"]) == ("three@example.org", "one@example.org")


def test_threads_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many threads wait; an answer that comes too late is an interaction of its own."""
    monkeypatch.setattr(mbox, "OPEN", 1)
    found = interactions(readings(tmp_path, mailbox(*thread())))
    assert sorted(reading.source_ref for reading in found) == ["one@example.org", "other@example.org", "three@example.org"]


def test_same_message_twice(tmp_path: Path) -> None:
    """A message that stands in a mailbox twice is counted once."""
    found = readings(tmp_path, mailbox(mail(), mail()))
    assert sorted(type(reading).__name__ for reading in found) == ["Interaction", "Skipped"]


def test_mailbox_quotes_from(tmp_path: Path) -> None:
    """Only a From line after a blank line separates; quoted ones get their words back."""
    body = "He said\nFrom here on 2026 it broke.\n\n>From the start.\n>>From old."
    found = only(readings(tmp_path, mailbox(mail(body, Subject=""))))
    assert found.turns[0].text == "He said\nFrom here on 2026 it broke.\n\nFrom the start.\n>From old."


def test_broken_message_in_a_mailbox(tmp_path: Path) -> None:
    """A message without headers or words costs itself, with the line it begins on."""
    found = readings(
        tmp_path, mailbox(mail(), "\n\n", mail("", Subject="", Message_ID="<two@x.example>"), mail(Message_ID="<four@x.example>"))
    )
    assert [reading.locator.rsplit(":", 1)[1] for reading in found if isinstance(reading, SetAside)] == ["10", "14"]
    assert len(interactions(found)) == 2


def test_mail_explained(tmp_path: Path) -> None:
    """The explanation names the headers that were used."""
    path = tmp_path / "file"
    path.write_text(mail(X_Customer="1", X_Region="south", X_Case="2"))
    told = explain(path, options({"ignore": ["X-Case"]}))
    assert {"x-customer": "customer", "x-region": "meta", "x-case": "ignored by name"}.items() <= dict(told.fields).items()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just words", "just words"),
        ("<p>a<p>b", "a\n\nb"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<div>x</div><div class="gmail_quote">old</div>', "x\n> old"),
        ("<script>x</script>y", "y"),
        ("<" * 500, "<" * 500),
        ("<div>" * 5_000 + "deep", "deep"),
        ("x" + "<!--" * 50_000, "x"),
        ("x" + "<a " * 50_000, "x" + "<a " * 49_999 + "<a"),
    ],
)
def test_html(html: str, text: str) -> None:
    """HTML becomes text, however deep or broken it is."""
    assert text_of_html(html) == text


def test_a_base64_part_that_cannot_be_decoded_is_set_aside(tmp_path: Path) -> None:
    """Undecodable bytes are no customer's words: the message goes to the dead letter with its reason, and is not stored as it stands."""
    head = mail().partition("\n\n")[0] + "\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    assert refused(readings(tmp_path, head + "!!!!notbase64\n")).reason == "broken MIME: a base64 part that cannot be decoded"
    (mended,) = interactions(readings(tmp_path, head + "TGF0ZSBhZ2Fpbg\n"))
    assert "Late again" in mended.turns[0].text
    assert "damaged base64, what could be decoded kept" in mended.repairs
