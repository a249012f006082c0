"""Whether a lab's Job did what was asked: what is measured, the verdicts, what comes next."""
