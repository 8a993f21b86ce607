"""What a contact-centre lead may write in TOML, as pydantic models; also the source of the JSON Schemas for editors.

Every model forbids keys it does not know and is frozen once read.
"""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from insights.config.tokens import PLAIN_WORDS_ONLY, token_attribute
from insights.domain import Effort, Expectation, Kind, Severity

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Words = Annotated[str, Field(min_length=1, max_length=400)]


def _plain_words(value: object) -> object:
    if not isinstance(value, str) and (attribute := token_attribute(value)):
        raise ValueError(f"is a token pattern ({attribute}): {PLAIN_WORDS_ONLY}")
    return value


Phrase = Annotated[Words, BeforeValidator(_plain_words)]
# A list is let through whole, so that a fault names the phrase and its line.
Phrases = Annotated[list[Phrase], BeforeValidator(lambda given: given if isinstance(given, list) else _plain_words(given))]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
OneOrMore = str | list[str]
Cadence = Literal["daily", "weekly", "monthly"]


class Strict(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(value: str | None) -> str | None:
    if value is not None:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f'unknown time zone "{value}", expected a name such as "Europe/Dublin" or "UTC"') from error
    return value


class Columns(Strict):
    """Names of a table's columns (or a JSON object's keys) for the fields of an interaction."""

    id: str | None = Field(None, description="Id of the interaction in its source; without it the row's place is the id.")
    text: OneOrMore | None = Field(None, description="Column of the words, or several that are joined by a blank line.")
    started_at: str | None = Field(None, description="When the contact, or the turn, began.")
    channel: str | None = None
    customer: str | None = None
    product: str | None = None
    queue: str | None = None
    language: str | None = None
    role: str | None = Field(None, description="Who speaks (layouts turn and nested).")
    turn_index: str | None = Field(None, description="Order of the turns (layout turn); file order where absent.")
    visibility: str | None = Field(None, description="public or internal (layouts turn and nested).")
    turns: str | None = Field(None, description="List of turns (layout nested).")
    names: list[str] = Field([], description="Columns with names of people: used to redact them, then redacted themselves.")


class Mapping(Strict):
    """How the columns of a table or the keys of JSON become interactions."""

    layout: Literal["interaction", "turn", "nested"] = Field(
        "interaction", description="A row is an interaction, a turn, or holds a list of turns."
    )
    columns: Columns = Columns()
    constants: dict[str, str] = Field({}, description="Fixed values for fields the table lacks, such as channel = 'ticket'.")
    roles: dict[str, str] = Field({}, description="The source's words for who speaks, and ours, such as Rep = 'agent'.")
    ignore: list[str] = Field([], description="Columns left out by name; any other column goes to meta.")
    timezone: str | None = Field(None, description="Zone of times that carry none; never guessed.")
    date_format: str | None = Field(None, description="strptime format of times that are not ISO 8601.")
    encoding: str | None = Field(None, description="Encoding of the file where it should not be detected.")
    delimiter: str | None = Field(None, description="Column separator where it should not be detected.", min_length=1, max_length=1)
    sheet: str | None = Field(None, description="Sheet of a workbook; the first where absent.")

    _zone = field_validator("timezone")(_known_zone)


class Source(Strict):
    """A feed: where its files are and how they are read."""

    name: Key
    path: str = Field(description="File, folder or glob, from the workspace.")
    reader: str | None = Field(None, description="Name of a reader where the content should not decide.")
    mapping: str | None = Field(None, description="Mapping file, from the workspace.")
    channel: str | None = Field(None, description="Channel of records that name none.")
    timezone: str | None = None

    _zone = field_validator("timezone")(_known_zone)


class WorkspaceTable(Strict):
    """What the workspace is called and when its days begin."""

    name: str = "workspace"
    timezone: str = Field(
        "UTC", description="Sets the days and weeks of digests, and the zone of times that carry none if no source says otherwise."
    )
    seed: int = 0
    organisations: list[str] = Field([], description="Names never taken for personal data: your own company, shops, partners.")

    _zone = field_validator("timezone")(_known_zone)


class TextTable(Strict):
    """Limits and redaction."""

    max_characters: int = Field(200_000, ge=1_000, description="A longer interaction is set aside.")
    redact: bool = Field(True, description="Replace personal data before anything is stored; leave it on.")
    boilerplate: list[str] = Field([], description="Sentences of your own footers and announcements, left out of analysis.")
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = Field(
        ["en"],
        description="Codes of the languages that are analysed; contacts in others are stored and counted. The shipped model reads English.",
    )

    @field_validator("redact")
    @classmethod
    def _stays_on(cls, value: bool) -> bool:
        if not value:
            raise ValueError("redaction cannot be switched off: it stands between customers' words and the disk")
        return value


class ClassifyTable(Strict):
    """Which model decides, and how sure it must be."""

    model: str = "default"
    workers: int = Field(0, ge=0, description="Processes; 0 takes one a core.")
    effort: Effort = Field(Effort.BALANCED, description="fast, balanced or best: how much is done to understand a contact.")
    precision: dict[Kind, Annotated[float, Field(gt=0.0, le=0.95)]] = Field(
        {}, description="Share of the yes's of a kind that shall be right, up to 0.95; what is less sure goes to review."
    )
    thresholds: dict[Kind, Fraction] = Field(
        {}, description="Least probability of a yes, a kind; where absent, by precision, or the model's own of best F1."
    )
    review_margin: Fraction = Field(0.15, description="Below the threshold by up to this much is undecided, not no.")


class DiscoverTable(Strict):
    """Topics nobody declared."""

    enabled: bool = True
    min_size: int = Field(8, ge=2, description="Least insights of a topic.")
    seed: int | None = None


class TrackTable(Strict):
    """Recurring issues."""

    min_customers: int = Field(5, ge=1, description="Distinct customers in 28 days before an issue opens.")
    fixes: str | None = Field(None, description="CSV of declared fixes: topic,fix_date[,target].")
    errors: str | None = Field(
        None,
        description="report.json of `insights evaluate --here --out DIR`: the model's errors on contacts of your own correct its counts.",
    )


class DigestTable(Strict):
    """What digests show."""

    items: int = Field(7, ge=1, le=50, description="Most topics in a section.")
    quotes: int = Field(3, ge=1, le=5)
    min_contacts: int = Field(3, ge=1, description="Fewer contacts in the period than this are not a line of their own.")


class Destination(Strict):
    """Where digests go; secrets are named, never written here."""

    type: str = Field(description="folder or email")
    path: str | None = Field(None, description="Folder, from the workspace (type folder).")
    to: list[str] = Field([], description="Addresses (type email).")
    sender: str | None = Field(None, description="From address (type email).")
    host: str | None = None
    port: int | None = Field(None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = Field(None, description='Reference to a secret: "env:NAME" or "file:PATH".')

    @field_validator("password")
    @classmethod
    def _is_reference(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("env:", "file:")):
            raise ValueError('a secret is never written in the file: expected "env:NAME" or "file:PATH"')
        return value


class Workspace(Strict):
    """``insights.toml``: the whole workspace."""

    workspace: WorkspaceTable = WorkspaceTable()
    source: list[Source] = []
    text: TextTable = TextTable()
    classify: ClassifyTable = ClassifyTable()
    discover: DiscoverTable = DiscoverTable()
    track: TrackTable = TrackTable()
    digest: DigestTable = DigestTable()
    destination: dict[Key, Destination] = {}
    store: str = Field("insights.db", description="Store, from the workspace.")
    taxonomy: str = "taxonomy.toml"
    ownership: str = "ownership.toml"


class TopicRule(Strict):
    """A declared topic: what it means, how it is recognised, and sentences that prove the rules right."""

    label: Words
    kind: Kind
    definition: str = ""
    any: Phrases = Field(
        [], description="Phrases; one is enough. a|b alternatives, word* beginnings, * up to three words between, word? may be missing."
    )
    all: Phrases = Field([], description="Phrases that must all stand in the sentence.")
    unless: Phrases = Field([], description="Phrases that forbid the topic in the sentence.")
    severity: Severity | None = None
    expectations: list[Expectation] = []
    product: str | None = Field(None, description="Key of the product it is always about.")
    owner: str | None = Field(None, description="Hint for the ownership file.")
    match: list[Words] = Field([], description="Sentences that must be recognised; a topic without phrases is learnt from them.")
    no_match: list[Words] = Field([], description="Sentences that must not.")


class ProductRule(Strict):
    """A product and what people call it."""

    label: Words
    aliases: list[Words] = []


class CompetitorRule(Strict):
    """A rival and what people call it."""

    label: Words
    aliases: list[Words] = []
    ambiguous: bool = Field(False, description="The name is also an everyday word: one of the hints must stand nearby.")
    hints: Phrases = []
    unless: Phrases = []


class Taxonomy(Strict):
    """``taxonomy.toml``: topics, products and competitors."""

    examples: str | None = Field(
        None, description="Tables with columns topic,text to learn topics from: file or glob, from the workspace, such as examples/*.csv."
    )
    topic: dict[Key, TopicRule] = {}
    product: dict[Key, ProductRule] = {}
    competitor: dict[Key, CompetitorRule] = {}

    @field_validator("examples")
    @classmethod
    def _is_inside(cls, value: str | None) -> str | None:
        if value is not None and (not value or value.startswith(("/", "~")) or ".." in value.split("/")):
            raise ValueError('expected a file or glob inside the workspace, such as "examples/*.csv"')
        return value


class UnitRule(Strict):
    """A business unit."""

    name: Words
    cadence: Cadence = "weekly"
    destinations: list[Key] = []
    follows: list[str] = Field([], description="Units whose digests it also reads.")
    customer_facing: bool = Field(False, description="Its digests never quote internal notes.")


class OwnerRule(Strict):
    """Who owns what matches; the last rule that matches wins, as in CODEOWNERS. Patterns may end in *."""

    kind: OneOrMore | None = None
    topic: OneOrMore | None = None
    product: OneOrMore | None = None
    competitor: OneOrMore | None = None
    channel: OneOrMore | None = None
    queue: OneOrMore | None = None
    severity: str | None = Field(None, pattern=r"^(>=)?(low|medium|high|critical)$")
    meta: dict[str, OneOrMore] = {}
    owner: Key
    followers: list[Key] = []
    why: str = ""


class OwnerTest(Strict):
    """An executable example: an insight with these fields must go to this owner."""

    kind: Kind
    topic: str | None = None
    product: str | None = None
    competitor: str | None = None
    channel: str = "call"
    queue: str | None = None
    severity: Severity = Severity.MEDIUM
    meta: dict[str, str] = {}
    owner: Key


class Ownership(Strict):
    """``ownership.toml``: units and the rules by which insights reach them."""

    triage: Key = Field("triage", description="Unit for what matches no rule.")
    unit: dict[Key, UnitRule] = {}
    rule: list[OwnerRule] = []
    test: list[OwnerTest] = []


class Pipeline(Strict):
    """``pipelines/*.toml``: the steps of a run, in order."""

    name: str
    description: str = ""
    steps: list[Literal["ingest", "analyse", "discover", "route", "track", "digest", "deliver"]]
    periods: int = Field(1, ge=1, le=53, description="How many past periods of each unit's cadence to make digests for.")
