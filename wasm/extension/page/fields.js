// Runs in the page, in the extension's own world: finds the fields that a login goes into.
//
// Fields are collected, described by what a person reads about them, classified, and chosen, in this order. What
// classifies and chooses takes descriptions, so it is tested without a browser. Nothing here has a value.
"use strict";

globalThis.zkvaultFields = (() => {
  // --- Words

  /** Lower case, without accents, in words: "userName[login]" is "user name login". */
  function normalize(text) {
    const apart = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").normalize("NFKD").replace(/\p{M}/gu, "");
    return apart.toLowerCase().replace(/[^\p{L}\p{N}+]+/gu, " ").trim();
  }

  /**
   * Finds any of the words, separated by "|", at the start of a word; those that end in "$" are whole ones, those that
   * start with "*" are found anywhere, as is what is written without spaces. `patterns` are added as they are.
   */
  function vocabulary(words, patterns) {
    const found = words.flatMap((some) => some.split("|")).map((entry) => {
      const anywhere = entry.startsWith("*") || /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u.test(entry);
      return `${anywhere ? "" : "(?<![\\p{L}\\p{N}])"}${normalize(entry)}${entry.endsWith("$") ? "(?![\\p{L}\\p{N}])" : ""}`;
    });
    return new RegExp([...found, ...patterns].join("|"), "u");
  }

  /** The English words of each kind. Those of other languages are in languages.js; without that file, only these are known. */
  const ENGLISH = {
    trap: "honeypot|hp$|do not fill|don t fill",
    captcha: "*captcha|robot|human|letters|image text|anti spam",
    code: [
      "otp|*onetime|one time|totp|mfa|2fa|tfa$|2 step|two step|two factor|second factor|*authenticat|verification",
      "security key|yubi|sms|token|*code$|*codes$|backup|recovery|otc$|*otp$|activation|invit|voucher|coupon|promo|gift",
      "discount|referral|zip$|postal",
    ],
    /** What is called a password and is a code all the same. */
    oneTime: "one time pass|onetime pass|otp|single use|sms pass|token pass|dynamic pass|temporary code",
    /** What is called a code and is a user's name all the same. */
    userCode: "user code|usercode|customer code|client code|access code",
    /** A password of something else than the site's login. */
    foreign: [
      "smtp|imap|pop3|database|proxy|wifi|wi fi|ssid|ftp|api key|api secret|client secret|secret key|license|licence",
      "serial|private key|access key|encryption|meeting|ldap|bind$|bind dn|psk|pre shared|wpa|keystore|pkcs|p12|pfx",
    ],
    /** The same, where a person is told so: the names of fields have these words for other reasons. */
    elsewhere: [
      "archive|certificate|quiz|exam$|exams$|examin|enrolment key|enrollment key|room|lobby|transaction|trading|withdraw|fund",
      "payment|seed|recovery phrase|secret phrase|mnemonic|wallet backup",
    ],
    /** What somebody is known by to an authority. */
    identity: "ssn|social security|tax id|tax number|taxpayer|national insurance|passport|identity card|identity number|driver s licen|aadhaar",
    /** Where something else runs. */
    server: "host$|hostname|server|port$|url$|ip$|ip address|gateway|dns|endpoint|clone|bucket|prefix",
    answer: "*question|*answer|maiden|first pet|memorable|secret word|watchword",
    card: "card|cvv|cvc|csc$|cc$|iban|expir|routing|sort code",
    news: "*newsletter|*subscri|mailing list|stay in the loop|keep in touch|keep me posted|stay informed|latest news|offers|waitlist|waiting list",
    search: "search|query|q$|filter|find$",
    personal: [
      "first name|firstname|fname|last name|lastname|lname|full name|fullname|given|surname|family name|middle",
      "your name|street|address line|addr line|shipping|billing|city|town|state$|province|country|birth|dob$|age$",
      "gender|fax|message|subject|comment|amount|quantity|website|homepage|job|title$",
    ],
    phone: "phone|mobile|mobil|telephone|cell",
    tenant: [
      "company|tenant|organisation|organization|org$|workspace|domain|realm|institut|instance|subdomain|school|hotel",
      "team$|site$",
    ],
    user: [
      "user|usr|*username|*userid|*loginid|login|logon|log in|sign in|signin|*email|e mail|mail$|*mail address",
      "account|acct|member|customer|cust$|client|ident|uid$|uname$|nick|handle$|alias|screen name|principal|upn$",
      "library card|patron|borrower|netid|id$|personal number|registration number|employee|personnel|staff|student|badge",
    ],
    /** A user's name that may be asked for by anyone. */
    mail: "*email|e mail|mail$|*mail address",
    password: "*password|*passwd|*pwd|pass$|*passphrase|*pw$",
    pin: "pin$|pin code|pincode|*pin number|passcode|pass code",
    /** Of a password: one that is made up now. */
    new: "new|optional|*newpass|*newpw|*newpwd|*passwordnew|choose|create|set a|set your|desired|unchanged|to keep",
    /** Of a password: the same a second time. */
    again: "*confirm|*repeat|*again|*retype|re type|*reenter|re enter|*verif|match",
    /** Of a password: the one that is in use. */
    old: "current|*curpass|*oldpass|existing|old|previous|present",
    login: "log in|login|*login$|logon|log on|sign in|signin|unlock|authenticate|session|welcome back",
    signup: "sign up|*signup|*registr|register$|create|join|enrol|new customer|new here|free trial|start free|get started|start your|trial|try it free|try for free|open an account|make an account|become a",
    change: "reset|forgot|recover|set a password|set your password|trouble|locked out|lost your|can t log|can t sign",
    step: "next|continue|proceed",
    /** Of a form: what is done there, and no login. */
    task: "pay|submit|report|request|track|check|book|order|buy|download|apply|invite|share|donate|quote|directory|coming",
    /** Of a form: what a person confirms by their password. */
    danger: "delete|remove|erase|destroy|wipe$|revoke|deactivate|transfer",
    /** Of a password: what a new one has to be like. */
    rules: "strength|strong password|weak$|must contain|must have|must be",
    terms: "terms|conditions|agree|accept|privacy",
  };

  /** What no single word says. */
  const PATTERNS = {
    code: ["(enter|type) (the |your )?(\\d )?digits", "digits (we|from|sent)"],
    /** At the end of what is said: what is to stay empty unless something is so is no trap. */
    trap: ["leave (this )?(field )?(empty|blank)(?= \\.|$)", "(should|must) (be|stay|remain) (left )?(empty|blank)(?= \\.|$)"],
    captcha: ["what is \\d", "\\d \\+ \\d", "characters (you|shown|in|from)", "(in|from) the (image|picture)"],
    foreign: [
      "(?<![\\p{L}\\p{N}])secret(?![\\p{L}\\p{N}]| (password|word|pass|pin))",
      "protect (\\p{L}+ ){1,3}(with|by) a password",
      "(link|connect) (a |an |your )?(\\p{L}+ )?(bank|mailbox|calendar)",
      "import from",
      "protected (file|document|page|link|album|post|share|content)",
      "(file|document|page|link|album|post|share|content) is protected",
      "password of (this|the) (file|document|link|share)",
      "password protected|protected (by|with) a password",
      "(open|view|read|unlock|decrypt) (this|the) (\\p{L}+ )?(pdf|file|document|page|album|post|archive)",
      "(enter|access) (the |this |our )?(store|shop|gallery|site|page) (using|with)",
    ],
    new: ["leave (it )?(empty|blank)", "(at least|min|minimum) \\d", "\\d (or more|\\+) char"],
    /** "A number" is what many a login is made with, and a phone has one too. */
    rules: [
      "\\d characters (minimum|or (more|longer)|at least)",
      "(?<![\\p{L}\\p{N}])(one|1|an?) (lower ?case|upper ?case|capital letter|special (character|symbol|sign))",
      "(?<![\\p{L}\\p{N}])(one|1|at least an?) (number|digit|symbol)(?![\\p{L}\\p{N}])",
      "(at least|min|minimum( of)?) \\d", "\\d (or more|\\+) char", "\\d \\d characters", "mix of (\\p{L}+ )?letters",
    ],
    /** What is said in front of a form for a password that is made up now. */
    makes: ["new password", "(set|choose|create|make|pick) (up )?(a|an|your) (\\p{L}+ )?password"],
    again: ["(password|passwort|passwd|pass|pwd|pw) ?2(?![\\p{L}\\p{N}])"],
    /** A code that was sent goes into no field for the login's own password, whatever it is called. */
    elsewhere: ["(?<!\\p{L})(sent|texted|e mailed|emailed) (you )?(a |an |the )?(\\p{L}+ )?(text|sms|message|code|password|passcode)"],
    signup: [
      "(set ?up|setting up|claim) (your |an |the )?(\\p{L}+ )?(account|profile|user ?name)",
      "(add|new|invite) (a |an |another )?(new )?(user|member|account|employee|colleague)",
    ],
    change: ["(find|search for|look for) (your |my )?account", "(change|update|new|edit) (your |my |the )?(password|passphrase|pass|pin|account|user)"],
  };

  const { words: foreignWords, patterns: foreignPatterns } = globalThis.zkvaultLanguages ?? { words: {}, patterns: {} };
  const list = (...sources) => sources.flatMap((source) => source ?? []);
  const WORDS = Object.fromEntries(
    [...new Set([...Object.keys(ENGLISH), ...Object.keys(PATTERNS)])].map((kind) => [kind, vocabulary(list(ENGLISH[kind], foreignWords[kind]), list(PATTERNS[kind], foreignPatterns[kind]))]),
  );
  const says = (kind, text) => WORDS[kind].test(text);

  /** Whether a text names a user by more than an e-mail address, which many ask for that have no accounts. */
  const namesUser = (text) => says("user", text.replace(new RegExp(WORDS.mail, "gu"), " "));

  // --- Classes of fields

  const TEXT_TYPES = new Set(["text", "email", "tel", "url", "number", "search"]);
  /** Kinds of fields that no part of a login ever goes into, by the words for them. The first that fits names the field. */
  const NEVER = ["trap", "captcha", "answer", "foreign", "card", "code", "news", "search"];
  const TOKENS = [
    [/^one-time-code$/, "code"],
    [/^current-password$/, "current"],
    [/^new-password$/, "new"],
    [/^(username|email|webauthn)$/, "user"],
    [/^cc-/, "card"],
    [/^(name|given-name|additional-name|family-name|honorific-|street-address|address-|postal-code|country|bday|sex|transaction-|impp|url|photo)/, "personal"],
    [/^organization/, "tenant"],
  ];

  function byToken({ autocomplete }) {
    for (const token of autocomplete) {
      const found = TOKENS.find(([pattern]) => pattern.test(token));
      if (found) return found[1];
    }
    return undefined;
  }

  /** A box of a code that is typed digit by digit, or one for a short number. */
  function digits({ inputMode, pattern, maxLength, type }) {
    const numeric = inputMode === "numeric" || type === "number" || type === "tel" || /^\^?(\\d|\[0-9\])/.test(pattern);
    return maxLength === 1 || (numeric && maxLength > 1 && maxLength <= 8);
  }

  /** What a person is told to type that is no password, however the field hides it. */
  const MASKED = ["identity", "personal", "phone"];

  /** Whether a hidden field is said to be for something else than a password. What its names say weighs more than that it is about a user. */
  function isMasked({ label, words }) {
    if (says("password", label) || says("pin", label)) return false;
    if (MASKED.some((kind) => says(kind, label))) return true;
    return !says("password", words) && (says("tenant", label) || says("server", label) || (says("user", label) && !says("login", label)));
  }

  /** The kind of a field that no part of a login goes into, by what it is called. */
  function neverOf({ type, label, words }) {
    if (says("oneTime", words)) return "code";
    if (type === "password" && says("elsewhere", label)) return "foreign";
    const never = NEVER.find((kind) => says(kind, words) && !(kind === "code" && says("userCode", words)));
    // A card of a library or of a shop is what somebody is known by there.
    if (never === "card" && type !== "password" && says("user", words)) return undefined;
    if (type !== "password" || !never) return never;
    if (never === "code" && says("pin", words)) return undefined;
    // What the page calls a password in its names may still ask a person for something else.
    const password = !["answer", "foreign"].includes(never) && says("password", label === "" ? words : label);
    return password ? undefined : never;
  }

  /** What a field is for, by its description: `label` is what a person reads of it, `words` its names as well. */
  function classify(field) {
    const token = byToken(field);
    const { words, type } = field;
    if (token === "code" || token === "card") return token;
    if (field.searching || (type === "search" && !(says("user", words) && !says("search", words)))) return "search";
    const never = neverOf(field);
    if (never) return never;
    return type === "password" ? classifyPassword(field, token) : classifyText(field, token, says("user", words) && !says("password", words));
  }

  function classifyText(field, token, user) {
    const { words, type } = field;
    if (digits(field) && !user) return "code";
    if (token === "user" || token === "personal" || token === "tenant") return token;
    if (says("password", words)) return "shown-password";
    if (says("tenant", words) && !says("user", words.replace(/\bid$/, ""))) return "tenant";
    if ((says("personal", words) || says("identity", words)) && !user) return "personal";
    if (user || type === "email") return "user";
    if (says("server", words) || type === "url") return "server";
    return says("phone", words) || type === "tel" ? "phone" : "text";
  }

  function classifyPassword(field, token) {
    const { label, words, maxLength, inputMode } = field;
    if (maxLength === 1) return "code";
    if (isMasked(field)) return "masked";
    const short = inputMode === "numeric" && maxLength > 0 && maxLength <= 8;
    if (says("pin", label) && !says("password", label)) return "pin";
    if ((short || says("pin", words)) && !says("password", words)) return "pin";
    if (token === "current") return "current";
    if (says("again", words)) return "again";
    if (says("old", words)) return "current";
    if (says("new", words) || says("rules", field.after)) return "new";
    return token === "new" ? "marked-new" : "password";
  }

  /** Passwords of a login, and those for a new one. */
  const PASSWORDS = new Set(["password", "current", "marked-new", "pin", "new", "again"]);
  const USERS = new Set(["user", "phone", "text"]);

  // --- Classes of forms

  const weigh = (kind, { buttons, heading, name, page }) => [[buttons, 3], [heading, 2], [name, 2], [page, 1]].reduce((sum, [text, weight]) => sum + (says(kind, text) ? weight : 0), 0);

  /** How much a form asks for that only somebody new is asked for. */
  function newcomer({ kinds, fields, choices, consent, lead }) {
    const count = (kind) => kinds.filter((one) => one === kind).length;
    const passwords = kinds.filter((kind) => PASSWORDS.has(kind)).length;
    const isUser = ({ kind }) => kind === "user" || kind === "text";
    // Who makes an account is asked for a name and an address, or for one of them twice; who has one, for either.
    const both = passwords > 0 && fields.some(({ kind, type }) => kind === "user" && type === "email") && fields.some((field) => isUser(field) && field.type !== "email");
    const twice = passwords > 0 && count("user") > 1 && fields.some(({ kind, label }) => kind === "user" && says("again", label));
    const repeated = count("again") > 0 && passwords > 1;
    const asked = count("personal") + choices.filter(({ words }) => says("personal", words)).length;
    const made = says("makes", lead) ? 2 : 0;
    return made + Number(both) * 2 + Number(twice) * 3 + Number(repeated) * 3 + count("new") * 3 + count("marked-new") + asked * (passwords > 0 ? 2 : 1) + Number(consent) * 2;
  }

  /** Whether a form is for something that has nothing to do with the accounts of the site. */
  function isOther(form, passwords, login) {
    const { kinds, long, files, heading, lead } = form;
    const count = (kind) => kinds.filter((one) => one === kind).length;
    if (passwords === 0 && (count("news") > 0 || count("search") > 0 || says("news", `${form.buttons} ${heading} ${form.name}`))) return true;
    if (long || files || count("card") > Number(passwords > 0) || (passwords === 0 && count("personal") > 1)) return true;
    const told = `${heading} . ${lead}`;
    // A room or an archive has a password and no users.
    return login === 0 && (count("server") + count("foreign") > 0 || says("foreign", told) || (count("user") === 0 && says("elsewhere", told)));
  }

  /** What a form is for: "login", "signup", "change", "other", or "unclear". `kinds` are those of its visible fields. */
  function purpose(form) {
    const { kinds } = form;
    const passwords = kinds.filter((kind) => PASSWORDS.has(kind)).length;
    const [login, signup, change] = ["login", "signup", "change"].map((kind) => weigh(kind, form));
    if (isOther(form, passwords, login)) return "other";
    const made = newcomer(form);
    if (change > 1 && change >= login && !(passwords > 0 && login >= 3 && made === 0)) return "change";
    if (signup + made > login && (signup + made > 1 || (signup > 0 && login === 0))) return kinds.includes("current") ? "change" : "signup";
    return login > 0 ? "login" : "unclear";
  }

  // --- Choice

  const named = ({ names }, field) => names.findIndex((name) => [field.name, field.id].some((own) => own === name || (own !== "" && own.toLowerCase() === name.toLowerCase())));

  /** The passwords of a form that are the one in use, or a reason why there are none. */
  function currentPasswords(form, entry) {
    const all = form.fields.filter(({ kind, type }) => type === "password" && PASSWORDS.has(kind));
    const marked = all.filter(({ kind }) => kind === "current");
    const loose = all.filter(({ kind }) => kind === "password" || kind === "marked-new" || kind === "pin");
    if (all.length === 0) return { found: [] };
    if (marked.length > 0) return { found: form.purpose === "signup" ? [] : marked.slice(0, 1), reason: "new-password" };
    if (form.purpose === "signup") return { found: [], reason: "new-password" };
    if (all.length === 1) return lonePassword(form, all[0], entry);
    // Of three, the first is the one in use; of two, with one of them marked as new or repeated, neither is.
    if (loose.length < all.length || form.purpose === "change") return { found: all.length > 2 && loose.includes(all[0]) ? [all[0]] : [], reason: "new-password" };
    const passwords = loose.filter(({ kind }) => kind !== "pin");
    const called = passwords.filter((field) => named(entry, field) >= 0);
    const found = called.length > 0 ? called : passwords;
    return { found: found.length === 1 ? found : [], reason: "several" };
  }

  function lonePassword(form, field, entry) {
    const isNamed = named(entry, field) >= 0;
    const welcome = form.purpose === "login" || isNamed;
    const hasUser = form.fields.some(({ kind }) => USERS.has(kind));
    if (field.kind === "new" || form.purpose === "change" || (field.kind === "marked-new" && !welcome)) return { found: [], reason: "new-password" };
    if (field.kind === "pin" && !(isNamed || (hasUser && form.purpose === "login"))) return { found: [], reason: "code" };
    return form.purpose === "other" ? { found: [], reason: "not-a-login" } : { found: [field] };
  }

  const PURPOSES = { login: 4, unclear: 0, other: -2, signup: -4, change: -1 };

  /** The best passwords of all forms, the best first, or why there is none. */
  function rankPasswords(forms, entry) {
    const judged = forms.map((form) => ({ form, ...currentPasswords(form, entry) }));
    const ranked = judged.flatMap(({ form, found }) => found.map((field) => ({ field, score: scorePassword(form, field, entry) })));
    ranked.sort((one, other) => other.score - one.score);
    const reason = judged.find(({ found, reason }) => found.length === 0 && reason)?.reason;
    return { ranked, reason };
  }

  function scorePassword(form, field, entry) {
    const hasUser = form.fields.some(({ kind }) => kind === "user");
    return PURPOSES[form.purpose] + (named(entry, field) >= 0 ? 3 : 0) + (form.submits ? 3 : 0) + (field.kind === "current" ? 2 : 0) + (hasUser ? 1 : 0) + (form.focused ? 0.5 : 0);
  }

  /** What asks for something made up now, or for a word that confirms, is no user name that is known. */
  const isMadeUp = (field, form) => form.purpose !== "login" && (says("new", field.label) || (field.kind === "text" && says("again", field.label)));

  /** Whether a field asks for the name of what is deleted: a person repeats it, and confirms that by their password. */
  const isConfirmed = ({ kind, label }, { purpose, buttons, heading }) => kind === "text" && label !== "" && purpose !== "login" && (says("danger", buttons) || says("danger", heading));

  /** How well a text field fits as the user name that goes with a password, or by itself; 0 is not at all. */
  function scoreUser(field, form, entry, password) {
    const isNamed = named(entry, field) >= 0;
    const fits = USERS.has(field.kind) || (isNamed && ["tenant", "personal", "card", "server"].includes(field.kind)) || isNumber(field, form, password);
    if (!fits || isMadeUp(field, form) || (!isNamed && isConfirmed(field, form))) return 0;
    const base = (isNamed ? 8 - named(entry, field) / 100 : 0) + ({ user: 4, phone: 2 }[field.kind] ?? 1) + (byToken(field) === "user" ? 1 : 0);
    // A field for searches that asks for a user is one beside a password only: browsers offer nothing there.
    if (!password) return lonely(field, form, isNamed) && field.type !== "search" ? base + PURPOSES[form.purpose] + (form.submits ? 3 : 0) : 0;
    if (form === password.form) return base + 4 + (before(field, password) ? 2 : 0) + 1 / (1 + Math.abs(field.place - password.place));
    const apart = form.fields.some(({ type }) => type === "password") || ["other", "signup"].includes(form.purpose);
    return apart || field.kind === "text" ? 0 : base - 2 + (before(field, password) ? 1 : 0);
  }

  /** Whether a text field without any password is one for a user name. */
  function lonely(field, form, isNamed) {
    if (!["login", "unclear"].includes(form.purpose) || form.fields.some(({ kind }) => PASSWORDS.has(kind) && form.purpose !== "login")) return false;
    if (form.fields.some(({ kind }) => ["code", "captcha"].includes(kind)) && !(form.purpose === "login" && (isNamed || field.kind === "user"))) return false;
    return isNamed || form.purpose === "login" || (field.kind === "user" && !form.aside && isFirstStep(field, form));
  }

  /** Whether a form of which nothing says what it is for can be the first step of a login. An e-mail address alone proves nothing. */
  function isFirstStep(field, { fields, buttons, heading }) {
    if (fields.some((one) => one !== field && !["tenant", "trap"].includes(one.kind)) || says("task", heading)) return false;
    if (field.autocomplete.some((token) => /^(username|webauthn)$/.test(token))) return true;
    return namesUser(field.words) ? says("step", buttons) || buttons === "" : says("step", buttons) && heading === "";
  }

  /** Whether a number in front of a password is a user's name, as nothing else is: digits of a known length, or a card in a login. */
  function isNumber(field, form, password) {
    if (form !== password?.form || form.fields.some(({ kind }) => USERS.has(kind)) || !before(field, password)) return false;
    if (field.kind === "card") return form.purpose === "login" && form.fields.filter(({ kind }) => kind === "card").length === 1;
    return field.kind === "code" && digits(field) && field.maxLength !== 1 && !says("code", field.words);
  }

  /** Reading order, as it is painted: a row is read from where its writing begins. */
  const before = (one, other) => (Math.abs(one.y - other.y) > 8 ? one.y < other.y : one.form.rtl ? one.x > other.x : one.x < other.x);

  function rankUsers(forms, entry, password, reason) {
    const ranked = forms
      .filter((form) => password || !reason || form.purpose === "login")
      .flatMap((form) => form.fields.map((field) => ({ field, score: scoreUser(field, form, entry, password) })))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score);
    return ranked;
  }

  /** Several texts: each by its name, and the others in reading order, if the form has just as many fields. */
  function rankTexts(forms, plan, password, reason) {
    const texts = plan.flatMap(({ kind }, index) => (kind === "text" ? [index] : []));
    if (texts.length <= 1) return new Map(texts.map((index) => [index, rankUsers(forms, plan[index], password, reason)]));
    const form = password?.form ?? forms.find(({ fields }) => texts.some((index) => fields.some((field) => named(plan[index], field) >= 0))) ?? forms.find((one) => one.purpose === "login");
    const eligible = (form?.fields ?? []).filter(({ kind, type }) => TEXT_TYPES.has(type) && (USERS.has(kind) || kind === "tenant" || kind === "server"));
    const chosen = new Map(texts.map((index) => [index, eligible.filter((field) => named(plan[index], field) >= 0).slice(0, 1)]));
    const taken = new Set([...chosen.values()].flat());
    const left = eligible.filter((field) => !taken.has(field)).sort((one, other) => (before(one, other) ? -1 : 1));
    const open = texts.filter((index) => chosen.get(index).length === 0);
    if (left.length === open.length) open.forEach((index, at) => chosen.set(index, [left[at]]));
    else if (taken.size === 0 && open.length > 0) chosen.set(open.at(-1), rankUsers(forms, plan[open.at(-1)], password, reason).map(({ field }) => field).filter((field) => !taken.has(field)));
    return new Map([...chosen].map(([index, fields]) => [index, fields.map((field) => ({ field, score: 1 }))]));
  }

  /**
   * For every entry of a plan: { ranked: [{ field, score }], reason }. Two forms that fit alike are one too many, unless
   * both are logins: then the first is meant.
   */
  function rank(forms, plan) {
    const passwords = plan.flatMap(({ kind }, index) => (kind === "password" ? [index] : []));
    const results = plan.map(() => ({ ranked: [] }));
    for (const index of passwords) results[index] = rankPasswords(forms, plan[index]);
    const first = results[passwords[0]];
    const [best, second] = first?.ranked ?? [];
    const tie = second && second.score === best.score && best.field.form.purpose !== "login";
    if (tie) results[passwords[0]] = { ranked: [], tied: first.ranked, reason: "several" };
    const password = tie ? undefined : best?.field;
    const reason = tie ? "several" : first?.reason;
    for (const [index, ranked] of rankTexts(forms, plan, password, reason)) results[index] = { ranked, reason: password ? undefined : reason };
    for (const [index, { kind }] of plan.entries()) if (kind === "choice") results[index] = { ranked: rankChoices(forms, plan[index], password) };
    return results;
  }

  /** What is chosen from a list: by its name, or whatever the form of the password has. Which of them has the value shows when it is there. */
  function rankChoices(forms, entry, password) {
    const all = forms.flatMap(({ choices }) => choices);
    const called = all.filter((field) => named(entry, field) >= 0);
    return (called.length > 0 ? called : (password?.form.choices ?? [])).map((field) => ({ field, score: 1 }));
  }

  /** Why there is nothing to fill on a page, by what its fields are. */
  function explain(forms) {
    const kinds = new Set(forms.flatMap(({ fields }) => fields.map(({ kind }) => kind)));
    if (kinds.has("shown-password")) return "not-a-password-field";
    if (forms.some(({ purpose }) => purpose === "change" || purpose === "signup")) return "new-password";
    return ["code", "captcha"].find((kind) => kinds.has(kind)) ?? (kinds.size > 0 ? "not-a-login" : "absent");
  }

  return { TEXT_TYPES, classify, explain, named, normalize, purpose, rank, says };
})();

/** Where there is a page: classes and choices are also tried without one. */
globalThis.zkvaultPage = globalThis.zkvaultVisible && (() => {
  const { ancestry, boxOf, caller, contains, documentOf, elements, everything, framed, glance, hidden, isElement, labelsOf, localName, parentNode, reader, rootOf, styleOf, textOf, unseen } = globalThis.zkvaultVisible;
  const { TEXT_TYPES, classify, explain, named, normalize, purpose, rank, says } = globalThis.zkvaultFields;
  /**
   * The longest that is waited, in milliseconds: for a form, for fields to become fit, where no wait helps, and after the
   * user name. On a settled page, for `still` at most: nothing more comes by itself.
   */
  const PATIENCE = { absent: 7000, unfit: 3000, refused: 1000, after: 1500, still: 1500 };
  /** What may pass by itself. */
  const UNFIT = ["read-only", "hidden", "transparent", "tiny", "outside", "inactive", "covered"];
  /** What is read of one text of the page, in characters. */
  const MOST_TEXT = 200;

  // --- Collecting

  /** All elements, those in shadow trees and in frames of the page's own origin at the place of their host. */
  function* collect(root) {
    for (const element of everything(root)) {
      yield element;
      const inside = framed(element);
      if (inside) yield* collect(inside);
    }
  }

  const attribute = caller(Element.prototype, "getAttribute");
  const follows = (one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const shortText = (node) => textOf(node).slice(0, MOST_TEXT);

  /** Somebody's address says nothing by the words in it; only that it is one, where it stands for what is to be typed. */
  const withoutAddresses = (text, sign = "") => text.replace(/[^\s@<>()"',;:]{1,64}@[^\s@<>()"',;:]{1,200}/gu, sign);

  function referred(element, name) {
    const ids = (attribute(element, name) ?? "").split(/\s+/).filter(Boolean);
    return ids.map((id) => rootOf(element).getElementById?.(id)).filter(Boolean).map(shortText).join(" ");
  }

  /** The cell above the one that a field is in, where a table has a row of headings. */
  function columnHeading(field) {
    const cell = [...ancestry(field)].slice(0, 3).find((at) => localName(at) === "td");
    const above = cell && parentNode(cell).previousElementSibling;
    const heading = above?.cells?.[cell.cellIndex];
    return heading && localName(heading) === "th" && !heading.querySelector("input") ? heading : undefined;
  }

  /** What stands in front of a field that nothing else names, within its form. */
  function textBefore(field) {
    const heading = columnHeading(field);
    if (heading) return shortText(heading);
    for (const at of [...ancestry(field)].slice(0, 3)) {
      if (/^(form|body)$/.test(localName(at))) return "";
      for (let before = at.previousSibling; before; before = before.previousSibling) {
        if (isElement(before) && (before.matches("h1, h2, h3, h4, h5, h6, legend, button, a, input, select, textarea") || before.querySelector("input, button, select, textarea"))) return "";
        if (!(isElement(before) && unseen(before)) && textOf(before).trim() !== "") return shortText(before);
      }
    }
    return "";
  }

  /** What is said below a field about what goes into it, within its form. */
  function textAfter(field) {
    for (const at of [...ancestry(field)].slice(0, 3)) {
      if (/^(form|body)$/.test(localName(at))) return "";
      for (let after = at.nextSibling; after; after = after.nextSibling) {
        if (isElement(after) && (after.matches("button, a, input, form, select, textarea") || after.querySelector("input, button, select, textarea"))) return "";
        if (!(isElement(after) && unseen(after)) && textOf(after).trim() !== "") return shortText(after);
      }
    }
    return "";
  }

  /** What a person reads of a field, and beside it what the page calls it. */
  function wordsOf(field) {
    const labels = labelsOf(field).map(shortText);
    const told = [...labels, attribute(field, "aria-label"), referred(field, "aria-labelledby"), field.placeholder, field.title].filter(Boolean);
    const rules = field.type === "password" ? referred(field, "aria-describedby") : "";
    const read = [...(told.length > 0 ? told : [textBefore(field)]), says("new", normalize(rules)) ? rules : ""];
    const sign = field.type === "password" ? "" : "e-mail";
    // The last word of one text and the first of the next are no phrase: "Password or token" may be called "password".
    const join = (texts) => texts.map((text) => normalize(withoutAddresses(`${text ?? ""}`.slice(0, MOST_TEXT), sign))).filter(Boolean).join(" . ");
    return { label: join(read), words: join([...read, field.name, field.id]) };
  }

  const inSearch = (field) => [...ancestry(field)].some((at) => localName(at) === "search" || attribute(at, "role") === "search");

  /** A font of dots hides text where the browser's own style for it is not used. */
  const DOTS = /text-?security|dotsfont|password/i;

  /** The type of a field; a text that is hidden as it is typed is a password. */
  function typeOf(element) {
    if (!TEXT_TYPES.has(element.type)) return element.type;
    const { webkitTextSecurity, fontFamily } = styleOf(element);
    return (webkitTextSecurity ?? "none") !== "none" || DOTS.test(fontFamily) ? "password" : element.type;
  }

  function describe(element, place) {
    const { name, id, maxLength, pattern, inputMode } = element;
    const type = typeOf(element);
    const { left, top } = boxOf(element);
    const autocomplete = (attribute(element, "autocomplete") ?? "").toLowerCase().split(/\s+/);
    const field = { element, place, type, name, id, maxLength, pattern: pattern ?? "", inputMode, autocomplete, x: left, y: top, after: type === "password" ? normalize(textAfter(element)) : "", ...wordsOf(element), searching: inSearch(element) };
    return Object.assign(field, { kind: classify(field) });
  }

  // --- Forms

  /** How many of some fields are in every element around them. To ask each field about each other takes minutes where there are thousands. */
  function census(fields) {
    const counts = new Map();
    for (const field of fields) for (const at of ancestry(field)) counts.set(at, (counts.get(at) ?? 0) + 1);
    return counts;
  }

  /** The form of a field, or what stands for one: the nearest element around it that has another such field too. */
  function formOf(element, counts) {
    const form = element.form ?? [...ancestry(element)].find((at) => localName(at) === "form");
    if (form) return form;
    const own = counts.get(element) ?? 0;
    return [...ancestry(element)].slice(1).find((at) => (counts.get(at) ?? 0) > own) ?? rootOf(element);
  }

  const HEADINGS = "h1, h2, h3, h4, legend, [role=heading]";
  const readable = (list) => list.map((one) => `${shortText(one)} ${one.value ?? ""} ${attribute(one, "aria-label") ?? ""}`).join(" ");

  /** What the buttons that send a form say; where there are none, the first button after its fields. */
  function buttonsOf(form, last) {
    const sending = elements(form, "button:not([type=button], [type=reset]), input[type=submit], input[type=image]").filter((one) => !unseen(one));
    if (sending.length > 0) return readable(sending);
    return readable(elements(form, "button, [role=button], input[type=button]").filter((one) => follows(last, one) && textOf(one).trim() + (one.value ?? "") !== "").slice(0, 1));
  }

  function headingOf(form, first) {
    const inside = elements(form, HEADINGS).filter((one) => !unseen(one) && follows(one, first));
    const before = inside.length > 0 ? [] : elements(rootOf(first), HEADINGS).filter((one) => !unseen(one) && follows(one, first)).slice(-1);
    const panels = [...ancestry(first)].filter((at) => localName(at) === "dialog" || /^(dialog|tabpanel|form|region)$/.test(attribute(at, "role") ?? "") || localName(at) === "section");
    return [readable([...inside, ...before]), ...panels.map((at) => `${attribute(at, "aria-label") ?? ""} ${referred(at, "aria-labelledby")}`)].join(" ");
  }

  /** What is said in front of the fields in a form, or right before it. */
  function leadOf(form, first) {
    const inside = isElement(form) ? elements(form, "p").filter((one) => !unseen(one) && follows(one, first)) : [];
    const before = isElement(form) ? form.previousElementSibling : null;
    return readable([...inside, ...(before && localName(before) === "p" ? [before] : [])]);
  }

  function nameOf(form) {
    if (!isElement(form)) return "";
    const action = attribute(form, "action");
    const path = action && URL.canParse(action, document.baseURI) ? new URL(action, document.baseURI).pathname : "";
    return ["id", "name", "class", "aria-label"].map((name) => attribute(form, name) ?? "").join(" ") + ` ${path}`;
  }

  /** A form with its fields as they are seen, and what it is for. */
  function describeForm(key, fields, hints) {
    const visible = fields.map(({ element, place }) => describe(element, place));
    const logins = visible.filter(({ type }) => type === "password" || TEXT_TYPES.has(type));
    const [first, last] = [fields[0].element, fields.at(-1).element];
    const { title } = documentOf(first);
    const texts = { buttons: buttonsOf(key, last), heading: headingOf(key, first), lead: leadOf(key, first), name: nameOf(key), page: `${title} ${location.pathname}` };
    const form = {
      fields: logins,
      choices: visible.filter(({ type }) => /^(select-one|radio|checkbox)$/.test(type)),
      kinds: logins.map(({ kind }) => kind),
      consent: visible.some(({ type, words }) => type === "checkbox" && (says("terms", words) || says("news", words))),
      long: visible.some(({ type }) => type === "textarea"),
      files: visible.some(({ type }) => type === "file"),
      aside: [...ancestry(first)].some((at) => /^(footer|aside)$/.test(localName(at)) || attribute(at, "role") === "contentinfo"),
      rtl: styleOf(isElement(key) ? key : documentOf(first).documentElement).direction === "rtl",
      submits: matching(hints.submit).some((one) => contains(key, one)),
      focused: visible.some(({ element }) => element === rootOf(element).activeElement),
      ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, normalize(withoutAddresses(text))])),
    };
    form.purpose = purpose(form);
    for (const field of visible) field.form = form;
    return form;
  }

  /** What a selector of the service finds; nothing, if it is none. */
  function matching(selector) {
    try {
      return selector ? elements(document, selector) : [];
    } catch {
      return [];
    }
  }

  /** A choice may be drawn by its label alone. */
  const shown = (element) => !unseen(element) || (/^(radio|checkbox)$/.test(element.type) && labelsOf(element).some((label) => !unseen(label)));

  function forms(hints) {
    const everything = [...collect(document)];
    const all = everything.filter((element) => /^(input|select|textarea)$/.test(localName(element))).map((element, place) => ({ element, place }));
    const visible = all.filter(({ element }) => element.type !== "hidden" && shown(element));
    const others = visible.map(({ element }) => element).filter(({ type, form }) => !form && (type === "password" || TEXT_TYPES.has(type)));
    const counts = census(others);
    const groups = Map.groupBy(visible, ({ element }) => formOf(element, counts));
    return { all, size: everything.length, forms: [...groups].map(([key, fields]) => describeForm(key, fields, hints)) };
  }

  // --- Refusals

  const actionOf = (element, name) => attribute(element, name);

  /** Whether the form of a field, or a button of that form, sends to another origin. */
  function sendsElsewhere(field) {
    const { form } = field;
    if (!form) return false;
    const buttons = elements(rootOf(field), "[formaction]").filter((button) => button.form === form);
    const targets = [actionOf(form, "action"), ...buttons.map((button) => actionOf(button, "formaction"))];
    return targets.some((target) => target !== null && target !== "" && leaves(target, reader(Node.prototype, "baseURI")(field)));
  }

  function leaves(target, base) {
    if (!URL.canParse(target, base)) return true;
    const url = new URL(target, base);
    return url.protocol !== "javascript:" && url.origin !== self.origin;
  }

  /** Why a field must not be filled, or null. What is read-only may open when it gets the focus. */
  function refusal(field, kind) {
    const disabled = field.matches(":disabled");
    if (kind === "choice") return disabled ? "read-only" : null;
    const type = typeOf(field);
    const fits = kind === "password" ? type === "password" : TEXT_TYPES.has(type);
    if (!fits) return kind === "password" ? "not-a-password-field" : "not-a-text-field";
    if (disabled) return "read-only";
    return hidden(field) ?? (sendsElsewhere(field) ? "form-leaves" : null);
  }

  /** How long a field that was fit is taken to be so when one is chosen, in milliseconds. Right before a value, it is looked at anyway. */
  const MOMENT = 1000;
  const lately = { text: new WeakMap(), password: new WeakMap() };

  const wasFit = (field, kind) => performance.now() - lately[kind].get(field) < MOMENT && !field.matches(":disabled") && !unseen(field);

  function isFit(field, kind) {
    if (wasFit(field, kind)) return true;
    const fits = refusal(field, kind) === null;
    if (fits) lately[kind].set(field, performance.now());
    return fits;
  }

  // --- Survey

  /** The forms without those whose password cannot be filled, if another one's can: the user name then goes beside that one. */
  function fit(all, plan) {
    const index = plan.findIndex(({ kind }) => kind === "password");
    const { ranked, tied } = rank(all, plan)[index] ?? { ranked: [] };
    if (tied) return withoutUnfit(all, tied);
    if (ranked.length < 2) return all;
    const good = ranked.findIndex(({ field }) => isFit(field.element, "password"));
    const unfit = ranked.slice(0, Math.max(good, 0)).map(({ field }) => field.form).filter((form) => form !== ranked[good].field.form);
    return all.filter((form) => !unfit.includes(form));
  }

  /** Of forms that fit alike, those that a person can fill; all of them, if there are none. */
  function withoutUnfit(all, tied) {
    const unfit = tied.filter(({ field }) => !isFit(field.element, "password")).map(({ field }) => field.form);
    return unfit.length < tied.length ? all.filter((form) => !unfit.includes(form)) : all;
  }

  /** What was found last, and when. */
  let last;

  function read(hints) {
    const page = { ...forms(hints), count: document.getElementsByTagName("*").length, at: performance.now() };
    last = page;
    return page;
  }

  /** What was found a moment ago, if the page has as many elements as then and no field is gone. */
  function recent() {
    const isRecent = last && performance.now() - last.at < MOMENT && last.count === document.getElementsByTagName("*").length;
    return isRecent && last.all.every(({ element }) => element.isConnected) ? last : undefined;
  }

  /** For every entry of a plan: { field } to fill, { refused } with a reason, or { absent }. */
  function look(plan, hints = {}, page = recent() ?? read(hints)) {
    const taken = new Set();
    const entries = rank(fit(page.forms, plan), plan);
    glance(entries.flatMap(({ ranked: [best] }, index) => (best && plan[index].kind !== "choice" && !wasFit(best.field.element, plan[index].kind) ? [best.field.element] : [])));
    const choices = entries.map(({ ranked, reason }, index) => {
      const { kind } = plan[index];
      const fields = ranked.map(({ field }) => field.element).filter((field) => !taken.has(field));
      if (kind === "choice" && fields.length > 0) return { field: fields[0], fields };
      const good = fields.find((field) => isFit(field, kind));
      taken.add(good);
      if (good) return { field: good };
      if (fields.length > 0) return { refused: refusal(fields[0], kind) };
      return reason ? { refused: reason } : unfit(page, plan[index]);
    });
    return choices.every(({ absent }) => absent) ? choices.map(() => asExplained(page.forms)) : choices;
  }

  function asExplained(all) {
    const reason = explain(all);
    return reason === "absent" ? { absent: true } : { refused: reason };
  }

  /** Why the fields that the site names, or the only ones of a kind, are not among those to choose from. */
  function unfit(page, entry) {
    const candidates = page.all.map(({ element }) => element).filter(({ type }) => type !== "hidden");
    const called = candidates.filter((element) => named(entry, element) >= 0);
    const plain = page.forms.flatMap(({ fields }) => fields.filter(({ kind }) => kind === "shown-password").map(({ element }) => element));
    const [first] = [...called, ...(entry.kind === "password" ? [...plain, ...candidates.filter(({ type }) => type === "password")] : [])];
    const reason = first && refusal(first, entry.kind);
    return reason ? { refused: reason } : { absent: true };
  }

  const outcome = ({ field, refused }) => (field ? "found" : (refused ?? "absent"));

  /** The host of a frame that the page shows and that no login is filled into. */
  function foreignFrame() {
    const frames = elements(document, "iframe").filter((frame) => !framed(frame) && !unseen(frame) && boxOf(frame).height > 60);
    return frames.map(({ src }) => (URL.canParse(src) ? new URL(src).host : "")).find(Boolean);
  }

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const animations = caller(Document.prototype, "getAnimations");
  /** Whether something on the page moves that comes to an end. */
  const moves = () => animations(document).some((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);

  /** Whether more of a page may still come: it was opened, changed or loaded something a moment ago, or is about to. `changed` is when it was seen to change. */
  function isUnsettled(changed) {
    const now = performance.now();
    const loaded = performance.getEntriesByType("resource").at(-1)?.responseEnd ?? 0;
    return document.readyState !== "complete" || now < PATIENCE.absent || now - Math.max(changed, loaded) < PATIENCE.still || moves();
  }

  /** How long is waited in all, by what was found. */
  function patience(outcomes, after, unsettled) {
    if (after) return PATIENCE.after;
    const missing = outcomes.every((one) => one === "absent" || one === "not-a-login");
    const longest = missing ? PATIENCE.absent : outcomes.some((one) => UNFIT.includes(one)) ? PATIENCE.unfit : PATIENCE.refused;
    return unsettled ? longest : Math.min(longest, PATIENCE.still);
  }

  /** What is on the page, without any value. Waits for what is not there yet; `after` the user name, for the password. */
  async function survey(plan, hints = {}, after = false) {
    const since = performance.now();
    const wanted = plan.some(({ kind }) => kind === "password") && after ? "password" : undefined;
    for (let [size, changed] = [0, since]; ; await pause(performance.now() - since < PATIENCE.refused ? 100 : 250)) {
      const page = read(hints);
      if (page.size !== size) [size, changed] = [page.size, performance.now()];
      const outcomes = look(plan, hints, page).map(outcome);
      const found = outcomes.some((one, index) => one === "found" && (!wanted || plan[index].kind === wanted));
      if (found || performance.now() - since >= patience(outcomes, after, isUnsettled(changed))) return { href: location.href, outcomes, foreign: foreignFrame() };
    }
  }

  return { forms, look, matching, outcome, pause, refusal, survey };
})();
