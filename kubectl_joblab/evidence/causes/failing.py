"""Why the tries of a Job fail: what its newest failed try tells, by its exit code and its log.

What looks alike is one cause that names both: an exit code of 128 and more may be a signal's or the
program's own, and 137 without OOMKilled says only who could have killed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import disruption, kinds, probes
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.causes.tries import Try, all_failed, beside, count, failed_try
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.objects import Attempt, Object

# Exit codes of a POSIX shell that could not run a command.
NOT_EXECUTABLE, NOT_FOUND = 126, 127
SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}
_LAST_SIGNAL = 64
_LONGEST_LINE = 60  # characters of a log's line, where it is quoted
_EMPTY_LOG = phrase("the log is empty")
_SHELLS = ("sh", "bash", "ash", "dash")
_ALL_SHELLS = (*_SHELLS, "zsh", "ksh", "fish")
# what runc says of a command that is not in the image, or that it may not run
_NO_PROGRAM = re.compile(r"exec: .*(executable file not found|no such file or directory)")
_NO_RIGHT = re.compile(r"exec: .*permission denied")
_FORMAT = "exec format error"
# what runc logs of a file that is there, and whose interpreter is not
_NO_INTERPRETER = re.compile(r"exec \S+: no such file or directory$")


def failing(seen: Snapshot, last_line: str | None) -> Iterator[Cause]:
    """Why the newest failed try has failed, for all tries that did.

    last_line: the last line that it has logged, where the snapshot has not its log.
    """
    failed = failed_try(seen)
    if failed is None:
        return
    number = count(seen.pods)
    record, attempt = failed.record, failed.attempt
    name, code = f"pod/{record.name}", attempt.exit_code
    if sum(count([one]) > 0 for one in seen.pods) > 1:  # what is counted is of several Pods
        name = job_word(seen.name)
    look = f"kubectl describe pod {record.name}"
    if record.gone:
        look = f"kubectl describe job {seen.name}"
    if seen.gone:
        look = f"kubectl joblab logs job/{seen.name}"  # it has what was recorded of a deleted Job
    if code is None:
        yield disruption.of_pod(record, attempt, look, number)
        return
    what = plural(
        number,
        "{n} try failed with {how}",
        "{n} tries failed, the last with {how}",
        how=_how(failed),
    )
    shows = tuple(_fact(one) for one in _last_of_each(seen))
    if message := start_error(record, attempt):
        word, fix = _start_fix(failed, message)
        yield Cause(
            "notStarted",
            False,
            name,
            what,
            message,
            fix,
            look,
            code,
            number,
            id=word,
            shows=shows,
        )
        return
    kind, word, meaning, fix = _meaning(failed)
    said = _said(failed, last_line)
    if _FORMAT in said_line(attempt, last_line):
        word, fix = "exec-format-error", _FORMAT_FIX
    if kind == "exit" and (script := short_script(record.pod, attempt.container)):
        meaning, fix = script
    if kind == "exit" and _NO_INTERPRETER.search(said_line(attempt, last_line)):
        word, fix = "program-missing", _INTERPRETER_FIX
    if (probe := probes.failed(seen, failed)) is not None:
        word, meaning, fix, shows = "probe-failed", probe.meaning, probe.fix, (*shows, *probe.shows)
    because = _both(_both(meaning, said), _running_on(failed))
    run = look if record.gone or said == _EMPTY_LOG else _logs(failed)
    again = objects.spec(record.pod).get("restartPolicy") == "OnFailure"
    yield Cause(
        kind,
        False,
        name,
        what,
        because,
        fix,
        run,
        code,
        number,
        id=word,
        shows=shows,
        restarts=again,
    )


def _last_of_each(seen: Snapshot) -> list[Try]:
    """The newest failed tries, a few, the newest first."""
    failed = [one for one in all_failed(seen.pods) if one.attempt.exit_code is not None]
    return sorted(failed, key=lambda one: one.end, reverse=True)[:3]


def _fact(failed: Try) -> Fact:
    """What a Pod's status says of the end of a try."""
    attempt = failed.attempt
    said = f"exitCode {attempt.exit_code}" + (f", {attempt.reason}" if attempt.reason else "")
    if message := start_error(failed.record, attempt):
        said += f": {message}"
    return Fact(f"pod/{failed.record.name}", f"state terminated of {attempt.container}", said)


def short_script(pod: Object, container: str = "") -> tuple[Sentence, Sentence] | None:
    """That a container's shell runs only the first word of a line, and what to do; None where not.

    container: its name; any of the Pod's where none is given.
    Of [sh, -c, echo, text] the shell runs echo alone. What follows is $0, $1 and so on to it, which
    a script may ask for.
    """
    for one in _containers(pod):
        if container and one.get("name") != container:
            continue
        line = [*map(str, [*(one.get("command") or ()), *(one.get("args") or ())])]
        if len(line) < 4 or line[0].rpartition("/")[2] not in _SHELLS or line[1] != "-c":
            continue
        script = line[2]
        if "$" in script or len(script.split()) != 1:
            continue
        why = phrase(
            "{shell} -c runs only the one item that follows it: {script}",
            shell=line[0],
            script=script,
        )
        whole = " ".join(line[2:])
        fix = phrase(
            "Write the whole line as one item: [{shell}, -c, {line}].",
            shell=line[0],
            line=json.dumps(whole, ensure_ascii=False),
        )
        return why, kinds.anew(fix)
    return None


def start_error(record: PodRecord, attempt: Attempt) -> str:
    """Why the attempt's container could not be started; "" where it was, or nothing says why.

    Without the layers of the runtime through which the message has come.
    """
    reason, message = objects.not_started(record.pod, attempt.container)
    if not reason or attempt.reason != reason:
        return ""
    return message.rpartition("unable to start container process: ")[2]


_AGAIN = kinds.anew(phrase("Correct the command."))
_FORMAT_FIX = kinds.anew(
    phrase(
        "The file is no program for this node: built for another architecture, or a script without"
        " its first line #!/bin/sh. Take an image for the node's architecture, or add the line."
    )
)
_INTERPRETER_FIX = kinds.anew(
    phrase(
        "The file is there, and the program that its first line names is not: an interpreter that"
        " the image has not, or a line that ends as Windows writes it. Correct the file."
    )
)


def _start_fix(failed: Try, message: str) -> tuple[str, Sentence]:
    """The id of why a container could not be started, and what to do."""
    if _FORMAT in message:
        return "exec-format-error", _FORMAT_FIX
    if _NO_PROGRAM.search(message):
        if name := _missing_shell(failed):
            mend = phrase(
                "The image has no {shell}, and each try fails like this. Write the command for a"
                " shell that it has, such as sh, or take an image with {shell}.",
                shell=name,
            )
            return "shell-missing", kinds.anew(mend)
        mend = phrase(
            "The image has no program of that name, and each try fails like this. Write the program"
            " and each argument as an item of command of its own, or give the whole line to a"
            " shell: [sh, -c, LINE]."
        )
        return "program-missing", kinds.anew(mend)
    if _NO_RIGHT.search(message):
        mend = phrase(
            "The file is there, but it is no program that may be run: see its mode, or give it to a"
            " shell: [sh, FILE]."
        )
        return "command-not-executable", kinds.anew(mend)
    return "container-not-started", kinds.anew(phrase("Correct command and what it needs."))


def _missing_shell(failed: Try) -> str:
    """The shell that the container's command begins with, "" where it begins with none."""
    for one in _containers(failed.record.pod):
        command = [*map(str, one.get("command") or ())]
        is_it = one.get("name") == failed.attempt.container
        if is_it and command and command[0].rpartition("/")[2] in _ALL_SHELLS:
            return command[0].rpartition("/")[2]
    return ""


def _containers(pod: Object) -> list[Object]:
    """The containers of a Pod, then its init containers."""
    spec = objects.spec(pod)
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def _running_on(failed: Try) -> Sentence:
    """That the Pod goes on, as others of its containers run; "" where it does not."""
    pod = failed.record.pod
    never = objects.spec(pod).get("restartPolicy") == "Never"
    if failed.init or not never or failed.record.gone or objects.is_deleted(pod):
        return ""
    entries = objects.status(pod).get("containerStatuses") or []
    running = [str(one["name"]) for one in entries if (one.get("state") or {}).get("running")]
    if not running:
        return ""
    return phrase("the Pod has not failed yet, as {names} runs on", names=", ".join(running))


def _meaning(failed: Try) -> tuple[str, str, Sentence, Sentence]:
    """The kind of a failure, its id, what its exit code means, and what to do."""
    attempt = failed.attempt
    code = attempt.exit_code or 0
    if attempt.reason == "OOMKilled":
        limit = memory_limit(failed.record.pod, attempt.container)
        meaning: Sentence = phrase("it used more memory than its limit")
        if limit:
            meaning = phrase("it used more memory than its limit of {limit}", limit=limit)
        fix = phrase("Raise resources.limits.memory, or have the program use less memory.")
        return "memory", "out-of-memory", meaning, kinds.anew(fix)
    if code == NOT_EXECUTABLE:
        meaning = phrase("the shell found the command, but it is no program that may be run")
        return "notExecutable", "command-not-executable", meaning, _AGAIN
    if code == NOT_FOUND:
        meaning = phrase("the shell did not find the command")
        return "notFound", "command-not-found", meaning, _AGAIN
    if 128 < code <= 128 + _LAST_SIGNAL:
        number = code - 128
        signal = SIGNALS.get(number) or phrase("signal {n}", n=number)
        meaning = phrase(
            "{code} is 128 + {n}: usually {signal}", code=code, n=number, signal=signal
        )
        fix = phrase(
            "Look for what ended it: the program itself, a deadline, a deletion, its node."
        )
        word = "killed" if number == 9 else "signal-or-own-code"
        return "signal", word, meaning, fix
    return "exit", "exit-code", "", _AGAIN


def _both(one: Sentence, other: Sentence) -> Sentence:
    return phrase("{one}; {other}", one=one, other=other) if one and other else one or other


def _how(failed: Try) -> Sentence:
    """How a try has failed: with the exit code of each container that has."""
    together = beside(failed)
    if len(together) == 1:
        return _code(failed)
    said = [f"{one.attempt.container} {one.attempt.exit_code}" for one in together]
    return phrase("exit codes {codes}", codes=", ".join(said))


def _code(failed: Try) -> Sentence:
    attempt = failed.attempt
    how: Sentence = phrase("exit code {code}", code=attempt.exit_code)
    if attempt.reason not in ("", "Error"):
        how = phrase("exit code {code} ({reason})", code=attempt.exit_code, reason=attempt.reason)
    if failed.init:
        how = phrase("{how} in init container {name}", how=how, name=attempt.container)
    return how


def memory_limit(pod: Object, container: str) -> str:
    """The limit of memory that a container of a Pod has; "" for none."""
    for one in _containers(pod):
        if one.get("name") == container:
            limits = (one.get("resources") or {}).get("limits") or {}
            return str(limits.get("memory") or "")
    return ""


def said_line(attempt: Attempt, last_line: str | None) -> str:
    """The last line that an attempt has logged, "" where it has none or nobody has read it."""
    lines = [last_line or ""] if attempt.log is None else attempt.log
    return next((line for line in reversed(lines) if line.strip()), "")


def _said(failed: Try, last_line: str | None) -> Sentence:
    """How the log ends; "" where nobody has read it."""
    attempt = failed.attempt
    if attempt.log is None and last_line is None:
        return ""
    last = said_line(attempt, last_line)
    if not last and attempt.log_cut:
        return ""
    if not last:
        return _EMPTY_LOG
    if len(beside(failed)) > 1:  # whose line it is shows the log of each
        return phrase('a log ends "{line}"', line=quoted(last))
    return phrase('the log ends "{line}"', line=quoted(last))


def quoted(line: str) -> str:
    """A log's line as it is quoted in a sentence: what cannot be printed as ?, and not too long."""
    text = "".join(char if char.isprintable() else "?" for char in line.strip())
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 3] + "..."


def _logs(failed: Try) -> str:
    record, attempt = failed.record, failed.attempt
    containers = objects.spec(record.pod).get("containers") or ()
    named = f" -c {attempt.container}" if failed.init or len(containers) > 1 else ""
    if len(beside(failed)) > 1:
        named = " --all-containers --prefix"
    earlier = "" if failed.init or record.is_latest(attempt) else " --previous"
    return f"kubectl logs {record.name}{named}{earlier}"
