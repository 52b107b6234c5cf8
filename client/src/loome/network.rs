//! Network configurations.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::answer::{Answer, find, shown, truth, with_member};
use crate::error::ClientError;

/// How a data repository or workstation is reached: the five things that the page tells, as far as they were found,
/// and everything else that the service says.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkConfiguration {
    document: Value,
}

const PRIVATE: &[&str] = &[
    "isinprivatenetwork",
    "inprivatenetwork",
    "isprivatenetwork",
    "privatenetwork",
    "isprivate",
    "private",
];
const DNS_NAME: &[&str] = &["dnsname", "dns", "fqdn"];
const IP_ADDRESS: &[&str] = &["ipaddress", "ipaddresses", "ip"];
const ADDRESS_SPACE: &[&str] = &["addressspace", "addressspaces"];
const SUBNET: &[&str] = &["subnet", "subnets", "subnetname"];

impl NetworkConfiguration {
    pub(super) fn read(answer: &Answer) -> Result<Self, ClientError> {
        match answer.json()? {
            document @ Value::Object(_) => Ok(Self { document }),
            document @ Value::Array(_) if with_member(&document, &every_name()).is_some() => Ok(Self { document }),
            _ => Err(ClientError::malformed("it is no object")),
        }
    }

    /// Whether it is in a private network.
    #[must_use]
    pub fn is_private(&self) -> Option<bool> {
        self.find(PRIVATE).and_then(truth)
    }

    /// The DNS name.
    #[must_use]
    pub fn dns_name(&self) -> Option<String> {
        self.find(DNS_NAME).and_then(shown)
    }

    /// The IP address.
    #[must_use]
    pub fn ip_address(&self) -> Option<String> {
        self.find(IP_ADDRESS).and_then(shown)
    }

    /// The address space; nothing outside a private network.
    #[must_use]
    pub fn address_space(&self) -> Option<String> {
        self.find(ADDRESS_SPACE).and_then(shown)
    }

    /// The subnet; nothing outside a private network.
    #[must_use]
    pub fn subnet(&self) -> Option<String> {
        self.find(SUBNET).and_then(shown)
    }

    /// A member of the object that has any of the five.
    fn find(&self, names: &[&str]) -> Option<&Value> {
        find(with_member(&self.document, &every_name())?, names)
    }
}

fn every_name() -> Vec<&'static str> {
    [PRIVATE, DNS_NAME, IP_ADDRESS, ADDRESS_SPACE, SUBNET].concat()
}

/// As the service wrote it.
impl Serialize for NetworkConfiguration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
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
            r#"{"data":{"private":"Yes","dns":"d","ip":"i","addressSpace":"a","subnet":"s"},"success":true}"#,
            r#"{"result":{"items":[{"private":1,"dns":"d","ip":"i","addressSpace":"a","subnet":"s"}]}}"#,
            r#"[{"private":1,"dns":"d","ip":"i","addressSpace":"a","subnet":"s"}]"#,
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
        assert_eq!(read(r#"{"private":"No"}"#).is_private(), Some(false));
        assert!(NetworkConfiguration::read(&of("application/json", "[]").unwrap()).is_err());
    }
}
