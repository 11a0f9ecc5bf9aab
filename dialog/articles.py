"""Reading knowledge/*.md: front matter in YAML, then one spoken answer per language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from dialog.bot import Article
from dialog.errors import Fault
from dialog.markup import MARKDOWN, faults_of_text, spoken_seconds
from dialog.text import words
from dialog.yamlsource import Entry, Source

KEYS = ("title", "questions", "owner", "review", "link")
LONGEST_ANSWER_SECONDS = 15.0
"""Callers lose the thread of longer answers."""

HEADING = re.compile(r"##\s+(.*?)\s*")
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class _Languages:
    known: tuple[str, ...]
    required: tuple[str, ...]


def read_articles(
    texts: Mapping[str, str],
    languages: tuple[str, ...],
    required: tuple[str, ...],
    faults: list[Fault],
    today: date,
) -> tuple[Article, ...]:
    """Articles from files by their path; those with faults are left out.

    Args:
        texts: content by path inside the bot folder.
        languages: of the bot.
        required: languages that every article must answer in.
        faults: where faults are put.
        today: for review dates.
    """
    both = _Languages(languages, required)
    found = []
    for file, text in texts.items():
        article = _read_article(Source(file, faults), text, both, today)
        if article is not None:
            found.append((file, article))
    _report_twins(found, faults)
    return tuple(article for _, article in found)


def _read_article(source: Source, text: str, languages: _Languages, today: date) -> Article | None:
    lines = text.split("\n")
    end = _front_matter_end(source, lines)
    if end is None:
        return None
    source.first_line = 2
    root = source.parse("\n".join(lines[1:end]))
    if root is None:
        if end == 1 or not any(line.strip() for line in lines[1:end]):
            source.fault(
                1, "the part between the --- lines is empty", "write title and questions, as docs/bot-folder.md shows"
            )
        return None
    entries = source.entries(root, "the article", KEYS)
    titles = _titles(source, entries, languages)
    return Article(
        id=PurePosixPath(source.file).stem,
        titles=titles,
        questions=_questions(source, entries, languages),
        answers=_answers(source, lines, end + 1, languages),
        owner=_text(source, entries, "owner"),
        review=_review(source, entries, today),
        link=_link(source, entries),
    )


def _front_matter_end(source: Source, lines: list[str]) -> int | None:
    """Index of the line that closes the front matter."""
    if lines[0].strip() != "---":
        source.fault(1, "the article does not begin with a line ---", "begin it with ---, title and questions, ---")
        return None
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return index
    source.fault(1, "the first --- is never closed", "write a line --- after title and questions")
    return None


def _titles(source: Source, entries: dict[str, Entry], languages: _Languages) -> dict[str, str]:
    entry = entries.get("title")
    if entry is None:
        source.fault(1, "the article has no title", "add `title: {nb: ..., en: ...}`")
        return {}
    nodes = source.by_language(entry.value, "title", languages.known)
    found = {language: source.text(node, f"title in {language}") for language, node in nodes.items()}
    for language in languages.required:
        if language not in found:
            source.fault(entry.line, f"the article has no title in {language}", f"add `{language}:` to the title")
    return {language: title for language, title in found.items() if title}


def _questions(source: Source, entries: dict[str, Entry], languages: _Languages) -> dict[str, tuple[str, ...]]:
    entry = entries.get("questions")
    cure = "add two to four, as callers really ask: they are what makes answers found"
    if entry is None:
        source.fault(1, "the article has no example questions", cure, warning=True)
        return {}
    nodes = source.by_language(entry.value, "questions", languages.known)
    found = {language: source.texts(node, f"questions in {language}") for language, node in nodes.items()}
    for language in languages.required:
        if not found.get(language):
            source.fault(entry.line, f"the article has no example questions in {language}", cure, warning=True)
    return found


def _answers(source: Source, lines: list[str], start: int, languages: _Languages) -> dict[str, str]:
    found: dict[str, str] = {}
    for language, line, text in _sections(source, lines, start):
        if languages.known and language not in languages.known:
            source.fault(
                line,
                f"the heading `## {language}` is not one of the bot's languages ({', '.join(languages.known)})",
                "correct it, or remove the answer below it",
            )
        elif language in found:
            source.fault(line, f"there are two answers in {language}", "keep one of them")
        elif not text:
            source.fault(line, f"the answer in {language} is empty", "write it, or remove the heading")
        else:
            found[language] = text
            _check_answer(source, line, language, text)
    headed = set(found) | {line.strip().lstrip("# ") for line in lines[start:] if line.startswith("##")}
    for language in languages.required:
        if language not in headed:
            source.fault(None, f"the article has no answer in {language}", f"add `## {language}` and the answer")
    return found


def _sections(source: Source, lines: list[str], start: int) -> list[tuple[str, int, str]]:
    """(heading, its 1-based line, text below it in one line)."""
    found: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        heading = HEADING.fullmatch(line)
        if heading:
            found.append((heading[1], number, []))
        elif found:
            found[-1][2].append(line.strip())
        elif line.strip():
            source.fault(
                number, "text before the first `## language` heading is never spoken", "move it below a heading"
            )
    return [(name, number, " ".join(part for part in parts if part)) for name, number, parts in found]


def _check_answer(source: Source, line: int, language: str, text: str) -> None:
    for what, cure in faults_of_text(text):
        source.fault(line, f"the answer in {language}: {what}", cure)
    seconds = spoken_seconds(text)
    if seconds > LONGEST_ANSWER_SECONDS:
        what = f"the answer in {language} takes about {seconds:.0f} seconds to say"
        cure = f"shorten it to {LONGEST_ANSWER_SECONDS:.0f} seconds, or make two articles of it"
        source.fault(line, what, cure, warning=True)
    if MARKDOWN.search(text):
        source.fault(
            line,
            f"the answer in {language} has lists, links or other marks that cannot be heard",
            "write plain sentences; mark addresses as {nordlys.example|url}",
            warning=True,
        )


def _text(source: Source, entries: dict[str, Entry], key: str) -> str:
    return (source.text(entries[key].value, key) or "") if key in entries else ""


def _review(source: Source, entries: dict[str, Entry], today: date) -> date | None:
    if "review" not in entries:
        return None
    review = source.day(entries["review"].value, "review")
    if review is not None and review < today:
        source.fault(
            entries["review"].line,
            f"the article should have been read again by {review.isoformat()}",
            "read it, correct it, and set a new review date",
            warning=True,
        )
    return review


def _link(source: Source, entries: dict[str, Entry]) -> str | None:
    link = _text(source, entries, "link")
    if link and not LINK.fullmatch(link):
        source.fault(entries["link"].line, f"link: {link} is not a web address", "write it with https://")
    return link or None


def _report_twins(found: list[tuple[str, Article]], faults: list[Fault]) -> None:
    titles: dict[tuple[str, str], str] = {}
    questions: dict[tuple[str, str], str] = {}
    for file, article in found:
        for language, title in article.titles.items():
            other = titles.setdefault((language, " ".join(words(title))), file)
            if other != file:
                faults.append(
                    Fault(file, None, f'the title "{title}" is also that of {other}', "give each article its own title")
                )
        for language, asked in article.questions.items():
            for question in asked:
                other = questions.setdefault((language, " ".join(words(question))), file)
                if other != file:
                    what = f'the question "{question}" is also in {other}'
                    faults.append(Fault(file, None, what, "keep it in one of them", warning=True))
