"""What the words of a sheet give away: a label, a unit, a code, a value. General language, no file known."""

import re
import unicodedata

_SPACE = re.compile(r"[\s\u3000\u200b\ufeff\uffa0\u3164\u2800\ue000-\uf8ff]+")
"""Characters of somebody's own font, which Word leaves behind, say nothing either."""
_CJK = r"\u3400-\u9fff"
_GAP = re.compile(rf"(?<=[{_CJK}（(）)、：:])\s+|\s+(?=[{_CJK}（(）)、：:])")
_TENS = {char: n for n, char in enumerate("一二三四五六七八九", 1)}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(" "))


UNITS = _listed(
    "亿元 万元 千元 百元 元 美元 万美元 人 万人 人次 万人次 户 万户 家 个 所 处 座 栋 幢 间 套 台 辆 艘 只 万只 头 万头 羽 万羽 匹 "
    "支 万支 瓶 盒 袋 箱 桶 顶 双 副 块 对 盏 部 门 卷 尾 万尾 剂 剂次 株 百株 万株 棵 根 万根 枝 盆 眼 张 份 件 项 次 本 册 篇 条 场 批 宗 例 起 名 床 吨 万吨 公斤 千克 克 斤 担 升 毫升 万毫升 万头份 万羽份 "
    "亩 万亩 公顷 千公顷 平方米 万平方米 平方公里 立方米 万立方米 米 公里 千米 厘米 毫米 千瓦 万千瓦 千瓦时 万千瓦时 度 小时 天 日 月 年 岁 "
    "% ％ ‰ 元/人 元/月 元/吨 元/股 元/平方米 百分点 公斤/亩 人/户 万头/只 万头/只/羽 头（只） 头(只)"
)
_UNIT_SET = frozenset(UNITS)
_PAREN = re.compile(r"[（(【\[]([^（()）【】\[\]]{1,14})[)）】\]]\s*$")
_UNIT_TAIL = re.compile(r"[,，;；/:：]\s*(?:单位[:：])?\s*([^,，;；:：]{1,8})$")
_UNIT_LIKE = re.compile(
    r"(?:单位[:：]?\s*)?(?:[百千万亿]*(?:元|人|户|个|头|只|羽|吨|亩|公顷|公斤|千克|米|平方米|立方米|株|件|次|台|辆|份|毫升|升|千瓦时?)"
    r"|无量纲|[mμuk]?g/(?:m3|m³|[a-zA-Z]{1,2})|[人户家车船班台辆头件场]次|[%％‰]|k?m|kg|mm|cm|㎡|m2|m3|km|kW|kV|MW|kWh|t|g|h|℃|°C|V|A|W|Hz|s|min|USD|KGS|MPa|bar|L|MVA|rpm)(?:/\S{1,6})?",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[-+−－]?[¥￥$]?\s?\d[\d,，]*(?:\.\d+)?\s?[%％‰]?|[-+−]?\.\d+|#(?:\d{1,2}|DIV/0!|REF!|N/A|VALUE!|NAME\?|NUM!|NULL!)"
)
_MEASURE = re.compile(
    r"(?:[约≤≥<>＜＞±~]\s*)?[-+−]?\d[\d,.]*\s*(?:[-~—–－至×xX*/]\s*[-+−]?\d[\d,.]*\s*)*"
    r"(?:[A-Za-zμΩ℃°㎡²³%％‰/·]{1,10}\d?|[百千万亿]?(?:元|人|户|个|名|位|座|岁|年|月|天|次|头|只|米|公里|千米|厘米|毫米|千克|公斤|克|吨|升|平方米|平方公里|马力|马赫|小时|分钟|秒|英寸|像素|核|节|亩|公顷|台|辆|架|艘|株))+"
)
_DATE = re.compile(
    r"\d{4}\s*[年./-]\s*\d{1,2}(?:\s*[月./-]\s*\d{1,2}\s*日?)?(?:月)?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}月\d{1,2}日"
)
_YEAR = re.compile(r"(?:19|20)\d{2}\s*(?:年度?|\.12\.31|年末|年初)?(?:[\(（].{1,6}[\)）])?")
_CHOICE = re.compile(r"[□■☐☑☒√✓○●◯◎]")
_CLOSED = frozenset(_listed("- -- — —— － ─ × ✕ ╳ / ／ * … ……"))
_WEB = re.compile(r"(?:https?://|www\.|[\w.+-]+@[\w-]+\.)", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?:[-转]\d{1,6})?")
_PLAIN_DATA = frozenset(
    _listed(
        "男 女 是 否 有 无 汉 汉族 满族 回族 藏族 大专 本科 硕士 博士 高中 初中 小学 中专 研究生 党员 群众 团员 正常 不适用 "
        "已婚 未婚 离异 丧偶 同意 不同意 合格 不合格 优 良 中 差 设立 暂无 未知 待定 不详 支持 不支持 可选 单一 良好 一般 健康 指"
    )
)
_LABEL_TAIL = re.compile(
    r"(?:名称|姓名|名|编号|编码|代码|号码|证号|号|日期|时间|年月|年份|月份|年度|性别|民族|年龄|籍贯|学历|学位|职务|职称|职业|职位|岗位|单位|部门|"
    r"金额|数量|个数|人数|户数|面积|总额|总量|总数|余额|价格|单价|价值|产量|产值|收入|支出|费用|成本|利润|资产|负债|比例|比重|占比|比率|率|增速|增长|增减|合计|小计|总计|共计|"
    r"类型|类别|种类|性质|等级|级别|规格|型号|标准|方式|方法|形式|用途|原因|理由|依据|内容|情况|状态|状况|结果|结论|意见|说明|备注|附注|描述|简介|简要|事项|项目|指标|参数|"
    r"地址|住址|地点|位置|区域|地区|省份|住所|邮编|邮政编码|电话|手机|传真|邮箱|电子邮箱|网址|联系人|联系方式|负责人|法定代表人|代表人|经办人|申请人|填表人|填报人|审核人|"
    r"序号|行次|期初|期末|本期|上期|本年|上年|本月|累计|同期|期间|期限|年限|目标|进度|特点|优点|优势|品牌|颜色|尺寸|大小|重量|容量|功率|电压|电流|频率|速度|温度|压力|长度|高度|宽度|厚度|"
    r"变更[前后]|所在(?:村|社区|乡|镇|街道|组)|要求|条件|范围|程度|水平|功能|能力|来源|去向|关系|身份证|照片|签名|签章|盖章|印章|材料|附件|主体|系统|厂家|产地|数|额|量|值|人|者|期|地|度)"
    r"(?:[（(].{1,16}[)）])?[:：]?"
)
_NAMED = re.compile(r"\d号$")
"""金星4号, 3号: one of several, and no heading as 证号 is."""
_STUB_HEAD = re.compile(
    r"(?:项目|指标|指标名称|名称|类别|地区|省份|区域|单位|序号|编号|行次|代码|编号|姓名|年份|品种|种类|村|乡镇|科目|行业|产品|账龄|性质|内容|事项|畜种|指标值|分类|分组|类型)"
)
_PRINTED_HEAD = re.compile(r"[\u4e00-\u9fff]{0,4}(?:项目|指标|指标名称|科目|栏目|内容|事项|要点)")
_TOTAL = re.compile(
    r"[一-龥、0-9（()）\s]{0,6}(?:合计|总计|小计|共计|总和|总分)(?:[（(].{1,8}[)）])?|累?计"
)
_DERIVED = re.compile(
    r"^[±+]?(?:增减|增长|增幅|增速|变动|变化|同比|环比|比上年|较上年|占.{0,8}比|比[重例率])|(?:增减|增长|增幅|增速|变动|变化|比重|比例|占比|比率)(?:率|额|数|量|[（(].{0,4}[)）]|[%％])*$"
    r"|[%％‰]$|(?:单产|单价|均价|价格|人均|户均|平均.{0,6}|指数)(?:[（(].{0,8}[)）])?$"
)
_ENUM = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十0-9]+[)）]|\d{1,2}[、.．](?!\d)|[①-⑳]|其中[:：]?|减[:：]|加[:：])"
)
_SENTENCE = re.compile(r"[，。；！？]")


def squeezed(text: str) -> str:
    """A label as people say it: no padding between characters, full-width digits and brackets made plain."""
    flat = unicodedata.normalize("NFKC", text)
    flat = _SPACE.sub(" ", flat).strip()
    return _GAP.sub("", flat).strip()


def label(text: str) -> str:
    """A label for showing: padding out, Chinese punctuation kept."""
    flat = _SPACE.sub(" ", text.replace("\xa0", " ")).strip()
    return re.sub(rf"(?<=[{_CJK}（])\s+(?=[{_CJK}）])", "", flat)


def before_colon(text: str) -> str:
    """The label of `统计截止时间：2025年6月30日`."""
    return label(re.split("[:：□]", text, maxsplit=1)[0])


def unit_of(text: str) -> tuple[str, str | None]:
    """A label without its unit, and the unit: `面积（亩）` is `面积` in `亩`."""
    flat = label(text)
    match = _PAREN.search(flat)
    if match and is_unit(match[1]):
        rest = flat[: match.start()].rstrip()
        if rest:
            return rest, plain_unit(match[1])
    match = _UNIT_TAIL.search(flat)
    if match and match[1] in _UNIT_SET and match.start() > 0:
        return flat[: match.start()].rstrip(), match[1]
    if flat.endswith(("%", "％", "‰")) and len(flat) > 1:
        return flat[:-1].rstrip(), flat[-1].replace("％", "%")
    return flat, None


def plain_unit(text: str) -> str:
    """`单位：万元` is `万元`."""
    flat = squeezed(text).replace(" ", "")
    flat = re.sub(r"^[（(](.*)[)）]$", r"\1", flat)
    return re.sub(r"^(?:计量|计算)?单位[:：]?", "", flat)


def is_unit(text: str) -> bool:
    """Whether a text is a unit of measure and nothing else."""
    flat = plain_unit(text)
    if flat in _UNIT_SET or _UNIT_LIKE.fullmatch(flat):
        return True
    parts = re.split(r"[/、或]", flat)
    return len(parts) > 1 and all(part in _UNIT_SET or _UNIT_LIKE.fullmatch(part) for part in parts)


def is_number(text: str) -> bool:
    """A plain number, an amount, a percentage."""
    return bool(_NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def is_measure(text: str) -> bool:
    """A number with its unit, or a range: `175 cm`, `-25-45°C`."""
    return bool(_MEASURE.fullmatch(text.strip()))


def is_date(text: str) -> bool:
    """A date or a month of a year, or from one to another."""
    parts = re.split(r"\s*(?:至|到|—|–|~|～|-(?=\s*\d{4}))\s*", text.strip())
    return len(parts) <= 2 and all(_DATE.fullmatch(part) for part in parts)


def is_year(text: str) -> bool:
    """A year standing for a column: `2021年度`."""
    return bool(_YEAR.fullmatch(text.strip()))


def is_closed(text: str) -> bool:
    """The mark of a cell that must not be filled."""
    return text.strip() in _CLOSED


def has_choice(text: str) -> bool:
    """Boxes to tick."""
    return bool(_CHOICE.search(text))


def is_contact(text: str) -> bool:
    """A telephone number, an address of the net."""
    flat = text.strip()
    return bool(_WEB.search(flat) or _PHONE.fullmatch(flat))


def is_plain_data(text: str) -> bool:
    """A word that is nearly always an answer: 男, 是, 汉族."""
    return squeezed(text) in _PLAIN_DATA


def ends_like_label(text: str) -> bool:
    """Ends in a word by which things are called on forms: …名称, …日期, …金额."""
    flat = squeezed(text)
    return bool(re.search(_LABEL_TAIL.pattern + r"$", flat)) and not _NAMED.search(flat)


def is_stub_head(text: str) -> bool:
    """Heads a column of row labels: 项目, 指标名称, 地区."""
    return bool(_STUB_HEAD.fullmatch(squeezed(text)))


def is_printed_head(text: str) -> bool:
    """Heads a column of what is asked about, printed row by row: 考核内容, 检查项目."""
    return bool(_PRINTED_HEAD.fullmatch(squeezed(text).replace(" ", "")))


def is_total(text: str) -> bool:
    """合计 and its kin."""
    return bool(_TOTAL.fullmatch(squeezed(text)))


def is_derived(text: str) -> bool:
    """A comparison of other figures, not a figure of its own: 增减, 增减%, 比上年增长, 占比, 单产."""
    return bool(_DERIVED.search(squeezed(text)))


def is_enumerated(text: str) -> bool:
    """Begins like an item of a list: 一、 （二） 3. ① 其中：."""
    return bool(_ENUM.match(text))


def sentence_marks(text: str) -> int:
    """Commas and full stops of running text."""
    return len(_SENTENCE.findall(text))


def figure(text: str) -> str:
    """`十二` is 12; digits lose their zeros, and letters stay."""
    if text.isdigit():
        return str(int(text))
    if not text or any(char not in _TENS and char != "十" for char in text):
        return text
    tens, mark, ones = text.rpartition("十")
    return str((_TENS.get(tens, 1) if mark else 0) * 10 + _TENS.get(ones, 0))
