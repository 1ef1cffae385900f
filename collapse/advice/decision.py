"""What to do, and why, from the predicted errors of the students.

If no student saves more than MARGIN of the error of the one that sees real rows only, even at the ends of the intervals, the
synthetic rows are left out. A student is safe if the whole interval of the ratio of the two errors is below 1, and useful if
it saves more than MARGIN. Of those that are both, the simplest is recommended whose error is within MARGIN of the smallest.
If there is none, these rows cannot tell, and real rows only are followed.
"""

MARGIN = 0.02
LEAVE_OUT, POOL, WEIGHT, JOINT, CANNOT_TELL = (
    "leave the synthetic rows out",
    "pool",
    "weight by alpha",
    "joint fit",
    "cannot tell",
)
ACTIONS = (LEAVE_OUT, POOL, WEIGHT, JOINT, CANNOT_TELL)
_OF_STUDENT = {"pooled": POOL, "best weight": WEIGHT, "careful weight": WEIGHT, "joint fit": JOINT}


def decide(students):
    """(action, student, reasons), with ``students`` from the simplest to the least simple, real rows only first."""
    alone, *others = students
    saved = 1 - min(student.ratio.low for student in others)
    if saved < MARGIN:
        reason = (
            f"the synthetic rows save {100 * max(saved, 0):.2g} % of the excess error at most, less than {100 * MARGIN:g} %"
        )
        return LEAVE_OUT, alone, (reason,)
    safe = [each for each in others if each.ratio.high < 1 and each.ratio.value < 1 - MARGIN]
    if safe:
        least = min(student.error.value for student in safe)
        student = next(each for each in safe if each.error.value <= (1 + MARGIN) * least)
        return _OF_STUDENT[student.name], student, _reasons(student, others)
    return CANNOT_TELL, alone, (*_undecided(others), "more rows, real ones above all, narrow the intervals")


def _undecided(others):
    """Why nothing is recommended although something may be saved."""
    safest = min(others, key=lambda student: student.ratio.high)
    if min(student.ratio.value for student in others) >= 1:
        why = "no student is predicted to save anything, but the intervals do not rule out that one does"
    elif safest.ratio.high < 1:
        why = f"that one surely saves something, but hardly {100 * MARGIN:g} %; what may save more may also harm"
    else:
        why = "no student surely saves anything: each of them may harm, as far as these rows tell"
    return _share(safest), why


def _share(student):
    value, low, high = (100 * ratio for ratio in student.ratio)
    return f"{student.name} has {value:.3g} % of the excess error of real rows only, interval {low:.3g} to {high:.3g} %"


def _reasons(student, others):
    found = [_share(student)]
    for other in others:
        if other is student:
            continue
        value = 100 * other.ratio.value
        if other.ratio.high >= 1:
            found.append(f"{other.name} is not safe: {value:.3g} %, interval up to {100 * other.ratio.high:.3g} %")
        elif other.error.value < student.error.value:
            found.append(f"{other.name} has {value:.3g} %, less by {100 * MARGIN:g} % at most, and is not as simple")
    return tuple(found)
