"""Korean has one word for one thing: in the program, in its labs and in README.ko.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.formats import goyaml

ROOT = Path(__file__).parent.parent
# what is not written -> what is; both are read by whoever has written the former
GLOSSARY = {
    "라벨": "레이블",
    "컨텍스트": "context",
    "네임스페이스": "namespace",
    "템플릿": "template",
    "컨트롤러": "controller",
    "쿼터": "quota",
    "API 서버": "API server",
    "연습 클러스터": "연습용 클러스터",
    "스케줄에|스케줄을": "일정",
    "기한": "시간 제한",
    r"(?<![\w./])label(?!\w)": "레이블",
    r"(?<![\w.])(?<!kubectl )[Ee]vents?(?=[은는이가을를의에와과])": "이벤트",
    r"Job[을이] 지(우|운|워)": "삭제",
    "파드": "Pod",
    r"(?<!\()exit code": "종료 코드, at first with (exit code)",
    r"종료코드": "종료 코드",
    r"(?<![\w.])[Mm]apping": "매핑",
    r"맵핑": "매핑",
    r"(?<!\()(?<!is )immutable": "바꿀 수 없다, at first with (immutable)",
    "불변": "바꿀 수 없다",
    "머신": "컴퓨터",
    "객체": "오브젝트",
    "매니패스트": "매니페스트",
    r"인가요|일까요": "입니까",
    r"파일을 썼습니다": "파일을 만들었습니다",
    r"(\d|\})s( 안에| 동안| 뒤|은|는|보다)": "초, in a sentence",
    r"(성공|시도|재시도|실패) \d번을": "성공을 한 번",
    r"Pod(가|를|는|만) (다시 |재)시작": "컨테이너, for a Pod is not restarted",
    r"들여 [쓰써썼씁]|들여서|더 들여(?!쓰)": "들여쓰다",
    "까닭": "이유",
    "일곱 가지": "실습 7개",
    r"따로 정(하지 않|한)": "플래그로 바꾸지 않았다면",
    r"Job은 계속됩니다|계속되고": "계속 실행됩니다",
    "본 것을 (남|보관)": "저장하다",
    "거절": "거부",
    "판정": "검사",
    "멈출 시간": "유예 시간, at first with (grace period)",
    "뜻밖의": "눈여겨볼 것은",
    "쓰지 않을 때의 기본값": "X입니다(쓰지 않았을 때의 기본값)",
    r"재시도 대기\(back-off\)": "back-off",
    r"(\}|/)이름|\[(이름|스크립트)": "NAME and SCRIPT, as in the other commands",
    "뜻했다면": "그 Job을 말하는 것이라면",
    r"\}입니까\?": "혹시 {name}{을/를} 쓰려고 했습니까?",
    r"\}번째 줄": "{line}행",
    r"든 글[을은이]|있는 글[을은이]": "문자열",
    r"\{이/가\} 끝냅니다": "{으로/로} 끝납니다",
    "주면 그래도": "그래도 보려면",
}
GLOSSED = {
    "종료 코드": "종료 코드(exit code)",
    "바꿀 수 없": "immutable",
    "유예 시간": "grace period",
}


def of_lab(value: Any) -> Iterator[str]:
    """The Korean texts of a lab, in the order of its file, each in one line."""
    if isinstance(value, dict) and "ko" in value:
        yield " ".join(str(value["ko"]).split())
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from of_lab(one)


LABS = {
    path.parent.name: list(of_lab(goyaml.value(goyaml.compose(path.read_text("utf-8"))[0])))
    for path in sorted(ROOT.glob("manifests/*/lab.yaml"))
}
TEXTS = {
    "the program": list(json.loads((ROOT / "kubectl_joblab/ko.json").read_text("utf-8")).values()),
    "README.ko.md": [(ROOT / "README.ko.md").read_text("utf-8")],
    **LABS,
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("wrong", GLOSSARY)
def test_a_thing_is_called_by_its_one_word(text: str, wrong: str) -> None:
    found = [one for one in TEXTS[text] if re.search(wrong, one)]
    assert not found, f"write {GLOSSARY[wrong]}"


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("word", GLOSSED)
def test_where_a_lab_first_has_a_word_it_is_explained_by_the_english_one(
    lab: str, word: str
) -> None:
    first = next((text for text in LABS[lab] if word in text), None)
    assert first is None or GLOSSED[word] in first


def test_the_program_explains_a_word_in_its_help_alone() -> None:
    """Its sentences meet on one screen, and in a table: there the word stands as it is."""
    catalog = json.loads((ROOT / "kubectl_joblab/ko.json").read_text("utf-8"))
    found = [en for en, ko in catalog.items() if "(exit code)" in ko and "\n" not in en]
    assert [one for one in found if not one.startswith("Show whether")] == []


STAGES = [
    stage
    for path in sorted(ROOT.glob("manifests/*/lab.yaml"))
    for stage in goyaml.value(goyaml.compose(path.read_text("utf-8"))[0]).get("stages", ())
]


@pytest.mark.parametrize("title", [one["title"]["ko"] for one in STAGES])
def test_a_stage_is_called_by_what_is_done_in_it(title: str) -> None:
    assert title.endswith("기")
