// Fills many pages quickly: some tabs at a time, each used again and again, and the service worker is asked as the popup asks
// it. The extension needs access to the pages' hosts. How a person opens the popup over a page, other tests show.

/** Tabs at a time, each in a window of its own: only the one in front is filled. */
const LANES = 10;

export class Lanes {
  #settings;
  #tabs;

  /** @param {import("./world.js").World} world @param {import("playwright-core").Page} settings a page of the extension */
  static async open(world, settings) {
    const lanes = new Lanes();
    lanes.#settings = settings;
    lanes.#tabs = [];
    for (let lane = 0; lane < LANES; lane += 1) lanes.#tabs.push(await lanes.#tab(world, lane));
    return lanes;
  }

  async #tab(world, lane) {
    const url = world.pages.add("<p>Lane</p>", { name: `/lane-${lane}` });
    const opened = world.context.waitForEvent("page", (page) => page.url() === url || page.waitForURL(url).then(() => true, () => false));
    const tabId = await this.#settings.evaluate(async (url) => (await chrome.windows.create({ url })).tabs[0].id, url);
    return { tabId, page: await opened };
  }

  /** Does `work(page, tabId, item, index)` with all items, in tabs that are free. Gives the results in the items' order. */
  async each(items, work) {
    const results = [];
    const left = items.entries();
    const lane = async ({ page, tabId }) => {
      for (const [index, item] of left) results[index] = await work(page, tabId, item, index);
    };
    await Promise.all(this.#tabs.map(lane));
    return results;
  }

  async click(page, selector) {
    await page.click(selector);
    await page.waitForLoadState();
  }

  /** Asks the service worker to fill a tab; gives what it says to a person. */
  async fill(siteId, tabId) {
    const ask = ([siteId, tabId]) => chrome.runtime.sendMessage({ to: "background", op: "fill", params: { siteId, tabId } });
    const { error, result } = await this.#settings.evaluate(ask, [siteId, tabId]);
    return error?.message ?? result.note ?? (result.other === undefined ? "" : `The page has ${result.other}.`);
  }
}
