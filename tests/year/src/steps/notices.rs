//! Result notices to the evaluated units, received and answered (评价结果通知).

use anyhow::Result;
use wenxiao_contract::wenxiao::disclosure::v1::{
    AcknowledgeNoticeRequest, AnswerNoticeRequest, CreateNoticeRequest, IssueNoticeRequest, Notice,
};

use crate::clients::Office;
use crate::play::Play;
use crate::wire::{date, request_id};

/// Every key evaluation's result goes to its unit, which signs for it and answers.
pub async fn send(play: &Play) -> Result<()> {
    play.each("结果通知", &play.data.key_evaluations, |row| async move {
        let name = play.name("notices", &row.id);
        let notice = Notice {
            subject: play.name("keyEvaluations", &row.id),
            unit: play.unit(&row.unit),
            basis_date: date(row.fixed),
            ..Notice::default()
        };
        let request = CreateNoticeRequest {
            parent: play.district(),
            notice: Some(notice),
            notice_id: row.id.clone(),
            request_id: request_id("notice.create", &row.id),
        };
        let _: Notice = play.call(&Office::performance(), request).await?;
        let request = IssueNoticeRequest {
            name: name.clone(),
            etag: String::new(),
            request_id: request_id("notice.issue", &row.id),
        };
        let _: Notice = play.call(&Office::head(), request).await?;
        let unit = Office::filer(&row.unit);
        let request = AcknowledgeNoticeRequest {
            name: name.clone(),
            etag: String::new(),
            request_id: request_id("notice.acknowledge", &row.id),
        };
        let _: Notice = play.call(&unit, request).await?;
        let request = AnswerNoticeRequest {
            name,
            text: "已收悉，将按建议落实整改".to_owned(),
            accepted: true,
            etag: String::new(),
            request_id: request_id("notice.answer", &row.id),
        };
        let _: Notice = play.call(&unit, request).await?;
        Ok(())
    })
    .await
}
