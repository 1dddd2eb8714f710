"""The widgets where people use them: JupyterLab 4 and Notebook 7 with real kernels, in a real browser."""
