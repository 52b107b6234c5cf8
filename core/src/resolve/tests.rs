use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Clone, Deserialize)]
struct Site {
    id: u64,
    name: String,
    origin: Option<String>,
    #[serde(default = "yes")]
    trusted: bool,
}

const fn yes() -> bool {
    true
}

impl Named for Site {
    fn id(&self) -> u64 {
        self.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        [self.name.as_str().into()].into_iter()
    }

    fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    fn is_trusted(&self) -> bool {
        self.trusted
    }
}

#[derive(Debug, Deserialize)]
struct Case {
    wanted: String,
    one: Option<u64>,
    several: Option<Vec<u64>>,
    none: Option<Vec<u64>>,
    #[serde(default)]
    why: String,
}

#[derive(Debug, Deserialize)]
struct Vectors {
    sites: Vec<Site>,
    cases: Vec<Case>,
}

fn resolved(wanted: &str, sites: &[Site]) -> Resolution<u64> {
    let all = || sites.iter().cloned().map(Ok::<_, std::convert::Infallible>);
    ids_of(resolve(wanted, all).unwrap())
}

fn ids_of(resolution: Resolution<Site>) -> Resolution<u64> {
    let ids = |sites: Vec<Site>| sites.into_iter().map(|site| site.id).collect();
    match resolution {
        Resolution::One(site) => Resolution::One(site.id),
        Resolution::Several(sites) => Resolution::Several(ids(sites)),
        Resolution::None { suggestions } => Resolution::None {
            suggestions: ids(suggestions),
        },
    }
}

/// Looks through the sites as a store looks into its index.
struct LookedUp<'a> {
    sites: &'a [Site],
    knows_names: bool,
}

impl Lookup<Site, std::convert::Infallible> for LookedUp<'_> {
    fn by_id(&mut self, id: u64) -> Result<Option<Site>, std::convert::Infallible> {
        Ok(self.sites.iter().find(|site| site.id == id).cloned())
    }

    fn by_name(&mut self, wanted: &str) -> Result<Option<Vec<Site>>, std::convert::Infallible> {
        let named = self.sites.iter().filter(|site| folded(&site.name) == wanted);
        Ok(self.knows_names.then(|| named.cloned().collect()))
    }
}

#[test]
fn every_vector_means_what_it_says() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../../tests/vectors/resolve.json")).unwrap();
    let mut wrong = Vec::new();
    for case in &vectors.cases {
        let expected = match (&case.one, &case.several, &case.none) {
            (Some(id), None, None) => Resolution::One(*id),
            (None, Some(ids), None) => Resolution::Several(ids.clone()),
            (None, None, Some(ids)) => Resolution::None {
                suggestions: ids.clone(),
            },
            other => panic!("{other:?}"),
        };
        let found = resolved(&case.wanted, &vectors.sites);
        if found != expected {
            wrong.push(format!("{:?} means {found:?} {}", case.wanted, case.why));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn users_are_found_by_all_their_names_and_groups_by_theirs() {
    let user = |id, email: &str, username: &str, first: &str, last: &str| {
        let json =
            serde_json::json!({"id": id, "email": email, "username": username, "firstname": first, "lastname": last});
        serde_json::from_value::<User>(json).unwrap()
    };
    let users = [
        user(1920, "priya@halden.example", "priya", "Priya", "Nair"),
        user(1921, "tom@halden.example", "tom", "Tom", ""),
        user(1922, "", "thomas", "Thomas", "Nairn"),
    ];
    let found = |wanted: &str| {
        let all = || users.iter().cloned().map(Ok::<_, std::convert::Infallible>);
        match resolve(wanted, all).unwrap() {
            Resolution::One(user) => Some(user.id),
            _ => None,
        }
    };
    for (wanted, id) in [
        ("1920", Some(1920)),
        ("Priya@Halden.example", Some(1920)),
        ("priya nair", Some(1920)),
        ("tom", Some(1921)),
        ("tho", Some(1922)),
        ("nairn", Some(1922)),
        ("nair", None),
        ("halden", None),
    ] {
        assert_eq!(found(wanted), id, "{wanted}");
    }
    let group: Group = serde_json::from_str(r#"{"id":5,"name":"Canada"}"#).unwrap();
    let all = || [Ok::<_, std::convert::Infallible>(group.clone())].into_iter();
    assert!(matches!(resolve("cana", all), Ok(Resolution::One(_))));
}

#[test]
fn an_error_of_the_list_is_passed_on() {
    let all = || [Err::<Site, _>("damaged")].into_iter();
    assert_eq!(resolve("x", all).map(|_| ()), Err("damaged"));
}

proptest! {
    #[test]
    fn no_untrusted_site_changes_what_a_text_means(
        wanted in "[a-cA-C0-9.]{1,4}",
        trusted in proptest::collection::vec("[a-cA-C0-9.]{1,6}", 1..4),
        untrusted in proptest::collection::vec("[a-cA-C0-9.]{1,6}", 0..4),
    ) {
        let site = |(id, name): (usize, String), trusted| Site { id: id as u64, name, origin: None, trusted };
        let good: Vec<_> = trusted.into_iter().enumerate().map(|name| site(name, true)).collect();
        let bad = untrusted.into_iter().enumerate().map(|(id, name)| site((id + 100, name), false));
        let before = resolved(&wanted, &good);
        let all: Vec<_> = bad.chain(good.iter().cloned()).collect();
        if !matches!(before, Resolution::None { .. }) {
            prop_assert_eq!(resolved(&wanted, &all), before);
        }
    }

    #[test]
    fn a_lookup_changes_nothing(
        wanted in "[abAB12\u{e9}\u{c9}]{0,3}|a\\.ex|https://a\\.ex/",
        sites in proptest::collection::vec(("[abAB12\u{e9}\u{c9}]{0,3}", any::<bool>(), any::<bool>()), 0..8),
        knows_names in any::<bool>(),
    ) {
        let site = |(id, (name, trusted, has_origin)): (u64, (String, bool, bool))| {
            let origin = has_origin.then(|| "https://a.ex".to_owned());
            Site { id, name, origin, trusted }
        };
        let sites: Vec<_> = (0..).zip(sites).map(site).collect();
        let mut looked_up = LookedUp { sites: &sites, knows_names };
        let found = resolve_in(&wanted, &mut looked_up, || sites.iter().cloned().map(Ok));
        prop_assert_eq!(ids_of(found.unwrap()), resolved(&wanted, &sites));
    }

    #[test]
    fn whatever_is_typed_never_panics(wanted in ".{0,30}", name in ".{0,30}", origin in ".{0,30}") {
        let site = Site { id: 1, name, origin: Some(origin), trusted: true };
        let _ = resolved(&wanted, &[site]);
    }
}

#[test]
fn for_a_change_a_part_of_a_name_is_a_suggestion_only() {
    let site = |id, name: &str| Site {
        id,
        name: name.to_owned(),
        origin: None,
        trusted: true,
    };
    let sites = [site(1, "Engineering"), site(2, "Engineering (former)")];
    let all = || sites.iter().cloned().map(Ok::<_, ()>);
    let ids = |wanted: &str| match resolve_by(wanted, Matching::Whole, all).unwrap() {
        Resolution::One(one) => (vec![one.id()], "one"),
        Resolution::Several(several) => (several.iter().map(Named::id).collect(), "several"),
        Resolution::None { suggestions } => (suggestions.iter().map(Named::id).collect(), "none"),
    };
    assert_eq!(ids("engineering"), (vec![1], "one"));
    assert_eq!(ids("2"), (vec![2], "one"));
    assert_eq!(ids("engin"), (vec![1, 2], "none"));
    assert_eq!(ids("former"), (vec![2], "none"));
    assert_eq!(ids("Enginering"), (vec![1], "none"));
}
