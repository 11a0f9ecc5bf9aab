"""Questions without an answer, put together."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialog.likeness import Asked, grouped

MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)


def asked(number: int, text: str, language: str = "nb", near: str = "") -> Asked:
    return Asked(
        f"{number:032x}", text, language, tuple(near.split()), MORNING + timedelta(minutes=number), f"call-{number}"
    )


def test_one_matter_is_one_group_in_every_language_and_every_form_of_its_words() -> None:
    groups = grouped(
        [
            asked(1, "Har dere ladekabel til elbil?"),
            asked(2, "eg lurer på om de har ladekablar til elbilar", "nn"),
            asked(3, "hva koster gavekortet i butikken", near="gift-card discount-code"),
            asked(4, "what does a gift card cost in the shop", "en", near="gift-card"),
            asked(5, "kan jeg betale med bitcoin"),
            asked(6, "ladekabel til elbil har dere det"),
        ]
    )
    assert [(group.near, len(group.questions)) for group in groups] == [(None, 3), ("gift-card", 2), (None, 1)]
    cables, cards, _ = groups
    assert cables.languages == ("nb", "nn")
    assert cables.last == MORNING + timedelta(minutes=6)
    assert [wording.text for wording in cards.wordings] == [
        "what does a gift card cost in the shop",
        "hva koster gavekortet i butikken",
    ]
    assert cards.also_near == ("discount-code",)


def test_a_short_question_does_not_take_in_every_long_one_with_its_word() -> None:
    groups = grouped([asked(1, "faktura"), asked(2, "kan firmaet få samlet faktura for flere målere hver måned")])
    assert len(groups) == 2


@given(
    st.lists(
        st.builds(
            asked,
            st.integers(0, 5000),
            st.text(alphabet="ab kw[] ñ", max_size=20)
            | st.sampled_from(["hva koster det", "[navn] vil ha [telefonnummer]"]),
            st.sampled_from(["nb", "nn", "en", "uk"]),
            st.sampled_from(["", "a", "a b", "b"]),
        ),
        unique_by=lambda one: one.id,
        max_size=30,
    )
)
def test_no_question_is_lost_and_none_comes_twice(questions: list[Asked]) -> None:
    together = [one.id for group in grouped(questions) for one in group.questions]
    assert sorted(together) == sorted(one.id for one in questions)
