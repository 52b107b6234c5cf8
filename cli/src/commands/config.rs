//! `zkv config`.

use serde::Serialize;
use zkvault::config::{Config, Kind, Setting};

use crate::args::{ConfigCommand, ConfigSet, ConfigUnset};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Table, escaped, shown_path};
use crate::profile::{Place, Profile};
use crate::settings::{self, Source};
use crate::{environment, profile};

/// A setting as other programs get it.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    value: Option<String>,
    /// `flag`, `environment`, `file` or `default`.
    from: &'static str,
    variable: &'static str,
}

pub(crate) fn run(command: &ConfigCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        ConfigCommand::List => list(context),
        ConfigCommand::Get(args) => get(args.setting, context),
        ConfigCommand::Set(args) => set(args, context),
        ConfigCommand::Unset(args) => unset(args, context),
    }
}

fn list(context: &Context<'_>) -> Result<Exit> {
    read(context)?;
    let settings = Setting::ALL.into_iter().map(row);
    let rows = places(context)?.into_iter().map(Ok).chain(settings);
    let rows: Vec<Row> = rows.collect::<Result<_>>()?;
    let mut table = Table::new(&["SETTING", "VALUE", "FROM", "VARIABLE"]).cut(&["VALUE"]);
    for row in &rows {
        table.row([
            row.name.to_owned(),
            row.value.clone().unwrap_or_default(),
            row.from.to_owned(),
            row.variable.to_owned(),
        ]);
    }
    context.output.rows(&table, &rows)?;
    let path = context.profile()?.config_path();
    context.output.note(&format!("file: {}", shown_path(&path)));
    Ok(Exit::Success)
}

fn get(setting: Setting, context: &Context<'_>) -> Result<Exit> {
    read(context)?;
    let row = row(setting)?;
    match (&row.value, context.output.is_json()) {
        (_, true) => context.output.json(&row)?,
        (Some(value), false) => context.output.line(&escaped(value))?,
        (None, false) => {
            let message = format!("{} has no value", row.name);
            return Err(CliError::new(Exit::NotFound, "not-found", message)
                .hint(format!("zkv config set {} VALUE gives it one", row.name)));
        }
    }
    Ok(Exit::Success)
}

fn set(args: &ConfigSet, context: &Context<'_>) -> Result<Exit> {
    let value = match args.setting.kind() {
        Kind::File => absolute(&args.value)?,
        _ => args.value.clone(),
    };
    let path = context.profile()?.config_path();
    make_folder(&path)?;
    Config::change(&path, |config| config.set(args.setting, &value))?;
    let variable = settings::variable(args.setting);
    if environment::path(variable).is_some() {
        context
            .output
            .warning(&format!("{variable} is set, and comes before the file"));
    }
    Ok(Exit::Success)
}

fn unset(args: &ConfigUnset, context: &Context<'_>) -> Result<Exit> {
    let path = context.profile()?.config_path();
    if !Config::remove(&path, &args.name)? {
        let what = format!("{} has no setting {:?}", shown_path(&path), args.name);
        return Err(CliError::new(Exit::NotFound, "not-found", what).hint("zkv config list shows the settings"));
    }
    Ok(Exit::Success)
}

/// Refuses a file with a mistake: the commands of this module start without it.
fn read(context: &Context<'_>) -> Result<()> {
    Profile::load_settings(context.profile_name())
}

fn row(setting: Setting) -> Result<Row> {
    let (value, source) = settings::resolved(setting)?;
    Ok(Row {
        name: setting.name(),
        value,
        from: source.name(),
        variable: settings::variable(setting),
    })
}

/// What says where the file is, and so is not in it.
fn places(context: &Context<'_>) -> Result<Vec<Row>> {
    let profile = context.profile()?;
    let of_profile = match (context.profile_name(), environment::path("ZKV_PROFILE")) {
        (Some(_), _) => Source::Flag,
        (None, Some(_)) => Source::Environment,
        (None, None) => Source::Default,
    };
    let named = Row {
        name: "profile",
        value: Some(profile.name().to_owned()),
        from: of_profile.name(),
        variable: "ZKV_PROFILE",
    };
    let folders = [("config-dir", Place::Config), ("data-dir", Place::Data)].map(|(name, place)| {
        let from = match environment::path(place.variable()) {
            Some(_) => Source::Environment,
            None => Source::Default,
        };
        Row {
            name,
            value: profile::folder(place).ok().map(|path| path.display().to_string()),
            from: from.name(),
            variable: place.variable(),
        }
    });
    Ok(std::iter::once(named).chain(folders).collect())
}

/// An address is left as it is, for the check to refuse.
fn absolute(value: &str) -> Result<String> {
    if value.contains("://") || value.is_empty() {
        return Ok(value.to_owned());
    }
    let path = std::path::absolute(value).map_err(|error| CliError::io("cannot find the working folder", &error))?;
    let text = path.into_os_string().into_string();
    text.map_err(|_| CliError::usage("the path is not UTF-8 text"))
}

fn make_folder(path: &std::path::Path) -> Result<()> {
    match path.parent() {
        Some(folder) => Ok(zkvault::fs::create_private_folder(folder)?),
        None => Ok(()),
    }
}
