"""Scripts that can be run again with other parameters.

``default_param`` declares what may be given from outside, ``run_script`` gives it from another
script, and ``convert`` turns what somebody typed into a value of the right type.  ``PrintTime``
tells how long each part of a script took, and ``progress`` how far a loop is.
"""

from jobtui_core.parameters import convert, type_name
from jobtui_core.scripts.parameters import default_param
from jobtui_core.scripts.progressing import progress
from jobtui_core.scripts.running import Bunch, run_script
from jobtui_core.scripts.timing import PrintTime

__all__ = [
    "Bunch",
    "PrintTime",
    "convert",
    "default_param",
    "progress",
    "run_script",
    "type_name",
]
