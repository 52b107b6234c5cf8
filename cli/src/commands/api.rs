//! `zkv api`: any request, and its answer as it comes.

mod loome;

use std::path::Path;

use zeroize::Zeroizing;
use zkvault_client::Method;
use zkvault_client::logmeonce::{Call, Encoding, Format, RawBody};
use zkvault_core::SecretBytes;

use super::request;
use crate::args::{AcceptChoice, ApiCommand, ApiMethod, ApiRequest};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::{escaped, escaped_lines};
use crate::session::{self, Client};
use crate::sink::Sink;

/// The longest body that is sent, in bytes: services take less.
const MAX_BODY_LEN: usize = 16 * 1024 * 1024;
/// The longest answer that is shown on a terminal, in bytes.
const MAX_SHOWN_LEN: usize = 16 * 1024 * 1024;
/// Bytes of an answer that says of itself that the request failed: a longer one has something to say.
const MAX_REFUSAL_LEN: usize = 64 * 1024;
const HINT: &str = "pass --yes to skip the confirmation, or --dry-run to see the request";

pub(crate) fn run(command: &ApiCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        ApiCommand::Logmeonce(args) => logmeonce(args, context),
        ApiCommand::Loome(args) => loome::run(args, context),
    }
}

fn logmeonce(args: &ApiRequest, context: &Context<'_>) -> Result<Exit> {
    if args.accept == AcceptChoice::Xml && context.output.is_json() && !args.dry_run {
        return Err(
            CliError::usage("--accept xml and --json are two forms of one answer").hint("leave out one of them")
        );
    }
    let call = Call::raw(method(args.method), &args.path, args.query.clone(), body(args)?)?;
    if args.dry_run {
        for (name, value) in &args.fields {
            context.output.note(&escaped(&format!("field {name}={value}")));
        }
        return request::print(context, &[call]);
    }
    let asks = args.method == ApiMethod::Delete && !args.consent.yes;
    if asks {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let mut session = session::logmeonce(context)?;
    if asks {
        let facts = [format!("account {}", session.url().host()), call.to_string()];
        context.prompt.confirm(&facts, "Send this request?", HINT)?;
    }
    session.block_on(async |client| send(client, &call, args, context).await)?;
    Ok(Exit::Success)
}

fn method(method: ApiMethod) -> Method {
    match method {
        ApiMethod::Get => Method::GET,
        ApiMethod::Post => Method::POST,
        ApiMethod::Put => Method::PUT,
        ApiMethod::Delete => Method::DELETE,
    }
}

fn body(args: &ApiRequest) -> Result<Option<RawBody>> {
    if let Some(path) = &args.data {
        let json = Input::open(Some(path))?.read_text(MAX_BODY_LEN)?;
        let json = SecretBytes::from(json.expose_secret().as_bytes().to_vec());
        return Ok(Some(RawBody::new(Encoding::Json, json)));
    }
    if args.fields.is_empty() {
        return Ok(None);
    }
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&args.fields)
        .finish();
    Ok(Some(RawBody::new(Encoding::Form, SecretBytes::from(form.into_bytes()))))
}

/// Sends the request and passes the answer on. An error's answer goes to stdout as well, but into no file.
async fn send(client: &Client, call: &Call, args: &ApiRequest, context: &Context<'_>) -> Result<()> {
    let accept = match args.accept {
        AcceptChoice::Json => Format::Json,
        AcceptChoice::Xml => Format::Xml,
    };
    let mut answer = client.raw(call, accept).await?;
    let failed = answer.error();
    let mut out = Out::open(args.destination.path().filter(|_| failed.is_none()), args, context)?;
    let mut start = Zeroizing::new(Vec::with_capacity(MAX_REFUSAL_LEN));
    while let Some(piece) = answer.chunk().await? {
        if start.len() + piece.len() <= MAX_REFUSAL_LEN {
            start.extend_from_slice(&piece);
        }
        out.write(&piece)?;
    }
    let failed = failed.or_else(|| answer.refusal(call, &start));
    out.finish(context)?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Where an answer goes.
enum Out {
    /// As it is.
    Sink(Sink),
    /// To a person, when all of it is there.
    Terminal(Zeroizing<Vec<u8>>),
}

impl Out {
    fn open(file: Option<&Path>, args: &ApiRequest, context: &Context<'_>) -> Result<Self> {
        match file {
            None if context.output.is_terminal() => Ok(Self::Terminal(Zeroizing::new(Vec::new()))),
            file => Sink::open(file, args.destination.force).map(Self::Sink),
        }
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        match self {
            Self::Sink(sink) => sink.write(piece),
            Self::Terminal(shown) if shown.len() + piece.len() > MAX_SHOWN_LEN => {
                Err(
                    CliError::new(Exit::Other, "too-large", "the answer is too long for a terminal")
                        .hint("write it to a file with --output"),
                )
            }
            Self::Terminal(shown) => {
                shown.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    fn finish(self, context: &Context<'_>) -> Result<()> {
        match self {
            Self::Sink(sink) => sink.commit(),
            Self::Terminal(shown) if shown.is_empty() => Ok(()),
            Self::Terminal(shown) => context.output.line(&escaped_lines(&String::from_utf8_lossy(&shown))),
        }
    }
}
