"""Runs that never were, to be reported: decent ones, and one in which every text is an attack."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace

from jobtui_core.labbook import (
    Comparison,
    Difference,
    Failure,
    FailureFrame,
    FigureInfo,
    LogLine,
    RunDetail,
    RunNotes,
    ScriptRun,
)
from jobtui_core.pictures import Plot, Preview, Series
from jobtui_core.project.reporting.data import (
    Chapter,
    LogPart,
    ReportData,
    Result,
    ScriptPart,
    Source,
    StepSum,
)
from jobtui_core.records import (
    CallInfo,
    CallState,
    Held,
    HeldRow,
    ParameterInfo,
    PlanAction,
    RunInfo,
    RunState,
)

BEGUN = 1795358914.0
PNG_DIGEST, SVG_DIGEST = "a" * 32, "b" * 32


def png(width: int = 8, height: int = 6) -> bytes:
    """Make a small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + bytes([40 * row % 256]) * width for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="80" height="60">'
    b'<rect width="80" height="60" fill="teal"/></svg>'
)


def chapter(text: str = "", **changes: object) -> Chapter:
    """Make a chapter in which all is told that can be; ``text`` is put into every text of it."""
    run = "2026-11-22T10-14-05-ab12"
    info = RunInfo(
        id=run,
        script=f"co2.py{text}",
        state=RunState.DONE,
        argv=(f"--fast{text}", "--token=hunter2", f"x{text}"),
        parameters={f"window{text}": f"26{text}", "api_key": "hunter2"},
        started=BEGUN,
        ended=BEGUN + 83.0,
        host=f"lab2{text}",
        user=f"ada{text}",
        python=f"3.12.1{text}",
        job=f"slurm:1234{text}",
        commit=f"0123abc{text}",
        dirty=True,
        parent=f"2026{text}",
        sweep=f"s1{text}",
        error=f"went wrong{text}",
        hits=1,
        computed=1,
        failed=1,
        time_saved=12.0,
    )
    calls = (
        CallInfo(
            id="1-1",
            run=run,
            function=f"co2:trend{text}",
            name=f"trend{text}",
            kind="step",
            state=CallState.COMPUTED,
            key="0" * 32,
            notes=(f"its result is large{text}",),
            on_old=(f"read{text}",),
            started=BEGUN + 1,
            duration=2.0,
        ),
    )
    plot = Plot(
        series=(
            Series(y=(1.0, None, 3.0, 2.0), label=f"a{text}"),
            Series(kind="scatter", y=(1.0, 2.0), x=(0.0, 1.0), label=f"b{text}"),
        ),
        title=f"title{text}",
        xlabel=f"x{text}",
        ylabel=f"y{text}",
    )
    previews = (
        Preview(
            kind="array",
            type=f"numpy.ndarray{text}",
            shape=(4,),
            dtype=f"float64{text}",
            minimum=1.0,
            maximum=4.0,
            mean=2.0,
            missing=1,
            line=(1.0, 2.0, None, 4.0),
        ),
        Preview(
            kind="array",
            type="numpy.ndarray",
            shape=(4, 4),
            minimum=0.0,
            maximum=1.0,
            histogram=(1, 5, 3, 2),
        ),
        Preview(
            kind="table",
            type=f"DataFrame{text}",
            columns=(f"name{text}", "age"),
            rows=((f"ada{text}", "36"), (f"bob{text}", "41")),
        ),
        Preview(
            kind="mapping",
            type="dict",
            items=(
                (f"score{text}", Preview(kind="scalar", type="float", text=f"0.5{text}")),
                (f"curve{text}", Preview(kind="array", type="list", line=(1.0, 2.0))),
                ("text", Preview(kind="text", type="str", text=f"two\nlines{text}")),
            ),
        ),
        Preview(kind="plot", type=f"Fit{text}", plot=plot, note=f"a note{text}"),
        Preview(
            kind="plot",
            type="Counts",
            plot=Plot(series=(Series(kind="bar", y=(1.0, 2.0)),), ticks=(f"u{text}", f"v{text}")),
        ),
        Preview(kind="image", type=f"Image{text}", image=base64.b64encode(png()).decode()),
        Preview(kind="opaque", type="Model", text=f"Model(){text}"),
    )
    known = Chapter(
        detail=RunDetail(
            info=info,
            notes=RunNotes(
                note=f"First try{text}\n\nof many{text}", tags=(f"paper{text}",), starred=True
            ),
            parameters=(
                ParameterInfo(
                    name=f"window{text}",
                    type="int",
                    default=52,
                    value=f"26{text}",
                    help=f"weeks{text}",
                ),
                ParameterInfo(name="password", type="str", default="", value="hunter2"),
            ),
            calls=calls,
            scripts=(
                ScriptRun(id=1, script=f"inner.py{text}", parameters=((f"n{text}", f"3{text}"),)),
                ScriptRun(
                    id=2,
                    script="innermost.py",
                    within=1,
                    parameters=(("token", "hunter2"),),
                    duration=0.5,
                    error=f"no{text}",
                ),
            ),
            figures=(
                FigureInfo(
                    name=f"fit.png{text}", run=run, step=f"trend{text}", png=PNG_DIGEST, width=8
                ),
                FigureInfo(name=f"fit.svg{text}", run=run, svg=SVG_DIGEST, hit=True),
                FigureInfo(name=f"gone{text}", run=run, png="c" * 32),
            ),
            failures=(
                Failure(
                    run=run,
                    call="1-2",
                    step=f"fit{text}",
                    type=f"ValueError{text}",
                    message=f"no{text}\nway{text}",
                    traceback=f"Traceback{text}\n  File{text}",
                    frames=(
                        FailureFrame(file="a.py", line=1, function="<module>"),
                        FailureFrame(
                            file=f"co2.py{text}",
                            line=12,
                            function=f"fit{text}",
                            source=(f"def fit(x):{text}", f"    raise{text}"),
                            first=11,
                            locals=((f"x{text}", f"1{text}"),),
                        ),
                    ),
                    arguments=((f"x{text}", f"1{text}"),),
                    replayable=True,
                ),
            ),
            warnings=(f"be warned{text}",),
            inputs=((f"data/co2.csv{text}", f"{'d' * 32}{text}"),),
            outputs=((f"results/trend.npy{text}", ""),),
            versions=(("jobtui_core", "0.1.0"), (f"numpy{text}", f"2.1{text}")),
            command=f"jobtui run co2.py window=26{text}",
            held=Held(
                run=run,
                script="co2.py",
                rows=(
                    HeldRow(
                        step=f"trend{text}",
                        function=f"co2:trend{text}",
                        planned=PlanAction.KEEP,
                        happened="ran",
                        expected=1.5,
                        took=2.0,
                        wrong=True,
                    ),
                    HeldRow(
                        step=f"late{text}",
                        function="co2:late",
                        planned=PlanAction.RUN,
                        happened="not reached",
                    ),
                ),
            ),
            diff=f"--- a/co2.py\n+++ b/co2.py\n@@ -1 +1 @@{text}\n-old{text}\n+new{text}\n same",
            untracked=(f"scratch.py{text}",),
        ),
        steps=(
            StepSum(
                name=f"trend{text}",
                function=f"co2:trend{text}",
                kind="step",
                calls=2,
                hits=1,
                computed=1,
                uncached=1,
                took=2.0,
                saved=12.0,
            ),
            StepSum(name=f"fit{text}", function=f"co2:fit{text}", kind="step", calls=1, failed=1),
        ),
        log=(
            LogPart(
                step=f"trend{text}",
                lines=(
                    LogLine(text=f"\x1b[31mred\x1b[0m{text}", time=BEGUN + 1.5, stream="out"),
                    LogLine(text="10%\r20%\rdone", time=BEGUN + 2, stream="err"),
                    LogLine(text=f"broke{text}", stream="log", level="ERROR", logger=f"lab{text}"),
                    LogLine(
                        text=f"careful{text}",
                        stream="warning",
                        level=f"UserWarning{text}",
                        place=f"a.py:3{text}",
                    ),
                    LogLine(text=f"earlier{text}", origin=f"2026-01-01{text}"),
                ),
                left_out=1234,
            ),
            LogPart(step="", lines=(LogLine(text=f"the end{text}"),)),
        ),
        results=(
            *(
                Result(
                    step=f"step{number}{text}",
                    function=f"co2:step{number}",
                    key=f"{number:032}",
                    preview=one,
                    arguments=((f"x{text}", f"1{text}"),),
                )
                for number, one in enumerate(previews)
            ),
            Result(
                step=f"lost{text}", function="co2:lost", key="", preview=None, problem=f"gone{text}"
            ),
        ),
        results_left_out=3,
        sources=(
            Source(
                name=f"co2:trend{text}",
                source=f"def trend(x):\n    return x{text}",
                file=f"co2.py{text}",
                line=3,
                own=True,
            ),
            Source(name="helpers:mean", source=f"def mean(x):\n    return x{text}", file="h.py"),
            Source(name="helpers:N", source=f"N = 3{text}", file=f"h.py{text}", line=1),
        ),
        scripts=(ScriptPart(script=f"co2.py{text}", lines=((1, f"a = 1{text}"), (9, "b = 2"))),),
        packages=(("jobtui", "0.1.0"), (f"numpy{text}", f"2.1{text}")),
        missing=(f"some code{text}",),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def comparison(first: Chapter, second: Chapter, text: str = "") -> Comparison:
    """Make a comparison in which something of each kind differs."""
    kinds = ("script", "argv", "parameter", "code", "input", "package", "environment", "outcome")
    return Comparison(
        runs=(first.detail.info, second.detail.info),
        differences=(
            *(
                Difference(
                    kind=kind,  # type: ignore[arg-type]
                    subject=f"{kind}{text}",
                    values=(f"one{text}", None),
                    detail=f"-a{text}\n+b{text}" if kind in ("code", "input") else "",
                )
                for kind in kinds
            ),
            Difference(
                kind="result",
                subject=f"trend{text}",
                values=(f"x{text}", f"y{text}"),
                numbers=(("max_abs", 0.25), ("max_rel", 0.125)),
                where=f"[3]{text}",
            ),
            Difference(
                kind="log", subject=f"trend{text}", values=("a", "b"), detail=f" x\n-a{text}\n+b"
            ),
            Difference(
                kind="figure",
                subject=f"fit{text}",
                values=(f"p{text}", f"q{text}"),
                figures=(first.detail.figures[0], second.detail.figures[1]),
            ),
        ),
        same=(("parameter", 3), ("code", 2)),
        not_compared=(f"models{text}",),
    )


def data(*chapters: Chapter, text: str = "", **changes: object) -> ReportData:
    """Make a report about chapters; with a comparison where there are several."""
    compared = comparison(chapters[0], chapters[1], text) if len(chapters) > 1 else None
    known = ReportData(
        project=f"co2-demo{text}",
        made=BEGUN + 100.0,
        version="0.1.0",
        chapters=chapters,
        comparison=compared,
        pictures={f"{PNG_DIGEST}.png": png(), f"{SVG_DIGEST}.svg": SVG},
        missing=(f"7 figures{text}",),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def two(text: str = "") -> ReportData:
    """Make a report of two runs."""
    first = chapter(text)
    info = replace(first.detail.info, id="2026-11-22T11-00-00-cd34", state=RunState.FAILED)
    second = chapter(text, detail=replace(first.detail, info=info))
    return data(first, second, text=text)
