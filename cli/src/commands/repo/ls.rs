//! `zkv repo ls`.

use std::collections::HashSet;

use zkvault::repository::{ListedFile, Selection, list_plain, list_sealed};

use super::parse_selection;
use crate::args::RepoLs;
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::opened_by;
use crate::output::{Cell, Table};
use crate::repo::{self, Rights};

pub(crate) fn run(args: &RepoLs, context: &Context<'_>) -> Result<Exit> {
    let names = args.names.iter().map(|name| parse_selection(name));
    let names = names.collect::<Result<Vec<_>>>()?;
    let container = repo::open(&args.repository, Rights::Read, context)?;
    let found = match args.plain {
        true => repo::wait(&container, list_plain(&container))??,
        false => {
            let keys = repo::keys::for_opening(&args.keys.paths, context)?;
            repo::wait(&container, list_sealed(&container, &keys))??
        }
    };
    repo::warn(&found, context.output);
    let complete = found.odd_count == 0;
    let files = chosen(found.files, &names);
    context.output.rows(&table(&files), &files)?;
    Ok(if complete { Exit::Success } else { Exit::PartlyFailed })
}

/// The files that are meant; all where nothing was named.
pub(super) fn chosen(files: Vec<ListedFile>, names: &[Selection]) -> Vec<ListedFile> {
    if names.is_empty() {
        return files;
    }
    let blobs: HashSet<_> = names
        .iter()
        .flat_map(|name| name.of(&files))
        .map(|file| file.blob.clone())
        .collect();
    let exactly = |file: &ListedFile| names.iter().any(|name| name.name().as_str() == file.name);
    let is_chosen = |file: &ListedFile| exactly(file) || blobs.contains(&file.blob);
    files.into_iter().filter(is_chosen).collect()
}

fn table(files: &[ListedFile]) -> Table {
    // Which key a file is under is of interest where it is not the same for all.
    let key = |file: &ListedFile| file.key.as_ref().map(opened_by::name).unwrap_or_default();
    let first = files.first().map(key);
    let with_keys = files
        .iter()
        .any(|file| Some(key(file)) != first || file.is_under_retired_key());
    let mut table = match with_keys {
        true => Table::new(&["NAME", "SIZE", "MODIFIED", "KEY"]),
        false => Table::new(&["NAME", "SIZE", "MODIFIED"]),
    };
    for file in files {
        let size = Cell::from(file.size.map(|size| size.to_string()).unwrap_or_default());
        let (name, modified) = (Cell::from(&*file.name), Cell::time(file.modified.map(Stamp)));
        match with_keys {
            true => table.row([name, size, modified, Cell::from(key(file))]),
            false => table.row([name, size, modified]),
        }
    }
    table
}
