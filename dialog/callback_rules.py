"""What callers are offered when no person can be reached: to be called back, or to leave a message."""

from dataclasses import dataclass

from dialog.yamlsource import Entry, Source

ASK_CALLBACK = "ask_callback"
"""The act with which a callback or a message is asked for; the program itself takes it, not the bot's actions.py."""

CALLBACK, MESSAGE = "callback", "message"
"""What can be asked for: names of the built-in flows, and `kind` of the act."""

KEYS = ("callback", "message", "deadline_hours", "sms")
LONGEST_DEADLINE_HOURS = 24 * 14


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """What a company promises to callers whom nobody could take.

    Args:
        callback: they may ask to be called back.
        message: they may leave a message.
        deadline_hours: hours in which the department is open until somebody must have dealt with it; a caller who named
            a time is called then.
        sms: the caller gets a text message that says what was promised, where the line can send one.
    """

    callback: bool = True
    message: bool = True
    deadline_hours: int = 8
    sms: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is offered, in the order in which it is said."""
        return tuple(kind for kind, offered in ((CALLBACK, self.callback), (MESSAGE, self.message)) if offered)


def read_callbacks(source: Source, entries: dict[str, Entry], departments: bool) -> CallbackRules | None:
    """The rules that the key `callbacks` of bot.yaml gives; None without it, or when it offers nothing.

    Args:
        source: of bot.yaml.
        entries: its keys.
        departments: the bot has any.
    """
    if "callbacks" not in entries:
        return None
    found = source.entries(entries["callbacks"].value, "`callbacks`", KEYS)
    usual = CallbackRules()

    def flag(key: str, otherwise: bool) -> bool:
        return source.flag(found[key].value, f"callbacks: {key}") if key in found else otherwise

    rules = CallbackRules(
        flag("callback", usual.callback),
        flag("message", usual.message),
        _hours(source, found, usual),
        flag("sms", False),
    )
    line = entries["callbacks"].line
    if not rules.kinds:
        source.fault(
            line, "`callbacks` offers neither a callback nor a message", "remove it, or write `callback: true`"
        )
        return None
    if not departments:
        source.fault(line, "`callbacks`: there is no department to call back", "add `departments`, or remove it")
        return None
    return rules


def _hours(source: Source, found: dict[str, Entry], usual: CallbackRules) -> int:
    if "deadline_hours" not in found:
        return usual.deadline_hours
    where = "callbacks: deadline_hours"
    value = source.number(found["deadline_hours"].value, where, 1, LONGEST_DEADLINE_HOURS)
    if value is not None and not value.is_integer():
        source.fault(found["deadline_hours"].value, f"{where} is {value:g}", "write whole hours")
    return usual.deadline_hours if value is None else int(value)
