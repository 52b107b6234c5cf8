//! What the services are called: to people, in the environment, and in the keyring.

use crate::args::Service;

impl Service {
    /// As people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Logmeonce => "LogMeOnce",
            Self::Loome => "Loome Assist",
        }
    }

    /// As options and documents call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Logmeonce => "logmeonce",
            Self::Loome => "loome",
        }
    }

    /// An environment variable of its account, such as `ZKV_LOOME_URL`.
    pub(crate) fn variable(self, what: &str) -> String {
        format!("ZKV_{}_{what}", self.name().to_uppercase())
    }

    /// The name of a credential in the keyring, such as `loome.url`.
    pub(crate) fn credential(self, what: &str) -> String {
        format!("{}.{what}", self.name())
    }

    /// The command that logs in.
    pub(crate) fn login(self) -> &'static str {
        match self {
            Self::Logmeonce => "zkv auth login",
            Self::Loome => "zkv auth login --service loome",
        }
    }
}
