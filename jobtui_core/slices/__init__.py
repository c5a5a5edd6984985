"""What a script would do, read from its sources: call sites, and the keys of what feeds them.

The same analysis is made when a script runs, of the sources that were loaded, and for verdicts,
of the sources on disk.  It follows statements, branches, loops, functions and modules of the
project; where it cannot see through, it says so, and a verdict built on it is ``unsure``.
"""

from jobtui_core.slices.analysis import Analysis, CallSite, DeclaredFunction, analyse
from jobtui_core.slices.exchange import with_codes
from jobtui_core.slices.ground import Ground
from jobtui_core.slices.machine import Position
from jobtui_core.slices.resume import resume
from jobtui_core.slices.revise import revise

__all__ = [
    "Analysis",
    "CallSite",
    "DeclaredFunction",
    "Ground",
    "Position",
    "analyse",
    "resume",
    "revise",
    "with_codes",
]
