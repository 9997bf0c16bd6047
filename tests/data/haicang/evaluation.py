"""Self-evaluations of 2019, the 33 key evaluations, their people, and the two ex-ante evaluations."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from . import projects
from .execution import at_rate, round_like
from .table import World, chance, fen, points, yuan

LEVELS = (("达成年度指标", 80, 100), ("部分达成并具有一定效果", 60, 79), ("未达成且效果较差", 0, 59))
# Framework of the key evaluations: level 1, level 2, level 3, points.
FRAMEWORK = [("决策", "项目立项", "立项依据充分性", 4), ("决策", "项目立项", "立项程序规范性", 4),
             ("决策", "绩效目标", "绩效目标合理性", 3), ("决策", "绩效目标", "绩效指标明确性", 3),
             ("决策", "资金投入", "预算编制科学性", 3), ("决策", "资金投入", "资金分配合理性", 3),
             ("过程", "资金管理", "资金到位率", 3), ("过程", "资金管理", "预算执行率", 4),
             ("过程", "资金管理", "资金使用合规性", 5), ("过程", "组织实施", "管理制度健全性", 4),
             ("过程", "组织实施", "制度执行有效性", 4), ("产出", "产出数量", "实际完成率", 10),
             ("产出", "产出质量", "质量达标率", 8), ("产出", "产出时效", "完成及时性", 6),
             ("产出", "产出成本", "成本节约率", 6), ("效益", "项目效益", "实施效益", 20),
             ("效益", "项目效益", "满意度", 10)]
FINANCE_TOTALS = ["84.60", "88.20", "80.40", "86.50", "91.30", "83.70", "87.90", "85.10"]
PROBLEMS = {"绩效管理意识薄弱": ("项目单位绩效管理意识薄弱，绩效目标与指标由财务人员代填，业务科室参与不足",
                         "加强绩效管理培训，明确业务科室绩效管理责任"),
            "预算编制不够精准细化": ("预算编制不够精准细化，测算依据不充分，明细支出与实际差异较大",
                           "细化预算测算，按实际工作量和标准编制预算"),
            "预算执行率偏低": ("预算执行率偏低，资金支付集中在第四季度", "合理安排实施进度，提高预算执行率")}
PEOPLE = [("DB01", "示例代表甲", "区人大代表", ""), ("DB02", "示例代表乙", "区人大代表", ""),
          ("WY01", "示例委员甲", "区政协委员", ""), ("WY02", "示例委员乙", "区政协委员", ""),
          ("JG01", "示例咨询机构一", "第三方机构", "咨询公司"), ("JG02", "示例咨询机构二", "第三方机构", "咨询公司"),
          ("JG03", "示例会计师事务所三", "第三方机构", "会计师事务所"), ("JG04", "示例会计师事务所四", "第三方机构", "会计师事务所"),
          ("JG05", "示例评估机构五", "第三方机构", "资产评估机构"), ("JG06", "示例研究院六", "第三方机构", "科研院所"), ("JG07", "示例培训咨询机构七", "第三方机构", "咨询公司"),
          *((f"ZJ{n:02d}", f"示例专家{n:02d}", "专家", field) for n, field in
            enumerate(("财务", "工程", "教育", "民政", "农业", "信息化", "文化", "环境"), 1))]


def make(world: World) -> None:
    """All evaluations of the year."""
    world.table("panel.csv", "编号 姓名或名称 类别 专业或性质",
                [[code, name, kind, field] for code, name, kind, field in PEOPLE])
    self_evaluate(world)
    key_evaluate(world)
    engage(world)
    ex_ante(world)


def self_evaluate(world: World) -> None:
    """Every objective ratified for 2019, evaluated in 2020: the form's head and its indicators."""
    rng = chance("self-evaluation")
    heads, rows = [], []
    for number, p in enumerate(world.of_year(2019)):
        budget, spent = p.budget(2019), world.executed(2019, p.code)
        outcome = [attain(rng, i, p.name) for i in world.objectives[(2019, p.code)]["indicators"]]
        missed = sum(1 for o in outcome if o[3])
        late = spent * 10 < budget * 9
        supplement, reduction = max(budget - p.initial[2019], 0), max(p.initial[2019] - budget, 0)
        heads.append([2019, 2020, p.code, "第三方指导自评" if number % 9 == 2 else "单位自评",
                      "2020-%02d-%02d" % rng.choice(((3, 20), (3, 24), (3, 27), (3, 30), (4, 8), (4, 10))),
                      yuan(p.initial[2019]), yuan(supplement), yuan(reduction), yuan(budget), yuan(spent),
                      f"{p.name}：年度目标{'基本' if missed else ''}完成。",
                      f"{p.name}部分资金结算晚于计划，年末前未完成支付。" if late else "",
                      "存在问题见偏差原因分析。" if missed else "",
                      "加快结算和支付，细化年度实施计划。" if missed or late else "", "已审核"])
        rows += [[2019, p.code, index, *o] for index, o in enumerate(outcome, 1)]
    world.table("selfevaluations.csv", "评价年度 工作年度 项目代码 自评方式 报送日期 年初预算数 追加 追减 全年预算数 全年执行数 "
                "年度总体目标完成情况 执行率偏低原因 存在问题 改进措施 状态", heads)
    world.table("selfevaluation-indicators.csv", "评价年度 项目代码 序号 完成值 定性得分 定性等级 偏差原因及改进措施", rows)


def attain(rng, indicator: dict, name: str) -> tuple[str, str, str, str]:
    """Actual value of the year; for a qualitative one the chosen score and its level; the reason of a deviation."""
    target, kind, weight = indicator["target"], indicator["behaviour"], indicator["weight"]
    luck = rng.randint(1, 100)
    what = f"{name}“{indicator['name']}”"
    if kind == "text":
        level, low, high = LEVELS[0 if luck <= 85 else 1 if luck <= 97 else 2]
        score = points(-(-weight * rng.randint(low, high) // 100))  # rounded up: never below the band
        return level, score, level, "" if luck <= 85 else f"{what}效果显现需要一定周期，下年持续跟踪改进"
    value = Decimal(target)
    if kind == "zero":
        return ("1", "", "", f"{what}发生1起，已整改并完善制度") if luck == 100 else ("0", "", "", "")
    if kind == "max":
        if luck > 92 and value:
            return (round_like(value * rng.randint(108, 130) / 100, target, ROUND_CEILING), "", "",
                    f"{what}超出控制数，下年从严控制")
        if indicator["sign"] == "≤" and luck <= 40:
            return target, "", "", ""
        return round_like(value * rng.randint(70, 94) / 100, target, ROUND_FLOOR), "", "", ""
    if luck > 90:
        return (round_like(value * rng.randint(72, 97) / 100, target, ROUND_FLOOR), "", "",
                f"{what}未达年初目标，下年提前部署")
    if kind == "count" and luck > 84:
        return (round_like(value * rng.randint(150, 260) / 100, target), "", "",
                f"{what}年初目标设定偏低，下年合理调整指标值")
    if kind == "count":
        return round_like(value * rng.randint(100, 112) / 100, target), "", "", ""
    return target if kind == "exact" else at_rate(rng, value, indicator, 104), "", "", ""


def lose(rng, loss: int) -> list[int]:
    """Spreads lost tenths of a point over the framework; no item loses more than half of its points."""
    lost = [0] * len(FRAMEWORK)
    while loss:
        at = rng.randrange(len(FRAMEWORK))
        step = min(loss, rng.randint(1, 6), FRAMEWORK[at][3] * 5 - lost[at])
        lost[at] += step
        loss -= step
    return lost


def key_evaluate(world: World) -> None:
    """keyevaluations.csv with the score of every framework indicator, panels and findings."""
    rng = chance("key evaluations")
    heads, scores, findings, seats = [], [], [], []
    for number, (kind, p) in enumerate(world.key_projects, 1):
        led = kind == "财政评价"
        code = f"{'CZ' if led else 'BM'}2019-{number if led else number - 8:02d}"
        tenths = int(fen(FINANCE_TOTALS[number - 1]) // 10) if led else rng.randint(705, 948)
        for (level1, level2, level3, full), lost in zip(FRAMEWORK, lose(rng, 1000 - tenths)):
            scores.append([code, level1, level2, level3, full, points((full * 10 - lost) * 10),
                           "" if not lost else f"{level3}存在不足，扣{points(lost * 10)}分"])
        lead = f"JG{3 + number % 3:02d}" if led else "JG06" if number % 2 else ""
        organiser = "105001" if led else p.unit.department + "001" if p.unit.kind != "街道办事处" else p.unit.code
        heads.append([code, kind, 2019, 2020, p.code, p.unit.code, organiser, lead, yuan(p.initial[2019]),
                      "2020-06-15", "2020-09-28", "2020-10-20", "2020-10-30"])
        seat(seats, number, code, led, lead)
        rate = world.executed(2019, p.code) * 100 // p.budget(2019)
        kinds = [k for k in PROBLEMS if k != "预算执行率偏低" or rate < 90]
        kinds = kinds if led else rng.sample(kinds, 1)
        for index, problem in enumerate(kinds, 1):
            text, advice = PROBLEMS[problem]
            extra = f"（2019年执行率{rate}%）" if problem == "预算执行率偏低" else ""
            findings.append([code, index, problem, text + extra, advice, "2020-11-30",
                             "已按建议制定整改措施并落实", f"2020-11-{rng.randint(16, 27):02d}", "已完成"])
    world.table("keyevaluations.csv", "评价编号 评价类型 评价年度 工作年度 项目代码 被评价单位代码 组织单位代码 主评机构编号 "
                "评价金额 启动日期 征求意见日期 结果确定日期 结果通知日期", heads)
    world.table("keyevaluation-scores.csv", "评价编号 一级指标 二级指标 三级指标 满分 得分 扣分说明", scores)
    world.table("keyevaluation-findings.csv", "评价编号 序号 问题类别 存在问题 整改建议 整改期限 整改情况 反馈日期 整改状态", findings)
    world.table("keyevaluation-panel.csv", "评价编号 参与人编号 角色 意见", seats)


def seat(seats: list, number: int, code: str, led: bool, lead: str) -> None:
    """Who takes part in one evaluation: deputies and members advise, and only in the finance bureau's eight."""
    if lead:
        seats.append([code, lead, "主评机构", ""])
    seats.append([code, f"ZJ{number % 8 + 1:02d}", "专家", "指标体系设置合理，证据基本充分"])
    if led:
        for person in (PEOPLE[(number - 1) % 4], PEOPLE[number % 4]):
            seats.append([code, person[0], person[2], "建议加强项目后续管理，注重群众感受"])


def engage(world: World) -> None:
    """engagements.csv: what each institution was hired for; the helper of self-evaluations evaluates nobody."""
    rows = [["WT2020-01", "JG01", "105001", "目标审核", "全部", "", 2020, 2020, "2020-01-03", "2020-01-20"],
            ["WT2020-02", "JG02", "105001", "监控审核", "全部", "", 2020, 2020, "2020-07-06", "2020-07-31"],
            ["WT2020-03", "JG07", "105001", "自评辅导", "全部", "", 2019, 2020, "2020-03-02", "2020-04-30"],
            ["WT2020-04", "JG06", "105001", "事前评估", "项目", world.named(projects.SEWAGE).code, 2020, 2020, "2020-07-13", "2020-08-14"],
            ["WT2020-05", "JG06", "105001", "事前评估", "项目", world.named(projects.ACADEMY).code, 2020, 2020, "2020-07-13", "2020-08-14"]]
    for head in world.tables["keyevaluations.csv"][1]:
        if head[7]:
            rows.append([f"WT2020-{len(rows) + 1:02d}", head[7], head[6], "重点评价", "重点评价", head[0], 2019, 2020,
                         "2020-06-15", "2020-10-30"])
    world.table("engagements.csv", "委托编号 机构编号 委托方单位代码 事项类型 对象类型 对象编号 业务年度 工作年度 开始日期 结束日期", rows)


def ex_ante(world: World) -> None:
    """exante.csv: two projects at the mid-year adjustment; request and arranged amount side by side."""
    asked = {projects.SEWAGE: ("24,860,000", (18, 17, 17, 18, 19)), projects.ACADEMY: ("11,354,380", (17, 16, 18, 17, 19))}
    rows = []
    for number, (name, (amount, scores)) in enumerate(asked.items(), 1):
        p = world.named(name)
        arranged = yuan(projects.EXANTE[name])
        rows.append([f"SQ2020-{number:02d}", 2020, 2020, p.code, p.unit.code, "JG06", "2020-08-12", yuan(fen(amount)),
                     *scores, sum(scores), "调整后支持", arranged, arranged, projects.MIDYEAR.isoformat(),
                     "核减部分测算依据不足的支出后予以支持"])
    world.table("exante.csv", "评估编号 预算年度 工作年度 项目代码 单位代码 评估机构编号 评估日期 申请金额 立项必要性得分 "
                "投入经济性得分 绩效目标合理性得分 实施方案可行性得分 筹资合规性得分 总分 评估结论 建议金额 安排金额 "
                "安排日期 说明", rows)
