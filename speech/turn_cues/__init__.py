"""What the words so far tell about the end of the turn, in nb, nn, en and uk, whatever the language of the call."""

from speech.turn_cues.answers import answers_choice, answers_yes_no
from speech.turn_cues.reading import Reading, read, words_of
from speech.turn_cues.spoken_dates import DateSoFar, date_so_far

__all__ = ["DateSoFar", "Reading", "answers_choice", "answers_yes_no", "date_so_far", "read", "words_of"]
