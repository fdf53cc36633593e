"""A Sphinx extension: formulas become MathML while the book is built, so no page needs a script.

It runs in the site's own environment, where the kit isn't installed, and imports nothing of it.
Browsers set MathML themselves, in the font that comes with the book; screen readers read it, and
it follows the page's colours. What the converter leaves out is added here: the space after the name
of a function, and which minus is a sign (MathML Core, sections 3.2.4 and 3.2.5).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

MATHML = "http://www.w3.org/1998/Math/MathML"
THIN = "0.17em"
OPENING = {"(", "[", "{", ",", "=", "≤", "≥", "≈", "⋅", "·", "←", "→", "⟺", "/", "|"}
ET.register_namespace("", MATHML)


def as_mathml(tex: str, *, block: bool) -> str:
    """A formula as a `<math>` element, with its source as its annotation."""
    root = ET.fromstring(convert(tex, display="block" if block else "inline"))
    for row in list(root.iter()):
        _space(row)
    content = list(root)
    for child in content:
        root.remove(child)
    semantics = ET.SubElement(root, f"{{{MATHML}}}semantics")
    semantics.extend(content)
    note = ET.SubElement(semantics, f"{{{MATHML}}}annotation", {"encoding": "application/x-tex"})
    note.text = tex
    return ET.tostring(root, encoding="unicode")


def _space(row: ET.Element) -> None:
    """Mark signs in a row, and put a thin space between a function's name and a bare argument."""
    before: ET.Element | None = None
    for child in list(row):
        text = _text(child)
        opens = before is None or _text(before) in OPENING
        if _tag(child) == "mo" and text in ("−", "-", "+") and opens:
            child.set("form", "prefix")
        if before is not None and _is_name(before) and text not in ("(", "[", ")", ",", "⁡"):
            space = ET.Element(f"{{{MATHML}}}mspace", {"width": THIN})
            if _tag(child) != "mspace":
                row.insert(list(row).index(child), space)
        before = child


def _is_name(element: ET.Element) -> bool:
    """Whether it is the name of a function, such as log, with or without an index."""
    if _tag(element) in ("msub", "msup", "msubsup", "munder"):
        element = next(iter(element))
    return _tag(element) in ("mi", "mo") and _text(element) in (
        "log", "exp", "tanh", "sin", "cos", "max", "min",
    )  # fmt: skip


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element) -> str:
    return (element.text or "").strip() if not len(element) else ""


def visit_math(self: Any, node: nodes.math) -> None:
    """A formula within a line."""
    self.body.append(as_mathml(node.astext(), block=False))
    raise nodes.SkipNode


def visit_math_block(self: Any, node: nodes.math_block) -> None:
    """A formula of its own, in a box that scrolls where the page is narrower than it."""
    self.body.append('<div class="formula" tabindex="0">')
    self.body.append(as_mathml(node.astext(), block=True) + "</div>\n")
    raise nodes.SkipNode


def _problems(app: Any, tree: nodes.document) -> Iterator[str]:
    for node in tree.findall(lambda n: isinstance(n, (nodes.math, nodes.math_block))):
        try:
            as_mathml(node.astext(), block=False)
        except Exception as error:  # the converter has errors of many kinds
            yield f"the formula {node.astext()!r} can't be set: {error}"


def refuse_what_cannot_be_set(app: Any, tree: nodes.document, docname: str) -> None:
    """A formula that the converter doesn't understand stops the build, by a warning."""
    from sphinx.util import logging

    for problem in _problems(app, tree):
        logging.getLogger(__name__).warning(problem, location=docname)


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls when it loads the extension."""
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(visit_math, None),
        block_renderers=(visit_math_block, None),
    )
    app.connect("doctree-resolved", refuse_what_cannot_be_set)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
