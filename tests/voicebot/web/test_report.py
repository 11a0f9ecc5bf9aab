"""Markdown as a page shows it."""

from voicebot.web.report import as_html


def test_a_report_is_laid_out_and_what_it_quotes_is_only_quoted() -> None:
    shown = as_html(
        "# Tittel\n\n- «<script>x</script> [her](javascript:x) ![y](http://z)»\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    assert "<h1>Tittel</h1>" in shown
    assert "<td>1</td>" in shown
    assert not any(tag in shown for tag in ("<script", "<a ", "<img"))
    assert "&lt;script&gt;" in shown
