"""What people type besides answers: magics and habits of many tools cost no definition.

Each habit stands above a definition in a cell of its own. All of them run in one box of each kind.
"""

from __future__ import annotations

import ast

import pytest
from ipykernel.zmqshell import KernelMagics, ZMQInteractiveShell

from autograder.boxes.box import Box, CellResult
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.inside.shell import FOR_FRONT_ENDS, BoxShell
from tests.boxes.conftest import LIMITS
from tests.boxes.test_same_outputs import ordinary

#: What runs as it does at home, or does nothing, perhaps with a note on the standard error.
RUNS = (
    # Matplotlib, wherever it shall draw
    "%matplotlib inline",
    "%matplotlib",
    "%matplotlib auto",
    "%matplotlib --list",
    "%matplotlib notebook",
    "%matplotlib widget",
    "%matplotlib ipympl",
    "%matplotlib qt",
    "%matplotlib tk",
    "%matplotlib osx",
    "%matplotlib agg",
    "%pylab inline",
    "%pylab",
    "%gui",
    "%gui qt",
    "%gui tk",
    "%gui asyncio",
    "%config InlineBackend.figure_format = 'retina'",
    "%config InlineBackend.figure_formats = ['svg']",
    "%config InlineBackend.rc = {}",
    "get_ipython().run_line_magic('matplotlib', 'inline')",
    "get_ipython().magic('matplotlib inline') if hasattr(get_ipython(), 'magic') else None",
    "import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\nplt.plot([1])",
    "import matplotlib\nmatplotlib.use('module://ipympl.backend_nbagg')",
    "import matplotlib\nmatplotlib.rcParams['backend'] = 'QtAgg'",
    "import matplotlib.pyplot as plt\nplt.switch_backend('WebAgg')\nplt.show(block=True)",
    "import matplotlib\nmatplotlib.use('agg')\nmatplotlib.use('nbAgg')",
    "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
    "set_matplotlib_formats('png')",
    # IPython
    "%load_ext autoreload\n%autoreload 2",
    "%aimport math\n%autoreload explicit",
    "%time sum(range(9))",
    "%timeit -n1 -r1 sum(range(9))",
    "%prun -q sum(range(9))",
    "%xmode Verbose",
    "%xmode Context",
    "%colors NoColor",
    "%precision 4",
    "%pdb on",
    "%pdb off",
    "%pprint",
    "%doctest_mode",
    "%who",
    "%whos",
    "%who_ls",
    "%lsmagic",
    "%quickref",
    "%magic",
    "%history -n",
    "%save -f kept.py 1",
    "%env FLAVOUR=plain",
    "%env FLAVOUR",
    "%set_env FLAVOUR plain",
    "%pwd",
    "%cd -q .",
    "%alias hello echo hello",
    "%automagic off",
    "%automagic on",
    "%autoawait True",
    "%sx echo out",
    "%pinfo len",
    "%psource print",
    "%pdoc len",
    "%precision %d",
    "%unalias hello",
    "%logstart -o kept.log\n%logstop",
    "%macro nothing 1",
    "len?",
    "?len",
    "len??",
    "!echo hello",
    "found = !echo hello",
    "!nvidia-smi",
    # ipykernel
    "%autosave 0",
    "%autosave 60",
    "%connect_info",
    "%qtconsole",
    "%clear",
    "%less kept.py",
    "%man ls",
    "%edit kept.py",
    "%ed kept.py",
    "from IPython.display import Javascript, display\ndisplay(Javascript('1'))",
    "from IPython.display import clear_output, HTML, IFrame\nclear_output()\nIFrame('.', 9, 9)",
    "get_ipython().set_next_input('x')",
    "get_ipython().run_cell('1')",
    "get_ipython().kernel",
    "get_ipython().events.register('post_run_cell', lambda result: None)",
    "from IPython.core.interactiveshell import InteractiveShell as Shell\n"
    "Shell.ast_node_interactivity = 'all'\nget_ipython().ast_node_interactivity = 'all'",
    "import math\nmath.pi\nmath.tau",
    "get_ipython().ast_node_interactivity = 'last_expr_or_assign'",
    "size = 3",
    "get_ipython().ast_node_interactivity = 'last_expr'",
    # TensorBoard
    "%load_ext tensorboard\n%tensorboard --logdir logs",
    # Colab
    '#@title Attention { run: "auto" }\nsize = 3 #@param {type:"integer"}',
    # VS Code, Spyder, jupytext
    "# %% [markdown]\n# Words\n# %%",
    "import sys\nsys.path.append('..')\nsys.path.insert(0, '/content/drive/MyDrive')",
    "import warnings\nwarnings.filterwarnings('ignore')",
    "import ipywidgets\nipywidgets.interact(lambda x: x, x=3)",
    "if __name__ == '__main__':\n    print(1)",
)
#: What lacks something here: it is left out, and nothing else.
LEFT_OUT = (
    "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive",
    "import google.colab.files\nuploaded = google.colab.files.upload()\nnames = list(uploaded)",
    "%tensorflow_version 2.x",
    "%load_ext google.colab.data_table",
    "%load_ext nb_black",
    "%load_ext lab_black",
    "%load_ext line_profiler\n%lprun -f print print()",
    "%load_ext memory_profiler\n%memit 1",
    "%load_ext watermark\n%watermark",
    "%load_ext cudf.pandas",
    "%conda install -y numpy",
    "%mamba install numpy",
    "%lab_black",
    "%time\n%%time",
    "%run missing.py",
    "%load missing.py",
    "from kaggle_secrets import UserSecretsClient\nkey = UserSecretsClient().get_secret('KEY')",
    "import os\nos.listdir('/kaggle/input')",
    "import pandas as pd\ndata = pd.read_csv('/kaggle/input/train.csv')\ndata.head()\n"
    "columns = data.columns\nprint(len(columns))",
    "import os\nkey = os.environ['WANDB_API_KEY']",
    "import urllib.request\nurllib.request.urlretrieve('http://example.org/x', 'x')",
    "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)",
    "import subprocess, sys\nsubprocess.check_call([sys.executable, '-c', '1 / 0'])",
    "name = input('Your name? ')\nprint('Hello', name)",
    "from getpass import getpass\nkey = getpass()",
    "import torch, math\nmath.pi\ndevice = torch.device('cpu')\ntorch.manual_seed(0)",
    "from math import pi, tau, no_such_thing\npi + tau",
    "import tkinter\nroot = tkinter.Tk()\nroot.title('Attention')",
    "import turtle\nturtle.forward(9)",
    "from my_helpers import *\nstart_up()",
    "with open('notes.txt') as file:\n    text = file.read()",
    "try:\n    import cupy\nexcept ImportError as error:\n    raise RuntimeError(1) from error",
)
#: The same above a whole cell: `%%` magics, which there are or not.
CELL_MAGICS = ("%%time", "%%capture", "%%capture kept", "%%wandb", "%%ipytest", "%%prun -q")
OTHER_CELLS = (
    "%%html\n<b>b</b>",
    "%%javascript\n1",
    "%%latex\n$x$",
    "%%markdown\n*m*",
    "%%svg\n<svg/>",
    "%%bash\necho hello",
    "%%sh\nexit 3",
    "%%script false --no-raise-error\nnot run",
    "%%writefile kept.py\nvalue = 3",
    "%%file kept.txt\ntext",
    "%%timeit -n1 -r1\nsum(range(9))",
    "%%sql\nselect 1 from x",
    "%%R\nx <- 3",
    "%%debug",
)
#: What may not be missing for another reason: it ends its cell, as in Jupyter.
ENDS = (
    "1 / 0",
    "no_such_name",
    "[][1]",
    "{}['key']",
    "assert False",
    "raise ValueError('own')",
    "len(3)",
    "import no_such_package\n1 / 0",
)
PROBE = "\ndef after_{}(): return {}\n"
LOST = "[i for i in range({}) if f'after_{{i}}' not in globals()]"


#: Why a box has what a kernel's shell does otherwise than IPython's, or what stands for it.
OVERRIDES = {
    "display_pub_class, displayhook_class": "own: what they send goes over the box's one channel",
    "_showtraceback": "own: likewise",
    "ask_exit": "own: the process ends when the cell has ended",
    "init_magics": "own: magics for front ends are there and do nothing",
    "init_virtualenv": "own: the same, nothing",
    "kernel": "own: there is none",
    "enable_gui": "by `backends`: there are no windows, so there is no loop to run",
    "init_environment, init_hooks, payloadpage_page": "by `make_shell`: variables, no pager",
    "_update_exit_now, keepkernel_on_exit, exiter, _default_exiter": "not: there is no kernel to "
    "be kept or stopped",
    "_default_banner1, readline_use, autoindent": "not: of IPython at a terminal",
    "system, system_piped": "not: IPython's own does the same, but for Windows",
    "run_cell": "not: notes a traceback for a kernel's reply",
    "set_next_input": "not: nobody takes the text",
    "data_pub, data_pub_class, init_data_pub": "not: of IPython Parallel",
    "set_parent, get_parent, parent_header, set_thread_parent, reset_thread_parent": "not: of a "
    "kernel's requests, of which there is none",
}
OF_TRAITLETS = {
    *("_trait_default_generators", "_all_trait_default_generators", "_traits", "_descriptors"),
    *("_static_immutable_initial_values", "_instance_inits"),
}


def run_habits(box: Box) -> tuple[list[tuple[str, CellResult]], set[str]]:
    """What came of each cell, and of those with a definition those where it is missing."""
    magics = [f"{magic}\nimport torch" for magic in CELL_MAGICS]
    cells = [*ENDS, *RUNS, *LEFT_OUT, *magics]
    found = [(cell, box.run_cell(cell + PROBE.format(i, i))) for i, cell in enumerate(cells)]
    found += [(cell, box.run_cell(cell)) for cell in OTHER_CELLS]
    lost = box.run_cell(LOST.format(len(cells))).outputs[-1]["data"]["text/plain"]
    return found, {cells[i] for i in ast.literal_eval(lost)}


def hold(box: Box) -> None:
    """A box does with all of it what is right."""
    results, lost = run_habits(box)
    assert lost == set(ENDS)
    for cell, result in results:
        if cell in ENDS:
            assert (result.status, result.went_on) == ("error", False), cell
        elif cell in RUNS:
            assert result.status == "ok", (cell, result.reason)
        elif cell in LEFT_OUT:
            assert result.went_on, (cell, result.reason)
        else:
            assert result.status == "ok" or result.went_on, (cell, result.reason)
    told = box.run_cell(
        "import os\n[os.environ[f'PIP_{name}'] for name in ('NO_INDEX', 'RETRIES')]"
    )
    assert told.outputs[0]["data"]["text/plain"] == "['1', '0']"  # or pip tries for 17 seconds


def test_no_magic_and_no_habit_costs_a_definition(boxes: SandboxedBoxes) -> None:
    with boxes.open() as box:
        hold(box)


def test_a_kernel_for_other_programs_stops_as_any_kernel(boxes: SandboxedBoxes) -> None:
    with boxes.open() as box:
        stopped = box.run_cell("import no_such_package\nafter = 1", goes_on=False)
        assert (stopped.status, stopped.skipped) == ("error", ())
        assert box.run_cell("after", goes_on=False).reason.startswith("NameError")


@pytest.mark.exhaustive  # twin: test_no_magic_and_no_habit_costs_a_definition, the same shell
def test_nor_does_one_in_an_ordinary_kernel() -> None:
    with ordinary(LIMITS) as box:
        hold(box)
        assert "No matching" in box.run_cell("!pip install einops").outputs[-1]["text"]


def test_a_box_has_all_that_a_kernels_shell_does_otherwise() -> None:
    """A new ipykernel may do more: then that is looked at, and its name put among those here."""
    known = {name for names in OVERRIDES for name in names.split(", ")}
    named = {name for name in vars(ZMQInteractiveShell) if not name.startswith("__")}
    assert named - OF_TRAITLETS == known
    own = [names for names, why in OVERRIDES.items() if why.startswith("own: ")]
    assert set(", ".join(own).split(", ")) == set(vars(BoxShell)) & known
    magics = {magic for magics in KernelMagics.magics.values() for magic in magics}
    assert magics | {"ed"} == set(FOR_FRONT_ENDS)


def test_libraries_take_a_box_for_a_notebook(boxes: SandboxedBoxes) -> None:
    asked = "type(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config"
    with boxes.open() as box:
        shown = box.run_cell(asked).outputs[0]["data"]["text/plain"]
    assert shown == "('ZMQInteractiveShell', True)"
