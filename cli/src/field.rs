//! The fields of a site: the inputs of its login form, by the names that people use.

use zkvault_core::model::{Input, Site};

use crate::error::{CliError, Exit, Result};
use crate::reference::listed;

/// Types of inputs that take a user's name.
const NAME_TYPES: [&str; 4] = ["text", "email", "tel", "number"];

/// The inputs of a site.
pub(crate) fn inputs(site: &Site) -> &[Input] {
    let login = site.login.as_ref();
    login.and_then(|login| login.inputs.as_deref()).unwrap_or_default()
}

/// The names of an input. The vendor's `name` is text that itself holds a JSON array of them.
pub(crate) fn names(input: &Input) -> Vec<String> {
    let name = input.name.as_deref().unwrap_or_default();
    let names = serde_json::from_str(name).unwrap_or_else(|_| vec![name.to_owned()]);
    names.into_iter().filter(|name: &String| !name.is_empty()).collect()
}

/// What an input is called in output: its first name, else its type, else its number from 1.
pub(crate) fn label(input: &Input, index: usize) -> String {
    let kind = input.input_type.clone().filter(|kind| !kind.is_empty());
    let name = names(input).into_iter().next();
    name.or(kind).unwrap_or_else(|| format!("input {}", index + 1))
}

/// Finds the one input that is meant by one of its names, by its type, as the `username`, or by its number, as
/// `input 2`; the first of these that fits any input decides. Upper and lower case are alike.
pub(crate) fn find<'a>(site: &'a Site, wanted: &str) -> Result<&'a Input> {
    let folded = wanted.to_lowercase();
    let is = |text: &str| text.to_lowercase() == folded;
    let by_name = |input: &Input| input.name.as_deref().is_some_and(is) || names(input).iter().any(|name| is(name));
    let by_type = |input: &Input| input.input_type.as_deref().is_some_and(is);
    let by_role = |input: &Input| {
        let kind = input.input_type.as_deref().unwrap_or_default();
        folded == "username" && NAME_TYPES.contains(&kind.to_lowercase().as_str())
    };
    let rules: [&dyn Fn(&Input) -> bool; 3] = [&by_name, &by_type, &by_role];
    for rule in rules {
        let found: Vec<(usize, &Input)> = inputs(site)
            .iter()
            .enumerate()
            .filter(|(_, input)| rule(input))
            .collect();
        match found.as_slice() {
            [] => {}
            [(_, only)] => return Ok(only),
            several => return Err(ambiguous(wanted, several)),
        }
    }
    match by_number(site, &folded) {
        Some(input) => Ok(input),
        None => Err(unknown(site, wanted)),
    }
}

/// Inputs without a name, of a type that others have as well, have nothing else that tells them apart.
fn by_number<'a>(site: &'a Site, folded: &str) -> Option<&'a Input> {
    let number: usize = folded.strip_prefix("input ")?.parse().ok()?;
    inputs(site).get(number.checked_sub(1)?)
}

fn described((index, input): (usize, &Input)) -> String {
    let kind = input.input_type.as_deref().filter(|kind| !kind.is_empty());
    let kind = kind.unwrap_or("no type");
    match names(input).as_slice() {
        [] => format!("input {} ({kind})", index + 1),
        names => format!("{} ({kind})", names.join(" or ")),
    }
}

fn unknown(site: &Site, wanted: &str) -> CliError {
    let fields = listed(
        inputs(site)
            .iter()
            .enumerate()
            .map(|(index, input)| described((index, input))),
    );
    let error = CliError::new(
        Exit::NotFound,
        "no-such-field",
        format!("the site {} has no field {wanted:?}", site.id),
    );
    match fields.is_empty() {
        true => error.cause("it has no fields"),
        false => error.cause(format!("it has {fields}")),
    }
}

fn ambiguous(wanted: &str, found: &[(usize, &Input)]) -> CliError {
    CliError::new(
        Exit::Ambiguous,
        "ambiguous-field",
        format!("{wanted:?} stands for {} fields", found.len()),
    )
    .cause(listed(found.iter().map(|(index, input)| described((*index, input)))))
    .hint("give a name that only one of them has, or its number on the page, as in zkv://SITE/input%202")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        serde_json::from_str(
            r#"{"id":1,"login":{"inputs":[
                {"name":"[\"identifier\", \"Email\"]","type":"text"},
                {"name":"[\"password\", \"Passwd\"]","type":"password"},
                {"name":"plain","type":"hidden"},
                {"name":"[1]","type":"hidden"},
                {"type":"otp"}
            ]}}"#,
        )
        .unwrap()
    }

    fn found(site: &Site, wanted: &str) -> std::result::Result<usize, &'static str> {
        let input = find(site, wanted).map_err(|error| error.code)?;
        Ok(inputs(site)
            .iter()
            .position(|other| std::ptr::eq(other, input))
            .unwrap())
    }

    #[test]
    fn fields_are_found_by_name_then_type_then_role() {
        let site = site();
        for (wanted, place) in [
            ("email", 0),
            ("IDENTIFIER", 0),
            (r#"["identifier", "Email"]"#, 0),
            ("text", 0),
            ("username", 0),
            ("passwd", 1),
            ("password", 1),
            ("plain", 2),
            ("[1]", 3),
            ("otp", 4),
            ("input 1", 0),
            ("INPUT 5", 4),
        ] {
            assert_eq!(found(&site, wanted), Ok(place), "{wanted}");
        }
        assert_eq!(found(&site, "hidden"), Err("ambiguous-field"));
        assert_eq!(found(&site, "pin"), Err("no-such-field"));
        for nothing in ["", "input 0", "input 6", "input", "input -1", "input x"] {
            assert_eq!(found(&site, nothing), Err("no-such-field"), "{nothing}");
        }
    }

    #[test]
    fn a_name_comes_before_a_type_and_two_user_names_are_none() {
        let site: Site = serde_json::from_str(
            r#"{"id":1,"login":{"inputs":[{"name":"password","type":"text"},{"name":"b","type":"password"},
                {"name":"c","type":"email"}]}}"#,
        )
        .unwrap();
        assert_eq!(found(&site, "password"), Ok(0));
        assert_eq!(found(&site, "username"), Err("ambiguous-field"));
        assert_eq!(label(&inputs(&site)[1], 1), "b");
        assert_eq!(label(&Input::default(), 4), "input 5");
    }
}
