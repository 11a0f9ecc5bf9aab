"""The book shop with matters of one's own: flows that require identity, and functions that ask who the caller is."""

import shutil
from pathlib import Path

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"

ACCOUNT = """
version: 1
title: {nb: kontoen din, en: your account}
requires: identity
starts:
  nb: [Jeg vil endre kontonummeret mitt, Kan dere bytte kontonummer for meg, Nytt kontonummer til utbetaling]
  en: [I want to change my bank account, Can you change my bank account, A new account for my refund]
slots:
  customer:
    type: digits
    length: 6
    ask: {nb: Si kundenummeret ditt., en: Say your customer number.}
steps:
  - say: {nb: Nå kan vi se på kontoen din., en: Now we can look at your account.}
  - collect: customer
  - action: change_account
    with: {customer: customer}
    result: changed
  - say: {nb: "Kontoen er byttet for {changed.who}.", en: "The account is changed for {changed.who}."}
"""
LOANS = """
version: 1
title: {nb: dine lån, en: your loans}
requires: identity
level: LEVEL
starts:
  nb: [Hvilke bøker har jeg lånt, Vis lånene mine, Hva har jeg til låns]
  en: [Which books have I borrowed, Show my loans, What have I borrowed]
steps:
  - say: {nb: Du har lånt tre bøker., en: You have borrowed three books.}
on_failure: end
"""
TOUR = """
version: 1
title: {nb: omvisning, en: a tour}
starts:
  nb: [Jeg vil ha en omvisning i alt, Vis meg alt dere har om meg, Ta hele runden]
  en: [I want a tour of everything, Show me all you have on me, Take me round everything]
steps:
  - say: {nb: Vi begynner., en: Let us begin.}
  - call: account
"""
ACTIONS = """

from dialog.identity import Identity


@dataclass(frozen=True)
class Changed:
    who: str


@action()
def change_account(customer: str, identity: Identity, national_id: str | None) -> Changed:
    return Changed(f"{identity.subject} {national_id or 'unnamed'}")
"""


def proving_bot(folder: Path, way: str = "sms", level: str = "low") -> Path:
    """Write the bot into a folder.

    Args:
        folder: an empty one.
        way: `identity` of its bot.yaml.
        level: that the flow `loans` requires.
    """
    shop = folder / "shop"
    shutil.copytree(BOKHUSET, shop, ignore=shutil.ignore_patterns("__pycache__"))
    settings, actions = shop / "bot.yaml", shop / "actions.py"
    settings.write_text(settings.read_text(encoding="utf-8") + f"\nidentity: {way}\n", encoding="utf-8")
    actions.write_text(actions.read_text(encoding="utf-8") + ACTIONS, encoding="utf-8")
    for name, text in (("account", ACCOUNT), ("loans", LOANS.replace("LEVEL", level)), ("tour", TOUR)):
        (shop / "flows" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return shop
