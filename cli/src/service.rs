//! What the services are called in the environment and on the command line.

use zkvault::account::Service;
use zkvault::config::Setting;

/// What `zkv` calls a service.
pub(crate) trait ServiceWords {
    /// An environment variable of its account, such as `ZKV_LOOME_URL`.
    fn variable(self, what: &str) -> String;

    /// The setting that is its address.
    fn address(self) -> Setting;

    /// The command that logs in.
    fn login(self) -> &'static str;

    /// The command that shows what it answers.
    fn raw(self) -> String;

    /// How to become known to it.
    fn login_hint(self) -> String;
}

impl ServiceWords for Service {
    fn variable(self, what: &str) -> String {
        format!("ZKV_{}_{what}", self.name().to_uppercase())
    }

    fn address(self) -> Setting {
        match self {
            Self::Logmeonce => Setting::AccountUrl,
            Self::Loome => Setting::LoomeUrl,
        }
    }

    fn login(self) -> &'static str {
        match self {
            Self::Logmeonce => "zkv auth login",
            Self::Loome => "zkv auth login --service loome",
        }
    }

    fn raw(self) -> String {
        format!("zkv api {} GET PATH", self.name())
    }

    fn login_hint(self) -> String {
        let [url, key, secret] = ["URL", "KEY", "SECRET"].map(|what| self.variable(what));
        format!("{}, or set {url}, {key} and {secret}", self.login())
    }
}
