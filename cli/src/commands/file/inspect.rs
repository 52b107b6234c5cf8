//! `zkv file inspect`.

use serde::Serialize;
use zkvault::transfer::OpenedBy;
use zkvault_core::file::{FileMeta, FilePrelude};

use super::decrypt::{Unlocked, read_prelude, unlock};
use super::{Source, not_opened};
use crate::args::{FileInspect, RequireKey};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::{clock, key_source, opened_by};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by: Option<OpenedBy>,
}

pub(crate) fn run(args: &FileInspect, context: &Context<'_>) -> Result<Exit> {
    let mut source = Source::open(&args.input)?;
    let prelude = read_prelude(&mut source.input, &args.input)?;
    let files = key_source::selected(&args.keys.paths);
    let unlocked = match args.open || !files.is_empty() {
        true => Some(unlock(&args.input, &prelude, &files, &RequireKey::default(), context)?),
        false => None,
    };
    let description = describe(args, &prelude, source.len, unlocked)?;
    context.output.rows(&table(&description), &description)?;
    Ok(Exit::Success)
}

fn describe(
    args: &FileInspect,
    prelude: &FilePrelude,
    len: Option<u64>,
    unlocked: Option<Unlocked>,
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
    let (meta, opened_by) = unlocked
        .map(|Unlocked { opener, by }| (opener.meta().clone(), by))
        .unzip();
    Ok(Description {
        created: clock::shown(prelude.created()),
        block_size: layout.block_size().bytes(),
        plaintext_len: extent.map(|extent| extent.plaintext_len()),
        blocks: extent.map(|extent| extent.block_count()),
        key_ids: prelude.vault_key_ids().map(|id| id.to_string()).collect(),
        recipients: prelude.recipient_count(),
        meta,
        opened_by,
    })
}

fn table(description: &Description) -> Table {
    let known = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut table = Table::pairs();
    table.row(["created".to_owned(), description.created.clone()]);
    table.row(["block size".to_owned(), description.block_size.to_string()]);
    table.row(["blocks".to_owned(), known(description.blocks)]);
    table.row(["plaintext bytes".to_owned(), known(description.plaintext_len)]);
    table.row(["key ids".to_owned(), description.key_ids.join(" ")]);
    table.row(["recipients".to_owned(), description.recipients.to_string()]);
    if let Some(by) = &description.opened_by {
        table.row(["opened by".to_owned(), opened_by::name(by)]);
    }
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
