"""What notebooks import and takes long, imported as in a notebook: pandas asks whether it is in one."""

import builtins
import gc
from importlib import import_module
from types import SimpleNamespace

gc.disable()
builtins.get_ipython = lambda: SimpleNamespace(kernel=True)
for name in ("ipykernel.kernelapp", "matplotlib.pyplot", "networkx", "pandas", "pyarrow.dataset", "seaborn"):
    import_module(name)
del builtins.get_ipython
gc.freeze()
gc.set_threshold(50_000, 20, 20)
gc.enable()
