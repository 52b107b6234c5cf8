//! Network configurations.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::answer::{Answer, find, shown, truth};
use crate::error::ClientError;

/// How a data repository or workstation is reached: the five things that the page tells, as far as they were found,
/// and everything else that the service says.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkConfiguration {
    members: Map<String, Value>,
}

impl NetworkConfiguration {
    pub(super) fn read(answer: &Answer) -> Result<Self, ClientError> {
        let members = answer.members()?;
        Ok(Self { members })
    }

    /// Whether it is in a private network.
    #[must_use]
    pub fn is_private(&self) -> Option<bool> {
        const NAMES: [&str; 6] = [
            "isinprivatenetwork",
            "inprivatenetwork",
            "isprivatenetwork",
            "privatenetwork",
            "isprivate",
            "private",
        ];
        find(&self.members, &NAMES).and_then(truth)
    }

    /// The DNS name.
    #[must_use]
    pub fn dns_name(&self) -> Option<String> {
        self.text(&["dnsname", "dns", "fqdn"])
    }

    /// The IP address.
    #[must_use]
    pub fn ip_address(&self) -> Option<String> {
        self.text(&["ipaddress", "ipaddresses", "ip"])
    }

    /// The address space; nothing outside a private network.
    #[must_use]
    pub fn address_space(&self) -> Option<String> {
        self.text(&["addressspace", "addressspaces"])
    }

    /// The subnet; nothing outside a private network.
    #[must_use]
    pub fn subnet(&self) -> Option<String> {
        self.text(&["subnet", "subnets", "subnetname"])
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        find(&self.members, names).and_then(shown)
    }
}

/// As the service wrote it.
impl Serialize for NetworkConfiguration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loome::answer::of;

    fn read(body: &str) -> NetworkConfiguration {
        NetworkConfiguration::read(&of("application/json", body).unwrap()).unwrap()
    }

    #[test]
    fn the_five_things_are_found_whatever_they_are_called() {
        for body in [
            r#"{"isInPrivateNetwork":true,"dnsName":"d","ipAddress":"i","addressSpace":"a","subnet":"s"}"#,
            r#"{"PrivateNetwork":"True","DNS_Name":"d","IP":["i"],"address-spaces":["a"],"Subnet":"s"}"#,
        ] {
            let network = read(body);
            let texts = [
                network.dns_name(),
                network.ip_address(),
                network.address_space(),
                network.subnet(),
            ];
            assert_eq!(network.is_private(), Some(true), "{body}");
            assert_eq!(texts, ["d", "i", "a", "s"].map(|text| Some(text.to_owned())), "{body}");
        }
        let public = read(r#"{"isPrivate":false,"addressSpace":null,"subnet":[]}"#);
        assert_eq!(
            (public.is_private(), public.address_space(), public.subnet()),
            (Some(false), None, None)
        );
        assert_eq!(read("{}").is_private(), None);
        assert!(NetworkConfiguration::read(&of("application/json", "[]").unwrap()).is_err());
    }
}
