"""units.csv: 41 departments, 167 budget units (their 本级 units included) and 4 streets.

Names that the published summary gives are real; all others say 示例 (example).
"""

from .table import Unit, World

STREETS = [("901", "海沧街道办事处", "350205001"), ("902", "新阳街道办事处", "350205002"),
           ("903", "嵩屿街道办事处", "350205003"), ("904", "东孚街道办事处", "350205004")]
# Department code, name, what its other units are called, how many of those it has.
NAMED = [("101", "海沧区府办", "海沧区府办下属单位（示例）", 1),
         ("105", "海沧区财政局", "海沧区财政局局属事业单位（示例）", 4),
         ("201", "海沧区教育局", "海沧区示例学校", 38),
         ("202", "海沧区建交局", "海沧区建交局下属单位（示例）", 3),
         ("203", "海沧区文旅局", "海沧区文旅局下属单位（示例）", 3),
         ("204", "海沧区环卫中心", "", 0),
         ("205", "海沧区农业农村局", "海沧区农业农村局下属单位（示例）", 2),
         ("206", "海沧区民政局", "海沧区民政局下属单位（示例）", 2),
         ("207", "海沧区人社局", "海沧区人社局下属单位（示例）", 2)]
EXAMPLE_DEPARTMENTS = 32
EXAMPLE_UNITS = 71
# The finance bureau's managing division (业务科室) by the department's first digit.
DIVISIONS = {"1": "01", "2": "02", "3": "03", "9": "09"}
# What a department calls its lower units.
LOWER = {"105": "局属事业单位"}


def make(world: World) -> None:
    """Fills world.units and units.csv."""
    add = world.units.append

    def department(code: str, name: str) -> None:
        division = DIVISIONS[code[0]]
        add(Unit(code, name, "主管部门", "", division))
        add(Unit(f"{code}001", f"{name}本级", "本级", "", division))

    for code, name, below, count in NAMED:
        department(code, name)
        for n in range(1, count + 1):
            number = f"{n:03d}" if below.endswith("学校") else f"{n:02d}"
            add(Unit(f"{code}{n + 1:03d}", below + number, LOWER.get(code, "所属预算单位"), "", DIVISIONS[code[0]]))

    for n in range(1, EXAMPLE_DEPARTMENTS + 1):
        department(f"3{n:02d}", f"海沧区示例部门{n:02d}")
    taken: dict[str, int] = {}
    for n in range(1, EXAMPLE_UNITS + 1):
        code = f"3{(n - 1) % EXAMPLE_DEPARTMENTS + 1:02d}"
        # The last three sit one level deeper, below another unit: codes of nine digits.
        parent = f"{code}002" if n > EXAMPLE_UNITS - 3 else code
        taken[parent] = taken.get(parent, 1 if parent == code else 0) + 1
        add(Unit(f"{parent}{taken[parent]:03d}", f"海沧区示例单位{n:03d}", "所属预算单位", "", DIVISIONS["3"]))
    for code, name, area in STREETS:
        add(Unit(code, name, "街道办事处", area, DIVISIONS["9"]))
    world.units.sort(key=lambda u: u.code)

    world.table("units.csv", "单位代码 单位名称 简称 单位类型 财政区划 业务处室 启用日期 停用日期",
                [[u.code, u.name, u.name.removeprefix("海沧区"), u.kind, u.area, u.division, "2015-01-01", ""]
                 for u in world.units])


def spenders(world: World) -> list[Unit]:
    """The 171 units that have money: a department is only the roof over its units."""
    return [u for u in world.units if u.kind != "主管部门"]
