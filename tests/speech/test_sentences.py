"""Where sentences are cut, and where they must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.sentences import LONG_CHARACTERS, split_sentences

languages = st.sampled_from(["nb", "nn", "en", "uk", "xx"])


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("nb", "Hei. Du har kommet til Nordlys!", ["Hei.", "Du har kommet til Nordlys!"]),
        ("nb", "Det koster kr. 499.50 i året.", ["Det koster kr. 499.50 i året."]),
        ("nb", "Vi stenger 17. mai. Velkommen igjen!", ["Vi stenger 17. mai.", "Velkommen igjen!"]),
        ("nb", "Åpent fra kl. 14. Vi sees!", ["Åpent fra kl. 14.", "Vi sees!"]),
        ("nb", "Se f.eks. Oslo, bl.a. nr. 5. Takk.", ["Se f.eks. Oslo, bl.a. nr. 5.", "Takk."]),
        ("nb", "Vi har stoler, bord osv. Alt er på lager.", ["Vi har stoler, bord osv.", "Alt er på lager."]),
        ("nb", "Ring {92 24. 37 11|phone}. Ha det.", ["Ring {92 24. 37 11|phone}.", "Ha det."]),
        ("nb", "Den kommer {2026-12-24|date}. Takk for nå.", ["Den kommer {2026-12-24|date}.", "Takk for nå."]),
        ("nb", "Vent litt ... ja, den er sendt.", ["Vent litt ... ja, den er sendt."]),
        ("nb", "Mener du A? Eller B?", ["Mener du A?", "Eller B?"]),
        ("nb", "Spør O. Hansen i dag.", ["Spør O. Hansen i dag."]),
        ("nb", "Første linje\nandre linje", ["Første linje", "andre linje"]),
        ("nb", "«Er du der?» Ja.", ["«Er du der?»", "Ja."]),
        ("en", "Is it free? No. It costs NOK 5.", ["Is it free?", "No.", "It costs NOK 5."]),
        ("en", "See no. 5, e.g. Oslo. Dr. Moe is in.", ["See no. 5, e.g. Oslo.", "Dr. Moe is in."]),
        ("en", "We close at 4 p.m. Call again tomorrow.", ["We close at 4 p.m.", "Call again tomorrow."]),
        ("uk", "Ми на вул. Шевченка. Телефонуйте!", ["Ми на вул. Шевченка.", "Телефонуйте!"]),
        ("uk", "Це коштує 5 тис. грн. Дякуємо.", ["Це коштує 5 тис. грн.", "Дякуємо."]),
        ("nb", "   ", []),
    ],
)
def test_cuts(language: str, text: str, pieces: list[str]) -> None:
    assert list(split_sentences(text, language)) == pieces


def test_a_long_sentence_is_cut_at_a_clause_near_the_limit() -> None:
    clause = "du kan sende pakken tilbake til oss helt uten kostnad"
    pieces = split_sentences(", ".join([clause] * 8) + ".", "nb")
    assert len(pieces) > 1
    assert all(len(piece) <= LONG_CHARACTERS for piece in pieces)
    assert all(piece.endswith(",") for piece in pieces[:-1])


def test_a_long_sentence_without_clauses_stays_whole() -> None:
    text = "ord " * 100
    assert split_sentences(text, "nb") == (text.strip(),)


@given(st.text(alphabet=" .!?,…\n{}|abcÆøжЄ0123kl"), languages)
def test_nothing_but_white_space_is_lost(text: str, language: str) -> None:
    assert "".join("".join(split_sentences(text, language)).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["Hei.", "{24. des. Oslo|date}", "{A. B|id}", "Ja!", "kl. 14.", "Og så"])), languages)
def test_marks_are_never_cut(words: list[str], language: str) -> None:
    for piece in split_sentences(" ".join(words), language):
        assert piece.count("{") == piece.count("}")


@given(st.text(), languages)
def test_no_piece_is_empty(text: str, language: str) -> None:
    assert all(piece.strip() == piece != "" for piece in split_sentences(text, language))
