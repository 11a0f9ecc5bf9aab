"""What the words so far tell about the end of the turn, in nb, nn, en and uk, whatever the language of the call."""

from speech.turn_cues.reading import Reading, is_one_of, read, words_of
from speech.turn_cues.spoken_dates import DateSoFar, date_so_far

__all__ = ["DateSoFar", "Reading", "date_so_far", "is_one_of", "read", "words_of"]
