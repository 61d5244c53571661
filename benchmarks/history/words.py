"""What the made-up articles are made of: everyday words in two languages.

Hides how a sentence is put together. Sentences drawn so have next to nothing in common.
"""

from __future__ import annotations

from random import Random


def _parted(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = _parted(
    "harbour orchard lantern meadow quarry rampart spindle thicket viaduct weaver acorn barley cobbler ditch ember ferry garden"
    " hamlet island juniper kettle ladder mill needle oven parlour quilt ribbon saddle tannery urn valley wagon yard anvil bellows"
    " chapel dairy easel furnace glazier heron inkwell jetty kiln loom mason nursery oats pulley quay reeds stable timber upland"
    " vineyard wharf yew zither almond bakery canal dyke elm forge gate hedge ivy jar keel lock marsh nest osier pier"
)
ENGLISH_VERBS = _parted(
    "opened repaired painted counted moved measured planted carried finished visited praised rebuilt lent bought"
)
KOREAN = _parted(
    "과수원 등대 방앗간 나루터 언덕 개울 창고 돌다리 종탑 온실 목장 양어장 채석장 도자기 수차 갈대밭 포도밭 제재소 우물 학교 도서관"
    " 합창단 악기 그물 광주리 물레 기와 담장 논밭 보리 감자 옥수수 콩밭 사과 밤나무 소나무 참나무 버드나무 강변 항구 등잔 시계 화로"
    " 책장 그림 꽃밭 양묘장 저수지 수문 선창 배나무 염소 토끼 비둘기 제비 거위 여울 고개 골짜기 마루 대문 창문 기둥"
)
KOREAN_VERBS = _parted("고쳤다 세웠다 심었다 옮겼다 가꾸었다 펼쳤다 이었다 마련했다 닦았다 쌓았다 돌보았다 나누었다")


def english_sentence(draw: Random) -> str:
    """A sentence of words that hardly come together again."""
    nouns = draw.sample(ENGLISH, 4)
    return (
        f"The {nouns[0]} by the {nouns[1]} was {draw.choice(ENGLISH_VERBS)} before the {nouns[2]} and the {nouns[3]},"
        f" {draw.randrange(2, 900)} {draw.choice(ENGLISH)}s in all."
    )


def korean_sentence(draw: Random) -> str:
    """A sentence in Korean."""
    nouns = draw.sample(KOREAN, 5)
    return (
        f"{nouns[0]} 옆의 {nouns[1]}에서 사람들은 {nouns[2]} {draw.randrange(2, 900)}개와 {nouns[3]} 그리고 {nouns[4]}을"
        f" {draw.choice(KOREAN_VERBS)}."
    )
