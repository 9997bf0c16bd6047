"""What came of it: policies, sunset reviews, budget decisions, the plans of the work itself, trainings, disclosure."""

from . import projects
from .table import World, chance, fen, yuan


def make(world: World) -> None:
    """All of it."""
    policies(world)
    decisions(world)
    plans(world)
    trainings(world)
    disclosures(world)
    cases(world)


def policies(world: World) -> None:
    """policies.csv and sunset.csv: cases C4 and C5. The summary does not say when C5 began: that day is invented."""
    civil, hr = world.named(projects.CIVIL), world.named(projects.HR)
    world.table("policies.csv", "政策编号 政策名称 主管部门代码 执行单位代码 生效日期 到期日期 有效期年数 关联项目代码", [
        [civil.policy, "海沧区培育发展社会组织专项扶持资金管理办法", "206", civil.unit.code, "2015-07-21", "2020-07-21", 5, civil.code],
        [hr.policy, "厦门市海沧区人民政府办公室关于促进被征地农民和海域退养渔民转产就业创业实施细则的通知", "207", hr.unit.code,
         "2018-01-01", "2020-12-31", "", hr.code]])
    world.table("sunset.csv", "再评估编号 政策编号 到期日期 工作年度 通知日期 报告提交日期 评估得分 评估结论 决定 安排预算年度 "
                "安排金额 决定日期 依据", [
        ["DQ2020-01", civil.policy, "2020-07-21", 2020, "2020-08-05", "2020-10-15", "88.5", "取得较好成效", "予以安排", 2021,
         yuan(civil.initial[2021]), "2020-12-18", "政策执行5年综合绩效评价报告"],
        ["DQ2020-02", hr.policy, "2020-12-31", 2020, "2020-08-05", "2020-11-06", "86.2", "取得较好成效", "予以安排", 2021,
         yuan(hr.initial[2021]), "2020-12-18", "政策执行期间综合绩效评价报告"]])


def decisions(world: World) -> None:
    """decisions.csv: cases C1–C3; the amounts stand as stored and as the summary prints them."""
    waste, office = world.named(projects.WASTE), world.named(projects.OFFICE)
    agri = [p for p in world.of_year(2021) if p.unit.department == "205"]
    agri_2020 = [p for p in world.of_year(2020) if p.unit.department == "205"]
    adjusted = sum(p.budget(2020) for p in agri_2020)
    arranged = sum(p.initial[2021] for p in agri)
    key = next(row[0] for row in world.tables["keyevaluations.csv"][1] if row[4] == office.code)
    world.table("decisions.csv", "决定编号 对象类型 对象代码 名称 依据年度 工作年度 适用预算年度 依据类型 依据编号 依据金额 依据原文 "
                "申请金额 申请原文 建议金额 安排金额 安排原文 安排界限 决定日期 决定人 理由", [
        ["JD2021-01", "项目", waste.code, waste.name, 2020, 2020, 2021, "当年实际支出", "", yuan(world.executed(2020, waste.code)),
         "1828.34万元", yuan(fen("33,279,200")), "3327.92万元", yuan(fen("20,000,000")), yuan(waste.initial[2021]), "2000万",
         "等于", "2020-12-18", "财政局负责人", "根据2020年资金使用情况，压减2021年预算经费"],
        ["JD2021-02", "部门", "205", "海沧区农业农村局部门预算", 2020, 2020, 2021, "预算调整后部门预算", "", yuan(adjusted), "1.9亿",
         yuan(adjusted), "", yuan(arranged), yuan(arranged), "0.6亿多", "不低于", "2020-12-18", "财政局负责人",
         "2020年部门预算支出进度较低，相应核减专项经费预算规模"],
        ["JD2021-03", "项目", office.code, office.name, 2019, 2020, 2021, "重点绩效评价", key, yuan(office.initial[2019]), "260万元",
         yuan(fen("1,430,000")), "143万元", yuan(fen("850,000")), yuan(office.initial[2021]), "85万元", "等于", "2020-12-18",
         "财政局负责人", "2019年预算执行率为74%，参考重点绩效评价结果予以核减"]])


def plans(world: World) -> None:
    """plans.csv and plan-tasks.csv: the year's work plan and the three-year execution plan."""
    basis, title = "厦海委〔2019〕70号", "关于全面实施预算绩效管理的落实方案"
    world.table("plans.csv", "计划编号 计划类型 名称 依据文件 依据文号 起始年度 结束年度 目标日期 目标", [
        ["GH2020", "年度工作计划", "海沧区2020年预算绩效管理工作计划", title, basis, 2020, 2020, "2020-12-31",
         "事前、事中、事后各环节规范开展绩效管理"],
        ["GH2020-2022", "三年执行计划", "海沧区全面实施预算绩效管理三年执行计划", title, basis, 2020, 2022, "2022-12-31",
         "基本建成全方位、全过程、全覆盖的预算绩效管理体系，实现预算和绩效管理一体化"]])
    tasks = [("GH2020", "绩效目标申报与集中审核", "2020-01-31", "2020-01-23"), ("GH2020", "2019年度绩效自评", "2020-04-30", "2020-04-10"),
             ("GH2020", "绩效运行监控", "2020-07-31", "2020-07-31"), ("GH2020", "事前绩效评估", "2020-08-31", "2020-08-28"),
             ("GH2020", "2019年度重点绩效评价", "2020-10-31", "2020-10-30"), ("GH2020", "评价结果应用于2021年预算", "2020-12-31", "2020-12-18"),
             ("GH2020", "绩效信息公开", "2020-12-31", "2020-12-25"), ("GH2020-2022", "项目支出绩效目标和监控全覆盖", "2020-12-31", "2020-12-31"),
             ("GH2020-2022", "部门整体绩效管理全面推开", "2021-12-31", ""), ("GH2020-2022", "绩效与预算管理一体化", "2022-12-31", "")]
    world.table("plan-tasks.csv", "计划编号 序号 任务 责任单位代码 计划完成日期 实际完成日期",
                [[plan, n, task, "105001", due, done] for n, (plan, task, due, done) in enumerate(tasks, 1)])


def trainings(world: World) -> None:
    """trainings.csv: three rounds for three groups; attendees as unit codes."""
    groups = [("财政局及局属事业单位", [u.code for u in world.units if u.department == "105" and u.kind != "主管部门"]),
              ("教育局", [u.code for u in world.units if u.department == "201" and u.kind != "主管部门"]),
              ("各街道", [u.code for u in world.units if u.kind == "街道办事处"])]
    sessions = [("事前", "绩效目标编制与审核", "2020-01-{:02d}", 6), ("事中", "绩效运行监控", "2020-07-{:02d}", 0),
                ("事后", "绩效自评与结果应用", "2020-03-{:02d}", 9)]
    rows = []
    for stage, topic, day, before in sessions:
        for n, (group, codes) in enumerate(groups, 1):
            rows.append([f"PX2020-{len(rows) + 1:02d}", 2020, stage, topic, group, day.format(before + n),
                         "JG07", ";".join(codes)])
    world.table("trainings.csv", "培训编号 工作年度 环节 主题 培训对象 日期 授课机构编号 参训单位代码", rows)


def disclosures(world: World) -> None:
    """disclosures.csv and disclosure-items.csv: the three kinds of publication and what is in each."""
    rng = chance("disclosures")
    heads = [("GK2020-01", "绩效目标表", 2020, "2020年重点项目支出绩效目标表汇编", "区人大", "汇编成册", "2020-02-06"),
             ("GK2020-01", "绩效目标表", 2020, "2020年重点项目支出绩效目标表汇编", "社会公众", "区政府网站", "2020-02-06"),
             ("GK2020-02", "重点评价结果", 2019, "2019年度重点评价结果", "区领导", "专报", "2020-11-10"),
             ("GK2020-02", "重点评价结果", 2019, "2019年度重点评价结果", "区政府常务会", "会议审议", "2020-11-20"),
             ("GK2020-02", "重点评价结果", 2019, "2019年度重点评价报告汇编", "区人大", "汇编成册", "2020-12-04"),
             ("GK2020-02", "重点评价结果", 2019, "2019年度重点评价报告", "参与评价的区人大代表和政协委员", "送达", "2020-12-08"),
             ("GK2020-03", "评价结果通知", 2019, "2019年度重点评价结果通知", "被评价单位", "通知", "2020-10-30")]
    world.table("disclosures.csv", "公开编号 公开类别 内容年度 工作年度 标题 受众 方式 日期",
                [[n, kind, year, 2020, title, audience, way, day] for n, kind, year, title, audience, way, day in heads])
    big = sorted(world.of_year(2020), key=lambda p: -p.initial[2020])[:60]
    items = [["GK2020-01", "绩效目标表", 2020, p.code, "", p.unit.code, "公开", "重点项目，按规定公开", ""]
             for p in sorted(rng.sample(big, 30), key=lambda p: p.code)]
    for number, kind, way in (("GK2020-02", "评价报告", "公开"), ("GK2020-03", "评价结果通知", "定向送达")):
        for head in world.tables["keyevaluations.csv"][1]:
            reply = "2020-11-0%d" % rng.randint(2, 6) if number == "GK2020-03" else ""
            items.append([number, kind, 2019, head[4], head[0], head[5], way, "谁评价、谁公开", reply])
    world.table("disclosure-items.csv", "公开编号 内容类型 内容年度 项目代码 评价编号 单位代码 公开决定 理由 签收日期", items)


def cases(world: World) -> None:
    """cases.csv: which figures the summary tells of which decision or review, and how they are printed."""
    told = [("waste", "JD2021-01", [("实际支出", 2020, "万元", 2), ("申请预算", 2021, "万元", 2), ("安排预算", 2021, "万元", 2)]),
            ("agri", "JD2021-02", [("调整后预算", 2020, "亿元", 1), ("预算", 2021, "亿元", 1)]),
            ("office", "JD2021-03", [("年初预算", 2019, "万元", 2), ("预算执行率", 2019, "%", 0),
                                     ("申请预算", 2021, "万元", 2), ("安排预算", 2021, "万元", 2)]),
            ("policy_civil", "DQ2020-01", [("到期日", "", "", ""), ("执行期限", "", "", "")]),
            ("policy_hr", "DQ2020-02", [("到期日", "", "", "")])]
    world.table("cases.csv", "总结年度 案例 次序 对象编号 数据项 年度 单位 小数位",
                [[2020, case, number, subject, *figure] for number, (case, subject, figures) in enumerate(told, 1) for figure in figures])
