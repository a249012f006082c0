"""What a learner predicts: the questions asked before a run, and what the run has said to them.

start asks on a terminal, predict takes answers anywhere; start, check and watch compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import UsageError
from kubectl_joblab.labs import progress
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import answers
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase
from kubectl_joblab.printing import fold

_COLUMNS = fold.COLUMNS - len(" 0,2-5,7")  # of a question, so that an answer fits behind it


def ask(session: Session, exercise: Exercise) -> None:
    """Ask the questions of an exercise on the terminal; Enter skips one. What is said is kept."""
    if not exercise.questions:
        return
    session.out(session.text(phrase("What do you expect? Enter skips a question.")))
    said: dict[str, str] = {}
    for question in exercise.questions:
        answer = _asked(session, question)
        if answer:
            said[question.id] = answer
    keep(session, exercise, said)


def _asked(session: Session, question: model.Question) -> str:
    """What the learner answers, "" for nothing; asked again where it cannot be read."""
    lines = fold.fold(session.text.marked(question.ask), rest="    ", columns=_COLUMNS)
    while True:
        session.out(*lines[:-1])
        session.prompt(lines[-1])
        answer = session.stdin.readline().strip()
        wanted = answers.unreadable(question.measure, answer) if answer else None
        if wanted is None:
            return answer
        session.out(phrase("    {wanted}, please", wanted=wanted))


def keep(session: Session, exercise: Exercise, said: Mapping[str, str]) -> None:
    """Keep what was predicted; warn where it cannot be kept."""
    if not said:
        return
    try:
        progress.predict(session.progress, exercise, said)
    except OSError as error:
        session.say_unkept(error)


def given(exercise: Exercise, words: list[str]) -> dict[str, str]:
    """The answers that words such as pods=3 give, by the question's id. Raises UsageError."""
    questions = {question.id: question for question in exercise.questions}
    found: dict[str, str] = {}
    for word in words:
        name, equals, answer = word.partition("=")
        if not equals or name not in questions:
            known = ", ".join(f"{one}=..." for one in questions)
            message = phrase("error: --answer {word}: write one of {known}", word=word, known=known)
            raise UsageError(message, see="kubectl joblab predict")
        if wanted := answers.unreadable(questions[name].measure, answer):
            message = phrase("error: --answer {word}: write {wanted}", word=word, wanted=wanted)
            raise UsageError(message, see="kubectl joblab predict")
        found[name] = answer.strip()
    return found


def compared(session: Session, judged: Judged) -> list[str]:
    """A line for each question that was answered, once the run tells."""
    exercise, seen = judged.exercise, judged.seen
    if not exercise.said or seen is None:
        return []
    lines: list[str] = []
    for question, found in answers.given(exercise, seen):
        said = answers.shown(question.measure, exercise.said[question.id])
        if found.right is None:
            continue
        parts = {"id": question.id, "said": said, "observed": found.observed}
        why = answers.because(exercise, question, seen)
        if found.about:
            sentence = phrase("{id}: you said {said}, about right: it was {observed}", **parts)
        elif found.right and not (found.spelt and why):
            sentence = phrase("{id}: you said {said}, and so it was", **parts)
        elif found.right:
            sentence = phrase(
                "{id}: you said {said}, and so it was, written as {observed}: {because}",
                **parts,
                because=why,
            )
        elif why:
            sentence = phrase(
                "{id}: you said {said}, the cluster made {observed}: {because}",
                **parts,
                because=why,
            )
        else:
            sentence = phrase("{id}: you said {said}, the cluster made {observed}", **parts)
        lines += session.fold(sentence, rest="  ")
    return lines
