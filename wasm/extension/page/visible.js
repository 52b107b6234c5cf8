// Runs in the page, in the extension's own world: says why a field is not one that the person in front of it can see.
"use strict";

globalThis.zkvaultVisible = (() => {
  /** Below these, in CSS pixels, nobody types into a field. */
  const MIN_WIDTH = 24;
  const MIN_HEIGHT = 8;
  /** What is fainter is taken for hidden. */
  const MIN_OPACITY = 0.3;
  /** What paints over everything behind it, whatever its background. */
  const REPLACED = new Set(["img", "canvas", "video", "iframe", "object", "embed"]);

  /** The element and all around it, out of shadow trees. */
  function* ancestry(element) {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) yield at;
  }

  function opacity(element) {
    let product = 1;
    for (const at of ancestry(element)) {
      const style = getComputedStyle(at);
      product *= Number(style.opacity);
      for (const [, amount] of style.filter.matchAll(/opacity\(([\d.]+)\)/g)) product *= Number(amount);
    }
    return product;
  }

  function masked(element) {
    return [...ancestry(element)].some((at) => getComputedStyle(at).maskImage !== "none");
  }

  /** The middle and four places around it. */
  function probes({ left, top, width, height }) {
    const at = (x, y) => [left + width * x, top + height * y];
    return [at(0.5, 0.5), at(0.25, 0.3), at(0.75, 0.3), at(0.25, 0.7), at(0.75, 0.7)];
  }

  /** A label lies on its field by design. */
  function belongs(other, field) {
    return other === field || [...(field.labels ?? [])].some((label) => label.contains(other));
  }

  /** Whether what a click would hit is the field, in its own tree and in every tree around it. */
  function reachable(field, [x, y]) {
    for (let at = field; at; at = at.getRootNode().host) {
      const hit = at.getRootNode().elementFromPoint?.(x, y);
      if (!hit || !(belongs(hit, at) || at.contains(hit))) return false;
    }
    return true;
  }

  function opaque(element) {
    const style = getComputedStyle(element);
    const alpha = /^rgba\(.*, ([\d.]+)\)$/.exec(style.backgroundColor);
    const filled = alpha ? Number(alpha[1]) > 0.1 : style.backgroundColor !== "transparent";
    return (filled || style.backgroundImage !== "none" || REPLACED.has(element.localName)) && opacity(element) > 0.1;
  }

  /** The shadow tree of an element, closed or not. Only elements of HTML have one, and the browser refuses to be asked about others. */
  function shadowOf(element) {
    return element instanceof HTMLElement ? chrome.dom.openOrClosedShadowRoot(element) : null;
  }

  function* everything(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      const shadow = shadowOf(element);
      if (shadow) yield* everything(shadow);
    }
  }

  function over(element, x, y) {
    const box = element.getBoundingClientRect();
    return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
  }

  /**
   * Whether something that clicks fall through is painted over the middle of the field. Hit testing does not see such
   * elements, so they are made to take clicks for the moment; no script of the page runs in between.
   */
  function veiled(field) {
    const [[x, y]] = probes(field.getBoundingClientRect());
    const around = new Set(ancestry(field));
    const veils = [...everything(document)].filter(
      (element) => !around.has(element) && over(element, x, y) && getComputedStyle(element).pointerEvents === "none" && opaque(element),
    );
    return veils.some((veil) => !belongs(veil, field) && takesHit(veil, x, y));
  }

  function takesHit(veil, x, y) {
    const style = veil.style;
    const [value, priority] = [style.getPropertyValue("pointer-events"), style.getPropertyPriority("pointer-events")];
    const hadStyle = veil.hasAttribute("style");
    style.setProperty("pointer-events", "auto", "important");
    const hit = veil.getRootNode().elementFromPoint?.(x, y);
    style.setProperty("pointer-events", value, priority);
    if (!hadStyle) veil.removeAttribute("style");
    return hit === veil || veil.contains(hit);
  }

  function outside(point) {
    return point[0] < 0 || point[1] < 0 || point[0] >= innerWidth || point[1] >= innerHeight;
  }

  /** Why a field is none that a person sees, or null. Scrolls to it. */
  function hidden(field) {
    const visible = field.isConnected && field.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
    if (!visible) return "hidden";
    if (opacity(field) < MIN_OPACITY || masked(field)) return "transparent";
    const size = field.getBoundingClientRect();
    if (size.width < MIN_WIDTH || size.height < MIN_HEIGHT) return "tiny";
    if (probes(size).some(outside)) field.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const points = probes(field.getBoundingClientRect());
    if (points.some(outside)) return "outside";
    return points.every((point) => reachable(field, point)) && !veiled(field) ? null : "covered";
  }

  return { hidden };
})();
