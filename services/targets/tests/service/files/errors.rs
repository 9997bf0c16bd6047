//! Errors at their cells, bounded; files that are too much.

use super::*;

#[tokio::test]
async fn every_error_is_said_at_its_file_sheet_and_cell_and_nothing_is_written() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-9", 2021).await;
    let mut lost = form("p-602002-2", "≥", "1200", "平方米");
    lost[8][5] = "290%";
    let mut year = form("p-602002-3", "≥", "1200", "平方米");
    year[1][0] = "（2020年度）";
    let mut unitless = form("p-602002-4", "≥", "1200", "平方米");
    unitless[3][0] = "项目资金";
    let mut misnamed = form("p-602002-5", "≥", "1200", "平方米");
    misnamed[2].extend(["", "", "项目名称", "道路改造"]);
    let books = [
        ("1好的.xlsx", workbook(&[form("p-602002-1", "≥", "1200", "平方米")])),
        ("2数值.xlsx", workbook(&[lost, form("p-602002-6", "≥", "完成", "平方米")])),
        ("3年度.xlsx", workbook(&[year])),
        ("4金额.xlsx", workbook(&[unitless])),
        ("5名称.xlsx", workbook(&[misnamed])),
        ("6没有.xlsx", workbook(&[form("p-999999-1", "≥", "1200", "平方米")])),
        ("7重复.xlsx", workbook(&[form("p-602002-1", "≥", "1", "平方米")])),
        ("8在审.xlsx", workbook(&[form("p-602002-9", "≥", "1", "平方米")])),
        ("9坏的.xlsx", b"PK nonsense".to_vec()),
        ("旧的.xls", b"old".to_vec()),
    ];
    let books: Vec<_> = books.into_iter().map(|(name, book)| (name.to_owned(), book)).collect();
    let before = hashes(&suite).await;
    let done = import(&suite, officer(), &archive(&books), options()).await;
    let said: Vec<(&str, &str)> =
        done.errors.iter().map(|error| (error.file_name.as_str(), error.cell.as_str())).collect();
    let expected = [
        ("2数值.xlsx", "F9"),
        ("2数值.xlsx", "F8"),
        ("3年度.xlsx", "A2"),
        ("4金额.xlsx", "D4"),
        ("4金额.xlsx", "H4"),
        ("4金额.xlsx", "D5"),
        ("4金额.xlsx", "H5"),
        ("5名称.xlsx", "F3"),
        ("6没有.xlsx", "B3"),
        ("8在审.xlsx", "B3"),
        ("9坏的.xlsx", ""),
        ("旧的.xls", ""),
        ("7重复.xlsx", ""),
    ];
    assert_eq!(said, expected, "{:#?}", done.errors);
    assert!(done.errors[0].text.contains("290%超过100%") && done.errors[0].sheet == "Sheet1");
    assert!(done.errors[1].text.contains("不是数字") && done.errors[1].sheet == "Sheet2");
    assert!(done.errors[9].text.contains("财政审核"));
    assert_eq!(done.objective_count, 0);
    assert_eq!(hashes(&suite).await, before, "one error, and nothing is written");

    // A unit does not file for another, and hears no more of its projects than that they are not its own.
    let foreign = workbook(&[form("p-602001-1", "≥", "1", "平方米")]);
    let done = import(&suite, filer("602002"), &foreign, options()).await;
    assert!(done.errors[0].text.contains("没有本单位的项目"), "{done:?}");
    for (file, says) in
        [(&b"no archive"[..], "文件无法读取"), (&workbook(&[vec![vec!["别的表"]]]), "不是“项目支出")]
    {
        let done = import(&suite, officer(), file, options()).await;
        assert!(done.errors[0].text.contains(says), "{done:?}");
    }
    // Only checking changes nothing, and says that all is well.
    let good = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let check = wire::ImportObjectivesRequest { validate_only: true, ..options() };
    let done = import(&suite, officer(), &good, check).await;
    assert_eq!((done.errors.len(), done.objective_count), (0, 0));
    assert_eq!(hashes(&suite).await, before);
}

#[tokio::test]
async fn errors_are_bounded() {
    let suite = start().await;
    let mut bad = form("p-602002-1", "约", "1200", "平方米");
    let row = bad[7].clone();
    bad.extend(vec![row; 150]);
    let sheets: Vec<_> = (0..20).map(|_| bad.clone()).collect();
    let done = import(&suite, officer(), &workbook(&sheets), options()).await;
    assert_eq!((done.errors.len(), done.errors_truncated), (1000, true));
}

#[tokio::test]
async fn bombs_and_endless_files_are_refused() {
    let suite = start().await;
    let zeros = vec![0_u8; 70 << 20];
    let bomb = archive(&[("xl/worksheets/sheet1.xml".to_owned(), zeros)]);
    let done = import(&suite, officer(), &archive(&[("炸弹.xlsx".to_owned(), bomb)]), options()).await;
    assert!(done.errors[0].text.contains("解压后超过64MB"), "{done:?}");
    let part = wire::ImportObjectivesRequest { chunk: vec![7; 1 << 20], ..options() };
    let endless = tokio_stream::iter((0..200).map(move |_| part.clone()));
    let refused = objectives(&suite, officer()).import_objectives(endless).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "IMPORT_FILE_TOO_LARGE".to_owned()));
    let mut connection = suite.superuser().await;
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);
    let empty = start_import(&suite, officer(), b"", options()).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument);
    let no_year = wire::ImportObjectivesRequest { fiscal_year: 0, ..options() };
    assert_eq!(
        start_import(&suite, officer(), b"x", no_year).await.unwrap_err().code(),
        Code::InvalidArgument
    );
}
