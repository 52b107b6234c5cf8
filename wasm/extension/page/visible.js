// Runs in the page, in the extension's own world: says why a field is not one that the person in front of it can see.
//
// Forms and documents let their own named elements stand in for built-in properties, in this world too. So what they
// are asked for is read by the getters of the prototypes.
"use strict";

globalThis.zkvaultVisible = (() => {
  /** Below these, in CSS pixels, nobody types into a field. */
  const MIN_WIDTH = 24;
  const MIN_HEIGHT = 8;
  /** What is fainter counts as hidden; what is stronger, and lies over a field, as a cover. */
  const MIN_OPACITY = 0.3;
  /** Two colours that differ less in every channel, of 255, are one colour to a person. */
  const SAME_COLOUR = 24;
  /** What paints over everything behind it, whatever its background. */
  const REPLACED = new Set(["img", "canvas", "video", "iframe", "frame", "object", "embed"]);

  const HTML = "http://www.w3.org/1999/xhtml";

  /** Chromium's way into closed shadow trees; Firefox has a property of elements. */
  const { dom } = chrome;

  const reader = (prototype, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (object) => get.call(object);
  };
  const caller = (prototype, name) => {
    const method = prototype[name];
    return (object, ...parameters) => method.apply(object, parameters);
  };
  const parentNode = reader(Node.prototype, "parentNode");
  const nodeType = reader(Node.prototype, "nodeType");
  const childNodes = reader(Node.prototype, "childNodes");
  const textOf = reader(Node.prototype, "textContent");
  const isElement = (node) => nodeType(node) === Node.ELEMENT_NODE;
  const documentOf = reader(Node.prototype, "ownerDocument");
  const rootOf = caller(Node.prototype, "getRootNode");
  const contains = caller(Node.prototype, "contains");
  const localName = reader(Element.prototype, "localName");
  const namespaceOf = reader(Element.prototype, "namespaceURI");
  const rectsOf = caller(Element.prototype, "getClientRects");
  const boxOf = caller(Element.prototype, "getBoundingClientRect");
  const matches = caller(Element.prototype, "matches");
  const viewOf = reader(Document.prototype, "defaultView");
  const sheetsOf = { [Node.DOCUMENT_NODE]: Document.prototype, [Node.DOCUMENT_FRAGMENT_NODE]: ShadowRoot.prototype };

  /** Elements below a document, a shadow tree or an element, without those of the trees inside. */
  function elements(root, selector = "*") {
    const { querySelectorAll } = { [Node.DOCUMENT_NODE]: Document, [Node.ELEMENT_NODE]: Element }[nodeType(root)]?.prototype ?? DocumentFragment.prototype;
    return [...querySelectorAll.call(root, selector)];
  }

  /** Elements that a page can give a shadow tree, beside those with a hyphen in their names. Asking about a form with many fields is slow. */
  const HOSTS = /-|^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;

  /** The shadow tree of an element, closed or not. Only elements of HTML have one, and the browser refuses to be asked about others. */
  function shadowOf(element) {
    if (!HOSTS.test(localName(element)) || namespaceOf(element) !== HTML) return null;
    return dom ? dom.openOrClosedShadowRoot(element) : element.openOrClosedShadowRoot;
  }

  /** The document in a frame of the page's own origin. The browser gives no other. */
  function framed(element) {
    if (!/^i?frame$/.test(localName(element))) return null;
    const { contentDocument } = element;
    return contentDocument && viewOf(contentDocument)?.origin === self.origin ? contentDocument : null;
  }

  function frameOf(element) {
    return viewOf(documentOf(element))?.frameElement ?? null;
  }

  /** The slot of a shadow tree in which a child of its host is painted. */
  function slotOf(node, parent) {
    const shadow = isElement(parent) ? shadowOf(parent) : null;
    return shadow ? elements(shadow, "slot").find((slot) => slot.assignedNodes().includes(node)) : undefined;
  }

  /** The element around another as it is painted: through slots and out of shadow trees. */
  function around(element) {
    const parent = parentNode(element);
    if (!parent || nodeType(parent) === Node.DOCUMENT_NODE) return null;
    return nodeType(parent) === Node.DOCUMENT_FRAGMENT_NODE ? parent.host : (slotOf(element, parent) ?? parent);
  }

  /** The element and all around it in its document. */
  function* ancestry(element) {
    for (let at = element; at; at = around(at)) yield at;
  }

  const styleOf = (element, pseudo) => viewOf(documentOf(element)).getComputedStyle(element, pseudo);

  // --- One turn of the engine

  /** What was found out in this turn. Nothing of the page runs before its end, when all of it is forgotten. */
  let turn;

  function thisTurn() {
    if (!turn) {
      turn = { conditions: new Map(), labels: new Map(), walks: new Map(), scenes: new Map(), judged: new Map() };
      queueMicrotask(() => (turn = undefined));
    }
    return turn;
  }

  /** What `find` finds for a key, once in a turn. */
  function remembered(what, key, find) {
    const known = thisTurn()[what];
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key);
  }

  /** All elements below a document or a shadow tree, those in shadow trees at the place of their host. */
  const everything = (root) => remembered("walks", root, () => [...walk(root)]);

  function* walk(root) {
    for (const element of elements(root)) {
      yield element;
      const shadow = shadowOf(element);
      if (shadow) yield* walk(shadow);
    }
  }

  const controlOf = reader(HTMLLabelElement.prototype, "control");
  const NONE = [];

  /** The labels of a field. The browser looks for those of each field in the whole page; here, once for all of them. */
  const labelsOf = (field) =>
    remembered("labels", rootOf(field), (root) => Map.groupBy(elements(root, "label").filter((one) => namespaceOf(one) === HTML), controlOf)).get(field) ?? NONE;

  // --- What is around an element

  const amounts = (filter, name) => [...filter.matchAll(new RegExp(`${name}\\(([\\d.]+)`, "g"))].map(([, amount]) => Number(amount));

  const LIT = { opacity: 1, effaced: false, clipped: false, inert: false };

  /** What an element and all around it in its document do to what is in it. Many fields have most of it in common. */
  function conditionsOf(element) {
    const { conditions } = thisTurn();
    const line = [];
    let at = element;
    for (; at && !conditions.has(at); at = around(at)) line.push(at);
    let above = at ? conditions.get(at) : LIT;
    for (const one of line.reverse()) conditions.set(one, (above = conditionsIn(one, above)));
    return above;
  }

  function conditionsIn(element, above) {
    const { opacity, filter, maskImage, mixBlendMode, overflowX, clip } = styleOf(element);
    return {
      opacity: above.opacity * (filter === "none" ? 1 : amounts(filter, "opacity").reduce((all, amount) => all * amount, 1)) * Number(opacity),
      effaced: above.effaced || maskImage !== "none" || mixBlendMode !== "normal" || (filter !== "none" && effaces(filter)),
      clipped: above.clipped || ((/hidden|clip/.test(overflowX) || clip !== "auto") && isTiny(element)),
      inert: above.inert || matches(element, "[inert]"),
    };
  }

  /** Whether an effect can make what is painted disappear. */
  function effaces(filter) {
    const glaring = [...amounts(filter, "brightness"), ...amounts(filter, "contrast")].some((amount) => amount < 0.2 || amount > 4);
    return glaring || amounts(filter, "blur").some((pixels) => pixels > 4);
  }

  function isTiny(element) {
    const { width, height } = boxOf(element);
    return width < MIN_HEIGHT || height < MIN_HEIGHT;
  }

  const opacity = (element) => conditionsOf(element).opacity;

  // --- Colours

  /** [red, green, blue, alpha], or undefined for notations that are not compared. */
  function channels(colour) {
    const found = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(colour);
    return found ? [...found.slice(1, 4).map(Number), found[4] === undefined ? 1 : Number(found[4])] : undefined;
  }

  /** How much a colour hides of what is behind it. */
  const strength = (colour) => channels(colour)?.[3] ?? 1;

  const alike = (one, other) => [0, 1, 2].every((channel) => Math.abs(one[channel] - other[channel]) < SAME_COLOUR);

  /** The colour that is painted behind what is in an element, if it is a plain one. */
  function backdrop(element) {
    for (const at of element ? ancestry(element) : []) {
      const { backgroundColor, backgroundImage } = styleOf(at);
      if (backgroundImage !== "none") return undefined;
      const alpha = strength(backgroundColor);
      if (alpha === 1) return channels(backgroundColor);
      if (alpha > 0) return undefined;
    }
    return element && /dark/.test(styleOf(element).colorScheme) ? undefined : [255, 255, 255, 1];
  }

  /** Whether what is typed has the colour of what is behind it. */
  function unreadable(field) {
    const { webkitTextFillColor, textShadow } = styleOf(field);
    const ink = channels(webkitTextFillColor);
    if (!ink || textShadow !== "none") return false;
    const behind = backdrop(field);
    return ink[3] < 0.1 || (behind !== undefined && alike(ink, behind));
  }

  const SIDES = ["Top", "Right", "Bottom", "Left"];
  const edge = (style, side) => (strength(style[`border${side}Color`]) > 0.1 ? parseFloat(style[`border${side}Width`]) : 0);

  /** Whether a box is seen by its edges or its own background. */
  function outlined(style) {
    const bordered = SIDES.some((side) => edge(style, side) > 0) || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
    return bordered || style.boxShadow !== "none" || style.backgroundImage !== "none";
  }

  const present = (pseudo) => pseudo.content !== "none" && pseudo.content !== "normal";

  /** Whether nothing at all shows where the field is: no edge, no colour of its own, no word in it or beside it. */
  function blank(field) {
    if (field.placeholder || field.value || labelsOf(field).length > 0) return false;
    const near = [...ancestry(field)].slice(0, 4).filter((at) => at === field || boxOf(at).height < 4 * boxOf(field).height + 40);
    return near.every((at) => {
      const styles = [styleOf(at), ...["::before", "::after"].map((pseudo) => styleOf(at, pseudo)).filter(present)];
      const [own, behind] = [channels(styles[0].backgroundColor), backdrop(around(at))];
      const coloured = own !== undefined && own[3] > 0.1 && (behind === undefined || !alike(own, behind));
      return !coloured && !styles.some(outlined) && (at === field || textOf(at).trim() === "");
    });
  }

  // --- Covers

  /** The middle and four places around it. */
  function probes({ left, top, width, height }) {
    const at = (x, y) => [left + width * x, top + height * y];
    return [at(0.5, 0.5), at(0.25, 0.3), at(0.75, 0.3), at(0.25, 0.7), at(0.75, 0.7)];
  }

  const within = (box, [x, y]) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;

  /** Enough of a field: the middle, and most of the places around it. A button inside it takes the rest. */
  const enough = (points, clear) => clear(points[0]) && points.filter(clear).length >= 3;

  /** A label lies on its field by design, and is not much larger. */
  function belongs(other, field) {
    const label = labelsOf(field).find((label) => contains(label, other));
    if (!label) return false;
    const [box, own] = [boxOf(other), boxOf(field)];
    return contains(label, field) || (box.width <= own.width * 1.5 && box.height <= own.height * 2);
  }

  /** The trees from the field's own outwards, each with the element in it that holds the field. */
  function* trees(field) {
    for (let at = field; at; at = rootOf(at).host) yield { root: rootOf(at), at };
  }

  function hits(root, [x, y]) {
    const elementsFromPoint = sheetsOf[nodeType(root)]?.elementsFromPoint;
    return elementsFromPoint ? elementsFromPoint.call(root, x, y) : [];
  }

  /** Whether what a click would hit is the field, in its own tree and in every tree around it. */
  function reachable(field, point) {
    return [...trees(field)].every(({ root, at }) => {
      const [hit] = hits(root, point);
      return hit !== undefined && (hit === at || belongs(hit, at) || contains(at, hit));
    });
  }

  const hides = (style) =>
    strength(style.backgroundColor) > MIN_OPACITY || style.backgroundImage !== "none" || (style.backdropFilter ?? "none") !== "none" || /inset/.test(style.boxShadow);

  /** Whether the edge of a box lies on a point. */
  function edged(element, style, [x, y]) {
    const { left, top, right, bottom } = boxOf(element);
    const inside = left + edge(style, "Left") <= x && x <= right - edge(style, "Right") && top + edge(style, "Top") <= y && y <= bottom - edge(style, "Bottom");
    return !inside;
  }

  /** Whether text lies on a point that is no caption: larger than the field, or without a letter. */
  function written(element, point, height) {
    return [...childNodes(element)].some((node) => {
      if (nodeType(node) !== Node.TEXT_NODE || node.data.trim() === "") return false;
      const range = documentOf(node).createRange();
      range.selectNodeContents(node);
      const caption = /[\p{L}\p{N}]/u.test(node.data);
      return [...range.getClientRects()].some((box) => within(box, point) && !(caption && box.height <= height * 1.5));
    });
  }

  /** Whether a box that CSS adds to an element is a line, such as one below a field, and is painted no larger than it says. */
  function isLine(style) {
    const { width, height, transform, scale, zoom, filter, boxShadow, outlineStyle, borderImageSource } = style;
    const smaller = transform === "none" || /^matrix\((0|0\.\d+|1), 0, 0, (0|0\.\d+|1), /.test(transform);
    const plain = [scale, filter, boxShadow, outlineStyle, borderImageSource].every((one) => one === "none") && Number(zoom) === 1;
    const bare = SIDES.every((side) => parseFloat(style[`padding${side}`]) < 4 && edge(style, side) < 4);
    return style.position === "absolute" && smaller && plain && bare && Math.min(parseFloat(width), parseFloat(height)) < 4;
  }

  /**
   * Whether a box that CSS adds to an element hides what is below. Where it is cannot be asked. A line around the field
   * does not; what is another element's may be made larger by that element.
   */
  function added(element, field) {
    const { height } = boxOf(field);
    const own = [...ancestry(field)].includes(element);
    return ["::before", "::after"].some((pseudo) => {
      const style = styleOf(element, pseudo);
      if (!present(style) || Number(style.opacity) < 0.1 || style.visibility !== "visible" || style.display === "none") return false;
      const thick = SIDES.some((side) => edge(style, side) > 8);
      return (hides(style) && !(own && isLine(style))) || thick || /url\(/.test(style.content) || (!/^"\s*"$/.test(style.content) && parseFloat(style.fontSize) > height);
    });
  }

  /** Whether an element that is hit before the field paints over it there. */
  function paints(element, point, field) {
    if (opacity(element) < 0.1) return false;
    const style = styleOf(element);
    const own = [...rectsOf(element)].some((box) => within(box, point));
    if (own && (hides(style) || REPLACED.has(localName(element)) || edged(element, style, point) || written(element, point, boxOf(field).height))) return true;
    if (element instanceof viewOf(documentOf(element)).SVGGeometryElement && (style.fill !== "none" || style.stroke !== "none")) return true;
    const shadow = shadowOf(element);
    return added(element, field) || (shadow !== null && hits(shadow, point).some((inside) => rootOf(inside) === shadow && paints(inside, point, field)));
  }

  /** Runs `work` while everything takes hits, also what clicks fall through. No script of the page runs in between. */
  function withHits(roots, work) {
    const undo = [];
    for (const root of roots) {
      const { get, set } = Object.getOwnPropertyDescriptor(sheetsOf[nodeType(root)], "adoptedStyleSheets");
      const before = [...get.call(root)];
      const sheet = new (viewOf(nodeType(root) === Node.DOCUMENT_NODE ? root : documentOf(root)).CSSStyleSheet)();
      sheet.replaceSync("*, ::before, ::after { pointer-events: auto !important }");
      set.call(root, [...before, sheet]);
      undo.push(() => set.call(root, before));
      for (const element of elements(root, "[style*=pointer-events]:not(math, math *)")) undo.push(takeHits(element));
    }
    try {
      return work();
    } finally {
      for (const one of undo.reverse()) one();
    }
  }

  /** A style of the element's own that insists on something else goes before any sheet. */
  function takeHits(element) {
    const { prototype } = element instanceof viewOf(documentOf(element)).SVGElement ? SVGElement : HTMLElement;
    const style = reader(prototype, "style")(element);
    const [value, priority] = [style.getPropertyValue("pointer-events"), style.getPropertyPriority("pointer-events")];
    if (priority === "important") style.setProperty("pointer-events", "auto", "important");
    return () => priority === "important" && style.setProperty("pointer-events", value, priority);
  }

  /** All trees of a document, and what in it casts beyond its box. */
  const sceneOf = (document) =>
    remembered("scenes", document, () => {
      const all = everything(document);
      return { roots: new Set([document, ...all.map((one) => rootOf(one))]), cast: casters(all) };
    });

  /** How far the shadows and outlines of an element paint beyond its box. No hit shows them. */
  function reach(style) {
    if (style.boxShadow === "none" && style.outlineStyle === "none" && style.borderImageSource === "none") return 0;
    const outline = style.outlineStyle === "none" || strength(style.outlineColor) < 0.1 ? 0 : parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    const shadows = style.boxShadow.split(/,(?![^(]*\))/).map((shadow) => {
      if (/inset|^none$/.test(shadow) || strength(/rgba?\(.*\)/.exec(shadow)?.[0] ?? "") <= MIN_OPACITY) return 0;
      const [x, y, blur, spread] = [...shadow.matchAll(/(-?[\d.]+)px/g)].map(([, pixels]) => Number(pixels));
      return Math.max(Math.abs(x), Math.abs(y)) + blur / 2 + spread;
    });
    return Math.max(outline, parseFloat(style.borderImageOutset) || 0, ...shadows);
  }

  /** Boxes, with what they cast around them, that lie on the point from outside of it. */
  function shaded(all, field, point) {
    return all.some(({ element, far }) => {
      const { left, top, right, bottom } = boxOf(element);
      const box = { left: left - far, top: top - far, right: right + far, bottom: bottom + far };
      return within(box, point) && !contains(element, field) && opacity(element) > 0.1;
    });
  }

  const casters = (all) => all.map((element) => ({ element, far: reach(styleOf(element)) })).filter(({ far }) => far > 12);

  /** Whether the backdrop of a dialog or popover hides what is not in it. The browser lets nothing hit a popover's. */
  function behindBackdrop(document, field) {
    return elements(document, ":modal, :popover-open").some((element) => {
      if ([...ancestry(field)].includes(element)) return false;
      const style = styleOf(element, "::backdrop");
      return style.display !== "none" && Number(style.opacity) > 0.6 && (strength(style.backgroundColor) > 0.6 || style.backgroundImage !== "none" || /blur|brightness/.test(style.backdropFilter));
    });
  }

  /** Whether something that clicks fall through is painted over a field. To be asked while everything takes hits. */
  function veiled(field, points) {
    const { cast } = sceneOf(documentOf(field));
    const clear = (point) =>
      !shaded(cast, field, point) &&
      [...trees(field)].every(({ root, at }) => {
        const stack = hits(root, point);
        const above = stack.slice(0, Math.max(stack.indexOf(at), 0)).filter((other) => !contains(at, other));
        return !above.some((other) => !belongs(other, at) && paints(other, point, field));
      });
    return !enough(points, clear);
  }

  // --- Judgement

  function outside([x, y], view) {
    return x < 0 || y < 0 || x >= view.innerWidth || y >= view.innerHeight;
  }

  /** Nobody scrolls sideways through more than another window: what is farther away was put there to be out of sight. */
  const farthest = (view) => 2 * Math.max(view.innerWidth, 1500);

  /** What shows without scrolling: why a field cannot be one that a person sees, or null. */
  function unseen(field) {
    if (!field.isConnected || !field.checkVisibility({ visibilityProperty: true })) return "hidden";
    const own = conditionsOf(field);
    if (own.inert) return "inactive";
    if (own.opacity < MIN_OPACITY || own.effaced) return "transparent";
    const { width, height, left, right, bottom } = boxOf(field);
    const outer = around(field);
    if (width < MIN_WIDTH || height < MIN_HEIGHT || (outer && conditionsOf(outer).clipped)) return "tiny";
    const view = viewOf(documentOf(field));
    if (right + view.scrollX <= 0 || bottom + view.scrollY <= 0 || left + view.scrollX > farthest(view)) return "outside";
    const frame = frameOf(field);
    return frame ? unseen(frame) : null;
  }

  /** Whether clicks reach a field, or the part of a frame with the field in it, at enough places of its document. */
  const clickable = (element, points) => enough(points, (point) => reachable(element, point)) && !behindBackdrop(documentOf(element), element);

  /** Whether it can be seen and clicked there. */
  function open(element, points) {
    if (!clickable(element, points) || withHits(sceneOf(documentOf(element)).roots, () => veiled(element, points))) return false;
    const frame = frameOf(element);
    if (!frame) return true;
    const { left, top, width } = boxOf(frame);
    const scale = frame.offsetWidth > 0 ? width / frame.offsetWidth : 1;
    return open(frame, points.map(([x, y]) => [left + (frame.clientLeft + x) * scale, top + (frame.clientTop + y) * scale]));
  }

  /** Whether the middle of an element is out of the window, in its own document or in one around it. */
  function away(element) {
    const view = viewOf(documentOf(element));
    return probes(boxOf(element)).some((point) => outside(point, view));
  }

  function* framesAround(field) {
    for (let frame = frameOf(field); frame; frame = frameOf(frame)) yield frame;
  }

  /** Scrolls a field into sight, but nothing that a person cannot scroll: what is cut off there remains so. */
  function scrollTo(field) {
    const boxes = [field, ...framesAround(field)].flatMap((one) => [...ancestry(one)].slice(1));
    const fixed = boxes.map((box) => ({ box, style: styleOf(box), left: box.scrollLeft, top: box.scrollTop }));
    field.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    for (const { box, style, left, top } of fixed) {
      if (style.overflowX === "hidden") box.scrollLeft = left;
      if (style.overflowY === "hidden") box.scrollTop = top;
    }
  }

  /** Ways to bring a field into sight. What sticks to an edge of the window lies over a field that is scrolled there, and beside one that is not. */
  function* positions(field) {
    const view = viewOf(documentOf(field));
    if (!away(field) && ![...framesAround(field)].some(away)) yield "as it is";
    scrollTo(field);
    yield "in the middle";
    view.scrollBy({ top: boxOf(field).top - 8, behavior: "instant" });
    yield "at the top";
    view.scrollBy({ top: boxOf(field).bottom + 8 - view.innerHeight, behavior: "instant" });
    yield "at the bottom";
  }

  /** Why a field is not one that a person sees, or null. Scrolls to it. */
  const hidden = (field) => remembered("judged", field, judge);

  function judge(field) {
    const reason = unseen(field) ?? (unreadable(field) || blank(field) ? "transparent" : null);
    if (reason) return reason;
    for (const _ of positions(field)) if (!away(field) && open(field, probes(boxOf(field)))) return null;
    return away(field) ? "outside" : "covered";
  }

  /** Looks at several fields of the page itself together, and remembers those that are seen where they are: the styles of the whole page are then computed anew once for all of them. */
  function glance(fields) {
    const { judged } = thisTurn();
    const ready = fields
      .filter((field) => !judged.has(field) && documentOf(field) === document && !unseen(field) && !unreadable(field) && !blank(field) && !away(field))
      .map((field) => ({ field, points: probes(boxOf(field)) }))
      .filter(({ field, points }) => clickable(field, points));
    if (ready.length < 2) return;
    withHits(sceneOf(document).roots, () => {
      for (const { field, points } of ready) if (!veiled(field, points)) judged.set(field, null);
    });
  }

  return { ancestry, boxOf, caller, contains, documentOf, elements, everything, framed, glance, hidden, isElement, labelsOf, localName, parentNode, reader, rootOf, shadowOf, styleOf, textOf, unseen, viewOf };
})();
