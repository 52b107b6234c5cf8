//! Arguments of `zkv auth`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    Login(AuthLogin),
    /// Forget what zkv auth login stored
    #[command(after_help = "Example:\n  zkv auth logout")]
    Logout(AuthService),
    /// Say which account is used, and how long its token is good; never the secrets
    #[command(after_help = "Examples:\n  zkv auth status\n  zkv auth status --json")]
    Status(AuthService),
}

/// A service to log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    /// The LogMeOnce REST API
    Logmeonce,
    /// The Loome Assist API
    Loome,
}

/// Which service is meant.
#[derive(Debug, Args)]
pub(crate) struct AuthService {
    /// The service
    #[arg(long, value_enum, default_value_t = Service::Logmeonce)]
    pub(crate) service: Service,
}

/// Check the API key of a service and store it in the keyring
#[derive(Debug, Args)]
#[command(after_help = "\
What is not given is asked for. The secret is taken from --secret-file, from
ZKV_LOGMEONCE_SECRET or ZKV_LOGMEONCE_SECRET_FILE, or asked for; a password
from --password-file, ZKV_LOGMEONCE_PASSWORD or ZKV_LOGMEONCE_PASSWORD_FILE.
It is stored only after the service has given a token for it.

For --service loome the variables begin with ZKV_LOOME_ instead, and the API
key and its secret alone are a login. If your instance shows one key and no
secret, the key is the secret too: give both in the environment.

Without a keyring set ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY and
ZKV_LOGMEONCE_SECRET instead: nothing is stored then.

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
    /// The API key, which is no secret [env: ZKV_LOGMEONCE_KEY, ZKV_LOOME_KEY]
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// A file with the API secret; `-` is stdin, /dev/fd/3 an open descriptor
    #[arg(long, value_name = "PATH")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How tokens are asked for
    #[arg(long, value_enum, default_value_t = GrantChoice::ClientCredentials)]
    pub(crate) grant: GrantChoice,
    /// The port of 127.0.0.1 to which the browser is sent back; any free one when it is missing
    #[arg(long, value_name = "PORT")]
    pub(crate) redirect_port: Option<u16>,
    /// Send a user's password to the service, which OAuth 2.1 has abolished
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
