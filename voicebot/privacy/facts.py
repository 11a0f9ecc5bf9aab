"""What is true of one installation: taken from its bot folder, its configuration and its store, never from prose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from dialog.bot import Bot
from dialog.records_rules import RecordsRules
from speech.models import Kind, ModelStore
from speech.voices import DEFAULT_VOICES
from voicebot.config import Config
from voicebot.records.access_log import verify
from voicebot.records.anchoring import anchor_folders
from voicebot.records.anchors import read_anchors
from voicebot.records.schema import access_log, conversations, forget_runs
from voicebot.records.stores import Stores
from voicebot.web.permissions import ALLOWED

BACKUP_MADE = "backup.made"


@dataclass(frozen=True, slots=True)
class UsedModel:
    """A model that hears, speaks or listens for the end of speech, on the company's own machine."""

    id: str
    kind: str
    languages: tuple[str, ...]
    licence: str
    summary: str


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What only the store knows.

    Args:
        conversations: kept now.
        oldest: the beginning of the oldest one, or None.
        forgot_at: when old records were last deleted, or None.
        forgot: deleted then, by rule.
        backed_up_at: when a backup was last made, or None.
        chain_lines: of the access log.
        chain_whole: whether every line of it is as it was written.
    """

    conversations: int
    oldest: datetime | None
    forgot_at: datetime | None
    forgot: Mapping[str, int]
    backed_up_at: datetime | None
    chain_lines: int
    chain_whole: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """One installation.

    Args:
        at: when this was true.
        bot: its name.
        content_version: of its folder.
        languages: it speaks.
        rules: what is kept, how long, whether calls are recorded.
        controller: who answers for it; the bot's name when bot.yaml says nothing.
        people: departments whose people are rung and told what a call is about.
        callbacks: what callers may ask for when nobody can take them: "callback", "message".
        rating: callers who have talked with somebody are asked how it was.
        actions: the bot's own functions that flows call: what they look up lies in the company's systems.
        identity_flows: flows that need a proof of identity.
        database: "sqlite" or "postgresql".
        database_host: of a server; "" for a file here.
        folder: of the records.
        key_place: "environment", or the path of the key file.
        key_backup: where callers' keys are copied to, or None.
        carrier: whether calls come by Twilio; region: where it handles them, None when it was not chosen.
        sms: whether text messages are sent.
        identity_provider: host of the provider, "sms", or "".
        sign_in_provider: host of the provider the company's people sign in with, or "" for accounts of our own.
        models: on this machine.
        roles: role and what it may do, in the order of the console.
        store: None when the store was not looked at.
    """

    at: datetime
    bot: str
    content_version: str
    languages: tuple[str, ...]
    rules: RecordsRules
    controller: str
    people: tuple[str, ...]
    callbacks: tuple[str, ...]
    rating: bool
    actions: tuple[str, ...]
    identity_flows: tuple[str, ...]
    database: str
    database_host: str
    folder: str
    key_place: str
    key_backup: str | None
    carrier: bool
    region: str | None
    sms: bool
    identity_provider: str
    sign_in_provider: str
    models: tuple[UsedModel, ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...]
    store: StoreFacts | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What a record of processing needs and bot.yaml does not say: keys of the papers' texts."""
        rules = self.rules
        return tuple(
            key
            for key, found in (
                ("controller", rules.controller),
                ("contact", rules.contact),
                ("purpose", rules.purposes),
                ("basis", rules.bases),
                ("region", self.region or not self.carrier),
                ("key_backup", self.key_backup),
            )
            if not found
        )


def facts(bot: Bot, config: Config, models: ModelStore, stores: Stores | None, now: datetime | None = None) -> Facts:
    """Gather the facts; reads the store once, and the whole access log.

    Args:
        bot: as its folder describes it.
        config: the whole configuration; no secret of it gets into the facts.
        models: the models on this machine.
        stores: open; None leaves out what only the store knows.
        now: for tests.
    """
    twilio, ciba, oidc = config.twilio, config.identity.ciba, config.web.oidc
    needs_identity = tuple(flow.id for flow in bot.flows if flow.requires)
    records = config.records
    key_file = str(records.master_key_file or records.folder / "master.key")
    by_app = bot.identity.way == "ciba" and ciba is not None
    return Facts(
        at=now or datetime.now(UTC),
        bot=bot.name,
        content_version=bot.content_version,
        languages=bot.languages,
        rules=bot.records,
        controller=bot.records.controller or bot.name,
        people=tuple(department.id for department in bot.departments if department.people),
        callbacks=bot.callbacks.kinds if bot.callbacks is not None else (),
        rating=bot.rating,
        actions=tuple(sorted(bot.actions)),
        identity_flows=needs_identity,
        database="postgresql" if records.url else "sqlite",
        database_host=urlsplit(records.url).hostname or "" if records.url else "",
        folder=str(records.folder),
        key_place="environment" if records.master_keys else key_file,
        key_backup=str(records.key_backup) if records.key_backup else None,
        carrier=twilio is not None,
        region=twilio.region if twilio else None,
        sms=twilio is not None and (bot.sms or bot.identity.way == "sms"),
        identity_provider=_host(ciba.issuer) if by_app and ciba else bot.identity.way if needs_identity else "",
        sign_in_provider=_host(oidc.issuer) if oidc else "",
        models=tuple(_models(bot, config, models)),
        roles=tuple((role.value, tuple(sorted(one.value for one in may))) for role, may in ALLOWED.items()),
        store=None if stores is None else _of_store(stores),
    )


def _host(address: str) -> str:
    return urlsplit(address).hostname or address


def _models(bot: Bot, config: Config, store: ModelStore) -> Iterator[UsedModel]:
    """Those that are here and that this bot can come to use."""
    voices = {**DEFAULT_VOICES, **bot.voices, **config.speech.voices}
    speaking = {voices[language] for language in bot.languages if language in voices}
    hearing = set(config.speech.whisper.values())
    for model in store.catalogue:
        wanted = {
            Kind.PIPER: model.id in speaking,
            Kind.WHISPER: model.id in hearing or (not hearing and bool(set(model.languages) & set(bot.languages))),
        }.get(model.kind, True)
        if wanted and store.has(model.id):
            yield UsedModel(model.id, str(model.kind), model.languages, model.licence, model.summary)


def _of_store(stores: Stores) -> StoreFacts:
    anchors = tuple(read_anchors(anchor_folders(stores)))
    with stores.database.reading() as connection:
        count, oldest = connection.execute(
            select(func.count(conversations.c.id), func.min(conversations.c.started_at))
        ).one()
        verdict = verify(connection, stores.vault, anchors)
        forgot_at, forgot = _last_forgetting(connection)
        backed_up = connection.scalar(select(func.max(access_log.c.at)).where(access_log.c.action == BACKUP_MADE))
        return StoreFacts(count, oldest, forgot_at, forgot, backed_up, verdict.lines, verdict.is_whole)


def _last_forgetting(connection: Connection) -> tuple[datetime | None, Mapping[str, int]]:
    """When it last ran; a run leaves a row per rule, all within moments of each other."""
    newest = select(forget_runs.c.rule, func.max(forget_runs.c.at).label("at")).group_by(forget_runs.c.rule).subquery()
    rows = connection.execute(
        select(forget_runs.c.rule, forget_runs.c.deleted, forget_runs.c.at).join(
            newest, (newest.c.rule == forget_runs.c.rule) & (newest.c.at == forget_runs.c.at)
        )
    ).all()
    return max((row.at for row in rows), default=None), {row.rule: row.deleted for row in rows}
