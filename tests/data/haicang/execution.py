"""payments-2019.csv, payments-2020.csv, monitoring-*.csv and measures.csv: what was spent, and how it looked in June 2020."""

from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from . import projects
from .table import World, chance, fen, split, weekday, yuan

JUNE = date(2020, 6, 30)
ROUND = "2020年1-6月"
# Spent by the year's end, where the summary says it: prints 1828.34 万元, and 74 % of 260 万元.
SPENT = {(2020, projects.WASTE): fen("18,283,412.67"), (2019, projects.OFFICE): fen("1,923,846.50")}
REASONS = [("1", "经办人员调整，工作衔接较慢"), ("2", "配套管理制度尚在修订，部分工作推迟"),
           ("3", "资金下达较晚，支付相应顺延"), ("10", "受疫情影响，上半年部分工作推迟开展")]
EARLY = ("10", "任务按节点推进，集中在下半年完成")


def make(world: World) -> None:
    """Payments of both years, then the monitoring round that looks at them."""
    for year in (2019, 2020):
        pay(world, year)
    monitor(world)
    measure(world)


def pay(world: World, year: int) -> None:
    """Monthly payments: a share of the June budget in the first half, up to a share of the final one by December."""
    rng = chance(f"payments {year}")
    rows = []
    for p in world.of_year(year):
        low = year == 2020 and p.unit.department in world.low_departments
        june, final = p.budget(year, date(year, 6, 30)), p.budget(year)
        first = june * (rng.randint(160, 290) if low else rng.randint(505, 620)) // 1000
        share = rng.randint(420, 600) if low else rng.choice((1000, rng.randint(900, 999), rng.randint(720, 960)))
        last = SPENT.get((year, p.name), max(first, final * share // 1000))
        paid = halves(rng, year, first, last)
        world.paid[(year, p.code)] = paid
    whole = sorted((d, p.code, p.unit.code, a) for p in world.of_year(year) for d, a in world.paid[(year, p.code)])
    names = {p.code: p for p in world.projects}
    for day, code, unit, amount in whole:
        p = names[code]
        city = amount * 30 // 100 if projects.two_sources(p) else 0
        for source, part in ((projects.DISTRICT, amount - city), (projects.CITY, city)):
            if part:
                rows.append([f"ZF{year}-{len(rows) + 1:06d}", year, day.isoformat(), unit, code, yuan(part), source,
                             f"{day.month}月支付"])
    world.table(f"payments-{year}.csv", "支付编号 预算年度 支付日期 单位代码 项目代码 金额 资金来源 摘要", rows)


def halves(rng, year: int, first: int, last: int) -> list[tuple[date, int]]:
    """One payment a month at most; months without one are usual."""
    paid = []
    for months, amount in ((range(1, 7), first), (range(7, 13), last - first)):
        used = sorted(rng.sample(list(months), rng.randint(3, 6)))
        if amount > 0:
            parts = split(amount, [rng.randint(20, 100) for _ in used], 100)
            paid += [(weekday(date(year, m, rng.randint(24 if m == 1 else 6, 26))), a) for m, a in zip(used, parts) if a]
    return paid


def round_like(value: Decimal, target: str, way: str = ROUND_HALF_UP) -> str:
    """Rounds to as many decimals as the target has."""
    places = Decimal(1).scaleb(Decimal(target).as_tuple().exponent)
    return str(value.quantize(places, way))


def at_rate(rng, value: Decimal, indicator: dict, most: int) -> str:
    """A steady value that reaches its target, at most `most` percent of it and never above 100 %."""
    if indicator["unit"] != "%" or value >= 100:
        return indicator["target"]
    least = 101 if indicator["sign"] == "＞" else 100
    return round_like(min(Decimal(100), value * rng.randint(least, most) / 100), indicator["target"])


def monitor(world: World) -> None:
    """The report of each of the 319 projects in the round January to June 2020, indicator by indicator."""
    rng = chance("monitoring")
    heads, rows = [], []
    for number, p in enumerate(world.of_year(2020)):
        low = p.unit.department in world.low_departments
        june = p.budget(2020, JUNE)
        spent = world.executed(2020, p.code, JUNE)
        changed = june - p.initial[2020]
        expected = max(spent, june * (58 if low else 97) // 100)
        returned = number % 17 == 4
        heads.append([ROUND, p.code, "2020-07-%02d" % rng.choice((8, 9, 10, 13, 14, 15, 16, 17)), yuan(p.initial[2020]),
                      yuan(max(changed, 0)), yuan(max(-changed, 0)), yuan(june), yuan(spent), yuan(expected),
                      "JG02", "退回修改后通过" if returned else "通过", "偏差原因未说明，请补充" if returned else ""])
        for index, i in enumerate(world.objectives[(2020, p.code)]["indicators"], 1):
            actual, forecast, likely, reason = halfway(rng, i, low)
            rows.append([ROUND, p.code, index, actual, forecast, likely, *reason])
    world.table("monitoring-reports.csv", "轮次 项目代码 报送日期 年初预算 追加 追减 调整预算 执行数 全年预计执行数 "
                "审核机构代码 审核结论 审核意见", heads)
    world.table("monitoring-indicators.csv", "轮次 项目代码 序号 完成值 全年预计完成值 完成目标可能性 偏差原因代码 偏差原因分析", rows)


def halfway(rng, indicator: dict, low: bool) -> tuple[str, str, str, tuple[str, str]]:
    """Actual value in June, forecast, likelihood (1 确定能, 2 有可能, 3 完全不可能) and the reason of a deviation."""
    target, kind = indicator["target"], indicator["behaviour"]
    behind = low and rng.randint(1, 100) <= 70
    reason = rng.choice(REASONS) if behind else ("", "")
    likely = "2" if behind else "1"
    if kind == "text":
        return ("部分达成目标并具有一定效果" if behind else "达成目标"), target, likely, reason
    value = Decimal(target)
    if kind == "zero":
        return "0", "0", "1", ("", "")
    if kind in ("count", "exact"):
        share = rng.randint(8, 28) if behind else rng.randint(44, 66)
        if behind and rng.randint(1, 6) == 1:
            return round_like(value * share / 100, target), round_like(value * 7 / 10, target), "3", reason
        actual = round_like(value * share / 100, target)
        # A handful of whole pieces: none or one of three is behind half the year's target, too.
        early = not behind and Decimal(actual) * 10 < value * 4
        return actual, target, likely, EARLY if early else reason
    if kind == "rate":
        return at_rate(rng, value, indicator, 103), target, "1", ("", "")
    return round_like(value * rng.randint(70, 96) / 100, target, ROUND_FLOOR), target, "1", ("", "")


def measure(world: World) -> None:
    """measures.csv: no supplement for departments below schedule, cuts, and candidates of next year's key evaluations."""
    rows = []

    def add(kind, code, what, amount, day, basis):
        rows.append([ROUND, kind, code, what, amount, day, "原则上" if what == "不予追加" else "", basis])

    for code in sorted(world.low_departments):
        here = [p for p in world.of_year(2020) if p.unit.department == code]
        budget = sum(p.budget(2020, JUNE) for p in here)
        spent = sum(world.executed(2020, p.code, JUNE) for p in here)
        rate = Decimal(spent * 100) / Decimal(budget)
        add("部门", code, "不予追加", "", "2020-07-31",
            f"部门预算支出进度{rate.quantize(Decimal('0.01'), ROUND_HALF_UP)}%，低于序时进度50%")
    cut = [(p, a) for p in world.of_year(2020) for d, a in p.changes.get(2020, []) if d == projects.AUTUMN and a < 0]
    for p, amount in cut:
        add("项目", p.code, "调减", yuan(-amount), projects.AUTUMN.isoformat(), "偏离目标和计划较大，支出进度明显偏低")
        add("项目", p.code, "列入重点评价备选", "", projects.AUTUMN.isoformat(), "偏离目标和计划较大，列入下年度重点评价备选项目")
    world.table("measures.csv", "轮次 对象类型 对象代码 措施 金额 日期 效力 依据", rows)
