"""The page of the access review, from its beginning to its file."""

import re
from typing import Any


def test_a_review_from_beginning_to_end(log_in: Any) -> None:
    """Begun, looked at page by page, one ended, the rest kept; the auditor looks and takes the list."""
    security, auditor, huian = log_in("anquan"), log_in("shenji"), log_in("huian")
    assert "开始新的复核" in security.get("/access-review").text
    assert security.press("/access-review/begin").status_code == 303
    page = security.get("/access-review?q=惠安社区").text
    review = re.search(r'name="review" value="([^"]+)"', page)[1]
    position = re.search(r'name="position" value="([^"]+)"', page)[1]
    assert "江晚晴" in page
    there = security.press(
        "/access-review/decide",
        review=review,
        position=position,
        decision="ended",
        q="惠安社区",
        show="left",
    ).headers["location"]
    assert "江晚晴" not in security.get(there).text
    assert huian.get("/records").status_code == 403
    left = security.get("/access-review").text
    while shown := re.findall(r'name="shown" value="([^"]+)"', left):
        assert (
            security.press("/access-review/decide", review=review, shown=shown).status_code == 303
        )
        left = security.get("/access-review").text
    assert "自己的岗位由另一位安全管理员决定" in left
    security.press("/access-review/close", review=review)
    assert "还有 1 个岗位没有看" in security.get("/access-review").text
    file = auditor.get("/access-review/list.csv")
    assert file.status_code == 200
    text = file.content.decode("utf-8-sig")
    assert '"惠安社区居民委员会","江晚晴","huian","填报人"' in text
    assert '"结束"' in text
    assert auditor.get("/access-review").status_code == 200
    assert "保留</button>" not in auditor.get("/access-review").text
    trail = auditor.get("/audit").text
    assert "开始权限复核" in trail
