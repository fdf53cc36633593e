"""The report of a check: a rich table for the notebook and its plain-text twin."""

from __future__ import annotations

import base64
import bz2
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Markdown, display

from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import CheckGroup, CheckVerdict, Verdict
from attnkit.letters import print_any


class Report:
    """What `check` returns. It has shown itself already, so it displays as nothing."""

    def __init__(
        self,
        spec: ExerciseSpec | None,
        verdict: Verdict,
        functions: Mapping[str, Callable[..., Any]],
        printed: Sequence[str] = (),
    ) -> None:
        self.spec = spec
        self.verdict = verdict
        self.printed = _first_print(printed)
        self._functions = functions

    @classmethod
    def refused(cls, message: str, spec: ExerciseSpec | None = None) -> Report:
        """A report on a check that could not be made: no points, one sentence."""
        name = spec.id if spec else ""
        verdict = Verdict(name, False, 0, spec.points if spec else 0, None, message, ())
        report = cls(spec, verdict, {})
        report.show()
        return report

    @property
    def points(self) -> int:
        """Points won: what nbgrader takes as the score of the graded cell."""
        return self.verdict.points

    @property
    def max_points(self) -> int:
        return self.verdict.max_points

    @property
    def passed(self) -> bool:
        return self.verdict.passed

    @property
    def diagnosis(self) -> str | None:
        """The name of the misconception recognised, if any: the first of several."""
        return self.verdict.diagnosis

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The names of all misconceptions recognised, in the order of the functions."""
        return self.verdict.diagnoses

    def with_hidden(self, packed: str) -> Report:
        """The report with fresh, hidden inputs judged too; used by nbgrader's hidden tests."""
        if self.spec is None or not self._functions:
            return self
        hidden = ExerciseSpec.from_json(json.loads(bz2.decompress(base64.b64decode(packed))))
        answers = wire.run_calls(self._functions, self.spec.wire_calls())
        hidden_answers = wire.run_calls(self._functions, hidden.wire_calls())
        verdict = judge(self.spec, answers, hidden, hidden_answers)
        return Report(self.spec, verdict, self._functions)

    def show(self) -> None:
        """Display the table, with its plain-text twin."""
        if InteractiveShell.initialized():
            display(self.mimebundle(), raw=True)
        else:
            print_any(as_text(self))

    def mimebundle(self) -> dict[str, str]:
        """The table as HTML and as plain text."""
        return {"text/html": as_html(self), "text/plain": as_text(self)}

    def _ipython_display_(self) -> None:
        """Nothing: `check` has shown the table."""

    def __repr__(self) -> str:
        return as_text(self)


def say(markdown: str) -> None:
    """Show a sentence: rendered in a notebook, plain elsewhere."""
    if InteractiveShell.initialized():
        display(Markdown(markdown))
    else:
        print_any(markdown.replace("**", "").strip("*"))


def _first_print(printed: Sequence[str]) -> str:
    """What the functions printed, in one of the calls: that of the first which printed anything."""
    texts = [text.strip() for text in printed if text.strip()]
    if not texts:
        return ""
    calls = f"one of {len(printed)} calls" if len(texts) == 1 else f"{len(texts)} calls, at first"
    return f"Your code printed something in {calls}:\n{texts[0]}"


def _headline(report: Report) -> str:
    verdict = report.verdict
    if report.spec is None:
        return "Nothing checked"
    title = f"{report.spec.id} · {report.spec.title}"
    return f"{title}: {verdict.points} of {verdict.max_points} points"


def as_text(report: Report) -> str:
    """The report as plain text: the table's twin for terminals, screen readers and logs."""
    verdict = report.verdict
    lines = [_headline(report)]
    width = max((len(check.name) for check in verdict.checks), default=0)
    for group in verdict.groups:
        if verdict.has_several_functions:
            lines.append(f" {', '.join(group.functions)}: {_won(group)}")
        for check in group.checks:
            mark = "pass" if check.passed else "FAIL"
            lines.append(f"  {mark}  {check.name:<{width}}  {check.points}/{check.max_points}")
    for finding in verdict.findings:
        lines.append(finding.sentence)
        if finding.seen:
            lines.append(f"Seen in: {finding.seen}")
    if verdict.passed:
        lines.append(verdict.message)
    lines += [f"Worth knowing: {advice}" for advice in verdict.advice]
    lines += [report.printed] if report.printed else []
    return "\n".join(lines)


def _won(group: CheckGroup) -> str:
    return f"{group.points} of {group.max_points} point{'s' * (group.max_points != 1)}"


def as_html(report: Report) -> str:
    """The report as an HTML table that follows JupyterLab's light or dark theme."""
    verdict = report.verdict
    rows = ""
    for group in verdict.groups:
        if verdict.has_several_functions:
            functions = ", ".join(f"<code>{html.escape(name)}</code>" for name in group.functions)
            rows += (
                f'<tr style="background:none"><th scope="rowgroup" colspan="2" style="{_CELL}'
                f'text-align:left;padding-top:.6em">{functions}</th>'
                f'<td style="{_CELL}text-align:right;padding-top:.6em">{_won(group)}</td></tr>'
            )
        rows += "".join(map(_row, group.checks))
    table = f'<table style="border-collapse:collapse;margin:.4em 0">{rows}</table>' if rows else ""
    said = [
        f"<div>{_inline(finding.sentence)}</div>" + _aside("Seen in", finding.seen)
        for finding in verdict.findings
    ] or [f"<div>{_inline(verdict.message)}</div>"]
    said += [_aside("Worth knowing", text) for text in verdict.advice]
    said += [_printed(report.printed)] if report.printed else []
    colour = _OK if verdict.passed else _BAD
    return (
        f'<div class="attn-report" role="region" aria-label="{html.escape(_headline(report))}" '
        f'style="border-left:4px solid {colour};padding:.4em .9em;max-width:52em">'
        f'<div style="font-weight:600">{html.escape(_headline(report))}</div>{table}'
        f"{_BETWEEN.join(said)}</div>"
    )


def _row(check: CheckVerdict) -> str:
    return (
        f'<tr style="background:none"><td style="{_CELL}">'
        f'<span style="{_MARK}background:{_OK if check.passed else _BAD}">'
        f"{'✓ pass' if check.passed else '✗ fail'}</span></td>"
        f'<td style="{_CELL}text-align:left">{html.escape(check.name)}</td>'
        f'<td style="{_CELL}text-align:right;font-variant-numeric:tabular-nums">'
        f"{check.points}/{check.max_points}</td></tr>"
    )


def _aside(head: str, text: str) -> str:
    if not text:
        return ""
    return f'<div style="margin-top:.3em;opacity:.85">{head}: {_inline(text)}</div>'


def _printed(text: str) -> str:
    """What was printed, as it stood there."""
    sentence, _, shown = text.partition("\n")
    return (
        f'<div style="opacity:.85">{html.escape(sentence)}'
        f'<pre style="margin:.2em 0;white-space:pre-wrap">{html.escape(shown)}</pre></div>'
    )


# Blue and orange-red of the Okabe–Ito palette (the latter darker): told apart by everyone, and by
# mark and word too. White letters on them can be read on light and on dark pages.
_OK, _BAD = "#0072B2", "#B84D00"
_CELL = "padding:.25em .8em .15em 0;border:none;background:none;"
_MARK = "color:#fff;font-weight:600;padding:.05em .45em;border-radius:.25em;white-space:nowrap;"
_BETWEEN = '<div style="height:.5em"></div>'
_BLOCK = "display:block;width:fit-content;margin:.3em 0;white-space:pre-wrap"
_LONG = 40  # letters: code that would break over the end of a line gets lines of its own


def _inline(text: str) -> str:
    """Escape a sentence; `code` in backticks becomes <code>."""

    def code(found: re.Match[str]) -> str:
        if len(html.unescape(found[1])) > _LONG:  # its sentence's full stop would stand alone
            return f'<code style="{_BLOCK}">{found[1]}</code>'
        return f"<code>{found[1]}</code>{found[2]}"

    return re.sub(r"`([^`]+)`(\.?)", code, html.escape(text))
