"""The Large Movie Review Dataset's official archive, read without being unpacked.

Maas and others, ACL 2011: aclImdb_v1.tar.gz holds train/pos/*.txt, train/neg/*.txt, and the same
below test/, 12,500 reviews each.
"""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pandas as pd

from autograder.errors import AttnError

MEMBER = re.compile(r"(?:.*/)?(train|test)/(pos|neg)/[^/]+\.txt")
LONGEST = 1_000_000  # bytes of a review
MOST = 200_000  # reviews


def is_archive(path: Path) -> bool:
    """Does its name say that it is a tar file?"""
    return path.name.lower().endswith((".tar.gz", ".tgz", ".tar"))


def read_archive(path: Path, half: str) -> pd.DataFrame:
    """The reviews of "train" or "test", no text twice: the columns ``text`` and ``label``.

    In the order of their names, whatever their order in the archive. Raises AttnError if it can't
    be read or has no reviews of both labels in that half.
    """
    found: list[tuple[str, str, int]] = []
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                match = MEMBER.fullmatch(member.name)
                if match is None or match[1] != half or not member.isfile():
                    continue
                file = archive.extractfile(member)
                if member.size > LONGEST or file is None or len(found) >= MOST:
                    raise AttnError(f"{path} is not the archive of reviews: {member.name} is odd.")
                found.append((member.name, file.read().decode("utf-8"), match[2] == "pos"))
    except FileNotFoundError:
        raise AttnError(f'There is no file "{path}": name the archive aclImdb_v1.tar.gz.') from None
    except UnicodeDecodeError:
        raise AttnError(f"{path} has a review that is not in UTF-8: {member.name}.") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise AttnError(f"{path} can't be read as a tar archive ({why}): get it anew.") from None
    found.sort()
    frame = pd.DataFrame(found, columns=["name", "text", "label"]).astype({"label": "int64"})
    if frame["label"].nunique() < 2:
        raise AttnError(
            f"{path} has no reviews of both labels in {half}/: it must hold {half}/pos/*.txt and "
            f"{half}/neg/*.txt, as aclImdb_v1.tar.gz does."
        )
    return frame[["text", "label"]].drop_duplicates("text", ignore_index=True)
