"""What a stage of a lab begins with, as start prints it."""

from __future__ import annotations

from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise


def of_round(session: Session, exercise: Exercise) -> list[str]:
    """The lines that the stage begins with which the Job of this round begins with."""
    stages = exercise.rounds[exercise.round].stages
    return of_stage(session, exercise, stages[0]) if stages else []


def of_stage(session: Session, exercise: Exercise, stage: model.Stage) -> list[str]:
    """The lines that a stage begins with: its title, and the tasks that no part of start shows."""
    tasks = [
        line
        for number, task in exercise.tasks
        if (task.stage or exercise.rounds[0].name) == stage.name and not task.shows
        for line in session.fold(task.text, first=f"  {number}. ")
    ]
    return [session.text(verdicts.heading(exercise, stage)), *tasks]
