//! Names of storage accounts: Azure's rule, and its response to whether a name is available.

use serde_json::{Value, json};

use super::tenant::Tenant;
use crate::answer::Refusal;

/// As Azure's own check answers, with the data repository that has the name if it is one of the tenant's.
pub(super) fn availability(tenant: &Tenant, name: &str) -> Value {
    if !is_valid(name) {
        return unavailable(
            "AccountNameInvalid",
            format!("{name} is not a valid storage account name. {RULE}"),
        );
    }
    if !tenant.is_taken(name) {
        return json!({"nameAvailable": true, "reason": null, "message": format!("The name {name} is available.")});
    }
    let message = format!("The storage account named {name} is already taken.");
    let mut answer = unavailable("AlreadyExists", message);
    if let (Some(repository), Value::Object(members)) = (tenant.named(name), &mut answer) {
        let existing = json!({"id": repository.id, "name": repository.name});
        members.insert("storageAccount".to_owned(), existing);
    }
    answer
}

/// Refuses a name that a new data repository cannot have.
pub(super) fn check(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    match (is_valid(name), tenant.is_taken(name)) {
        (false, _) => Err(Refusal::bad(format!("name: {RULE}"))),
        (true, true) => Err(Refusal::conflict(format!(
            "The storage account named {name} is already taken."
        ))),
        (true, false) => Ok(()),
    }
}

const RULE: &str = "A storage account name has 3 to 24 lower-case letters and digits.";

fn is_valid(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn unavailable(reason: &str, message: String) -> Value {
    json!({"nameAvailable": false, "reason": reason, "message": message})
}
