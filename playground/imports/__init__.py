"""What comes from elsewhere becomes a project: pasted code, links, files of other programs, modules of PyTorch.

`read` takes text or bytes, `from_module` a module. Both answer an `Imported`: the project, what is to be said about it,
and weights where there were any. Nothing that is read is ever executed.
"""

from playground.imports.imported import Imported, Remark
from playground.imports.reading import read
from playground.imports.torch_module import from_module

__all__ = ["Imported", "Remark", "from_module", "read"]
