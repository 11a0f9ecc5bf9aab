"""How well answers without example questions are found: `python -m benchmarks.dialog_retrieval DATA [--cache FOLDER]`.

NorQuAD: each context becomes an article with nothing but its text, whole, and once more cut into pieces of at most 450
characters that are an article each; a question hits when an article of its context is first, or among the first three.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.dialog_sets import bot_of, rows
from dialog.embedding import Embedder
from dialog.text import words
from dialog.understanding import Understanding

CONTEXTS = "no_questions_norquad/validation_contexts.jsonl"
QUESTIONS = "no_questions_norquad/validation_questions.jsonl"
PIECE_CHARACTERS = 450


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the shares of questions that hit, beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets")
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    chosen = parser.parse_args(arguments)
    contexts = {row["context_id"]: row["text"] for row in rows(chosen.data / CONTEXTS)}
    asked = [(row["question"], row["context_id"]) for row in rows(chosen.data / QUESTIONS)]
    embedder = Embedder()
    pieces = {f"{key}-{index}": piece for key, text in contexts.items() for index, piece in enumerate(_pieces(text))}
    for name, answers in (("whole contexts", contexts), ("pieces", pieces)):
        bot = bot_of(dict.fromkeys(answers, ()), "nb", answers)
        understanding = Understanding(bot, embedder, chosen.cache)
        first = third = 0
        for question, context in asked:
            found = [one.article.split("-")[0] for one in understanding.rank(words(question), "nb").candidates]
            first += found[:1] == [context]
            third += context in found
        print(
            f"NorQuAD, {name}, {len(answers)} articles, n={len(asked)}: hit@1 {first / len(asked):.1%}, hit@3 "
            f"{third / len(asked):.1%}; target >= 93 %, >= 98 %",
            flush=True,
        )
    return 0


def _pieces(text: str) -> list[str]:
    """Whole sentences up to the length of a piece."""
    found: list[str] = []
    for sentence in filter(None, re.split(r"(?<=[.!?])\s+|\n+", text)):
        if found and len(found[-1]) + len(sentence) < PIECE_CHARACTERS:
            found[-1] += " " + sentence
        else:
            found.append(sentence)
    return found


if __name__ == "__main__":
    sys.exit(main())
