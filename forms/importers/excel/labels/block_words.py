"""The words by which people label what stands around a table: who reports, for when, who signs."""

import re

from forms.importers.excel.labels import words

ROLES: tuple[tuple[str, str], ...] = (
    ("legal_number", r"表\s*号"),
    ("legal_issuer", r"制[表定]\s*(?:机关|单位|部门)"),
    ("legal_approval", r"(?:批准|备案)\s*(?:机关|文号|单位)|文\s*号"),
    ("legal_valid", r"有\s*效\s*期\s*(?:至|限至?|截止)?(?:时间)?"),
    ("unit", r"计[量算]单位|(?:金额)?单\s*位(?=[:：]\s*(?:%UNIT%))"),
    (
        "reporting_unit",
        (
            r"综合机关名称|填[报表写](?:单位|机构|部门)(?:名称)?|报送单位|上报单位|编[制报]单位|报表单位|汇总单位|报告单位|单\s*位(?:\s*[（(](?:盖章|公章|签章)[)）])?"
            r"|(?:[\u4e00-\u9fff]{0,6}(?:[省市州县区乡镇村所局院校]|乡镇|镇街|街道|社区|机构|部门|企业|公司|合作社|居委会|村委会))\s*[（(](?:盖章|公章|签章)[)）]"
        ),
    ),
    (
        "leader",
        r"单位负责人|主管领导|分管领导|单位领导|领导签[字名]|负\s*责\s*人|主要负责人|法定代表人签[字名]",
    ),
    ("verifier", r"统计负责人|审\s*核\s*人|复\s*核\s*人|审核|复核|部门负责人|科室负责人"),
    (
        "preparer",
        r"填\s*[报表写制]\s*人(?:员)?|制\s*表\s*人?|经\s*办\s*人|报\s*表\s*人|填\s*表(?=[:：])",
    ),
    ("phone", r"联系电话|联系方式|电\s*话"),
    (
        "date",
        r"报出日期|填[报表写]\s*(?:日期|时间)|上报(?:日期|时间)|报送(?:日期|时间)|制表(?:日期|时间)|日\s*期",
    ),
    (
        "period",
        r"报告期(?:别)?|所属(?:期|时期|月份|年度|时间)|统计(?:期间|时间|月份)|报表(?:日期|期间)|年\s*度|月\s*份|填报期",
    ),
    ("division_code", r"行政区划代码|地址编码"),
    ("seal", r"(?:单位)?[（(]?(?:盖章|公章|签章)[)）]?"),
)
_UNIT_WORDS = "|".join(sorted((re.escape(u) for u in words.UNITS), key=len, reverse=True))
PATTERNS = tuple((role, re.compile(p.replace("%UNIT%", _UNIT_WORDS))) for role, p in ROLES)
PATTERN_OF = dict(PATTERNS)
ANY = re.compile(
    "|".join(
        rf"(?P<{role}>(?<![\u4e00-\u9fff])(?:{p.replace('%UNIT%', _UNIT_WORDS)})(?:\s*[（(][^（()）]{{1,8}}[)）])?\s*[:：])"
        for role, p in ROLES
    )
)
PERIOD = re.compile(
    r"(?:(?:19|20)\s*[\d_＿]{0,2}|[二２][０○〇0][\d０-９一二三四五六七八九]{0,2})[\s_＿　]*年(?:度|\s*\d{1,2}\s*月?\s*[-—–~～至]\s*\d{1,2}\s*(?:季度|月份?)|[\s_＿　\d]*(?:[上下]半年|前[一二三四1-4]个?季度?|第?[\s_一二三四1-4　]*季度?|月))?"
)
NOTE = re.compile(
    r"^\s*(?:[【\[]?(?:填[报表写]?说明|填写说明|说\s*明|注(?:释|意事项)?|备\s*注|附\s*注|指标解释|指标关系|(?:本表)?(?:平衡|审核|逻辑|勾稽|校验|表[内间])关系|审核公式|编制说明|附\s*报|补充资料|资料来源|数据来源)[】\]]?\s*\d?\s*[:：．.、]?)"
)
