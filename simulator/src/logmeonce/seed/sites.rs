//! The sites of the demo, and as many as anybody wants. Every credential is made up.

use zkvault_core::SealError;
use zkvault_core::key::VaultKey;
use zkvault_core::model::{Action, Input, Login, Match, SealedValue, Site};
use zkvault_core::value::{ValueContext, Version, seal_bound, seal_vendor};
use zkvault_core::vendor::Layout;

use super::{GITHUB, GOOGLE, ONE_TIME_SEED, SeedError, VENDOR_KEY_ID};
use crate::login_page::{PRACTICE_PASSWORD, PRACTICE_USERNAME};

/// The one site of the vendor's half that nobody shares.
const UNSHARED: u64 = 1_749_403;
const PRACTICE: u64 = 1_749_418;
const SITE_FLAGS: u64 = 293;
/// The page's flags of an input, by its type.
const TEXT_FLAGS: u64 = 3;
const PASSWORD_FLAGS: u64 = 5;
/// When the oldest of the sites was changed; each next one is a week younger.
const FIRST_UPDATE: u64 = 1_586_452_560;
const WEEK: u64 = 7 * 24 * 3600;

struct Sketch<'a> {
    id: u64,
    name: &'a str,
    url: &'a str,
    /// The domain of the pattern.
    domain: &'a str,
    /// The vendor's names of the two inputs.
    inputs: (&'static str, &'static str),
    username: &'a str,
    password: &'a str,
    version: Version,
}

const SKETCHES: [Sketch<'static>; 12] = [
    Sketch {
        id: GOOGLE,
        name: "Google",
        url: "https://accounts.google.com/ServiceLogin?continue=http://www.google.com/",
        domain: "google.com",
        inputs: (r#"["identifier", "Email"]"#, r#"["password", "Passwd"]"#),
        username: "marketing@haldenfrey.example",
        password: "Anchor7.Weigh.Dawn",
        version: Version::Vendor,
    },
    Sketch {
        id: 1_749_399,
        name: "Mailchimp",
        url: "https://login.mailchimp.com/",
        domain: "mailchimp.com",
        inputs: (r#"["username"]"#, r#"["password"]"#),
        username: "haldenfrey-news",
        password: "gull%Harbour%19",
        version: Version::Vendor,
    },
    Sketch {
        id: 1_749_400,
        name: "Canva",
        url: "https://www.canva.com/login",
        domain: "canva.com",
        inputs: (r#"["username", "email"]"#, r#"["password"]"#),
        username: "design@haldenfrey.example",
        password: "sailcloth-Blue-88",
        version: Version::Vendor,
    },
    Sketch {
        id: 1_749_401,
        name: "QuickBooks",
        url: "https://accounts.intuit.com/app/sign-in",
        domain: "intuit.com",
        inputs: (
            r#"["iux-identifier-first-international-email-user-id-input"]"#,
            r#"["password"]"#,
        ),
        username: "books@haldenfrey.example",
        password: "Ledger&Keel&2291",
        version: Version::Vendor,
    },
    Sketch {
        id: 1_749_402,
        name: "Stripe",
        url: "https://dashboard.stripe.com/login",
        domain: "stripe.com",
        inputs: (r#"["email"]"#, r#"["password"]"#),
        username: "payments@haldenfrey.example",
        password: "mainsail_Tack_5503",
        version: Version::Vendor,
    },
    Sketch {
        id: 1_749_403,
        name: "Harbour Bank",
        url: "https://online.harbourbank.example/login",
        domain: "harbourbank.example",
        inputs: (r#"["account", "userid"]"#, r#"["pin", "password"]"#),
        username: "40021187",
        password: "Windlass!Bollard!6",
        version: Version::Vendor,
    },
    Sketch {
        id: GITHUB,
        name: "GitHub",
        url: "https://github.com/login",
        domain: "github.com",
        inputs: (r#"["login"]"#, r#"["password"]"#),
        username: "haldenfrey-bot",
        password: "compass-rose-Vector-31",
        version: Version::Bound,
    },
    Sketch {
        id: 1_749_413,
        name: "Jira",
        url: "https://id.atlassian.com/login",
        domain: "atlassian.com",
        inputs: (r#"["username"]"#, r#"["password"]"#),
        username: "dev@haldenfrey.example",
        password: "Halyard~Cleat~447",
        version: Version::Bound,
    },
    Sketch {
        id: 1_749_414,
        name: "Figma",
        url: "https://www.figma.com/login",
        domain: "figma.com",
        inputs: (r#"["email"]"#, r#"["current-password", "password"]"#),
        username: "dev@haldenfrey.example",
        password: "rigging+Plan+2026",
        version: Version::Bound,
    },
    Sketch {
        id: 1_749_415,
        name: "Amazon Web Services",
        url: "https://signin.aws.amazon.com/signin",
        domain: "amazon.com",
        inputs: (r#"["username", "resolving_input"]"#, r#"["password"]"#),
        username: "platform-admin",
        password: "Fathom/Ninety/Deep/3",
        version: Version::Bound,
    },
    Sketch {
        id: 1_749_416,
        name: "Cloudflare",
        url: "https://dash.cloudflare.com/login",
        domain: "cloudflare.com",
        inputs: (r#"["email"]"#, r#"["password"]"#),
        username: "platform@haldenfrey.example",
        password: "breakwater=Stone=12",
        version: Version::Bound,
    },
    Sketch {
        id: 1_749_417,
        name: "PagerDuty",
        url: "https://identity.pagerduty.com/global/authn/authentication/PagerDutyGlobalLogin/enter_email",
        domain: "pagerduty.com",
        inputs: (r#"["email"]"#, r#"["password"]"#),
        username: "oncall@haldenfrey.example",
        password: "Night*Watch*Bell*8",
        version: Version::Bound,
    },
];

/// How values are sealed.
#[derive(Clone, Copy)]
struct Sealing<'a> {
    key: &'a VaultKey,
    /// The account's key: that of the site's key, where the site has one.
    root: &'a VaultKey,
    /// The vendor's layout, where values are in one.
    layout: Option<&'a Layout>,
}

impl Sealing<'_> {
    /// A key for a site that is shared, and the same sealed.
    fn site_key(self, sketch: &Sketch<'_>) -> Result<Option<(VaultKey, SealedValue)>, SeedError> {
        let Some(layout) = self
            .layout
            .filter(|_| sketch.version == Version::Vendor && sketch.id != UNSHARED)
        else {
            return Ok(None);
        };
        let site_key = VaultKey::generate().map_err(SealError::from)?;
        let sealed = layout.seal_key(self.key, VENDOR_KEY_ID.to_bytes(), &site_key)?;
        Ok(SealedValue::new(sealed).ok().map(|sealed| (site_key, sealed)))
    }
}

/// The sites, with values sealed under `key`; the vendor's in this layout, where one is given.
pub(super) fn sites(key: &VaultKey, layout: Option<&Layout>) -> Result<Vec<Site>, SeedError> {
    let sealing = Sealing { key, root: key, layout };
    let sites = SKETCHES
        .iter()
        .zip(0..)
        .map(|(sketch, place)| site(sealing, sketch, place));
    sites.collect()
}

/// The site of the page that is there to be filled.
pub(super) fn practice(key: &VaultKey, url: &str) -> Result<Site, SeedError> {
    let sketch = Sketch {
        id: PRACTICE,
        name: "Practice login",
        url,
        domain: "127.0.0.1",
        inputs: (r#"["username"]"#, r#"["password"]"#),
        username: PRACTICE_USERNAME,
        password: PRACTICE_PASSWORD,
        version: Version::Bound,
    };
    let (root, layout) = (key, None);
    site(Sealing { key, root, layout }, &sketch, 0)
}

/// Site number `id` of many, about as long as the page's sample.
pub(super) fn numbered(key: &VaultKey, id: u64) -> Result<Site, SeedError> {
    let domain = format!("site{id}.test");
    let sketch = Sketch {
        id,
        name: &format!("Example site {id}"),
        url: &format!("https://accounts.{domain}/ServiceLogin?continue=http://www.{domain}/"),
        domain: &domain,
        inputs: (r#"["identifier", "Email"]"#, r#"["password", "Passwd"]"#),
        username: &format!("user{id:07}@mail.test"),
        password: &format!("correct horse {id:06}"),
        version: if id.is_multiple_of(2) {
            Version::Vendor
        } else {
            Version::Bound
        },
    };
    let (root, layout) = (key, None);
    let mut site = site(Sealing { key, root, layout }, &sketch, 0)?;
    let mut matches = Match::new();
    matches.username = Some("#profileIdentifier, #email-display".to_owned());
    matches.trim = Some("@mail.test".to_owned());
    if let Some(login) = &mut site.login {
        login.matches = Some(matches);
    }
    Ok(site)
}

fn site(sealing: Sealing<'_>, sketch: &Sketch<'_>, place: u64) -> Result<Site, SeedError> {
    let slug = sketch.domain.split('.').next().unwrap_or_default();
    let image = |size: &str| format!("https://logmeonce-sites.s3.amazonaws.com/256_{slug}_{size}.png");
    let (site_key, sealed_key) = sealing.site_key(sketch)?.unzip();
    let sealing = Sealing {
        key: site_key.as_ref().unwrap_or(sealing.key),
        ..sealing
    };
    let mut login = Login::new();
    login.url = Some(sketch.url.to_owned());
    login.regex = Some(format!(r"^(ftp|http|https)://([^/]+\.)?{}.*", sketch.domain));
    login.inputs = Some(vec![
        input(sealing, sketch, sketch.inputs.0, "text", sketch.username)?,
        input(sealing, sketch, sketch.inputs.1, "password", sketch.password)?,
    ]);
    let mut action = Action::new();
    action.submit = Some("button[type=submit]".to_owned());
    login.action = Some(action);

    let mut site = Site::new(sketch.id);
    site.name = Some(sketch.name.to_owned());
    site.updated = Some(FIRST_UPDATE + place * WEEK);
    site.flags = Some(SITE_FLAGS);
    site.image = Some(image("175x175"));
    site.icon = Some(image("16x16"));
    site.used = Some(place * 3);
    site.key = sealed_key;
    site.login = Some(login);
    Ok(site)
}

/// What adds a seed of one-time codes to the site GitHub.
pub(super) fn one_time_codes(key: &VaultKey) -> Result<Input, SeedError> {
    let name = r#"["otp"]"#;
    let context = ValueContext {
        site_id: GITHUB,
        input_type: "otp",
        input_name: name,
    };
    let mut input = Input::new();
    input.name = Some(name.to_owned());
    input.input_type = Some("otp".to_owned());
    input.value = SealedValue::new(seal_bound(key, &context, ONE_TIME_SEED)?).ok();
    Ok(input)
}

fn input(
    Sealing { key, root, layout }: Sealing<'_>,
    sketch: &Sketch<'_>,
    name: &str,
    input_type: &str,
    text: &str,
) -> Result<Input, SeedError> {
    let context = ValueContext {
        site_id: sketch.id,
        input_type,
        input_name: name,
    };
    let value = match (layout, sketch.version) {
        (Some(layout), Version::Vendor) => {
            let number = if key == root { VENDOR_KEY_ID } else { key.id() };
            layout.seal(key, number.to_bytes(), text)?
        }
        (None, Version::Vendor) => seal_vendor(key, VENDOR_KEY_ID, text)?,
        _ => seal_bound(key, &context, text)?,
    };
    let mut input = Input::new();
    input.flags = Some(if input_type == "password" {
        PASSWORD_FLAGS
    } else {
        TEXT_FLAGS
    });
    input.name = Some(name.to_owned());
    input.input_type = Some(input_type.to_owned());
    // What was just sealed is an envelope.
    input.value = SealedValue::new(value).ok();
    Ok(input)
}
