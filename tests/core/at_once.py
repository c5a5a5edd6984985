"""Equal calls at once: the functions that they call, and threads that make them."""

from __future__ import annotations

import threading

import pytest

from jobtui_core import Memory

PATIENCE = 30


@pytest.fixture(params=["folder", "memory"])
def memory(request, tmp_path):
    place = tmp_path / "cache" if request.param == "folder" else f"memory://{tmp_path.name}"
    return Memory(place, verbose=0)


@pytest.fixture
def ran():
    return []


def at_once(function, *argument_lists):
    """Call a function from one thread for each list of arguments; give results or errors."""
    found = [None] * len(argument_lists)

    def call(index, arguments):
        try:
            found[index] = function(*arguments)
        except BaseException as error:
            found[index] = error

    threads = [
        threading.Thread(target=call, args=item, daemon=True) for item in enumerate(argument_lists)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "it hangs"
    return found
