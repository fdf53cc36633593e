#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image in which submissions are graded.
# It installs the grader and the packages of kit/.lock, in exactly those versions. What it prints is
# shown where the zip file was uploaded.
set -eu
umask 022
SOURCE="${ATTN_GRADESCOPE:-/autograder}/source"
KIT="${ATTN_KIT:-/opt/attention-kit}"
VERSIONS="3.12 3.13 3.11" # of Python, the first that is found or can be had
export DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# Learners' code runs as a user who owns nothing: it must not get at the key, and reach its Python.
chmod -R go= "$SOURCE"
mkdir -p "$KIT"
cp -R "$SOURCE/kit/." "$KIT/"
chmod -R u=rwX,go=rX "$KIT"

finished() { # a Python that runs and is no release candidate, as Ubuntu 22.04 has one
    "$1" -I -c 'import sys; sys.exit(sys.version_info.releaselevel != "final")' 2> /dev/null
}

python=""
for version in $VERSIONS; do
    if finished "python$version"; then
        python="python$version"
        break
    fi
done
if [ -z "$python" ]; then
    apt-get update -qq
    for version in $VERSIONS; do
        if apt-get install -y -qq "python$version" "python$version-venv" > /dev/null 2>&1 &&
            finished "python$version"; then
            python="python$version"
            break
        fi
    done
fi
if [ -z "$python" ]; then # the system has none that will do: uv brings one of its own
    apt-get install -y -qq python3-pip > /dev/null
    python3 -m pip install --quiet --target "$KIT/uv" "uv==0.13.9"
    export UV_PYTHON_INSTALL_DIR="$KIT/python" UV_PYTHON_PREFERENCE=only-managed
    "$KIT/uv/bin/uv" python install 3.12
    python="$("$KIT/uv/bin/uv" python find 3.12)"
fi

"$python" -I "$KIT/autograder/install.py" --python "$python"
export MPLCONFIGDIR="$KIT/matplotlib" # its list of fonts is made here, and not for each submission
"$KIT/.venv/bin/python" -P -c 'import matplotlib.font_manager'
chmod -R go=rX "$KIT"
"$KIT/.venv/bin/python" -P -m autograder.gradescope.run "$(dirname "$SOURCE")" --try
