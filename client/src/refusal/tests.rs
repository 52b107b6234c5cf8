use super::*;

fn refused(json: &str, wanted: Wanted) -> bool {
    find(&serde_json::from_str(json).unwrap(), wanted).is_some()
}

/// However a service spells it.
const REFUSALS: &[&str] = &[
    r#"{"error":"permission_denied","error_description":"denied"}"#,
    r#"{"Error":true}"#,
    r#"{"error":1}"#,
    r#"{"error":{"code":403,"message":"denied"}}"#,
    r#"{"errors":["denied"]}"#,
    r#"{"errors":[{"message":"denied"}]}"#,
    r#"{"errors":{"name":["is taken"]}}"#,
    r#"{"error_code":12}"#,
    r#"{"errorMessage":"denied"}"#,
    r#"{"hasErrors":true}"#,
    r#"{"success":false}"#,
    r#"{"success":0}"#,
    r#"{"success":"false"}"#,
    r#"{"success":"0"}"#,
    r#"{"success":"no"}"#,
    r#"{"success":null}"#,
    r#"{"Success":"False","id":7}"#,
    r#"{"ok":false}"#,
    r#"{"isSuccess":false}"#,
    r#"{"status":"error"}"#,
    r#"{"status":"fail"}"#,
    r#"{"status":"FAILED"}"#,
    r#"{"status":false}"#,
    r#"{"status":403}"#,
    r#"{"status":"403 Forbidden"}"#,
    r#"{"stat":"fail"}"#,
    r#"{"status":{"code":500,"message":"denied"},"error":{"code":500}}"#,
    r#"{"result":"error"}"#,
    r#"{"type":"error","message":"denied"}"#,
    r#"{"code":403,"message":"denied"}"#,
    r#"{"code":"permission_denied","message":"denied"}"#,
    r#"{"code":17,"msg":"denied"}"#,
    r#"{"title":"Forbidden","detail":"denied"}"#,
    r#"{"type":"about:blank","title":"Forbidden","status":403}"#,
    r#"{"message":"You are not allowed to do this"}"#,
    r#"{"status":0,"message":"You are not allowed to do this"}"#,
    r#"{"data":{"error":"denied"}}"#,
    r#"{"response":{"success":false}}"#,
    r#"{"data":{"result":{"status":"error"}}}"#,
    r#"[{"message":"denied","errorCode":"FORBIDDEN"}]"#,
    r#"{"results":[{"id":1,"success":true},{"id":2,"success":false}]}"#,
    r#"{"results":{"1":{"success":true},"2":{"error":"denied"}}}"#,
    r#"{"deleted":false}"#,
    r#"{"id":7,"error":"denied"}"#,
    r#"{"status":"failed"}"#,
    r#"{"status":"Unsuccessful"}"#,
    r#"{"status":{"code":403,"message":"denied"}}"#,
    r#"{"status":{"error":true}}"#,
    r#"{"wasSuccessful":false}"#,
    r#"{"operation_success":"N"}"#,
    r#"{"isSuccessful":"no","data":{"id":7}}"#,
    r#"{"successCount":0,"failureCount":1}"#,
    r#"{"activated":"false"}"#,
    r#"{"activated":"no"}"#,
    r#"{"accepted":false}"#,
    r#"{"ResponseStatus":{"ErrorCode":"Forbidden","Message":"denied"}}"#,
    r#"{"messages":[{"type":"error","text":"denied"}]}"#,
    r#"{"message":{"severity":"error","text":"denied"}}"#,
    r#"{"Message":"An error has occurred.","ExceptionMessage":"denied"}"#,
    r#"{"id":"7f3a","code":"FORBIDDEN","message":"denied"}"#,
    r#"{"returnCode":-1,"statusText":"failed"}"#,
    r#"{"errorCode":"E0012"}"#,
    r#"{"errors":{"base":["no"]}}"#,
    r#"{"return_code":"FAIL","return_msg":"x"}"#,
    r#"{"ack":"Failure"}"#,
    r#"{"stat":{"type":"error","msg":"x"}}"#,
    r#"{"errorMessages":["x"],"errors":{}}"#,
    r#"{"apiError":{"text":"denied"}}"#,
    r#"{"success":{"status":false}}"#,
    r#"{"denied":[7]}"#,
    r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"denied"}}"#,
    // Of one of several, by its id or in a list.
    r#"{"101":false}"#,
    r#"{"101":"not found"}"#,
    r#"{"101":403}"#,
    r#"{"results":{"101":true,"102":false}}"#,
    r#"{"data":{"101":"error"}}"#,
    r#"{"assigned":{"101":false}}"#,
    r#"[{"id":1,"status":"error"}]"#,
    r#"{"id":101,"result":"failed"}"#,
    r#"{"results":[{"id":101,"status":"failed","message":"denied"}]}"#,
    r#"{"results":[{"id":101,"name":"x","status":"failed","message":"denied"}]}"#,
    r#"{"results":[{"id":"101","status":404}]}"#,
    r#"{"sites":[{"id":101,"error":"not found"}]}"#,
    r#"{"users":{"1":{"error":"denied"}}}"#,
    r#"{"groups":[true,false]}"#,
    // What was left out.
    r#"{"not_found":[101]}"#,
    r#"{"success":true,"skipped":[101]}"#,
    r#"{"unknown":[101]}"#,
    r#"{"assigned":[102],"ignored":{"101":"denied"}}"#,
    "false",
    "null",
    "0",
    "-1",
    "403",
    r#""error""#,
    r#""false""#,
    r#""Access denied""#,
    r#""""#,
];

/// What only looks like a refusal.
const SUCCESSES: &[&str] = &[
    "{}",
    "[]",
    "true",
    "1",
    "200",
    r#""ok""#,
    r#""Deleted""#,
    r#"{"success":true}"#,
    r#"{"success":1}"#,
    r#"{"success":"true"}"#,
    r#"{"success":"1"}"#,
    r#"{"success":"Group created"}"#,
    r#"{"success":{"message":"done"}}"#,
    r#"{"error":null}"#,
    r#"{"error":""}"#,
    r#"{"error":false}"#,
    r#"{"error":0}"#,
    r#"{"error":"0"}"#,
    r#"{"error":[]}"#,
    r#"{"error":{}}"#,
    r#"{"error":{"code":0,"message":"OK"}}"#,
    r#"{"errors":[]}"#,
    r#"{"errors":[null]}"#,
    r#"{"errors":0,"success":true}"#,
    r#"{"status":"ok"}"#,
    r#"{"status":"success","message":"the user was removed, no error"}"#,
    r#"{"status":200}"#,
    r#"{"status":1}"#,
    r#"{"status":0}"#,
    r#"{"status":"inactive"}"#,
    r#"{"code":0,"message":"success"}"#,
    r#"{"code":200,"message":"OK"}"#,
    r#"{"code":"201","msg":"created"}"#,
    r#"{"message":"User deleted"}"#,
    r#"{"message":""}"#,
    r#"{"id":7,"name":"error","status":"failed","type":"error","description":"forbidden"}"#,
    r#"{"data":{"id":7,"name":"X"}}"#,
    r#"{"data":null}"#,
    r#"{"failed":[],"done":[1,2]}"#,
    r#"{"deleted":true}"#,
    r#"{"updated":0}"#,
    r#"{"success":true,"success_url":"","successMessage":""}"#,
    r#"{"id":7,"successor":null,"state":null}"#,
    r#"{"errorCode":"0000","message":"OK"}"#,
    r#"{"status":{"code":200,"message":"OK"}}"#,
    r#"{"status":{"code":0,"message":"success"},"data":{"id":7}}"#,
    r#"{"messages":[{"type":"info","text":"User activated"}]}"#,
    r#"{"messages":[]}"#,
    r#"{"returnCode":0}"#,
    r#"{"errorUrl":"https://a.example/","default":"x","errorMessages":[]}"#,
    r#"{"id":7,"lastError":"none so far, but one"}"#,
    r#"{"ack":"Success"}"#,
    // Objects of the API as the service has them after the change.
    r#"{"id":"3f2a-77","name":"x","description":"text","status":"Provisioning"}"#,
    r#"{"id":"3f2a-77","name":"x","status":"Failed","deleted":false,"code":"DR-17"}"#,
    r#"{"Id":"3f2a-77","DisplayName":"x","Status":"Failed"}"#,
    r#"{"_id":"3f2a-77","name":"x","lastError":"timeout"}"#,
    r#"{"users":[{"id":1,"username":"a","active":false,"status":"invalid"}]}"#,
    r#"{"id":1,"state":"NO","type":"error","deleted":false}"#,
    r#"{"id":1,"name":"x","description":"y","message":"Group updated","deleted":false}"#,
    // By ids, and lists of what was left out.
    r#"{"101":true,"102":"ok"}"#,
    r#"{"results":{"101":"assigned","102":0,"103":""}}"#,
    r#"{"sites":[{"id":101},{"id":102,"error":null,"status":"assigned"}]}"#,
    r#"{"privileges":[{"id":101,"read":1,"update":-1,"delete":0}]}"#,
    r#"{"assigned":[101],"not_found":[],"skipped":0,"unknown":null,"ignored":{}}"#,
];

#[test]
fn a_refusal_is_found_in_every_spelling() {
    for json in REFUSALS {
        assert!(refused(json, Wanted::Change), "{json}");
    }
}

#[test]
fn what_only_looks_like_a_refusal_is_none() {
    for json in SUCCESSES {
        assert!(!refused(json, Wanted::Change), "{json}");
    }
}

#[test]
fn records_are_not_looked_into_when_they_are_what_was_asked_for() {
    for json in [
        r#"{"users":[{"id":1,"error":"x","success":false}]}"#,
        r#"[{"id":1,"success":false}]"#,
        r#"{"users":[],"error":null,"success":true}"#,
        r#"{"users":[],"skipped":[7],"101":false}"#,
        r#"[{"Id":"3f2a","Status":"Failed"}]"#,
        r#"{"items":[{"ID":"3f2a","Name":"x","Status":"Failed","Description":"y"}]}"#,
        "null",
    ] {
        assert!(!refused(json, Wanted::Records), "{json}");
    }
    for json in [
        r#"{"users":[],"error":"permission_denied"}"#,
        r#"{"users":[],"success":false}"#,
        r#"{"status":"error","message":"denied"}"#,
        r#"[{"errorCode":"FORBIDDEN","message":"denied"}]"#,
        "false",
    ] {
        assert!(refused(json, Wanted::Records), "{json}");
    }
}

#[test]
fn a_value_may_be_bare_and_have_a_state() {
    for json in [
        "false",
        "null",
        "0",
        r#""error""#,
        r#"{"state":"Failed","dnsName":"a"}"#,
        r#"{"nameAvailable":false,"message":"taken"}"#,
    ] {
        assert!(!refused(json, Wanted::Value), "{json}");
    }
    for json in [
        r#"{"error":"denied"}"#,
        r#"{"status":"error","message":"denied"}"#,
        r#"{"success":false}"#,
    ] {
        assert!(refused(json, Wanted::Value), "{json}");
    }
}

#[test]
fn a_number_says_which_kind_of_refusal_it_is() {
    let kind = |json: &str| find(&serde_json::from_str(json).unwrap(), Wanted::Change);
    assert_eq!(kind(r#"{"error":{"code":403}}"#), Some(ErrorKind::Forbidden));
    assert_eq!(kind(r#"{"status":"404 Not Found"}"#), Some(ErrorKind::NotFound));
    assert_eq!(kind(r#"{"success":false,"code":409}"#), Some(ErrorKind::Conflict));
    assert_eq!(kind(r#"{"success":false,"code":12}"#), Some(ErrorKind::Rejected));
    for ended in [
        r#"{"error":"invalid_token","error_description":"The access token expired"}"#,
        r#"{"error":{"code":"token_expired","message":"x"}}"#,
        r#"{"success":false,"code":"ExpiredToken"}"#,
    ] {
        assert_eq!(kind(ended), Some(ErrorKind::Unauthorized), "{ended}");
    }
}
