"""What is cut out of a text, and what stays."""

import pytest

from dialog.redaction import Known, redact

GONE = [
    ("nb", "Mitt nummer er 92 24 37 11.", "Mitt nummer er [telefonnummer]."),
    ("nb", "ja det er ni to to fire trettisju elleve", "ja det er [telefonnummer]"),
    ("nb", "21. 05, 90 12-345 var det", "[nummer] var det"),  # misheard: no check digits
    ("nb", "17 06 99 123 03 står det", "[fødselsnummer] står det"),
    ("nb", "personnummeret er en to tre fire fem", "personnummeret er [fødselsnummer]"),
    ("nb", "Konto 1234 56 78903, takk", "Konto [kontonummer], takk"),
    ("nb", "det er NO93 8601 1117 947", "det er [kontonummer]"),
    ("nb", "fire en en en en en en en en en en en en en en en", "[kortnummer]"),
    ("nb", "KID 1234567897 og 450 kroner", "KID [KID] og 450 kroner"),
    ("nb", "Send til kari.nordmann@firma.no, takk", "Send til [e-post], takk"),
    ("nb", "min epost er k, a, r, i krøllalfa gmail punktum com", "min epost er [e-post]"),
    ("nn", "karianne snabel-a online punktum enn å ja", "[e-post] ja"),
    ("nb", "Jeg heter Kari Nordmann og bor i Storgata 5B, 0155 Oslo", "Jeg heter [navn] og bor i [adresse]"),
    ("nb", "mitt navn er eh Trine Lise", "mitt navn er eh [navn]"),
    ("nb", "Postboks 123, 0102 Oslo", "[adresse]"),
    ("nn", "Eg heiter Oddny Vik, O-D-D-N-Y", "Eg heiter [namn], [namn]"),
    ("nb", "Kari Nordmann her, jeg lurer på noe", "[navn] her, jeg lurer på noe"),
    ("nb", "jeg bor i storgata femten", "jeg bor i [adresse]"),
    ("nb", "født 21. mai 1990 i Bergen", "født [fødselsdato] i Bergen"),
    ("nb", "engangskoden er 4 7 1 1 0 9", "engangskoden er [kode]"),
    ("nb", "passordet mitt er hunter2", "passordet mitt er [kode]"),
    ("nb", "four oh two seven one three one one", "[telefonnummer]"),
    ("nb", "Vi ringer {92 24 37 11|phone}, ordren er {402713|id}", "Vi ringer [telefonnummer], ordren er {402713|id}"),
    ("en", "oh seven seven double oh nine hundred one two three", "[phone number]"),
    ("en", "john dot smith at example dot co dot uk please", "[email] please"),
    ("en", "My name is John Smith and I live at 10 High Street", "My name is [name] and I live at [address]"),
    ("en", "+44 20 7946 0958 or (555) 234-5678", "[phone number] or [phone number]"),
    ("en", "You can reach me at john.smith@gmail.com", "You can reach me at [email]"),
    ("en", "my social security number is 123-45-6789", "my social security number is [national id]"),
    ("en", "The card number is 212,500 and 49,932,096,153.", "The card number is [card number]."),  # as Whisper writes
    ("uk", "РНОКПП 3124567890", "РНОКПП [ідент. номер]"),
    ("uk", "нуль шістдесят сім сто двадцять три сорок п'ять шістдесят сім", "[номер телефону]"),
    ("uk", "мене звати Марія Шевченко, марія собака гмейл крапка ком", "мене звати [ім'я], [ел. пошта]"),
    ("uk", "вулиця Хрещатик 22, кв. 5", "[адреса]"),
]  # fmt: skip

STAYS = [
    ("nb", "Ordrenummeret er 40271311, den fra 21.05.2026"),
    ("nb", "kundenummeret mitt er fire null to sju en tre en en"),
    ("nb", "Måleren står på 45678 kWh, og det ble 1 499,50 kroner"),
    ("nb", "Dere har åpent 08.30-16.00, lørdag 10–15"),
    ("nb", "Postnummeret er 0155, organisasjonsnummer 974 760 673"),
    ("nb", "Jeg betalte førtito tusen fem hundre og tolv kroner i 2023-2024"),
    ("nb", "402713 som er ordrenummeret"),
    ("nb", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12"),
    ("nb", "Strømmen her er borte, og det er mørkt"),
    ("en", "The tracking number is 370438101234567890 and it cost 12,345,678"),
    ("en", "Book a table at 8:00 p.m. Look at the dot on the map"),
    ("en", "The train left at 21.45 and arrived at 23.15 on 2026-11-23"),
    ("uk", "Номер замовлення 40271311, двадцять третього листопада о 10:30"),
]


@pytest.mark.parametrize(("language", "said", "kept"), GONE)
def test_what_is_personal_is_cut_out_and_nothing_else(language, said, kept):
    assert redact(said, language).text == kept


@pytest.mark.parametrize(("language", "said"), STAYS)
def test_numbers_that_are_nobodys_stay(language, said):
    assert redact(said, language).text == said


def test_what_was_found_is_told_with_its_place_in_the_text_as_it_was_given():
    said = "ﬁnt, ring ９２２４３７１１ nå"
    (found,) = redact(said, "nb").found
    assert (found.kind, said[found.start : found.end]) == ("phone", "９２２４３７１１")


def test_a_known_name_is_found_in_its_forms_and_a_day_is_no_man():
    known = Known(names=("Dag Bergersen", "Марія Шевченко"))
    assert redact("God dag, er Dag der? Bergersens faktura.", "nb", known).text == (
        "God dag, er [navn] der? [navn] faktura."
    )
    assert redact("Подзвоніть Марії, скажіть шевченкові", "uk", known).text == "Подзвоніть [ім'я], скажіть [ім'я]"
    assert redact("det staves b e r g e r s e n", "nb", known).text == "det staves [navn]"


def test_known_digits_are_found_however_they_are_said_and_known_plain_ones_stay():
    known = Known(values=(("phone", "+4792243711"), ("phone", "922")), plain=("40271311",))
    assert redact("ni to to, og så fire tre sju elleve", "nb", known).text == "[telefonnummer]"
    assert redact("ni to to", "nb", known).text == "[telefonnummer]"
    assert redact("40 27 13 11", "nb", known).text == "40 27 13 11"
    assert redact("40 27 13 12", "nb", known).text == "[telefonnummer]"


def test_a_text_of_any_length_is_read_to_its_end():
    said = "ja det er fint " * 3000 + "92 24 37 11"
    assert redact(said, "nb").text.endswith("fint [telefonnummer]")
