"""Recomputes the 44 figures from the files with decimal arithmetic and tests that the files agree with each other.

Nothing here is taken from figures.csv except what to compare with; nothing is taken from the generator.
"""

from collections import defaultdict
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path

from .table import read

UNITS = {"亿元": Decimal(10) ** 8, "万元": Decimal(10) ** 4}
KINDS = ("年初预算", "追加", "追减")
BANDS = ((Decimal(90), "优秀"), (Decimal(80), "良好"), (Decimal(60), "中等"), (Decimal(0), "差"))


class Files:
    """The folder's tables, and the sums over them that several figures share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.units = {u["单位代码"]: u for u in self["units.csv"]}
        self.projects = {p["项目代码"]: p for p in self["projects.csv"]}
        self.budgets = self["budgets.csv"]
        self.paid = defaultdict(Decimal)
        for year in (2019, 2020):
            for p in self[f"payments-{year}.csv"]:
                self.paid[(p["预算年度"], p["项目代码"])] += Decimal(p["金额"])

    def __getitem__(self, name: str) -> list[dict[str, str]]:
        return read(self.folder, name)

    def budget(self, year: int, only=lambda b: True, kinds=("年初预算",)) -> Decimal:
        """Sum of budget entries of a year; reductions are below zero."""
        return sum((Decimal(b["金额"]) for b in self.budgets
                    if b["年度"] == str(year) and b["变动类型"] in kinds and only(b)), Decimal(0))

    def named(self, name: str) -> str:
        """Code of the one project of this name."""
        (code,) = [c for c, p in self.projects.items() if p["项目名称"] == name]
        return code

    def ratified(self, year: int) -> list[dict[str, str]]:
        return [o for o in self["objectives.csv"] if o["预算年度"] == str(year) and o["批复日期"]]

    def account(self, code: str) -> str:
        return self.projects[code]["预算"]

    def department(self, code: str) -> str:
        return self.projects[code]["主管部门代码"]


def amounts(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(r[column]) for r in rows), Decimal(0))


def one(rows: list[dict[str, str]], **having: str) -> dict[str, str]:
    """The one row with these values."""
    (row,) = [r for r in rows if all(r[k] == v for k, v in having.items())]
    return row


def spenders(files: Files, codes) -> tuple[int, int]:
    """How many of the units with these codes are budget units and how many streets."""
    kinds = [files.units[c]["单位类型"] for c in set(codes)]
    return sum(k in ("本级", "所属预算单位", "局属事业单位") for k in kinds), kinds.count("街道办事处")


def targets(files: Files) -> dict[str, object]:
    """Sections 0 to 2 of the summary: plan, trainings, objectives, monitoring."""
    plans, sessions = files["plans.csv"], files["trainings.csv"]
    year_plan, long_plan = one(plans, 计划类型="年度工作计划"), one(plans, 计划类型="三年执行计划")
    accounts = {"gpb": "一般公共预算", "govfund": "政府性基金预算"}
    ratified = {k: [o for o in files.ratified(2020) if files.account(o["项目代码"]) == a] for k, a in accounts.items()}
    reported = {r["项目代码"] for r in files["monitoring-reports.csv"] if r["审核结论"].endswith("通过")}
    watched = {k: [o for o in rows if o["项目代码"] in reported] for k, rows in ratified.items()}
    units, streets = spenders(files, (o["实施单位代码"] for o in ratified["gpb"]))
    gpb = files.budget(2020, lambda b: files.account(b["项目代码"]) == accounts["gpb"])
    money = "当年财政拨款"
    return {
        "report_year": year_plan["起始年度"], "plan_document": long_plan["依据文号"],
        "plan_horizon_years": int(long_plan["结束年度"]) - int(long_plan["起始年度"]) + 1,
        "plan_target_date": long_plan["目标日期"],
        "training_targets": "; ".join(dict.fromkeys(s["培训对象"] for s in sessions)),
        "target_gpb_amount_fy2020": amounts(ratified["gpb"], money),
        "target_unit_count": units, "target_street_count": streets,
        "target_gpb_project_count": len(ratified["gpb"]),
        "target_gpb_coverage": amounts(ratified["gpb"], money) * 100 / gpb,
        "target_govfund_project_count": len(ratified["govfund"]),
        "target_govfund_amount": amounts(ratified["govfund"], money),
        "monitor_gpb_coverage": amounts(watched["gpb"], money) * 100 / gpb,
        "monitor_gpb_amount": amounts(watched["gpb"], money),
        "monitor_govfund_amount": amounts(watched["govfund"], money)}


def evaluations(files: Files) -> dict[str, object]:
    """Sections 3 to 5: ex-ante, self-evaluation, key evaluation."""
    exante, own, key = files["exante.csv"], files["selfevaluations.csv"], files["keyevaluations.csv"]
    units, streets = spenders(files, (files.projects[r["项目代码"]]["实施单位代码"] for r in own))
    done = {r["项目代码"] for r in own}
    year = {r["评价年度"] for r in own}
    covered = amounts([o for o in files.ratified(2019) if o["项目代码"] in done], "当年财政拨款")
    finance = {r["评价编号"] for r in key if r["评价类型"] == "财政评价"}
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for s in files["keyevaluation-scores.csv"]:
        totals[s["评价编号"]] += Decimal(s["得分"])
    people = {p["编号"] for p in files["panel.csv"] if p["类别"] in ("区人大代表", "区政协委员")}
    lowest = min(totals[code] for code in finance)
    return {
        "exante_project_count": len(exante), "exante_amount": amounts(exante, "申请金额"),
        "selfeval_unit_count": units, "selfeval_street_count": streets,
        "selfeval_target_year": " ".join(year), "selfeval_amount": covered,
        "selfeval_coverage": covered * 100 / files.budget(2019),
        "keyeval_total_count": len(key), "keyeval_amount": amounts(key, "评价金额"),
        "keyeval_finance_count": len(finance), "keyeval_department_count": len(key) - len(finance),
        "keyeval_year": " ".join({r["评价年度"] for r in key}),
        "keyeval_deputies_members": len(people & {s["参与人编号"] for s in files["keyevaluation-panel.csv"]
                                                  if s["评价编号"] in finance}),
        "keyeval_finance_min_grade": next(word for least, word in BANDS if lowest >= least)}


def results(files: Files) -> dict[str, object]:
    """Sections 6 and 7: decisions, expiring policies, disclosure."""
    decisions, sunsets, policies = files["decisions.csv"], files["sunset.csv"], files["policies.csv"]
    waste, office = files.named("垃圾分类（对下转移）"), files.named("房屋修缮维护费")
    of_waste, of_office = one(decisions, 对象代码=waste), one(decisions, 对象代码=office)
    of_agri = one(decisions, 对象代码="205")
    agri = lambda b: files.department(b["项目代码"]) == "205"  # noqa: E731
    office_2019 = files.budget(2019, lambda b: b["项目代码"] == office)
    published = {kind: " ".join({d["内容年度"] for d in files["disclosures.csv"] if d["公开类别"] == kind})
                 for kind in ("绩效目标表", "重点评价结果")}
    civil, hr = one(policies, 主管部门代码="206"), one(policies, 主管部门代码="207")
    return {
        "waste_2020_actual": files.paid[("2020", waste)], "waste_2021_request": Decimal(of_waste["申请金额"]),
        "waste_2021_approved": Decimal(of_waste["安排金额"]),
        "agri_2020_adjusted_budget": files.budget(2020, agri, KINDS),
        "agri_2021_budget": (of_agri["安排界限"], files.budget(2021, agri)),
        "office_2019_initial_budget": office_2019,
        "office_2019_execution_rate": files.paid[("2019", office)] * 100 / office_2019,
        "office_2021_request": Decimal(of_office["申请金额"]), "office_2021_approved": Decimal(of_office["安排金额"]),
        "policy_civil_expiry": civil["到期日期"],
        "policy_civil_term": date.fromisoformat(civil["到期日期"]).year - date.fromisoformat(civil["生效日期"]).year,
        "policy_hr_expiry": hr["到期日期"], "policy_budget_year": " ".join({s["安排预算年度"] for s in sunsets}),
        "disclosure_target_year": published["绩效目标表"], "disclosure_eval_year": published["重点评价结果"]}


def printed(value: object, like: dict[str, str]) -> str:
    """The computed value at the precision and in the unit of the expected one."""
    if isinstance(value, tuple):  # an open lower bound: only that it is exceeded is printed
        bound, amount = value
        least = Decimal(like["value"].lstrip(">"))
        holds = bound == "不低于" and amount / UNITS[like["unit"]] > least
        return like["value"] if holds else f"{bound} {amount / UNITS[like['unit']]:f}"
    if isinstance(value, Decimal):
        places = Decimal(1).scaleb(Decimal(like["value"]).as_tuple().exponent)
        way = ROUND_FLOOR if like["key"].endswith("_coverage") else ROUND_HALF_UP  # 99.9 % is not full coverage
        return str((value / UNITS.get(like["unit"], Decimal(1))).quantize(places, way))
    return str(value)


def exact(value: object) -> str:
    """The computed value before rounding."""
    if isinstance(value, tuple):
        value = value[1]
    return f"{value.quantize(Decimal('0.01')):,}" if isinstance(value, Decimal) else ""


def faults(files: Files) -> list[str]:
    """What the files contradict among themselves; empty when all is well."""
    found = []

    def expect(holds: bool, text: str) -> None:
        if not holds:
            found.append(text)

    initial, final = defaultdict(Decimal), defaultdict(Decimal)
    by_day: dict[tuple, Decimal] = defaultdict(Decimal)
    for b in files.budgets:
        key = (b["年度"], b["项目代码"])
        final[key] += Decimal(b["金额"])
        if b["变动类型"] == "年初预算":
            initial[key] += Decimal(b["金额"])
        else:
            by_day[(files.account(b["项目代码"]), b["日期"])] += Decimal(b["金额"])
        expect((Decimal(b["金额"]) < 0) == (b["变动类型"] == "追减"), f"budgets {b['来源编号']}: sign and kind disagree")
    expect(not any(by_day.values()), "a batch of budget changes does not sum to zero")
    objectives = {(o["预算年度"], o["项目代码"]): o for o in files["objectives.csv"]}
    budgeted = {k for k in initial if k[0] in ("2019", "2020")}
    expect(budgeted == set(objectives), "objectives and budgeted projects of 2019 and 2020 differ")
    for key, o in objectives.items():
        expect(Decimal(o["当年财政拨款"]) == initial[key], f"objective {key}: amount is not the initial budget")
    weights, scored = defaultdict(Decimal), defaultdict(set)
    for i in files["indicators.csv"]:
        weights[(i["预算年度"], i["项目代码"])] += Decimal(i["权重"])
        scored[(i["预算年度"], i["项目代码"])].add(i["序号"])
    expect(set(weights) == set(objectives) and set(weights.values()) == {Decimal(90)}, "weights do not sum to 90 everywhere")
    for name, year in (("monitoring-indicators.csv", "2020"), ("selfevaluation-indicators.csv", "2019")):
        seen = defaultdict(set)
        for r in files[name]:
            seen[(year, r["项目代码"])].add(r["序号"])
        expect(seen == {k: v for k, v in scored.items() if k[0] == year}, f"{name} does not have exactly the declared indicators")
    for key, amount in files.paid.items():
        expect(amount <= final[key], f"payments {key}: {amount} above the adjusted budget {final[key]}")
    for r in files["selfevaluations.csv"]:
        key = ("2019", r["项目代码"])
        expect((Decimal(r["年初预算数"]), Decimal(r["全年预算数"]), Decimal(r["全年执行数"])) == (initial[key], final[key], files.paid[key]),
               f"self-evaluation {key}: money differs from budgets or payments")
    for r in files["keyevaluations.csv"]:
        expect(Decimal(r["评价金额"]) == initial[("2019", r["项目代码"])], f"key evaluation {r['评价编号']}: amount is not the budget")
    for s in files["keyevaluation-scores.csv"]:
        expect(0 <= Decimal(s["得分"]) <= Decimal(s["满分"]), f"score {s['评价编号']} {s['三级指标']} out of bounds")
    expect(Decimal(one(files["decisions.csv"], 对象代码="205")["依据金额"]) == files.budget(
        2020, lambda b: files.department(b["项目代码"]) == "205", KINDS), "decision on 205: basis is not the adjusted budget")
    for d in files["decisions.csv"]:
        mine = (lambda b: files.department(b["项目代码"]) == d["对象代码"]) if d["对象类型"] == "部门" else (
            lambda b: b["项目代码"] == d["对象代码"])
        expect(files.budget(2021, mine) == Decimal(d["安排金额"]), f"decision {d['决定编号']}: arranged is not the budget of 2021")
    return found + faults_of_june(files)


def faults_of_june(files: Files) -> list[str]:
    """The monitoring round's money, and that exactly the departments below schedule are held."""
    found = []
    budget, spent = defaultdict(Decimal), defaultdict(Decimal)
    for b in files.budgets:
        if b["年度"] == "2020" and b["日期"] <= "2020-06-30":
            budget[b["项目代码"]] += Decimal(b["金额"])
    for p in files["payments-2020.csv"]:
        if p["支付日期"] <= "2020-06-30":
            spent[p["项目代码"]] += Decimal(p["金额"])
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for r in files["monitoring-reports.csv"]:
        code = r["项目代码"]
        if (Decimal(r["调整预算"]), Decimal(r["执行数"])) != (budget[code], spent[code]) or spent[code] > budget[code]:
            found.append(f"monitoring report {code}: money differs from budgets or payments")
        department = files.department(code)
        sums[department][0] += spent[code]
        sums[department][1] += budget[code]
    below = {d for d, (done, whole) in sums.items() if done * 2 < whole}
    held = {m["对象代码"] for m in files["measures.csv"] if m["措施"] == "不予追加"}
    if below != held:
        found.append(f"held departments {sorted(held)} are not those below schedule {sorted(below)}")
    return found


def run(folder: Path) -> int:
    """Prints the 44 figures beside the expected ones, then the faults; 0 when all agree."""
    files = Files(folder)
    computed = targets(files) | evaluations(files) | results(files)
    expected = files["figures.csv"]
    equal = 0
    for figure in expected:
        value = computed.get(figure["key"])
        text = printed(value, figure)
        same = text == figure["value"]
        equal += same
        print(f"{'ok ' if same else 'NO '} {figure['key']:30} {figure['value']:>12} {text:>12} {figure['unit']:8} {exact(value)}")
    wrong = faults(files)
    for text in wrong:
        print("fault:", text)
    print(f"{equal} of {len(expected)} figures equal, {len(wrong)} faults")
    return 0 if equal == len(expected) and not wrong else 1
