//! How the commands of Loome Assist show what they got.

use serde::Serialize;
use zkvault::account::Service;
use zkvault_client::Listed;
use zkvault_client::loome::{LoomeObject, NetworkConfiguration};

use super::set_aside;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;

/// Prints projects, data repositories or workstations.
pub(super) fn print_objects(context: &Context<'_>, listed: &Listed<LoomeObject>) -> Result<Exit> {
    let Listed { records, odd } = listed;
    context.output.rows(&table(records), records)?;
    set_aside::finish(odd, Service::Loome)
}

/// Prints one of them.
pub(super) fn print_object(context: &Context<'_>, object: &LoomeObject) -> Result<Exit> {
    context.output.rows(&table(std::slice::from_ref(object)), object)?;
    Ok(Exit::Success)
}

fn table(objects: &[LoomeObject]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "DESCRIPTION", "STATUS"])
        .cut(&["NAME"])
        .wrapped(&["DESCRIPTION"]);
    for object in objects {
        let text = |name| object.text(name).unwrap_or_default();
        table.row([
            object.id().to_string(),
            text("name"),
            text("description"),
            text("status"),
        ]);
    }
    table
}

/// The five things that the vendor's API reference promises, and all of the answer.
#[derive(Serialize)]
struct Network<'a> {
    private: Option<bool>,
    dns_name: Option<String>,
    ip_address: Option<String>,
    address_space: Option<String>,
    subnet: Option<String>,
    answer: &'a NetworkConfiguration,
}

pub(super) fn print_network(context: &Context<'_>, answer: &NetworkConfiguration) -> Result<Exit> {
    let network = Network {
        private: answer.is_private(),
        dns_name: answer.dns_name(),
        ip_address: answer.ip_address(),
        address_space: answer.address_space(),
        subnet: answer.subnet(),
        answer,
    };
    let private = match network.private {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let mut table = Table::pairs();
    table.row(["private-network".to_owned(), private.to_owned()]);
    for (what, value) in [
        ("dns-name", &network.dns_name),
        ("ip-address", &network.ip_address),
        ("address-space", &network.address_space),
        ("subnet", &network.subnet),
    ] {
        table.row([what.to_owned(), value.clone().unwrap_or_default()]);
    }
    context.output.rows(&table, &network)?;
    Ok(Exit::Success)
}
