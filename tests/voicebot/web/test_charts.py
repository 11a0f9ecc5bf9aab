"""Charts: whatever is counted, the bars stay in the picture and stand for it."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.web.charts import HEIGHT, WIDTH, stacked

KINDS = ("alone", "trouble")


@given(st.lists(st.fixed_dictionaries({kind: st.integers(0, 10**6) for kind in KINDS}), max_size=60))
def test_bars_stay_in_the_picture_and_are_as_high_as_what_they_stand_for(days: list[dict[str, int]]) -> None:
    chart = stacked([(str(day), "", values) for day, values in enumerate(days)], KINDS)
    assert len(chart.bars) == len(days)
    for bar, values in zip(chart.bars, days, strict=True):
        for piece in bar.pieces:
            assert piece.x >= 0 and piece.x + piece.width <= WIDTH + 0.01
            assert piece.y >= -0.05 and piece.y + piece.height <= HEIGHT + 0.05
            assert abs(piece.height - HEIGHT * values[piece.kind] / chart.most) <= 0.01
