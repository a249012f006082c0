"""Capture what the Go module that Kubernetes reads schedules with says of them: cron.json.

    python -m tests.formats.capture_cron

It needs Go. test_cron.py compares.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("cron.json")
PROGRAM = Path(__file__).with_name("cron")
COUNT = 5

SCHEDULES = [
    *("* * * * *", "*/5 * * * *", "0 * * * *", "30 9 * * *", "0 0 * * *", "59 23 * * *"),
    *("0 9 * * 1-5", "0 9 * * MON-FRI", "0 9 * * mon,wed,Fri", "15,45 */6 * * *", "5/15 * * * *"),
    *("0 0 1 * *", "0 0 31 * *", "0 0 29 2 *", "0 0 30 2 *", "59 23 31 2 *", "0 0 13 * 5"),
    *(
        "0 0 13 * FRI",
        "0 0 */2 * 1",
        "0 0 */1 * 1",
        "0 0 ? * 1",
        "? ? ? ? ?",
        "*/1 */1 */1 */1 */1",
    ),
    *("0 12 1-7 * *", "10-20/3 1 * * *", "0 22-23 * JAN-MAR *", "0 0 1 jan *", "0 0 1 Dec sun"),
    *("30 6-16/4 * * 1-5", "0 0 * * 0", "0 0 * * SUN", "*/7 */5 */3 */2 *", "1,1,1 2 3 4 *"),
    *("0-59 0-23 1-31 1-12 0-6", "+5 +4 * * *", "005 04 * * *", "*-3 0 * * *", "?/20 * * * *"),
    *(", * * * *", "* , * * *", "* * , * *", "* * * , *", "* * * * ,", "1, * * * *", ",1 * * * *"),
    *("  0   0  *\t* *  ", "0\u00a00 * * *", "0\u20030 * * *"),
    *("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"),
    *("@every 1h", "@every 1m30s", "@every 1.5h", "@every 500ms", "@every 0", "@every -5m"),
    *("@every 1s999ms", "@every 100h", "@every 2540400h10m10s", "@every 1us", "@every 90s1ns"),
    *(
        "@every 1\u00b5s",
        "@every 1\u03bcs",
        "@every .5m",
        "@every 5.m",
        "@every +2h",
        "@every 0.1h3m",
    ),
    *("@every 0.100000000000000000000h", "@every 0.9223372036854775807h", "@every 3600s"),
    *("TZ=UTC 0 0 * * *", "TZ=Local 0 0 * * *", "TZ= 0 0 * * *", "TZ=Asia/Seoul @daily"),
    *("CRON_TZ=Asia/Seoul 0 9 * * *", "TZ=Asia/Seoul   30 9 * * 1-5  ", "TZ=Etc/GMT+5 0 0 * * *"),
    *("TZ=America/New_York  @every 1h", "TZ=Asia/Kathmandu 0 * * * *", "TZ=Asia/Kolkata @hourly"),
]
FROM = [
    "2026-11-30T20:53:39Z",
    "2026-12-31T23:59:59.999999Z",
    "2028-02-28T12:00:00Z",
    "2027-01-01T00:00:00Z",
]
# zone -> what is asked where its clocks are set forward or back
CHANGES = {
    "America/New_York": ("2026-03-07T12:00:00Z", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"),
    "Europe/London": ("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
    "Europe/Berlin": ("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T10:00:00Z", "2026-10-03T10:00:00Z"),
    "Australia/Sydney": ("2026-04-04T10:00:00Z", "2026-10-03T10:00:00Z"),
    "America/Sao_Paulo": ("2018-02-17T12:00:00Z", "2018-11-03T12:00:00Z"),
    "Asia/Beirut": ("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"),
    "Africa/Cairo": ("2026-04-23T12:00:00Z", "2026-10-29T12:00:00Z"),
    "America/Scoresbysund": ("2024-03-30T12:00:00Z", "2024-10-26T12:00:00Z"),
}
CHANGED = [
    *("30 2 * * *", "30 1 * * *", "0 0 * * *", "0 2 * * *", "0 3 * * *", "*/30 * * * *"),
    *("15 1-3 * * *", "0 */2 * * *", "0 0 1 * *", "45 23 * * *", "10 0 * * 0", "0 1 * * SUN"),
]
WRONG = [
    *("", " ", "bogus", "* * * *", "* * * * * *", "@never", "@every", "@every ", "@every x", "@"),
    *("@Daily", " @daily", "@every 1", "@every 1x", "@every 1h-5m", "@every 1.h.", "@every -"),
    *("@every 9223372036854775808ns", "@every 99999999999h", "@every .s", "@every 1h\u00e9"),
    *('@every 1"', "@every 1\u0001", "@every -9223372036854775808ns", "@every 2562048h"),
    *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *"),
    *("* * * * 7", "* * * * 8", "-1 * * * *", "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *"),
    *("*/0 * * * *", "*/x * * * *", "*/-1 * * * *", "x * * * *", "1-x * * * *", "1.5 * * * *"),
    *("0x1 * * * *", "1_0 * * * *", "99999999999999999999 * * * *", "- * * * *", "1- * * * *"),
    *("/5 * * * *", "5/ * * * *", "** * * * *", "* * * foo *", "* * * * foo", "* * * monday *"),
    *("jan * * * *", "* * mon * *", "* * * * jan", "L * * * *", "* * L * *", "* * 15W * *"),
    *("* * * * 5#3", "H * * * *", "*/5,x * * * *", "1,60 * * * *", '" * * * *', "\u00e9 * * * *"),
    *(
        "-0 60 * * *",
        "60 60 60 60 60",
        "-9223372036854775808 * * * *",
        "9223372036854775807 * * * *",
    ),
    *("TZ=0", "TZ=", "CRON_TZ=UTC", "TZ=UTC", "TZ=UTC ", "TZ=Nowhere/Here * * * * *"),
    *("TZ=../etc * * * * *", "TZ=/etc * * * * *", "TZ=America * * * * *", "tz=UTC * * * * *"),
    *("TZ=UTC * * * *", "TZ=UTC @never", "TZ=a=b * * * * *", "UTC * * * * *", " TZ=UTC * * * * *"),
    *("TZ=CRON_TZ=UTC * * * * *", "TZ=\\x * * * * *", "TZ=EST5EDT 60 * * * *"),
]
ZONES = [
    *(
        "",
        "UTC",
        "Local",
        "Asia/Seoul",
        "America",
        "America/",
        "Nowhere",
        "Nowhere/Here",
        "Etc/UTC",
    ),
    *("../UTC", "/UTC", "\\UTC", "UTC/x", "EST", "GMT+5", "Etc/GMT+5", "US/Pacific", "a b"),
    *("America/Argentina", "America/Argentina/Ushuaia", "PST", "CST6CDT", ".", "x..y", "Asia/"),
]


def questions() -> Iterator[dict[str, Any]]:
    """All questions, in the order of the answers."""
    for schedule in SCHEDULES:
        yield {"schedule": schedule, "from": FROM, "count": COUNT}
    for zone, times in CHANGES.items():
        for schedule in CHANGED:
            yield {"schedule": f"TZ={zone} {schedule}", "from": list(times), "count": COUNT}
    for schedule in WRONG:
        yield {"schedule": schedule, "from": [], "count": 0}
    for zone in ZONES:
        yield {"zone": zone}


def main() -> None:
    """Ask all questions, and write them down with the answers."""
    asked = list(questions())
    ran = subprocess.run(
        ["go", "run", "."],
        cwd=PROGRAM,
        env={**os.environ, "TZ": "UTC"},
        input="".join(json.dumps(one) + "\n" for one in asked),
        check=True,
        capture_output=True,
        text=True,
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    rows = [{**question, **answer} for question, answer in zip(asked, answers, strict=True)]
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    RECORDED.write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
