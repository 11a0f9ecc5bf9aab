"""What every bot understands by rule, and what it must not mistake for it."""

from pathlib import Path

import pytest
import yaml

from dialog import Bot
from dialog.commands import (
    AskAboutBot,
    AskHelp,
    AskPerson,
    ChangePace,
    Command,
    Continue,
    Emergency,
    Goodbye,
    Greet,
    NoWords,
    Repeat,
    SwitchLanguage,
    Thank,
    foremost,
)
from dialog.phrases import built_in_phrases
from dialog.producers import by_open_question, by_rules
from dialog.state import AnythingElse, NothingOpen, OpenQuestion, PersonOffered

CALLERS = Path(__file__).parent / "callers.yaml"


def understood(text: str, bot: Bot, question: OpenQuestion | None = None) -> Command | None:
    """What the rules make of an utterance; None when it is left to the knowledge."""
    phrases = built_in_phrases()
    heard = phrases.hear(text)
    found = by_rules(heard, phrases, bot) + by_open_question(heard, phrases, bot, question or NothingOpen())
    return foremost(found) if found else None


PERSON = """
menneske
Menneske, takk.
mennske
Kan jeg få snakke med et menneske?
jeg vil snakke med noen
kan jeg få prate med en kundebehandler
Sett meg over til noen, vær så snill
jeg vil ikke snakke med en robot
gi meg et ekte menneske
koble meg til en rådgiver
kan eg få snakke med nokon
eg vil snakke med eit menneske
set meg over til ein saksbehandlar
få snakke med sjefen
jeg har prøvd tre ganger nå og det fungerer ikke så jeg vil heller snakke med en ordentlig person
Let me talk to a person.
a human please
representative
I want to speak to someone
can I speak with your manager
connect me to an agent please
I need a human
get me a real person
i don't want to talk to a robot
put me through to somebody
людина
оператор
З'єднайте мене з оператором, будь ласка
я хочу поговорити з людиною
хочу поговорити з кимось із вас
""".strip().splitlines()

NOT_PERSON = """
Hvor mange mennesker jobber hos dere?
Kan noen andre hente pakken min?
Er kundeservice åpen nå?
Hvordan får jeg kontakt med kundeservice?
Får jeg noen rabatt?
Er du et menneske?
må jeg snakke med noen for å bestille
Are you a real person?
Am I talking to a human?
Can someone else pick up my parcel?
Is it a personal account?
Do I need to speak to a representative to change my pin?
hvilke kontakter er koblet til
Ви людина?
""".strip().splitlines()

ORDERS: list[tuple[str, Command]] = [
    ("Gjenta, takk", Repeat()),
    ("Hva sa du?", Repeat()),
    ("kan du si det en gang til", Repeat()),
    ("kva sa du for noko", Repeat()),
    ("kan du seie det om att", Repeat()),
    ("Could you repeat that, please?", Repeat()),
    ("say that again", Repeat()),
    ("sorry what was that", Repeat()),
    ("I didn't catch that", Repeat()),
    ("Повторіть, будь ласка", Repeat()),
    ("saktere", ChangePace(True)),
    ("kan du snakke litt saktere", ChangePace(True)),
    ("du snakker for fort", ChangePace(True)),
    ("please speak more slowly", ChangePace(True)),
    ("говоріть повільніше", ChangePace(True)),
    ("can you talk faster", ChangePace(False)),
    ("ha det", Goodbye()),
    ("Nei takk, det var alt. Ha det bra!", Goodbye()),
    ("Thank you, that was all. Goodbye.", Goodbye()),
    ("that's all", Goodbye()),
    ("well it was nice talking to you bye", Goodbye()),
    ("до побачення", Goodbye()),
    ("takk", Thank()),
    ("Takk for hjelpen!", Thank()),
    ("thank you very much", Thank()),
    ("thanks for letting me know", Thank()),
    ("щиро дякую", Thank()),
    ("hei", Greet()),
    ("Hello?", Greet()),
    ("how are you", Greet()),
    ("добрий день", Greet()),
    ("er du en robot", AskAboutBot()),
    ("hvem snakker jeg med", AskAboutBot()),
    ("are you a bot?", AskAboutBot()),
    ("Am I talking to a real person", AskAboutBot()),
    ("ви робот?", AskAboutBot()),
    ("hva kan du hjelpe meg med", AskHelp()),
    ("kva kan du hjelpe med", AskHelp()),
    ("what can you do", AskHelp()),
    ("hjelp", AskHelp()),
    ("чим ви можете допомогти", AskHelp()),
    ("det brenner i leiligheten", Emergency("fire")),
    ("my house is on fire", Emergency("fire")),
    ("у нас пожежа", Emergency("fire")),
    ("det lukter svidd fra stikkontakten", Emergency("fire")),
    ("I smell smoke from the fuse box", Emergency("fire")),
    ("у квартирі пахне газом", Emergency("fire")),
    ("ring politiet", Emergency("police")),
    ("mannen min får ikke puste", Emergency("medical")),
    ("jeg trenger en ambulanse", Emergency("medical")),
    ("I think he is having a heart attack", Emergency("medical")),
    ("викличте швидку", Emergency("medical")),
    ("kan vi snakke engelsk", SwitchLanguage("en")),
    ("English please", SwitchLanguage("en")),
    ("kan du snakke norsk", SwitchLanguage("nb")),
    ("på nynorsk takk", SwitchLanguage("nn")),
    ("українською, будь ласка", SwitchLanguage("uk")),
    ("can you speak Polish", SwitchLanguage(None)),
    ("ja", Continue()),
    ("yes please", Continue()),
    ("øh", NoWords()),
    ("um well", NoWords()),
]

QUESTIONS = """
Can I pay my bill later?
Can I pay later
I want to pay my bill later
When is the bill due by?
How do you say goodbye in French?
What happens when I say goodbye to my power company?
My bill is wrong
Is my address correct?
Nothing works
Kan jeg betale senere?
Kan jeg betale regningen litt seinere?
Kan eg betale seinare?
Hadde det vært mulig å få pakken i dag
Adressen er feil
Stemmer regningen min?
Hvordan går det med bestillingen min?
Hva heter takk på fransk?
jeg fikk ikke varen
jeg fikk ikke hele bestillingen
jeg fikk ikke med meg kvitteringen
jeg forstod ikke regningen min
jeg hørte ikke posten ringe på
strømmen går for fort
Jeg vil ha en person til på abonnementet
I need a person to sign for the parcel
it was delivered too fast
this bill gives me a heart attack
I don't want the person at the door to leave it outside
what can you tell me about lamps
Чи можу я заплатити пізніше?
Хочу повернути товар
Як ви доставляєте посилки?
Усе ще чекаю на посилку
jeg fikk bare fire av fem lamper
hvor mange ganger kan dere levere pakken en gang til
What do I do with old batteries?
Det koster to hundre kroner i byen
Can I have a fire alarm delivered?
hva gjør jeg når brannalarmen piper
Do you have the manual in English?
can you slow the delivery of my order until after the holidays
I am moving, what do I do about my power?
men når kommer lampen min da
takk men når kommer pakken
""".strip().splitlines()


@pytest.mark.parametrize("text", PERSON)
def test_a_person_is_understood_however_asked_for(text: str, bot: Bot):
    assert understood(text, bot) == AskPerson()


@pytest.mark.parametrize("text", NOT_PERSON)
def test_people_in_a_sentence_are_no_order(text: str, bot: Bot):
    assert not isinstance(understood(text, bot), AskPerson)


@pytest.mark.parametrize(("text", "command"), ORDERS)
def test_orders_are_understood(text: str, command: Command, bot: Bot):
    assert understood(text, bot) == command


COMMANDS: dict[str, tuple[Command, OpenQuestion]] = {
    "person": (AskPerson(), NothingOpen()),
    "repeat": (Repeat(), NothingOpen()),
    "slower": (ChangePace(True), NothingOpen()),
    "faster": (ChangePace(False), NothingOpen()),
    "goodbye": (Goodbye(), AnythingElse()),
    "thanks": (Thank(), AnythingElse()),
    "hello": (Greet(), NothingOpen()),
    "asks": (Continue(), NothingOpen()),
    "yes": (AskPerson("faults"), PersonOffered("faults")),
    "no": (Continue(), PersonOffered("faults")),
    "help": (AskHelp(), NothingOpen()),
    "about_bot": (AskAboutBot(), NothingOpen()),
    "language_en": (SwitchLanguage("en"), NothingOpen()),
    "language_uk": (SwitchLanguage("uk"), NothingOpen()),
    "language_nb": (SwitchLanguage("nb"), NothingOpen()),
    "language_nn": (SwitchLanguage("nn"), NothingOpen()),
    "language_other": (SwitchLanguage(None), NothingOpen()),
}


@pytest.mark.parametrize("rule", COMMANDS)
def test_callers_are_understood_in_every_way_they_put_it(rule: str, bot: Bot):
    said = yaml.load(CALLERS.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)[rule]
    command, question = COMMANDS[rule]
    for language, texts in said.items():
        for text in texts:
            found = understood(text, bot, question)
            if isinstance(command, AskPerson) and rule == "person":
                assert isinstance(found, AskPerson), (language, text)
            else:
                assert found == command, (language, text)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_left_to_the_knowledge(text: str, bot: Bot):
    assert understood(text, bot) is None


@pytest.mark.parametrize(
    "text", ["nei takk", "no thanks", "no thank you", "ні дякую", "det var alt", "nei det var alt takk"]
)
def test_no_after_anything_else_is_goodbye(text: str, bot: Bot):
    assert understood(text, bot, AnythingElse()) == Goodbye()


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("feilmelding", "faults"),
        ("jeg vil snakke med feilmeldingen", "faults"),
        ("sett meg over til feilmelding", "faults"),
        ("put me through to the fault desk", "faults"),
        ("kundeservice", "desk"),
        ("kan jeg få snakke med noen på kundeservice", "desk"),
        ("з'єднайте мене зі служба підтримки", "desk"),
    ],
)
def test_a_department_is_asked_for_by_its_words(text: str, department: str, bot: Bot):
    assert understood(text, bot) == AskPerson(department)


def test_small_talk_is_taken_off_both_ends():
    heard = built_in_phrases().hear("Hei, jeg lurer på når lampen kommer, takk.")
    assert heard.content == ("når", "lampen", "kommer")
    assert heard.talk == ("hello", "thanks")
    assert heard.opening == "hello"
