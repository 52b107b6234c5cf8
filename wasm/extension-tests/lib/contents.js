// What a page got.

/** Everything that is in any input of a page, its frames and its shadow trees. */
export async function everythingIn(page) {
  const values = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(() => {
        const all = (root) => [...root.querySelectorAll("*")].flatMap((element) => [element.value, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
        return all(document).join(" ");
      }),
    ),
  );
  return values.join(" ");
}
