# ruff: noqa: E501  (a sentence is easier to read on one line)
"""Sentences that personal values are said in, and sentences full of numbers that are nobody's."""

from collections.abc import Mapping, Sequence

CARRIERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "nb": {
        "": ("{}", "Det er {}.", "Ja, {}", "Skriv opp {} er du snill.", "Jeg tror det er {}, ja.", "Jo, det er {} takk."),
        "phone": ("Nummeret mitt er {}.", "Dere kan ringe meg på {} etter klokka fire.", "Mobilen er {}."),
        "national_id": ("Personnummeret mitt er {}.", "fødselsnummer {}"),
        "account": ("Kontonummeret er {}.", "Sett pengene inn på konto {} da."),
        "card": ("Kortnummeret er {}.", "Jeg betaler med visa {}."),
        "kid": ("KID-nummeret er {}.", "Fakturaen har kid {}."),
        "email": ("E-posten min er {}.", "Send det til {} er du snill.", "{}", "Det er {}."),
    },
    "nn": {
        "": ("{}", "Det er {}.", "Ja, {}", "Skriv opp {} er du snill.", "Eg trur det er {}, ja."),
        "phone": ("Nummeret mitt er {}.", "De kan ringje meg på {} etter klokka fire.", "Mobilen er {}."),
        "national_id": ("Personnummeret mitt er {}.", "fødselsnummer {}"),
        "account": ("Kontonummeret er {}.", "Set pengane inn på konto {} da."),
        "card": ("Kortnummeret er {}.", "Eg betaler med visa {}."),
        "kid": ("KID-nummeret er {}.", "Fakturaen har kid {}."),
        "email": ("E-posten min er {}.", "Send det til {} er du snill.", "{}", "Det er {}."),
    },
    "en": {
        "": ("{}", "It is {}.", "Yes, {}", "Write down {} please.", "I think it's {}, yes."),
        "phone": ("My number is {}.", "You can call me on {} after four.", "The mobile is {}."),
        "national_id": ("My national identity number is {}.", "birth number {}"),
        "account": ("The account number is {}.", "Pay it into account {} then."),
        "card": ("The card number is {}.", "I pay with visa {}."),
        "kid": ("The KID number is {}.", "The bill has kid {}."),
        "email": ("My email is {}.", "Send it to {} please.", "{}", "It is {}."),
    },
    "uk": {
        "": ("{}", "Це {}.", "Так, {}", "Запишіть {} будь ласка.", "Я думаю, це {}."),
        "phone": ("Мій номер {}.", "Телефонуйте мені на {} після четвертої.", "Мобільний {}."),
        "national_id": ("Мій персональний номер {}.", "ідентифікаційний номер {}"),
        "account": ("Номер рахунку {}.", "Переведіть на рахунок {}."),
        "card": ("Номер картки {}.", "Плачу карткою {}."),
        "kid": ("KID номер {}.", "У рахунку kid {}."),
        "email": ("Моя пошта {}.", "Надішліть на {} будь ласка.", "{}", "Це {}."),
    },
}  # fmt: skip
"""By language and kind; "" carries any row of digits but a KID, which is one only by its name."""

HELD_OUT_CARRIERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "nb": {
        "": ("Hør her, {} skal det stå.", "Da sier jeg det igjen: {}", "Kan du sjekke {} for meg, jeg har ventet lenge",
             "nei vent, {} var det"),
        "phone": ("Du når meg best på {} på dagtid", "{} er telefonen min"),
        "national_id": ("fnr {} står det på papiret",), "account": ("Refusjonen skal til {} som er lønnskontoen min",),
        "card": ("{} er kortnummeret, og det går ut i mars",), "kid": ("Jeg har betalt med KID {} to ganger",),
        "email": ("Bekreftelsen skulle gå til {} men den kom aldri", "mailadressa er {} altså"),
    },
    "nn": {
        "": ("Høyr her, {} skal det stå.", "Då seier eg det igjen: {}", "nei vent, {} var det"),
        "phone": ("Du når meg best på {} på dagtid", "{} er telefonen min"),
        "national_id": ("fnr {} står det på papiret",), "account": ("Refusjonen skal til {} som er lønskontoen min",),
        "card": ("{} er kortnummeret, og det går ut i mars",), "kid": ("Eg har betalt med KID {} to gonger",),
        "email": ("Stadfestinga skulle gå til {} men ho kom aldri", "mailadressa er {} altså"),
    },
    "en": {
        "": ("Listen, it should say {} there.", "So once more: {}", "Can you look up {} for me, I have waited for ages",
             "no hang on, {} it was"),
        "phone": ("You reach me best on {} in the daytime", "{} is my phone"),
        "national_id": ("my social security number, that's {}",), "account": ("The refund goes to {} which is my account",),
        "card": ("{} is the card number and it expires in March",), "kid": ("I have paid with KID {} twice",),
        "email": ("The confirmation should have gone to {} but never came", "the address for mail would be {} then"),
    },
    "uk": {
        "": ("Слухайте, там має бути {}.", "Отже ще раз: {}", "Перевірте {} для мене, я довго чекаю", "ні, стривайте, було {}"),
        "phone": ("Найкраще мене знайти за {} вдень", "{} це мій телефон"),
        "national_id": ("код платника {} так написано",), "account": ("Поверніть гроші на {} це мій рахунок",),
        "card": ("{} це номер картки",), "kid": ("Я заплатив з KID {} двічі",),
        "email": ("Підтвердження мало прийти на {} але не прийшло", "адреса пошти буде {} отже"),
    },
}  # fmt: skip
"""The same, that nobody looked at while the rules were written."""

IMPERSONAL: Mapping[str, Sequence[str]] = {
    "nb": (
        "Ordrenummeret er {order}.", "Jeg har ordre {order8} hos dere.", "Måleren står på {meter} nå.",
        "Det kostet {amount} kroner.", "Kan jeg komme {date}?", "Har dere åpent {clock} til {clock}?",
        "Postnummeret er {post}.", "Jeg betalte {amount_said} kroner {date}.", "Vi er {small} personer.",
        "Kundenummeret mitt er {order8_said}.", "Fakturanummer {order8}, altså.", "Det var i {year} eller {year}.",
        "Forbruket var {meter} kWh i fjor.", "Åpningstidene er {hours} på hverdager.", "Jeg bestilte {small} stykker.",
        "Sporingsnummeret er {tracking}.", "Den kommer mellom {clock_said} og {clock_said}.", "Saksnummer {order}.",
        "Organisasjonsnummeret er {orgnr}.", "Det tok {small} dager og {small} timer.", "Pakken veier {decimal} kilo.",
    ),
    "nn": (
        "Ordrenummeret er {order}.", "Eg har ordre {order8} hos dykk.", "Målaren står på {meter} no.",
        "Det kosta {amount} kroner.", "Kan eg kome {date}?", "Har de ope {clock} til {clock}?",
        "Postnummeret er {post}.", "Eg betalte {amount_said} kroner {date}.", "Vi er {small} personar.",
        "Kundenummeret mitt er {order8_said}.", "Fakturanummer {order8}, altså.", "Det var i {year} eller {year}.",
        "Forbruket var {meter} kWh i fjor.", "Opningstidene er {hours} på kvardagar.", "Saksnummer {order}.",
    ),
    "en": (
        "The order number is {order}.", "I have order {order8} with you.", "The meter reads {meter} now.",
        "It cost {amount} kroner.", "Can I come on {date}?", "Are you open from {clock} to {clock}?",
        "The post code is {post}.", "I paid {amount_said} kroner on {date}.", "We are {small} people.",
        "My customer number is {order8_said}.", "Invoice number {order8}, that is.", "It was in {year} or {year}.",
        "We used {meter} kWh last year.", "The hours are {hours} on weekdays.", "The tracking number is {tracking}.",
        "It took {small} days and {small} hours.", "The parcel weighs {decimal} kilos.", "Case number {order}.",
    ),
    "uk": (
        "Номер замовлення {order}.", "У мене замовлення {order8}.", "Лічильник показує {meter} зараз.",
        "Це коштувало {amount} крон.", "Чи можу я прийти {date}?", "Ви відчинені з {clock} до {clock}?",
        "Поштовий індекс {post}.", "Я заплатив {amount_said} крон {date}.", "Нас {small} осіб.",
        "Мій номер клієнта {order8_said}.", "Фактура {order8}, так.", "Це було у {year} або {year}.",
        "Години роботи {hours} у будні.", "Це тривало {small} днів і {small} годин.", "Номер справи {order}.",
    ),
}  # fmt: skip
HELD_OUT_IMPERSONAL: Mapping[str, Sequence[str]] = {
    "nb": (
        "Gjelder bestilling {order8_said}, den fra {date}.", "Avlesningen er {meter}, og målernummeret er {tracking}.",
        "Tilbudet lød på {amount} kr per måned i {small} måneder.", "Er det {year}-modellen til {amount},-?",
        "Toget gikk {clock} og var framme {clock}.", "{order} er referansen deres.", "Jeg skal ha {small} av de til {small} kroner",
        "Rabattkoden SOMMER{small} virker ikke.", "Det er {meter} meter til butikken i {post}.",
    ),
    "nn": (
        "Gjeld bestilling {order8_said}, den frå {date}.", "Avlesinga er {meter}, og målarnummeret er {tracking}.",
        "Tilbodet var {amount} kr per månad i {small} månader.", "Toget gjekk {clock} og var framme {clock}.",
        "{order} er referansen dykkar.",
    ),
    "en": (
        "It is about booking {order8_said}, the one from {date}.", "The reading is {meter} and the meter number {tracking}.",
        "The offer was {amount} kr a month for {small} months.", "The train left at {clock} and arrived at {clock}.",
        "{order} is your reference.", "I want {small} of those at {small} kroner each", "It is {meter} metres to {post}.",
    ),
    "uk": (
        "Щодо бронювання {order8_said}, від {date}.", "Показник {meter}, номер лічильника {tracking}.",
        "Пропозиція була {amount} крон на {small} місяців.", "Потяг вирушив о {clock} і прибув о {clock}.",
    ),
}  # fmt: skip
