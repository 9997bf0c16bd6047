"""projects.csv and budgets.csv: what is budgeted in 2019, 2020 and 2021, entry by entry.

The totals are chosen so that they only round to the figures of the summary. Every batch of
mid-year changes sums to zero within its account, so an account's total is the same by initial and
by adjusted budgets, on every day of the year.
"""

from datetime import date

from . import units
from .table import Project, World, chance, fen, size, split, yuan

GENERAL, FUND = "一般公共预算", "政府性基金预算"
DISTRICT, CITY = "本级财政资金", "市级财政资金"
TOTALS = {(2019, GENERAL): fen("5,986,637,482.19"), (2020, GENERAL): fen("3,987,214,638.57"),
          (2020, FUND): fen("862,381,905.36"), (2021, GENERAL): fen("3,416,905,274.62")}
KEY_TOTAL = fen("282,346,718.93")  # 33 key evaluations of 2019 spending
AGRI = {2019: fen("176,482,300.00"), 2020: fen("171,624,517.38"), 2021: fen("64,183,726.45")}

WASTE, OFFICE = "垃圾分类（对下转移）", "房屋修缮维护费"
SEWAGE, ACADEMY = "海沧区农村污水管网溯源排查项目", "金沙书院展陈费用"
CIVIL, HR = "培育发展社会组织专项扶持资金", "促进被征地农民和海域退养渔民转产就业创业补助"
# Unit, name, local type, archetype, policy, budgets by year. The amounts that the summary gives are
# OFFICE 2019 and 2021 and WASTE 2021; the others are synthetic. The two ex-ante projects start
# with a small preparatory amount and get the rest at the mid-year adjustment.
CASES = [("204001", WASTE, "发展经费", "waste", "", {2019: "14,860,000", 2020: "21,900,000", 2021: "20,000,000"}),
         ("101001", OFFICE, "发展经费", "repair", "", {2019: "2,600,000", 2020: "1,480,000", 2021: "850,000"}),
         ("202001", SEWAGE, "基建项目", "works", "", {2020: "1,200,000"}),
         ("203001", ACADEMY, "发展经费", "purchase", "", {2020: "800,000"}),
         ("206001", CIVIL, "发展经费", "subsidy", "HCZC-2015-01", {2019: "5,600,000", 2020: "6,000,000", 2021: "5,800,000"}),
         ("207001", HR, "发展经费", "subsidy", "HCZC-HR-01", {2019: "9,200,000", 2020: "9,800,000", 2021: "9,460,000"})]
ARCHETYPES = {"works": "市政设施提升", "subsidy": "民生补助", "upkeep": "设施运行维护", "purchase": "设备购置",
              "training": "培训与宣传", "system": "信息化建设", "school": "办学条件改善", "farm": "农业生产扶持"}
SPRING, MIDYEAR, AUTUMN = date(2020, 4, 24), date(2020, 8, 28), date(2020, 10, 23)
EXANTE = {SEWAGE: fen("23,100,000"), ACADEMY: fen("10,560,000")}
LOW = {"205", "308", "317", "326"}  # departments whose spending stays below schedule in 2020


def make(world: World) -> None:
    """Fills world.projects, projects.csv and budgets.csv."""
    world.low_departments = LOW
    define(world)
    choose_key_projects(world)
    for (year, account), total in TOTALS.items():
        fund_year(world, year, account, total)
    change_2020(world)
    change_small(world, 2019, GENERAL, date(2019, 8, 30), 24)
    change_small(world, 2020, FUND, MIDYEAR, 3)
    write_projects(world)
    write_budgets(world)


def define(world: World) -> None:
    """171 continuing projects (one per unit), 30 more for 2019–2020, 110, 81 and 24 of one year, 37 of the fund."""
    rng = chance("projects")
    serial: dict[int, int] = {}

    def add(unit, name, account, local_type, archetype, years, policy="", amounts=None):
        setup = min(years) if len(years) == 1 else rng.randint(2015, min(years))
        serial[setup] = serial.get(setup, 0) + rng.randint(1, 9)
        nature = "经常性" if len(years) == 3 else "一次性" if len(years) == 1 and local_type == "发展经费" else "阶段性"
        category = "其他运转类" if archetype in ("upkeep", "repair", "system") else "特定目标类"
        letter = "T" if category == "特定目标类" else "Y"
        code = f"350205{setup % 100:02d}{letter}{serial[setup]:012d}"
        world.projects.append(Project(code, name, unit, account, local_type, category, nature, setup, archetype,
                                      size(rng), tuple(years), policy, amounts or {}))

    spenders = units.spenders(world)
    cases = {case[0]: case for case in CASES if len(case[5]) == 3}
    for case in CASES:
        unit, name, local_type, archetype, policy, amounts = case
        add(world.unit(unit), name, GENERAL, local_type, archetype, sorted(amounts), policy,
            {year: fen(amount) for year, amount in amounts.items()})
    for unit in spenders:
        if unit.code not in cases:
            archetype = natural(rng, unit)
            add(unit, f"示例发展经费（{ARCHETYPES[archetype]}）", GENERAL, "发展经费", archetype, (2019, 2020, 2021))

    agri = [u for u in spenders if u.department == "205"]
    wide = [u for u in spenders if u.department != "205"]
    for years, count, of_agri in (((2019, 2020), 30, 2), ((2020,), 79, 3), ((2019,), 110, 2), ((2021,), 24, 1)):
        for n in range(1, count + 1):
            unit = agri[n % len(agri)] if n <= of_agri else rng.choice(wide)
            works = rng.randint(1, 100) <= 55
            archetype = "works" if works else natural(rng, unit)
            kind = "基建项目" if works else "发展经费"
            add(unit, f"示例{kind}（{ARCHETYPES[archetype]}）", GENERAL, kind, archetype, years)
    for n in range(37):
        unit = world.unit("202001") if n < 12 else rng.choice([u for u in wide if u.kind == "本级"])
        add(unit, f"示例基建项目（{ARCHETYPES['works']}）", FUND, "基建项目", "works", (2020,))
    world.projects.sort(key=lambda p: p.code)
    for number, project in enumerate(world.projects, 1):
        if project.name.startswith("示例"):
            project.name += f"{number:03d}"


def natural(rng, unit) -> str:
    """What a unit of this kind usually spends development funds on."""
    if unit.department == "201":
        return rng.choice(("school", "purchase", "training"))
    if unit.department == "205":
        return rng.choice(("farm", "subsidy"))
    return rng.choice(("subsidy", "upkeep", "purchase", "training", "system"))


def choose_key_projects(world: World) -> None:
    """33 projects of 2019: 8 led by the finance bureau (OFFICE among them), 25 by departments; 282 百万 together."""
    rng = chance("key projects")
    office = world.named(OFFICE)
    open_to = [p for p in world.projects if 2019 in p.years and not p.initial and p.unit.department not in ("205", "105")]
    by_unit = {p.unit.code: p for p in rng.sample(open_to, len(open_to))}
    chosen = [by_unit[code] for code in rng.sample(sorted(by_unit), 32)]
    amounts = split(KEY_TOTAL - office.initial[2019], [p.size for p in chosen], fen("100"))
    for project, amount in zip(chosen, amounts):
        project.initial[2019] = amount
    world.key_projects = ([("财政评价", office)] + [("财政评价", p) for p in chosen[:7]]
                          + [("部门评价", p) for p in chosen[7:]])


def fund_year(world: World, year: int, account: str, total: int) -> None:
    """Initial budgets of one year and account, summing exactly to `total`; the agriculture bureau has its own sum."""
    rng = chance(f"budget {year} {account}")
    here = [p for p in world.projects if p.account == account and year in p.years]
    if year == 2021:  # not every continuing project is budgeted again
        here = [p for p in here if len(p.years) == 1 or year in p.initial or p.unit.department == "205"
                or rng.randint(1, 100) <= 92]
    agri = [p for p in here if p.unit.department == "205"]
    rest = [p for p in here if p.unit.department != "205" and year not in p.initial]
    fixed = sum(p.initial[year] for p in here if year in p.initial)
    if agri:
        give(agri, year, AGRI[year], rng)
        fixed += AGRI[year]
    give(rest, year, total - fixed, rng)


def give(projects: list[Project], year: int, total: int, rng) -> None:
    """Spreads `total` over `projects` by size, give or take 15 percent from year to year."""
    weights = [p.size * rng.randint(85, 115) for p in projects]
    for project, amount in zip(projects, split(total, weights, fen("100"))):
        project.initial[year] = amount


def batch(year: int, day: date, gets: dict, gives: list[Project]) -> None:
    """Supplements `gets` and reductions of `gives` on one day, in sum zero; small budgets are left alone."""
    parts = split(sum(gets.values()), [p.initial[year] for p in gives], fen("100"))
    for project, amount in gets.items():
        project.changes.setdefault(year, []).append((day, amount))
    for project, amount in zip(gives, parts):
        project.changes.setdefault(year, []).append((day, -amount))


def change_2020(world: World) -> None:
    """The three batches of 2020: April (agriculture gets more), August (the ex-ante projects), October (cuts)."""
    rng = chance("changes 2020")
    case_codes = {p.code for p in world.projects if p.name in {c[1] for c in CASES}}
    plain = [p for p in world.of_year(2020, GENERAL) if p.code not in case_codes and not two_sources(p)]
    agri = [p for p in plain if p.unit.department == "205"]
    others = [p for p in plain if p.unit.department not in LOW and p.initial[2020] > fen("3,000,000")]
    rng.shuffle(others)
    spring_gets, midyear_gets, autumn_gets = others[:6], others[6:16], others[16:20]
    spring_gives, midyear_gives = others[20:55], others[55:110]

    def some(projects):
        return {p: p.initial[2020] * rng.randint(4, 9) // 100 // 10000 * 10000 for p in projects}

    farm = dict(zip(agri, split(fen("26,180,000"), [p.initial[2020] for p in agri], fen("10,000"))))
    batch(2020, SPRING, some(spring_gets) | farm, spring_gives)
    exante = {world.named(name): amount for name, amount in EXANTE.items()}
    batch(2020, MIDYEAR, some(midyear_gets) | exante, midyear_gives)
    cut = fen("7,426,000")
    gets = dict(zip(autumn_gets, split(cut, [p.initial[2020] for p in autumn_gets], fen("10,000"))))
    batch(2020, AUTUMN, gets, sorted(agri, key=lambda p: -p.initial[2020])[:3])


def change_small(world: World, year: int, account: str, day: date, count: int) -> None:
    """One batch between `count` receivers and twice as many givers; never a project of the key evaluations."""
    rng = chance(f"changes {year} {account}")
    closed = {p.code for _, p in world.key_projects} | {p.code for p in world.projects if p.name in {c[1] for c in CASES}}
    free = [p for p in world.of_year(year, account) if p.code not in closed and not two_sources(p)]
    chosen = sorted(rng.sample(free, 3 * count), key=lambda p: p.initial[year])
    gets = {p: max(p.initial[year] // 20 // 10000 * 10000, 10000) for p in chosen[:count]}
    gives = chosen[count:]  # the larger ones, so that nobody loses more than a few percent
    batch(year, day, gets, gives)


def two_sources(project: Project) -> bool:
    """Whether a project's money comes partly from the city (市级): about one in eight, never a changed one."""
    return project.account == GENERAL and project.name.startswith("示例") and int(project.code[-3:]) % 8 == 0


def life(project: Project) -> tuple[int, int]:
    """Term in years and whole-life total in fen: cumulative, never to be compared with one year's amount."""
    most = max(max(amount, project.budget(year)) for year, amount in project.initial.items())
    term = 1 if project.nature == "一次性" else max(project.initial) - project.setup_year + 1
    return term, most * term


def write_projects(world: World) -> None:
    """projects.csv."""
    rows = []
    for p in world.projects:
        term, total = life(p)
        rows.append([p.code, p.name, p.category, p.local_type, p.account, p.nature, p.unit.department, p.unit.code,
                     p.setup_year, p.setup_year, term, yuan(total), "非涉密"])
    world.table("projects.csv", "项目代码 项目名称 项目类别 地方类型 预算 项目性质 主管部门代码 实施单位代码 设立年度 开始年度 "
                "期限 总金额 密级", rows)


def write_budgets(world: World) -> None:
    """budgets.csv: entries are never edited; a reduction is below zero."""
    start = {2019: date(2019, 1, 18), 2020: date(2020, 1, 17), 2021: date(2021, 1, 22)}
    rows = []

    def entry(day, year, p, source, kind, amount, document):
        rows.append([p.code, year, source, kind, yuan(amount), day.isoformat(), document, "",
                     f"YS{year}-{len(rows) + 1:05d}"])

    for year in (2019, 2020, 2021):
        here = world.of_year(year)
        for p in here:
            city = p.initial[year] * 30 // 100 // 10000 * 10000 if two_sources(p) else 0
            entry(start[year], year, p, DISTRICT, "年初预算", p.initial[year] - city, f"示例文号〔{year}〕1号")
            if city:
                entry(start[year], year, p, CITY, "年初预算", city, f"示例文号〔{year}〕2号")
        days = sorted({d for p in here for d, _ in p.changes.get(year, [])})
        for number, day in enumerate(days, 1):
            for p in here:
                for changed, amount in p.changes.get(year, []):
                    if changed == day:
                        entry(day, year, p, DISTRICT, "追加" if amount > 0 else "追减", amount,
                              f"示例文号〔{year}〕{10 + number}号")
    world.table("budgets.csv", "项目代码 年度 资金来源 变动类型 金额 日期 文号 摘要 来源编号", rows)
