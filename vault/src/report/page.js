"use strict";
/* Tables sort by their headings. Long ones are filtered, and of very long ones only the first rows are shown. */
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const LONG = 12;
const MAX_SHOWN = 500;

const textOf = (cell) => cell.querySelector("time")?.dateTime ?? cell.textContent;

function compare(a, b, isNumber) {
  if (a === "" || b === "") return (a === "") - (b === "");
  return isNumber ? Number(a) - Number(b) : collator.compare(a, b);
}

class Sheet {
  constructor(table, place) {
    this.table = table;
    this.rows = Array.from(table.tBodies[0].rows, (row) => ({ row, text: row.textContent.toLowerCase() }));
    this.words = [];
    this.isWhole = this.rows.length <= MAX_SHOWN;
    if (this.rows.length > 1) this.addButtons();
    if (this.rows.length > LONG) this.addFilter(place);
  }

  addButtons() {
    const heads = Array.from(this.table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const isDown = head.ariaSort === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.ariaSort = isDown ? "descending" : "ascending";
        this.sort(column, head.classList.contains("number"), isDown ? -1 : 1);
      });
    });
  }

  /* What is empty is last in both directions. */
  sort(column, isNumber, direction) {
    for (const entry of this.rows) entry.key = textOf(entry.row.cells[column]);
    this.rows.sort((a, b) => compare(a.key, b.key, isNumber) * (a.key === "" || b.key === "" ? 1 : direction));
    const sorted = document.createDocumentFragment();
    this.show();
    for (const { row } of this.rows) sorted.append(row);
    this.table.tBodies[0].append(sorted);
  }

  addFilter(place) {
    const box = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    this.count = document.createElement("span");
    this.more = document.createElement("button");
    box.className = "filter";
    input.type = "search";
    input.autocomplete = "off";
    input.spellcheck = false;
    this.count.setAttribute("role", "status");
    this.more.type = "button";
    this.more.textContent = "Show all";
    label.append(`Filter ${this.table.caption.textContent}`, input);
    box.append(label, this.count, this.more);
    place.before(box);
    input.addEventListener("input", () => {
      this.words = input.value.toLowerCase().split(" ").filter(Boolean);
      this.show();
    });
    this.more.addEventListener("click", () => {
      this.isWhole = true;
      this.show();
      input.focus();
    });
    this.show();
  }

  show() {
    let [found, shown] = [0, 0];
    for (const { row, text } of this.rows) {
      const isFound = this.words.every((word) => text.includes(word));
      row.hidden = !isFound || (found >= MAX_SHOWN && !this.isWhole);
      found += isFound;
      shown += !row.hidden;
    }
    if (!this.count) return;
    this.count.textContent = shown === this.rows.length ? "" : `${shown} of ${this.rows.length} shown`;
    this.more.hidden = shown === found;
  }
}

for (const place of document.querySelectorAll(".scroll")) new Sheet(place.querySelector("table"), place);

/* What is folded is printed as well. */
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
