"""forms/*.xlsx: a few objectives of 2020 in the layout of the official 项目支出绩效目标申报表."""

import datetime
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

from . import bank, projects
from .table import World, points, yuan

NAMED = (projects.WASTE, projects.OFFICE, projects.SEWAGE, projects.ACADEMY, projects.CIVIL, projects.HR)
STAMP = datetime.datetime(2020, 1, 2, 9, 0, 0)


def chosen(world: World) -> list:
    """The named cases and the first two projects of the government fund."""
    return [world.named(name) for name in NAMED] + world.of_year(2020, projects.FUND)[:2]


def write(world: World, folder: Path) -> None:
    """Writes one workbook per chosen project, byte for byte the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("2020-*.xlsx"):
        old.unlink()
    for project in chosen(world):
        (folder / f"2020-{project.code}.xlsx").write_bytes(fixed(sheet(world, project)))


def sheet(world: World, p) -> bytes:
    """The form: head, money, goals, indicators."""
    import openpyxl  # only here: --check needs the standard library alone
    from openpyxl.styles import Alignment, Border, Font, Side

    objective = world.objectives[(2020, p.code)]
    department = world.unit(p.unit.department)
    life, money = projects.life(p)[1], p.initial[2020]
    book = openpyxl.Workbook()
    book.properties.creator, book.properties.created = "make_haicang.py", STAMP
    ws = book.active
    ws.title = "绩效目标申报表"

    def row(number: int, *cells: tuple[str, object]) -> None:
        for span, value in cells:
            if ":" in span:
                ws.merge_cells(re.sub(r"([A-H])", rf"\g<1>{number}", span))
            ws[f"{span[0]}{number}"] = value

    row(1, ("A:H", "项目支出绩效目标申报表"))
    row(2, ("A:H", "（2020年度）"))
    row(3, ("A", "项目名称"), ("B:D", f"{p.code}-{p.name}"), ("E", "项目性质"), ("F:H", p.nature))
    row(4, ("A", "主管部门及代码"), ("B:D", f"{department.code}-{department.name}"), ("E", "实施单位"),
        ("F:H", f"{p.unit.code}-{p.unit.name}"))
    row(5, ("A", "项目类别"), ("B:D", p.local_type), ("E", "预算账户"), ("F:H", p.account))
    row(6, ("A", "计划开始日期"), ("B:D", "2020-01-01"), ("E", "计划完成日期"), ("F:H", "2020-12-31"))
    row(7, ("A", "项目资金（元）"), ("B:C", "项目资金总额"), ("D", Decimal(yuan(life))), ("E:G", "年度资金申请总额"), ("H", Decimal(yuan(money))))
    row(8, ("B:C", "其中：财政资金"), ("D", Decimal(yuan(life))), ("E:G", "其中：当年财政拨款"), ("H", Decimal(yuan(money))))
    row(9, ("B:C", "其他资金"), ("D", Decimal("0.00")), ("E:G", "上年结转资金"), ("H", Decimal("0.00")))
    row(10, ("E:G", "其他资金"), ("H", Decimal("0.00")))
    row(11, ("A", "项目总目标"), ("B:H", bank.GOALS[p.archetype].format(name=p.name)))
    row(12, ("A", "年度总体目标"), ("B:H", objective["annual"]))
    row(13, ("A", "绩效指标"), ("B", "一级指标"), ("C", "二级指标"), ("D", "三级指标"), ("E", "计算符号"), ("F", "指标值"),
        ("G", "计量单位"), ("H", "权重"))
    last = 13
    for last, i in enumerate(objective["indicators"], 14):
        level1, level2 = bank.LEVELS[i["level"]]
        row(last, ("B", level1), ("C", level2), ("D", i["name"]), ("E", i["sign"]), ("F", i["target"]), ("G", i["unit"]),
            ("H", Decimal(points(i["weight"]))))
    ws.merge_cells(f"A13:A{last}")
    row(last + 1, ("A:G", "权重合计（另有预算执行率10分）"), ("H", Decimal(90)))
    row(last + 2, ("A", "填报人"), ("B:C", "示例填报人"), ("D", "负责人"), ("E:F", "示例负责人"), ("G", "电话"), ("H", "0592-0000000"))
    thin = Side(style="thin")
    for line in ws.iter_rows(min_row=3, max_row=last + 2, max_col=8):
        for cell in line:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
    for cell in (ws["D7"], ws["D8"], ws["D9"], ws["H7"], ws["H8"], ws["H9"], ws["H10"]):
        cell.number_format = "#,##0.00"
    ws["A1"].font, ws["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    ws["A2"].alignment = Alignment(horizontal="center")
    for column, width in zip("ABCDEFGH", (16, 14, 20, 26, 12, 14, 14, 18)):
        ws.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def fixed(workbook: bytes) -> bytes:
    """The same workbook without the moment of its making: member times and the modified stamp are set."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2020-01-02T09:00:00Z", data)
            member = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, data)
    return out.getvalue()
