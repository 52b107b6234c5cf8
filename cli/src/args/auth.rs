//! Arguments of `zkv auth`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use zkvault::account::Service;

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    Login(AuthLogin),
    /// Remove what zkv auth login stored
    #[command(after_help = "Example:\n  zkv auth logout")]
    Logout(AuthService),
    /// Show the account in use and how long its token is valid; never the secrets
    #[command(after_help = "Examples:\n  zkv auth status\n  zkv auth status --json")]
    Status(AuthService),
}

/// The service that a command applies to.
#[derive(Debug, Args)]
pub(crate) struct AuthService {
    /// The service
    #[arg(long, value_parser = service(), default_value = "logmeonce")]
    pub(crate) service: Service,
}

/// Reads the name of a service.
fn service() -> impl TypedValueParser<Value = Service> {
    let logmeonce = PossibleValue::new(Service::Logmeonce.name()).help("The LogMeOnce REST API");
    let loome = PossibleValue::new(Service::Loome.name()).help("The Loome Assist API");
    PossibleValuesParser::new([logmeonce, loome]).map(|name| match name == Service::Loome.name() {
        true => Service::Loome,
        false => Service::Logmeonce,
    })
}

/// Check the API key of a service and store it in the keyring
#[derive(Debug, Args)]
#[command(after_help = "\
zkv prompts for what is missing. It reads the secret from --secret-file, from
ZKV_LOGMEONCE_SECRET or ZKV_LOGMEONCE_SECRET_FILE, or prompts for it; a password
from --password-file, ZKV_LOGMEONCE_PASSWORD or ZKV_LOGMEONCE_PASSWORD_FILE.
It is stored only after the service has issued a token for it.

For --service loome the variables begin with ZKV_LOOME_ instead, and the API
key and its secret are enough to log in. If your instance shows one key and no
secret, the key is the secret too: set both in the environment.

Without a keyring, set ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY and
ZKV_LOGMEONCE_SECRET instead; zkv then stores nothing.

Examples:
  zkv auth login --url https://company.logmeonce.com
  some-vault read secret | zkv auth login --url company.logmeonce.com \\
    --api-key 4f6c2a --secret-file -
  zkv auth login --grant authorization-code
  zkv auth login --service loome --url acme.azurewebsites.net")]
pub(crate) struct AuthLogin {
    #[command(flatten)]
    pub(crate) service: AuthService,
    /// The account's address, or its domain alone [env: ZKV_LOGMEONCE_URL, ZKV_LOOME_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The address that gives tokens, if Loome Assist has an identity host of its own [env: ZKV_LOOME_IDENTITY_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) identity_url: Option<String>,
    /// The API key, which is not a secret [env: ZKV_LOGMEONCE_KEY, ZKV_LOOME_KEY]
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// A file with the API secret; `-` is stdin, /dev/fd/3 an open descriptor
    #[arg(long, value_name = "PATH")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How zkv obtains tokens
    #[arg(long, value_enum, default_value_t = GrantChoice::ClientCredentials)]
    pub(crate) grant: GrantChoice,
    /// The port of 127.0.0.1 that the browser returns to; any free one if missing
    #[arg(long, value_name = "PORT")]
    pub(crate) redirect_port: Option<u16>,
    /// Send a user's password to the service, which OAuth 2.1 no longer permits
    #[arg(long)]
    pub(crate) allow_password_grant: bool,
    /// The user's name, for --grant password
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// A file with the user's password; `-` is stdin
    #[arg(long, value_name = "PATH")]
    pub(crate) password_file: Option<PathBuf>,
}

/// The OAuth 2.0 grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrantChoice {
    /// The API key and its secret alone
    ClientCredentials,
    /// A user approves in a browser (PKCE)
    AuthorizationCode,
    /// A user's name and password, only with --allow-password-grant
    Password,
}
