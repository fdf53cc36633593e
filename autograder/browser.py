"""A browser for the end-to-end tests: find one that really starts, or install Debian's chromium.

`python -m autograder.browser` is the step of `make test` that makes sure of one where it can. The
environment's word counts most: `ATTN_BROWSER=/path/to/chrome` names the browser, and
`ATTN_REQUIRE_BROWSER=1` (set by `.ci/run`) makes its absence a failure instead of a skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder import debian

#: Chromium and its relatives, by command and by place. Playwright drives any of them.
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

#: How to start it headless: as root it refuses its own sandbox, and the tests need no network.
ARGUMENTS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """The first browser that starts, or None. With ATTN_BROWSER set: that one or None."""
    for candidate in candidates():
        if starts(candidate):
            return candidate
    return None


def candidates() -> Iterator[Path]:
    """Browsers that may be there."""
    named = os.environ.get("ATTN_BROWSER")
    if named:
        yield Path(shutil.which(named) or named)
        return
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            yield Path(found)
    yield from (Path(place) for place in PLACES if Path(place).exists())


def starts(browser: Path) -> bool:
    """Does it run at all? (Ubuntu's /usr/bin/chromium-browser is often an empty promise.)"""
    if sys.platform == "win32":  # there `--version` opens a window
        return browser.exists()
    try:
        answer = subprocess.run(
            [browser, "--version"], capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def launch_arguments() -> list[str]:
    """Command-line arguments for a headless start on this machine."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if is_root else [])]


def is_required() -> bool:
    """Must browser tests run rather than be skipped?"""
    return os.environ.get("ATTN_REQUIRE_BROWSER", "0") not in ("", "0")


def main() -> int:
    """Make sure of a browser where that's possible; exit 2 only if one is required and missing."""
    browser = find()
    trouble = None
    if browser is None and not os.environ.get("ATTN_BROWSER") and debian.can_install():
        print("Installing chromium for the browser tests (once) ...", flush=True)
        # with fonts: a bare Debian has none, and a page without letters proves nothing
        trouble = debian.install("chromium", "fonts-dejavu-core")
        browser = find()
    if browser is not None:
        print(f"Browser tests will use {browser}.", flush=True)
        return 0
    named = os.environ.get("ATTN_BROWSER")
    why = trouble or (f"ATTN_BROWSER={named} does not start" if named else "no Chromium or Chrome")
    print(f"No browser for the browser tests: {why}.", file=sys.stderr, flush=True)
    return 2 if is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
