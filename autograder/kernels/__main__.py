"""What the kernelspecs name as their program; it runs only where their provisioner does not."""

import sys

sys.exit(
    "This kernel is made by the provisioner `attn-box`: install attention-kit into the environment "
    "that Jupyter runs in, and jupyter_client 8 or later."
)
