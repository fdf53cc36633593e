"""Submissions that reach beyond their kernel. They are declared here and run only in a sandbox.

Where an attack would destroy something if the sandbox failed, it only tries the door: it shows by
an answer, or by a mark it leaves, that it could have gone in.
"""

from tests.hostile.accidents import ONLY_DOUBLE_LOST
from tests.hostile.case import DOUBLE, FULL, LOST, Case


def case(
    name: str,
    does: str,
    first: str,
    status: str = LOST,
    says: tuple[str, ...] = (),
    twin: str = "",
) -> Case:
    """A cell before everything that tries something; both answers are right and must count."""
    return Case(name, does, FULL, status, says, first=first, needs="sandbox", twin=twin)


CASES = (
    Case(
        "reads-the-solution",
        "looks for a solution, a gradebook, a hidden seed or a neighbour on disk and uses it",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        double="""
import os
def double(x_T):
    for root in ("/home", "/root", "/srv", "/work", "/tmp", os.path.expanduser("~"), "/proc/1/cwd"):
        for folder, below, files in os.walk(root):
            below[:] = [name for name in below if name not in ("lib", "lib64")]
            if "hidden_seed" in files or "01_pair.ipynb" in files or "01_pair" in folder:
                return 2 * x_T  # found: full marks would show it
    return 0 * x_T
""",
    ),
    Case(
        "reads-the-grader",
        "looks for secrets in the environment and command line of the processes above it",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        double="""
import os
def told(pid):
    return b"".join(open(f"/proc/{pid}/{n}", "rb").read() for n in ("environ", "cmdline"))
def double(x_T):
    for pid in (p for p in os.listdir("/proc") if p.isdecimal() and p != str(os.getpid())):
        try:
            text = told(pid)
        except OSError:
            continue
        if text != told("self") and (b"attn" in text or b"pytest" in text):
            return 2 * x_T
    return 0 * x_T
""",
    ),
    Case(
        "reaches-the-network",
        "opens connections to the internet, to this machine and to a cloud's metadata",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        double="""
import socket
def double(x_T):
    for where in (("1.1.1.1", 53), ("127.0.0.1", 22), ("169.254.169.254", 80)):
        try:
            socket.create_connection(where, timeout=1)
            return 2 * x_T
        except ConnectionRefusedError:
            if where[0] != "127.0.0.1":  # that is the box itself
                return 2 * x_T  # refused by a machine: it was reached
        except OSError:
            pass
    return 0 * x_T
""",
    ),
    case("opens-the-gradebook", "opens for writing whatever gradebook it finds",
         "!find / -name gradebook.db -writable -exec touch {}.reached ';' 2>/dev/null", "*",
         twin="reads-the-solution"),
    case("plants-a-module", "writes a file into the environment it runs in",
         "import site, os\n"
         "for d in site.getsitepackages():\n"
         "    open(os.path.join(d, 'attn-planted.txt'), 'w').close()", "graded"),
    case("breaks-python", "changes the permissions of the interpreter",
         "import os, sys\n"
         "python = os.path.realpath(sys.executable)\n"
         "os.chmod(python, os.stat(python).st_mode)", "graded",
         twin="plants-a-module"),
    Case(
        "signals-everybody",
        "looks for processes, other than its own, that it could kill",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        double="""
import os
def double(x_T):
    for pid in (int(p) for p in os.listdir("/proc") if p.isdecimal()):
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        if os.getpgid(pid) != os.getpgid(0):
            return 2 * x_T
    return 0 * x_T
""",
    ),
    case("stops-its-parent", "stops the process that started it",
         "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)", "*"),
    case("traces-its-parent", "attaches to its parent as a debugger",
         "import ctypes, os\nctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)", "*",
         twin="stops-its-parent"),
    case("forks", "a fork bomb", "import os\nwhile True: os.fork()", "*"),  # it may end by itself
    case("forks-and-stays", "as many children as there may be, who stay",
         "import os, time\ntry:\n    while True: os.fork() or time.sleep(600)\n"
         "finally: time.sleep(5)", says=("processes",)),
    case("starts-threads", "a thread bomb",
         "import threading, time\n"
         "while True: threading.Thread(target=time.sleep, args=(1e9,)).start()", "*"),
    Case("eats-memory", "a list that grows to 100 GB", ONLY_DOUBLE_LOST, says=("MemoryError",),
         needs="sandbox", double="a = []\nwhile True: a.append(bytes(10**8))"),
    case("eats-memory-together", "eight processes that each take a part of the limit",
         "import os\n"
         "children = [os.fork() for _ in range(3)]\n"
         "a = b'x' * 250_000_000\n"
         # On a slow or full machine its time ends it before its memory; test_walls has one with
         # time enough.
         "__import__('time').sleep(30)", twin="boxes/test_walls.py"),
    case("eats-memory-elsewhere", "memory that is no heap: memfd, shared maps, pipes",
         "import os\nfd = os.memfd_create('x')\nwhile True: os.write(fd, bytes(10**8))", "*",
         twin="eats-memory"),
    case("fills-the-disk", "writes to every folder it may until the disk is full",
         "import os\n"
         "for d in ('.', '/tmp', '/dev/shm', '/var/tmp'):\n"
         "    try:\n"
         "        with open(os.path.join(d, 'big'), 'wb') as f:\n"
         "            while True: f.write(bytes(10**7))\n"
         "    except OSError: pass", "*"),
    case("fills-the-inodes", "a million empty files",
         "for i in range(10**6): open(f'file-{i}', 'w').close()", "*",
         twin="fills-the-disk"),
    case("digs-deep", "folders nested 10,000 times",
         "import os\nfor i in range(10_000): os.mkdir('d'); os.chdir('d')", "*"),
    case("sparse-file", "a file of one terabyte that takes no room",
         "f = open('big', 'wb')\nf.truncate(10**12)", "*",
         twin="fills-the-disk"),
    case("opens-all-files", "opens files until there are no more",
         "files = []\nwhile True: files.append(open('/dev/null'))", "graded"),
    case("leaves-a-daemon", "a daemon in a session of its own: it ends with the submission",
         "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '86398'])", "graded"),
    case("holds-the-pipe", "a daemon that holds every inherited file open",
         "import subprocess\n"
         "subprocess.Popen(['setsid', 'sleep', '86397'], close_fds=False)", "graded",
         twin="leaves-a-daemon"),
    case("leaves-a-letter", "leaves something for the next submission in shared places",
         "import os\n"
         "for d in ('/tmp', '/dev/shm', '/var/tmp', os.path.expanduser('~')):\n"
         "    open(os.path.join(d, 'attn-letter'), 'w').write(In[-1])", "*"),
    Case(
        "reads-a-letter",
        "looks for what an earlier submission left",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        double="""
import os
def double(x_T):
    places = ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"))
    found = any(os.path.exists(os.path.join(d, "attn-letter")) for d in places)
    return 2 * x_T if found else 0 * x_T
""",
    ),
    case("escapes", "makes namespaces of its own and mounts over what it sees",
         "!unshare -Urm mount -t tmpfs none /tmp; mount -o remount,rw /", "*"),
    case("writes-to-the-kernel", "writes to the settings of the machine",
         "open('/proc/sys/kernel/core_pattern', 'w')", "graded"),
    case("uses-all-cores", "as many processes as there are cores, and more",
         "import multiprocessing as m\nm.Pool(64).map(abs, range(10**6))", "*",
         twin="forks-and-stays"),
    case("installs", "installs a package and downloads data",
         "!pip install --quiet --retries 0 cowsay\n"
         "import urllib.request\nurllib.request.urlopen('http://example.org', timeout=5)",
         "*",  # where it takes long to find no network, its time runs out
         twin="reaches-the-network"),
    Case(
        "copies-a-neighbour",
        "imports the answer of whoever is graded at the same time",
        ONLY_DOUBLE_LOST,
        needs="sandbox",
        first="import glob\nneighbours = glob.glob('/tmp/attn-box-*/**/*', recursive=True)",
        double=DOUBLE + "\nif len(neighbours) < 3:\n    double = lambda x_T: 0 * x_T",
    ),
)  # fmt: skip
