"""What can go wrong in the ears or the mouth.

SpeechError
 ├── ModelUnavailable  a model file is missing, broken or of the wrong kind; says where to get it
 ├── RecogniserBusy    the pool is full or the deadline has passed
 ├── RecognitionFailed Whisper raised or its worker died
 └── SynthesisFailed   no voice could say the sentence
"""


class SpeechError(Exception):
    """Anything that went wrong between samples and text."""


class ModelUnavailable(SpeechError):
    """A model cannot be used; the message names the model, the place and the cure."""


class RecogniserBusy(SpeechError):
    """No recogniser worker was free before the deadline."""


class RecognitionFailed(SpeechError):
    """Whisper raised, or the worker that ran it died."""


class SynthesisFailed(SpeechError):
    """No voice, not even the last resort, could say the sentence."""
