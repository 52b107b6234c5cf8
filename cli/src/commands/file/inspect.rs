//! `zkv file inspect`.

use serde::Serialize;
use zkvault_core::file::{FileMeta, FilePrelude};

use super::decrypt::{not_unlocked, read_prelude, unlock};
use super::{Source, not_opened};
use crate::args::FileInspect;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::{clock, key_source};

/// What the file says of itself. Only what a key opened is more than its own word.
#[derive(Serialize)]
struct Description {
    created: String,
    block_size: u32,
    /// Where the length of the file is known.
    plaintext_len: Option<u64>,
    blocks: Option<u64>,
    key_ids: Vec<String>,
    recipients: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<FileMeta>,
}

pub(crate) fn run(args: &FileInspect, context: &Context<'_>) -> Result<Exit> {
    let mut source = Source::open(&args.input)?;
    let prelude = read_prelude(&mut source.input, &args.input)?;
    let files = key_source::selected(&args.keys.paths);
    let meta = match args.open || !files.is_empty() {
        true => {
            let opener = unlock(&prelude, &files, context)?.map_err(|error| not_unlocked(&args.input, error))?;
            Some(opener.meta().clone())
        }
        false => None,
    };
    let description = describe(args, &prelude, source.len, meta)?;
    context.output.rows(&table(&description), &description)?;
    Ok(Exit::Success)
}

fn describe(
    args: &FileInspect,
    prelude: &FilePrelude,
    len: Option<u64>,
    meta: Option<FileMeta>,
) -> Result<Description> {
    let layout = prelude.layout();
    let impossible = || {
        not_opened(
            &args.input,
            "no file has this length: it was cut, or something was appended",
        )
    };
    let extent = len
        .map(|len| layout.extent_of_file(len).ok_or_else(impossible))
        .transpose()?;
    Ok(Description {
        created: clock::shown(prelude.created()),
        block_size: layout.block_size().bytes(),
        plaintext_len: extent.map(|extent| extent.plaintext_len()),
        blocks: extent.map(|extent| extent.block_count()),
        key_ids: prelude.vault_key_ids().map(|id| id.to_string()).collect(),
        recipients: prelude.recipient_count(),
        meta,
    })
}

fn table(description: &Description) -> Table {
    let known = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut table = Table::new(&["FIELD", "VALUE"]);
    table.row(["created".to_owned(), description.created.clone()]);
    table.row(["block size".to_owned(), description.block_size.to_string()]);
    table.row(["blocks".to_owned(), known(description.blocks)]);
    table.row(["plaintext bytes".to_owned(), known(description.plaintext_len)]);
    table.row(["key ids".to_owned(), description.key_ids.join(" ")]);
    table.row(["recipients".to_owned(), description.recipients.to_string()]);
    if let Some(meta) = &description.meta {
        let modified = meta
            .modified
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(clock::shown);
        table.row(["name".to_owned(), meta.name.clone().unwrap_or_default()]);
        table.row(["modified".to_owned(), modified.unwrap_or_default()]);
        table.row(["content type".to_owned(), meta.content_type.clone().unwrap_or_default()]);
    }
    table
}
