"""The same accounts in every container: /etc/passwd and /etc/group for a hub on Kubernetes.

    python -m autograder.hub.accounts hub.toml FOLDER

On one machine the system has accounts. In containers nobody has, and if all ran as one, nothing
would keep a learner from another's submission in the exchange. So each name gets a number of its
own, the same in every container and on every day, whoever joins or leaves.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from autograder.errors import AttnError
from autograder.hub.settings import HubSettings, read_settings

FIRST, SPAN = 100_000, 2_000_000_000
SYSTEM = {
    "passwd": ["root:x:0:0:root:/root:/bin/bash", "nobody:x:65534:65534::/nonexistent:/bin/false"],
    "group": ["root:x:0:", "nogroup:x:65534:"],
}


def number_of(name: str) -> int:
    """An account's number, out of its name alone."""
    digest = hashlib.sha256(name.encode()).digest()
    return FIRST + int.from_bytes(digest[:8], "big") % SPAN


def account_files(hub: HubSettings) -> dict[str, str]:
    """The text of `passwd` and of `group`. AttnError if two accounts would be one."""
    numbers: dict[int, str] = {}
    files = {file: list(lines) for file, lines in SYSTEM.items()}
    for name in dict.fromkeys([hub.account, *hub.learners, *hub.instructors]):
        number = number_of(name)
        if ":" in name or number in numbers:
            raise AttnError(f'"{name}" can\'t be an account on Kubernetes: give it another id.')
        numbers[number] = name
        files["passwd"].append(f"{name}:x:{number}:{number}::/home/{name}:/bin/bash")
        files["group"].append(f"{name}:x:{number}:")
    return {file: "\n".join(lines) + "\n" for file, lines in files.items()}


def main(settings: str, folder: str) -> int:
    try:
        files = account_files(read_settings(Path(settings)))
    except AttnError as error:
        print(f"attention-kit: {error}", file=sys.stderr)
        return 2
    for file, text in files.items():
        Path(folder, file).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
