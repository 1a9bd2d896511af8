/** A keyed list of links: rows are kept and updated in place, arrow keys move between them. */
import { h } from "./dom";

interface Row { item: HTMLLIElement; link: HTMLAnchorElement; stamp: string }

export interface ListOptions<T> {
  label: string;
  key: (value: T) => string;
  href: (value: T) => string;
  /** What the row shows, as a string: the row is drawn again only when this changes. */
  stamp: (value: T) => string;
  draw: (value: T) => Node[];
  empty: string;
}

export class List<T> {
  readonly element = h("ul.rows");
  private readonly blank: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private chosen: string | null = null;

  constructor(parent: HTMLElement, private readonly options: ListOptions<T>) {
    this.element.setAttribute("aria-label", options.label);
    this.blank = h("p.blank", null, options.empty);
    parent.append(this.element, this.blank);
    this.element.addEventListener("keydown", (event) => this.move(event));
    this.element.addEventListener("focusin", (event) => this.rove(event.target as HTMLElement));
  }

  set(values: readonly T[]): void {
    const focused = document.activeElement;
    const wanted = new Map(values.map((value) => [this.options.key(value), value]));
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      row.item.remove();
      this.rows.delete(key);
    }
    let cursor = this.element.firstElementChild;
    for (const [key, value] of wanted) {
      const row = this.row(key, value);
      if (row.item === cursor) cursor = cursor.nextElementSibling;
      else this.element.insertBefore(row.item, cursor);
    }
    // A row that was moved has lost it.
    if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus({ preventScroll: true });
    this.blank.hidden = wanted.size > 0;
    if (!this.element.querySelector('a[tabindex="0"]')) this.element.querySelector("a")?.setAttribute("tabindex", "0");
  }

  choose(key: string | null): void {
    if (this.chosen !== null) this.rows.get(this.chosen)?.link.removeAttribute("aria-current");
    this.chosen = key;
    const row = key === null ? undefined : this.rows.get(key);
    row?.link.setAttribute("aria-current", "true");
    row?.item.scrollIntoView({ block: "nearest" });
  }

  say(text: string): void {
    this.blank.textContent = text;
  }

  private row(key: string, value: T): Row {
    const stamp = this.options.stamp(value);
    let row = this.rows.get(key);
    if (!row) {
      const link = h("a.row", { href: this.options.href(value), tabindex: -1, "data-key": key });
      row = { item: h("li", null, link), link, stamp: "" };
      if (key === this.chosen) link.setAttribute("aria-current", "true");
      this.rows.set(key, row);
    }
    if (row.stamp !== stamp) {
      row.link.replaceChildren(...this.options.draw(value));
      row.stamp = stamp;
    }
    return row;
  }

  private rove(target: HTMLElement): void {
    const link = target.closest("a.row");
    if (!link) return;
    for (const other of this.element.querySelectorAll('a[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    link.setAttribute("tabindex", "0");
  }

  private move(event: KeyboardEvent): void {
    const item = (event.target as HTMLElement).closest("li");
    const next = {
      ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling,
      Home: this.element.firstElementChild, End: this.element.lastElementChild,
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next.querySelector<HTMLElement>("a.row")?.focus();
  }
}
