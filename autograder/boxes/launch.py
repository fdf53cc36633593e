"""Started by the grader as a program of its own: becomes bubblewrap, but never with root's rights.

    python -I -S launch.py JSON

JSON is {"program", "user", "staged": [folders], "data": [[text, target]], "options", "command"};
without a program the command is run as it is, with an "environment".
The options may name staged folders as {0}, {1}, ... For root, folders that an ordinary user can't
reach, such as a Python below /root, are first bound to where it can, in a mount namespace of our
own; nothing of that is seen elsewhere, and it ends with us. It imports the standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from typing import Any

STAGE = "/tmp"  # covered, in our own mount namespace, by an empty folder
_NEW_NS, _BIND, _REC, _PRIVATE, _SLAVE = 0x00020000, 4096, 0x4000, 0x40000, 0x80000
_libc = ctypes.CDLL(None, use_errno=True)


def main(plan: dict[str, Any]) -> None:
    """Replace this process by bubblewrap. Ends with one line on stderr if that fails."""
    folders = [str(folder) for folder in plan["staged"]]
    program = str(plan["program"])
    if not program:
        if os.getuid() == 0:
            with contextlib.suppress(OSError):  # if it may not: perhaps there is no need
                open_ways(folders)
            drop_root(int(plan["user"]))
        os.execve(plan["command"][0], plan["command"], plan["environment"])
    if os.getuid() == 0:
        if not any(program.startswith(folder + "/") for folder in folders):
            folders.append(os.path.dirname(program))
        try:
            staged = stage(folders)
        except PermissionError:  # root in a container: what everybody can reach need not be moved
            staged = folders
        program = _moved(program, folders, staged)
        folders = staged
        drop_root(int(plan["user"]))
    options = [_filled(word, folders) for word in plan["options"]]
    for text, target in plan["data"]:
        reader, writer = os.pipe()
        os.write(writer, text.encode())
        os.close(writer)
        os.set_inheritable(reader, True)
        options += ["--ro-bind-data", str(reader), target]
    options += ["--remount-ro", "/"]
    os.execve(program, ["bwrap", *options, "--", *plan["command"]], {})


def stage(folders: list[str]) -> list[str]:
    """Bind each folder to a place that every user can reach; their new names."""
    _check(_libc.unshare(_NEW_NS), "unshare")
    _mount(None, "/", None, _REC | _SLAVE)
    opened = [os.open(folder, os.O_PATH) for folder in folders]  # before /tmp is covered
    _mount("tmpfs", STAGE, "tmpfs", 0, "mode=0755,size=1m")
    places = []
    for number, source in enumerate(opened):
        place = f"{STAGE}/{number}"
        _bind(source, place)
        os.close(source)
        places.append(place)
    return places


def open_ways(folders: list[str]) -> None:
    """Let every user reach these folders where they are, in a mount namespace of our own.

    A folder on the way that not everybody may enter is covered by one that leads there only.
    """
    _check(_libc.unshare(_NEW_NS), "unshare")
    _mount(None, "/", None, _REC | _SLAVE)
    opened = {folder: os.open(folder, os.O_PATH) for folder in folders}
    closed: list[str] = []
    for folder in folders:
        way = _parts(os.path.dirname(os.path.realpath(folder)))
        closed += [part for part in way if not os.stat(part).st_mode & 0o001][:1]
    for part in dict.fromkeys(closed):
        _mount("tmpfs", part, "tmpfs", 0, "mode=0755,size=1m")
    for folder, number in opened.items():
        if any(folder.startswith(part + "/") for part in closed):
            _bind(number, folder)
        os.close(number)


def _bind(number: int, place: str) -> None:
    """Put what is open as `number` to a place that need not be there yet."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if os.path.isdir(f"/proc/self/fd/{number}"):
        os.makedirs(place, exist_ok=True)
    else:
        os.close(os.open(place, os.O_CREAT, 0o644))
    _mount(f"/proc/self/fd/{number}", place, None, _BIND | _REC)


def _parts(way: str) -> list[str]:
    """/a/b -> ["/a", "/a/b"]"""
    names = way.strip("/").split("/")
    return ["/" + "/".join(names[: i + 1]) for i in range(len(names)) if names[0]]


def drop_root(user: int) -> None:
    """Become a user without any rights."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if os.getuid() == 0 or os.geteuid() == 0:
        raise OSError("root's rights could not be dropped")


def _moved(program: str, folders: list[str], staged: list[str]) -> str:
    for folder, place in zip(folders, staged, strict=True):
        if program.startswith(folder + "/"):
            return place + program[len(folder) :]
    return program


def _filled(word: str, folders: list[str]) -> str:
    return folders[int(word[1:-1])] if word.startswith("{") and word.endswith("}") else word


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None)
    _check(result, f"mount on {target}")


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except OSError as error:
        sys.exit(f"launch: {error}")
