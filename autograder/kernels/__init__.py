"""Sandboxed boxes as Jupyter kernels: for stock nbgrader, nbclient and JupyterLab."""
