"""objectives.csv, indicators.csv and reviews.csv: what was promised for 2019 and 2020."""

from decimal import Decimal

from . import bank, projects
from .table import World, chance, points, yuan

RATIFIED = {2019: "2019-01-28", 2020: "2020-01-23"}
SUBMITTED = {2019: "2018-12-21", 2020: "2019-12-20"}
# The four properties (四性): points, and the problem that a returned form has there.
FOUR = [("完整性", 20, "年度总体目标未填写完整，缺少可核查的预期产出"),
        ("相关性", 30, "指标与项目资金用途关联不足，年度目标表述笼统"),
        ("适当性", 30, "指标值明显偏低，与申请资金规模不匹配"),
        ("可行性", 20, "实施条件和进度安排未说明，目标可实现性论证不足")]
VAGUE = "做好相关工作，取得良好成效。"


def make(world: World) -> None:
    """Every project budgeted in 2019 or 2020 has a ratified objective with exact weights."""
    heads, rows = [], []
    for year in (2019, 2020):
        rng = chance(f"objectives {year}")
        for number, p in enumerate(world.of_year(year)):
            indicators = choose(rng, p, number)
            weigh(indicators, number)
            goal = bank.GOALS[p.archetype].format(name=p.name)
            first = indicators[0]
            annual = f"{year}年度：{goal}预期产出：{first['name']}{first['sign'].replace('定性', '')}{first['target']}{first['unit']}。"
            world.objectives[(year, p.code)] = {"indicators": indicators, "annual": annual}
            money, life = yuan(p.initial[year]), yuan(projects.life(p)[1])
            heads.append([year, p.code, p.unit.code, p.unit.department,
                          f"{year}-01-01", f"{year}-12-31", life, life, "0.00", money, money, "0.00", "0.00", goal, annual,
                          SUBMITTED[year], "已批复", RATIFIED[year], f"示例文号〔{year}〕1号"])
            for index, i in enumerate(indicators, 1):
                level1, level2 = bank.LEVELS[i["level"]]
                rows.append([year, p.code, index, level1, level2, i["name"], i["sign"], i["target"], i["unit"],
                             points(i["weight"]), standard(i)])
    world.table("objectives.csv", "预算年度 项目代码 实施单位代码 主管部门代码 计划开始日期 计划完成日期 项目资金总额 项目财政资金 "
                "项目其他资金 年度资金申请总额 当年财政拨款 上年结转资金 其他资金 项目总目标 年度总体目标 "
                "报送日期 状态 批复日期 批复文号", heads)
    world.table("indicators.csv", "预算年度 项目代码 序号 一级指标 二级指标 三级指标 计算符号 指标值 计量单位 权重 评分标准", rows)
    review(world)


def choose(rng, project, number: int) -> list[dict]:
    """Indicators of one project; some projects serve nobody directly and have no satisfaction indicator."""
    chosen = []
    for level, name, sign, target, unit, behaviour in bank.lines(project.archetype):
        chosen.append({"level": level, "name": name, "sign": sign, "target": draw(rng, target),
                       "unit": "" if unit == "-" else unit, "behaviour": behaviour})
    if number % 11 == 5 and project.archetype in ("works", "purchase", "system"):
        chosen = [i for i in chosen if i["level"] != "满意"]
    elif number % 13 == 7:  # the form with four equal indicators
        chosen = [next(i for i in chosen if i["level"] in group)
                  for group in (("数量",), ("质量",), ("社会", "经济", "生态"), ("满意",))]
    return chosen


def draw(rng, target: str) -> str:
    """A target from `lo..hi/step`, or the text itself."""
    if ".." not in target:
        return target
    span, step = target.split("/")
    low, high = (Decimal(x) for x in span.split(".."))
    steps = int((high - low) / Decimal(step))
    return str(low + rng.randint(0, steps) * Decimal(step))


def weigh(indicators: list[dict], number: int) -> None:
    """Weights in hundredths of a point, summing to exactly 90 (10 are kept for budget execution)."""
    groups: dict[str, list[dict]] = {}
    for i in indicators:
        groups.setdefault(bank.LEVELS[i["level"]][0], []).append(i)
    if len(indicators) == 4:
        shares = dict.fromkeys(groups, 2250)
        shares["产出指标"] = 4500
    elif "满意度指标" in groups:
        shares = {"产出指标": 5000, "效益指标": 3000, "满意度指标": 1000}
    else:  # its ten points move to the benefit
        shares = {"产出指标": 5000, "效益指标": 4000}
    # Two styles: whole points with the rest on the first, or equal shares to the cent.
    grain = 1 if number % 5 == 2 else 100
    for level, members in groups.items():
        each = shares[level] // len(members) // grain * grain if len(indicators) != 4 else 2250
        for i in members:
            i["weight"] = each
        members[0]["weight"] += shares[level] - each * len(members)


def standard(indicator: dict) -> str:
    """The scoring standard (评分标准) in words."""
    return {"text": "达成年度指标得权重100%—80%（含），部分达成得80%—60%（含），未达成得60%—0%",
            "zero": "未发生得满分，发生不得分",
            "max": "不超过指标值得满分，超过按比例扣分"}.get(indicator["behaviour"], "达到指标值得满分，未达到按完成比例得分")


def review(world: World) -> None:
    """Collective review of the 319 forms of 2020 by a third party: 优, 良 by consultation, or 中: returned once."""
    rng = chance("reviews")
    rows = []
    for number, p in enumerate(world.of_year(2020)):
        grade = "中" if number % 11 == 3 else "良" if rng.randint(1, 100) <= 30 else "优"
        rounds = [("中", VAGUE), ("优", "")] if grade == "中" else [(grade, "")]
        for turn, (given, draft) in enumerate(rounds, 1):
            worst = rng.randrange(4)
            scores = [share * {"优": 96, "良": 88, "中": 84}[given] // 10 for _, share, _ in FOUR]
            if given == "中":
                scores[worst] = FOUR[worst][1] * 35 // 10
            problem = FOUR[worst][2] if given != "优" else ""
            day = f"2020-01-{rng.randint(6, 10) + 7 * (turn - 1):02d}"
            rows.append([2020, p.code, turn, "JG01", day, *[points(s * 10) for s in scores],
                         points(sum(scores) * 10), given, problem, draft])
    world.table("reviews.csv", "预算年度 项目代码 轮次 审核机构代码 审核日期 完整性得分 相关性得分 适当性得分 可行性得分 "
                "总分 审核等级 存在问题 当轮年度总体目标", rows)
