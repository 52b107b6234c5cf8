//! `zkv api loome`.

use zkvault::fs;
use zkvault_client::loome::LoomeCall;

use super::{HINT, MAX_BODY_LEN, method};
use crate::args::{ApiLoome, ApiMethod};
use crate::commands::request;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::escaped_lines;
use crate::session;

/// What every link to a storage has.
const SIGNATURE: &[u8] = b"sig=";

pub(super) fn run(args: &ApiLoome, context: &Context<'_>) -> Result<Exit> {
    let body = match &args.data {
        None => None,
        Some(path) => {
            let mut input = Input::open(Some(path))?;
            let text = input.read_text(MAX_BODY_LEN)?;
            let json = serde_json::from_str(text.expose_secret());
            Some(json.map_err(|_| input.refused("it holds no JSON"))?)
        }
    };
    let call = LoomeCall::raw(method(args.method), &args.path, args.query.clone(), body);
    let call = call.map_err(|error| CliError::usage("the request cannot be made").cause(error))?;
    if args.dry_run {
        return request::print(context, &[call]);
    }
    let asks = args.method == ApiMethod::Delete && !args.consent.yes;
    if asks {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let mut session = session::loome(context)?;
    if asks {
        let facts = [format!("Loome Assist at {}", session.host()), call.to_string()];
        context.prompt.confirm(&facts, "Send this request?", HINT)?;
    }
    let answer = session.ask(async |client| client.raw(&call).await)?;
    print(answer.expose_secret(), args, context)?;
    Ok(Exit::Success)
}

fn print(answer: &[u8], args: &ApiLoome, context: &Context<'_>) -> Result<()> {
    if let Some(path) = args.destination.path() {
        return Ok(fs::write(
            path,
            answer,
            fs::Existing::replace_if(args.destination.force),
        )?);
    }
    if answer.windows(SIGNATURE.len()).any(|window| window == SIGNATURE) {
        return Err(CliError::new(
            Exit::Other,
            "secret-answer",
            "the answer holds a link to a storage, and is not shown",
        )
        .hint("zkv repo sas asks for such a link; --output writes the answer to a file"));
    }
    match context.output.is_terminal() {
        true if answer.is_empty() => Ok(()),
        true => context.output.line(&escaped_lines(&String::from_utf8_lossy(answer))),
        false => context.output.bytes(answer),
    }
}
