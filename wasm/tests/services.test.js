// The clients over fetch, against the simulated services.

import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";

import { logMeOnceOf, loomeOf, startSimulator } from "./lib/simulator.js";
import { coded, entry, utf8, zkvault } from "./lib/zkvault.js";

const { LogMeOnce, Loome, Vault } = zkvault;
const { startWorker } = await entry("worker");

/** A service of our own that answers by `answer(request, response)`. */
async function serve(t, answer) {
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}`, requests };
}

const json = (response, document, status = 200) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
const TOKEN = { access_token: "CANARY-token", token_type: "Bearer", expires_in: 3600 };
const connection = (url) => ({ url, apiKey: "key", secret: utf8("CANARY-secret") });

test("an account's sites are listed, and open", async (t) => {
  const settings = await startSimulator(t);
  const client = await LogMeOnce.connect(logMeOnceOf(settings));
  assert.equal(client.host, new URL(settings.ZKV_LOGMEONCE_URL).host);
  const sites = await client.sites();
  assert.deepEqual(sites.setAside, []);
  const { document, failures } = Vault.fromKeys([settings.key]).decryptDocument(sites.document);
  const listed = JSON.parse(document).sites;
  assert.ok(listed.length > 3);
  assert.ok(failures.length < listed.length);
  const [first] = listed;
  assert.equal(JSON.parse(await client.site(first.id)).name, first.name);
  const found = JSON.parse((await client.search(first.name)).document).sites;
  assert.ok(found.some(({ id }) => id === first.id) && found.length < listed.length);
  assert.ok(JSON.parse((await client.users()).document).users.length > 0);
  assert.ok(JSON.parse((await client.groups()).document).groups.length > 0);
  await assert.rejects(client.site(1n), coded("not-found"));
  client.free();
  await assert.rejects(client.sites(), coded("closed"));
});

test("a wrong secret, a wrong address", async (t) => {
  const settings = await startSimulator(t);
  await assert.rejects(LogMeOnce.connect({ ...logMeOnceOf(settings), secret: utf8("wrong-secret") }), coded("no-token"));
  await assert.rejects(LogMeOnce.connect(connection("http://acme.logmeonce.com")), coded("url"));
  await assert.rejects(LogMeOnce.connect(connection("nonsense")), coded("url"));
  await assert.rejects(LogMeOnce.connect({ ...connection("https://a.example"), secret: "text" }), coded("argument"));
  for (const unusable of [{ secret: utf8("\n") }, { secret: utf8("two\nlines") }, { apiKey: "CLIENT_ID=4f6c2a" }]) {
    await assert.rejects(LogMeOnce.connect({ ...connection("https://a.example"), ...unusable }), coded("argument"));
  }
});

test("a token is renewed once when the service does not accept it", async (t) => {
  let tokens = 0;
  const { url, requests } = await serve(t, ({ url: path, headers }, response) => {
    if (path === "/oauth2/token") return json(response, { ...TOKEN, access_token: `token-${(tokens += 1)}` });
    headers.authorization === "Bearer token-2" ? json(response, { sites: [] }) : json(response, {}, 401);
  });
  const client = await LogMeOnce.connect(connection(url));
  assert.deepEqual(await client.sites(), { document: '{"sites":[]}', setAside: [] });
  assert.equal(tokens, 2);
  assert.ok(requests.every(({ headers }) => headers.cookie === undefined && headers.referer === undefined));
});

test("redirects are not followed, and what is no answer is none", async (t) => {
  const elsewhere = await serve(t, (_, response) => json(response, { sites: [] }));
  const answers = {
    redirected: (response) => response.writeHead(307, { location: `${elsewhere.url}/rest/sites` }).end(),
    "malformed-answer": (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    rejected: (response) => json(response, { message: "CANARY-secret is wrong" }, 400),
    forbidden: (response) => json(response, {}, 403),
  };
  for (const [code, answer] of Object.entries(answers)) {
    const { url } = await serve(t, ({ url: path }, response) => (path === "/oauth2/token" ? json(response, TOKEN) : answer(response)));
    const client = await LogMeOnce.connect(connection(url));
    await assert.rejects(client.sites(), (error) => coded(code)(error) && !error.message.includes("CANARY"));
  }
  assert.equal(elsewhere.requests.length, 0);
});

test("another site in place of the wanted one is refused", async (t) => {
  const { url } = await serve(t, ({ url: path }, response) => json(response, path === "/oauth2/token" ? TOKEN : { id: 8, name: "other" }));
  const client = await LogMeOnce.connect(connection(url));
  await assert.rejects(client.site(7), coded("malformed-answer"));
  assert.equal(await client.site(8), '{"id":8,"name":"other"}');
});

test("a record that cannot be used is set aside, and the others are listed", async (t) => {
  const SITES = '{"sites":[{"id":7,"name":"Mail"},{"id":"18446744073709551615","name":"Bank","login":"CANARY"},{"name":"No id"},{"id":9}]}';
  const USERS = '[{"id":1,"email":"ann@example.com","active":"perhaps"},7,{"id":2}]';
  const { url } = await serve(t, ({ url: path }, response) => {
    if (path === "/oauth2/token") return json(response, TOKEN);
    response.writeHead(200, { "content-type": "application/json" }).end(path.startsWith("/rest/sites") ? SITES : USERS);
  });
  const client = await LogMeOnce.connect(connection(url));
  const { document, setAside } = await client.sites();
  assert.equal(document, '{"sites":[{"id":7,"name":"Mail"},{"id":9}]}');
  assert.deepEqual(setAside, [
    { id: "18446744073709551615", name: "Bank", member: "login", reason: 'its member "login" is a text, not an object' },
    { id: null, name: "No id", member: null, reason: "it has no id" },
  ]);
  const users = await client.users();
  assert.deepEqual([users.document, users.setAside.map(({ id, name, reason }) => [id, name, reason])], [
    '{"users":[{"id":1,"email":"ann@example.com","active":"perhaps"},{"id":2}]}',
    [[null, null, "it is a number, not an object"]],
  ]);
  // What was pinned and cannot be read today is not missing.
  const vault = Vault.fromKeys([new Uint8Array(32)]);
  const trust = vault.trust(null, { host: client.host, firstUse: true });
  trust.assess('[{"id":7,"name":"Mail"},{"id":8},{"id":9},{"id":18446744073709551615,"name":"Bank"}]');
  const missing = (options) => trust.assess(document, options).filter(({ verdict }) => verdict === "missing").map(({ siteId }) => siteId);
  assert.deepEqual(missing(), [8, "18446744073709551615"]);
  assert.deepEqual(missing({ setAside: setAside.slice(0, 1) }), [8]);
  assert.deepEqual(missing({ setAside }), []);
  for (const wrong of [{}, [7], [{ id: -1 }]]) assert.throws(() => missing({ setAside: wrong }), coded("argument"));
});

test("a request is given up by its signal, and ends at the service", async (t) => {
  let asked, gone;
  const [hasAsked, isGone] = [new Promise((resolve) => (asked = resolve)), new Promise((resolve) => (gone = resolve))];
  const { url } = await serve(t, ({ url: path }, response) => {
    if (path === "/oauth2/token") return json(response, TOKEN);
    response.on("close", gone);
    asked();
  });
  const client = await LogMeOnce.connect(connection(url));
  const [one, reason] = [new AbortController(), new Error("enough")];
  const waiting = client.sites({ signal: one.signal });
  await hasAsked;
  one.abort(reason);
  await assert.rejects(waiting, (error) => coded("aborted")(error) && error.cause === reason);
  await isGone;
  await assert.rejects(client.sites({ signal: one.signal }), coded("aborted"));
  await assert.rejects(client.sites({ signal: "no" }), coded("argument"));
  const other = client.sites();
  client.free();
  await assert.rejects(other, coded("closed"));
});

test("in a worker, too", async (t) => {
  const settings = await startSimulator(t);
  const worker = startWorker();
  t.after(() => worker.terminate());
  const client = await worker.logMeOnce(logMeOnceOf(settings));
  const { document: sites, setAside } = await client.sites();
  assert.deepEqual([client.host, setAside], [new URL(settings.ZKV_LOGMEONCE_URL).host, []]);
  const vault = await worker.fromKeys([settings.key]);
  const trust = await vault.trust(null, { host: client.host, firstUse: true });
  const verdicts = await trust.assess(sites);
  assert.equal(verdicts.length, JSON.parse(sites).sites.length);
  assert.equal(trust.changed, true);
  const pins = await trust.toBytes();
  assert.deepEqual([trust.revision, trust.changed], [1, false]);
  assert.equal((await (await vault.trust(pins, { host: client.host })).assess(sites)).every(({ verdict }) => verdict === "ok"), true);
  await assert.rejects(client.sites({ signal: AbortSignal.abort() }), coded("aborted"));
  await client.free();
  await assert.rejects(client.sites(), coded("closed"));
  await vault.lock();
  await assert.rejects(trust.assess(sites), coded("locked"));
});

test("Loome Assist: projects, repositories, and a link", async (t) => {
  const settings = await startSimulator(t);
  const loome = await Loome.connect(loomeOf(settings));
  const { objects: [project], setAside } = await loome.projects("mara.halden@haldenfrey.example");
  assert.deepEqual(setAside, []);
  const { objects: repositories } = await loome.repositories(project.id);
  assert.ok(repositories.length > 0);
  const options = { expires: new Date(Date.now() + 3_600_000), readOnly: true };
  const sas = await loome.sas(project.id, repositories[0].id, options);
  assert.match(sas, /^http:\/\/127\.0\.0\.1:.*sig=/);
  await assert.rejects(loome.repositories("../x"), coded("argument"));
  await assert.rejects(loome.sas(project.id, repositories[0].id, {}), coded("argument"));
});

test("a Loome object that cannot be used is set aside", async (t) => {
  const { url } = await serve(t, ({ url: path }, response) =>
    json(response, path.includes("token") ? TOKEN : [{ id: 4, name: "Field data" }, { name: "No id" }, 7]));
  const loome = await Loome.connect(connection(url));
  const { objects, setAside } = await loome.projects("ann@example.com");
  assert.deepEqual(objects.map(({ id, name }) => [id, name]), [["4", "Field data"]]);
  assert.deepEqual(setAside.map(({ id, name }) => [id, name]), [[null, "No id"], [null, null]]);
});
