"""What a script started by hand prints is kept, and reaches the terminal untouched."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def test_output_of_both_streams_is_copied(project) -> None:
    project.script(
        """
        import sys
        print("before")
        double(1)
        print("out", 1)
        print("err", file=sys.stderr)
        sys.stdout.writelines(["a", "b\\n"])
        """
    )
    done = project.run()
    assert done.stdout == b"before\nout 1\nab\n"
    assert done.stderr == b"err\n"
    assert project.log() == b"out 1\nerr\nab\n"


def test_binary_output_is_kept_byte_for_byte(project) -> None:
    project.script(
        """
        import sys
        double(1)
        print("text", flush=True)
        sys.stdout.buffer.write(bytes(range(256)))
        sys.stdout.buffer.flush()
        """
    )
    done = project.run()
    assert done.stdout == b"text\n" + bytes(range(256))
    assert project.log() == done.stdout


def test_text_that_no_encoding_takes_is_kept_all_the_same(project) -> None:
    project.script("double(1)\nprint('caf\\u00e9 \\udcff')")
    done = project.run(env={"PYTHONIOENCODING": "utf-8:surrogateescape"})
    assert done.stdout == b"caf\xc3\xa9 \xff\n"
    assert project.log() == b"caf\xc3\xa9 \\udcff\n"


def test_calls_know_where_their_output_lies(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import make

        @make
        def talk(x):
            print(f"in {x}")

        talk(1)
        print("between")
        talk(2)
        """,
    )
    project.run()
    log = project.log()
    texts = [log[slice(*call.log)] for call in project.trace().calls]
    assert texts == [b"in 1\n", b"in 2\n"]


def test_streams_stay_what_they_were(project) -> None:
    project.script(
        """
        import io, sys
        facts = lambda: [
            sys.stdout.isatty(), sys.stdout.fileno(), sys.stdout.encoding, sys.stdout.mode,
            isinstance(sys.stdout, io.TextIOWrapper), sys.stdout.line_buffering, repr(sys.stdout),
        ]
        before = facts()
        double(1)
        assert facts() == before, (before, facts())
        sys.stdout.reconfigure(line_buffering=True)
        assert sys.stdout.line_buffering
        """
    )
    done = project.run()
    assert done.returncode == 0, done.stderr


def test_streams_are_pickled_no_more_and_no_less_than_without_us(project) -> None:
    project.script(
        """
        import copyreg, pickle, sys
        double(1)
        for name in ("stdout", "stderr"):
            try:
                pickle.dumps(getattr(sys, name))
            except TypeError:
                pass
            # As cloudpickle sends modules to other processes.
            copyreg.pickle(type(sys), lambda module: (__import__, (module.__name__,)))
            found = pickle.loads(pickle.dumps(getattr(sys, name)))
            assert found is getattr(sys, name)
            del copyreg.dispatch_table[type(sys)]
        """
    )
    done = project.run()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "sys.stdout.close(); double(1)",
        "double(1); sys.stdout.close()",
        "double(1); sys.stdout = io.StringIO(); print('x'); double(2)",
        "double(1); sys.stdout = None; print('x'); double(2)",
        "sys.stdout = None; sys.stderr = None; double(1)",
        "double(1); os.close(1); double(2)",
        "double(1); os.closerange(3, 64); double(2); sys.stdout.write('x\\n')",
    ],
)
def test_scripts_may_do_anything_to_their_streams(project, text) -> None:
    project.script(f"import io, os, sys\n{text}")
    plain = project.run(env={"JOBTUI_TRACE": "0"})
    traced = project.run()
    assert (traced.returncode, traced.stdout, traced.stderr) == (
        plain.returncode,
        plain.stdout,
        plain.stderr,
    )


def test_a_script_without_any_descriptors_runs(project) -> None:
    project.script("double(1)\nopen('done.txt', 'w').close()")
    command = f'"{sys.executable}" script.py <&- >&- 2>&-'
    done = subprocess.run(command, shell=True, cwd=project.root, env=project.environment())
    assert done.returncode == 0
    assert (project.root / "done.txt").exists()
    assert len(project.trace().calls) == 1


def test_nothing_is_captured_under_a_debugger(project) -> None:
    project.script("import sys\nsys.settrace(lambda *a: None)\ndouble(1)\nprint('x')")
    assert project.run().stdout == b"x\n"
    (folder,) = project.run_folders()
    assert not (folder / "output.log").exists()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
def test_a_terminal_is_still_one(project) -> None:
    project.script("import sys\ndouble(1)\nprint(sys.stdout.isatty())")
    main, other = os.openpty()
    try:
        project.run(stdout=other, stderr=other)
        assert os.read(main, 100).strip() == b"True"
    finally:
        os.close(main)
        os.close(other)
    assert project.log() == b"True\n"
