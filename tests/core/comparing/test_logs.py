"""The first line that differs, of steps and of the script itself."""

from __future__ import annotations

import pytest

from jobtui_core.project.comparing import logs


def logs_of(found):
    return {one.subject: one for one in found.of("log")}


def test_the_first_line_that_differs_stands_among_its_neighbours(bench):
    first, second = bench.run(), bench.run()
    for run, word in ((first, "good"), (second, "bad")):
        run.step("fit", 1, log=f"1\n2\n3\n4\nis {word}\n6\n7\n8\n9\n")
        run.end()
    one = bench.one("log", first, second)
    assert (one.subject, one.where, one.values) == ("fit", "line 5", ("is good", "is bad"))
    lines = [" 2", " 3", " 4", "-is good", "+is bad", " 6", " 7", " 8"]
    assert one.detail.split("\n") == lines


def test_only_lines_that_differ_are_marked_and_what_comes_later_is_hinted_at(bench):
    def detail(old, new):
        first, second = bench.run(), bench.run()
        first.step("fit", 1, log=old)
        second.step("fit", 1, log=new)
        return bench.one("log", first.end(), second.end()).detail.split("\n")

    assert detail("a\nb\nc\n", "a\nx\ny\nb\nc\n") == [" a", "+x", "+y", " b", " c"]
    assert detail("a\nb\nc\nd\n", "x\nb\nc\ny\n") == ["-a", "+x", " b", " c", "… and more below"]
    assert detail("a\nb\n", "a\n") == [" a", "-b"]
    old, new = ("".join(f"{n}{word}\n" for n in range(9)) for word in ("a", "b"))
    assert detail(old, new)[4:7] == ["-4a", "-… 4 more lines", "+0b"]


def test_colours_and_progress_bars_do_not_count(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, log="\x1b[31mred\x1b[0m\n10 %\r50 %\r100 %\r\ndone\n")
    second.step("fit", 1, log="red\n100 %\n\x1b]0;title\x07done\n")
    found = bench.compare(first.end(), second.end())
    assert found.of("log") == ()
    assert dict(found.same)["log"] == 1


def test_a_log_that_ends_earlier_has_no_line_there(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, log="1\n")
    second.step("fit", 1, log="1\n2\n")
    assert bench.one("log", first.end(), second.end()).values == (None, "2")


def test_what_a_hit_printed_is_what_was_kept_with_its_result(bench):
    first, second, third = bench.run(), bench.run(), bench.run()
    first.step("fit", 1, log="a\nb\n", key="1" * 32)
    second.step("fit", 1, log="a\nb\n", key="1" * 32, state="hit")
    third.step("fit", 2, log="a\nc\n")
    runs = [run.end() for run in (first, second, third)]
    assert bench.compare(*runs[:2]).of("log") == ()
    assert bench.one("log", *runs[1:]).values == ("b", "c")


def test_a_log_of_a_hit_that_is_gone_or_cut_is_not_compared(bench, monkeypatch):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, log="a\n")
    second.step("fit", 1, keep=False, state="hit", log="a\n")
    second.end()
    found = bench.compare(first.end(), second)
    assert found.of("log") == ()
    assert "log of fit: that of a hit is not there any more" in found.not_compared
    monkeypatch.setattr(logs, "_KEPT", 1)
    third = bench.run()
    third.step("fit", 1, state="hit", log="a\n")
    found = bench.compare(first, third.end())
    assert "log of fit: that of a hit was kept in part only" in found.not_compared


def test_what_the_script_itself_printed_is_compared_without_its_steps(bench):
    first, second = bench.run(), bench.run()
    for run, word in ((first, "one"), (second, "two")):
        run.prints("begin\n")
        run.step("fit", 1, log=f"{word}\n")
        run.prints(f"end {word}\n")
        run.end()
    found = logs_of(bench.compare(first, second))
    assert found["script"].values == ("end one", "end two")
    assert (found["script"].where, found["fit"].where) == ("line 2", "line 1")


def test_secrets_in_lines_are_left_out_and_long_lines_are_cut(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, log="password = 'hunter2'\n" + "x" * 10_000)
    second.step("fit", 1, log="password = 'hunter3'\n" + "x" * 10_000)
    one = bench.one("log", first.end(), second.end())
    assert "hunter" not in repr(one)
    assert max(map(len, one.detail.split("\n"))) < 400


def test_logs_are_compared_up_to_a_size(bench, monkeypatch):
    monkeypatch.setattr(logs, "_LARGEST", 20)
    first, second = bench.run(), bench.run()
    for run, word in ((first, "one"), (second, "two")):
        run.prints("x\n" * 10 + word)
        run.end()
    found = bench.compare(first, second)
    assert found.of("log") == ()
    assert sum("beyond" in words for words in found.not_compared) == 2


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\x1b[", b"\r\r\n\n"])
def test_any_bytes_can_be_compared(bench, data):
    first, second = bench.run(), bench.run()
    first.trace.output(data)
    second.trace.output(b"text\n")
    assert logs_of(bench.compare(first.end(), second.end()))["script"]
