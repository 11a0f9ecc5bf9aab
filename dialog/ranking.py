"""What the knowledge found for a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic, which is an article or a flow, and how near it is.

    Args:
        article: its id; "" for a flow.
        score: 0..1, how probably it answers the question.
        cosine: of meaning, centred: about 0 for unrelated texts.
        characters: 0..1, shared letter sequences.
        known: 0..1, the part of the question's weight that the article's words cover.
        combined: the sum of standard scores that candidates are ordered by.
        flow: its id; "" for an article.
    """

    article: str
    score: float
    cosine: float
    characters: float
    known: float
    combined: float
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates, best first; empty when nothing was asked or there are no articles.

    Args:
        candidates: at most three.
        margin: how far the first is ahead of the second: 0 when they are level, about 5 when there is no second.
    """

    candidates: tuple[Candidate, ...] = ()
    margin: float = 0.0

    @property
    def best(self) -> Candidate | None:
        """The first candidate."""
        return self.candidates[0] if self.candidates else None

    def details(self) -> dict[str, object]:
        """For the decision record; JSON-able."""
        candidates = [
            {
                **({"flow": candidate.flow} if candidate.flow else {"article": candidate.article}),
                "score": round(candidate.score, 4),
                "cosine": round(candidate.cosine, 4),
                "characters": round(candidate.characters, 4),
                "known": round(candidate.known, 4),
            }
            for candidate in self.candidates
        ]
        return {"candidates": candidates, "margin": round(self.margin, 4)}
