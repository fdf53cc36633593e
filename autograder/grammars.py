"""Grammars that jsonschema makes at each start, and no notebook needs: a start does without them.

nbformat brings jsonschema, and that grammars of addresses, colours and spans of time: most of what
a start takes. No notebook's schema asks for such a thing, and jsonschema does without a grammar
where there is none. For programs of our own alone: another one may ask for addresses.
"""

from __future__ import annotations

import sys

_MODULES = (
    "isoduration",
    "rfc3339_validator",
    "rfc3986_validator",
    "rfc3987_syntax",
    "uri_template",
    "webcolors",
)


def do_without() -> None:
    """Make them missing, unless it is too late."""
    if "jsonschema" not in sys.modules:
        for module in _MODULES:
            sys.modules[module] = None  # type: ignore[assignment]
