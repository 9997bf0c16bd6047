//! What must be there and what may be left out when something is created or changed, for every Create and Update of the
//! contract. A request type without a row here fails the suite.

use std::collections::{BTreeMap, BTreeSet};

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MethodDescriptor, Value};
use wenxiao_contract::Validate;
use wenxiao_contract::wenxiao::{
    disclosure::v1 as disclosure, evaluation::v1 as evaluation, monitoring::v1 as monitoring,
    registry::v1 as registry, targets::v1 as targets,
};
use wenxiao_tests::rpc;

/// Full name of a request and what its rules say about one.
type Case = (String, fn(&DynamicMessage) -> BTreeSet<String>);

fn case<M: Message + Name + Default + Validate>() -> Case {
    (M::full_name(), violated::<M>)
}

/// The fields of a request that break rules.
fn violated<M: Message + Default + Validate>(request: &DynamicMessage) -> BTreeSet<String> {
    let request: M = request.transcode_to().expect("the descriptor and the type are of one contract");
    let broken = request.validate().err();
    broken.iter().flat_map(|error| error.violations()).map(|violation| violation.field_path()).collect()
}

fn cases() -> BTreeMap<String, fn(&DynamicMessage) -> BTreeSet<String>> {
    BTreeMap::from([
        case::<disclosure::CreateDisclosureDecisionRequest>(),
        case::<disclosure::CreateNoticeRequest>(),
        case::<disclosure::CreatePublicationRequest>(),
        case::<disclosure::CreateSummaryCaseRequest>(),
        case::<disclosure::UpdateDisclosureDecisionRequest>(),
        case::<disclosure::UpdateNoticeRequest>(),
        case::<disclosure::UpdatePublicationRequest>(),
        case::<disclosure::UpdateSummaryCaseRequest>(),
        case::<evaluation::CreateBudgetDecisionRequest>(),
        case::<evaluation::CreateEvaluationCandidateRequest>(),
        case::<evaluation::CreateExAnteEvaluationRequest>(),
        case::<evaluation::CreateFindingRequest>(),
        case::<evaluation::CreateKeyEvaluationPlanRequest>(),
        case::<evaluation::CreateKeyEvaluationRequest>(),
        case::<evaluation::CreateRecheckDrawRequest>(),
        case::<evaluation::CreateRectificationRequest>(),
        case::<evaluation::CreateSelfEvaluationRequest>(),
        case::<evaluation::CreateSelfEvaluationTaskRequest>(),
        case::<evaluation::CreateSunsetReviewRequest>(),
        case::<evaluation::UpdateBudgetDecisionRequest>(),
        case::<evaluation::UpdateExAnteEvaluationRequest>(),
        case::<evaluation::UpdateFindingRequest>(),
        case::<evaluation::UpdateKeyEvaluationPlanRequest>(),
        case::<evaluation::UpdateKeyEvaluationRequest>(),
        case::<evaluation::UpdateSelfEvaluationRequest>(),
        case::<evaluation::UpdateSelfEvaluationTaskRequest>(),
        case::<monitoring::CreateMeasureRequest>(),
        case::<monitoring::CreateMonitoringRoundRequest>(),
        case::<monitoring::CreateReportOpinionRequest>(),
        case::<monitoring::UpdateMonitoringReportRequest>(),
        case::<monitoring::UpdateMonitoringRoundRequest>(),
        case::<registry::CreateBudgetEntryRequest>(),
        case::<registry::CreateDelegationRequest>(),
        case::<registry::CreateDepartmentBudgetRequest>(),
        case::<registry::CreateDistrictRequest>(),
        case::<registry::CreateEngagementRequest>(),
        case::<registry::CreateExpertRequest>(),
        case::<registry::CreateIndicatorFrameRequest>(),
        case::<registry::CreateIndicatorRequest>(),
        case::<registry::CreateInstitutionRequest>(),
        case::<registry::CreateLocalProjectTypeRequest>(),
        case::<registry::CreatePolicyRequest>(),
        case::<registry::CreateProjectRequest>(),
        case::<registry::CreateRepresentativeRequest>(),
        case::<registry::CreateRuleSetRequest>(),
        case::<registry::CreateTemplateRequest>(),
        case::<registry::CreateTrainingSessionRequest>(),
        case::<registry::CreateUnitRequest>(),
        case::<registry::CreateWorkPlanRequest>(),
        case::<registry::UpdateDepartmentBudgetRequest>(),
        case::<registry::UpdateDistrictRequest>(),
        case::<registry::UpdateEngagementRequest>(),
        case::<registry::UpdateExpertRequest>(),
        case::<registry::UpdateIndicatorFrameRequest>(),
        case::<registry::UpdateIndicatorRequest>(),
        case::<registry::UpdateInstitutionRequest>(),
        case::<registry::UpdateLocalProjectTypeRequest>(),
        case::<registry::UpdatePolicyRequest>(),
        case::<registry::UpdateProjectRequest>(),
        case::<registry::UpdateRepresentativeRequest>(),
        case::<registry::UpdateRuleSetRequest>(),
        case::<registry::UpdateTemplateRequest>(),
        case::<registry::UpdateTrainingSessionRequest>(),
        case::<registry::UpdateUnitRequest>(),
        case::<registry::UpdateWorkPlanRequest>(),
        case::<targets::CreateFilingWindowRequest>(),
        case::<targets::CreateObjectiveRequest>(),
        case::<targets::CreateReviewOpinionRequest>(),
        case::<targets::CreateReviewSessionRequest>(),
        case::<targets::UpdateFilingWindowRequest>(),
        case::<targets::UpdateObjectiveRequest>(),
        case::<targets::UpdateReviewSessionRequest>(),
    ])
}

/// Every Create, and every Update with a mask.
fn edits() -> Vec<MethodDescriptor> {
    let of_interest = |method: &MethodDescriptor| {
        let updates = method.input().get_field_by_name("update_mask").is_some();
        updates || (method.name().starts_with("Create") && resource(method).is_some())
    };
    rpc::all().into_iter().filter(of_interest).collect()
}

/// The field that holds the resource.
fn resource(method: &MethodDescriptor) -> Option<FieldDescriptor> {
    let output = method.output();
    method.input().fields().find(|field| field.kind().as_message() == Some(&output))
}

/// Behaviours of a field (`google.api.field_behavior`), by name.
fn behaves(field: &FieldDescriptor, behaviour: &str) -> bool {
    let options = field.options();
    let declared = options.extensions().find(|(ext, _)| ext.full_name() == "google.api.field_behavior");
    let Some((extension, value)) = declared else { return false };
    let Kind::Enum(names) = extension.kind() else { return false };
    let number = names.get_value_by_name(behaviour).expect("a field behaviour").number();
    value.as_list().is_some_and(|list| list.contains(&Value::EnumNumber(number)))
}

/// Paths of the resource's fields, as a request spells them, that must be there; with `changing` only those that an
/// update may change.
fn required(method: &MethodDescriptor, changing: bool) -> Vec<FieldDescriptor> {
    let resource = resource(method).and_then(|field| field.kind().as_message().cloned());
    let fields = resource.iter().flat_map(|resource| resource.fields());
    let asked =
        |field: &FieldDescriptor| behaves(field, "REQUIRED") && !(changing && behaves(field, "IMMUTABLE"));
    fields.filter(asked).collect()
}

/// A request of which only the address is filled, and its resource empty but for the name.
fn bare(method: &MethodDescriptor) -> DynamicMessage {
    let mut request = rpc::addressed_request(method, "350205000");
    let field = resource(method).expect("an edit carries its resource");
    let kept = request.get_field(&field).into_owned();
    request.set_field(&field, kept);
    request
}

fn masked(method: &MethodDescriptor, path: &str) -> DynamicMessage {
    let mut request = bare(method);
    let field = method.input().get_field_by_name("update_mask").expect("an update has a mask");
    let mut mask = DynamicMessage::new(field.kind().as_message().expect("a mask").clone());
    mask.set_field_by_name("paths", Value::List(vec![Value::String(path.to_owned())]));
    request.set_field(&field, Value::Message(mask));
    request
}

#[test]
fn every_edit_has_its_case() {
    let edits: BTreeSet<String> =
        edits().iter().map(|method| method.input().full_name().to_owned()).collect();
    let cases: BTreeSet<String> = cases().into_keys().collect();
    assert_eq!(edits.difference(&cases).collect::<Vec<_>>(), Vec::<&String>::new(), "edits without a case");
    assert_eq!(cases.difference(&edits).collect::<Vec<_>>(), Vec::<&String>::new(), "cases without an edit");
}

#[test]
fn what_is_created_names_all_that_it_lacks() {
    let cases = cases();
    for method in edits().iter().filter(|method| method.name().starts_with("Create")) {
        let at = resource(method).expect("an edit carries its resource").name().to_owned();
        // Alternatives of one choice are asked for by the service: the contract knows no required choice.
        let asked = required(method, false).into_iter().filter(|field| field.containing_oneof().is_none());
        let expected: BTreeSet<String> = asked.map(|field| format!("{at}.{}", field.name())).collect();
        let violated = cases[method.input().full_name()](&bare(method));
        assert_eq!(violated, expected, "{}", method.full_name());
    }
}

#[test]
fn an_update_needs_the_name_and_what_its_mask_names() {
    let cases = cases();
    for method in edits().iter().filter(|method| method.name().starts_with("Update")) {
        let violated = |request: &DynamicMessage| cases[method.input().full_name()](request);
        let of = |fields: Vec<FieldDescriptor>, at: &str| {
            fields.iter().map(|field| format!("{at}.{}", field.name())).collect::<BTreeSet<String>>()
        };
        let field = resource(method).expect("an edit carries its resource");
        let (at, message) = (field.name(), field.kind().as_message().expect("a resource").clone());
        assert_eq!(violated(&bare(method)), BTreeSet::new(), "{} without a mask", method.full_name());
        for changed in message.fields() {
            let needed = required(method, true).into_iter().filter(|field| *field == changed).collect();
            let path = changed.name();
            assert_eq!(violated(&masked(method, path)), of(needed, at), "{} of {path}", method.full_name());
        }
        let all = of(required(method, true), at);
        assert_eq!(violated(&masked(method, "*")), all, "{} of everything", method.full_name());
    }
}
