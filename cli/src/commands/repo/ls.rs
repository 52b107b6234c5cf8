//! `zkv repo ls`.

use crate::args::RepoLs;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::repo::{self, Listed, RepositoryKeys, Rights};

pub(crate) fn run(args: &RepoLs, context: &Context<'_>) -> Result<Exit> {
    let container = repo::container(args.repository.id.as_ref(), Rights::Read, context)?;
    let runtime = repo::runtime()?;
    let files = match args.plain {
        true => runtime.block_on(repo::list_plain(&container))?,
        false => {
            let keys = RepositoryKeys::for_opening(&args.keys.paths, context)?.set();
            let (files, foreign) = runtime.block_on(repo::list_sealed(&container, &keys))?;
            if foreign > 0 {
                let message = format!("{foreign} files are not shown: they are for other keys, or were changed");
                context.output.warning(&message);
            }
            files
        }
    };
    context.output.rows(&table(&files), &files)?;
    Ok(Exit::Success)
}

fn table(files: &[Listed]) -> Table {
    let mut table = Table::new(&["NAME", "SIZE", "MODIFIED"]);
    for file in files {
        let modified = file.modified.clone().unwrap_or_default();
        table.row([file.name.clone(), file.size.to_string(), modified]);
    }
    table
}
