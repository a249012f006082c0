"""predict: answers that cannot be read are told in the learner's language."""

from __future__ import annotations

import pytest

from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize(
    ("answer", "lang", "told"),
    [
        pytest.param(
            "pods=zwei", "en", "error: --answer pods=zwei: write a whole number", id="in English"
        ),
        pytest.param(
            "pods=zwei", "ko", "error: --answer pods=zwei: 답의 형식: 정수", id="in Korean"
        ),
        pytest.param(
            "x=1",
            "ko",
            "error: --answer x=1: 다음 가운데 하나로 쓰세요: pods=...",
            id="an unknown question",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(
    cluster: Cluster, answer: str, lang: str, told: str
) -> None:
    screen = cluster.run("predict", "deadline", "--answer", answer, f"--lang={lang}")
    assert (screen.err.splitlines()[0], screen.code) == (told, 1)
