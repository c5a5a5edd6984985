"""Scripts that can be run again with other parameters.

``default_param`` declares what may be given from outside, ``run_script`` gives it from another
script, and ``convert`` turns what somebody typed into a value of the right type.
"""

from jobtui_core.scripts.conversion import convert, type_name
from jobtui_core.scripts.parameters import default_param
from jobtui_core.scripts.running import Bunch, run_script

__all__ = ["Bunch", "convert", "default_param", "run_script", "type_name"]
