/** The drawer for details: opens beside the lists, takes the focus, gives it back, closes on Escape. */
import { h } from "./dom";
import * as route from "./route";

export class Drawer {
  private cameFrom: Element | null = null;
  private cancel = new AbortController();

  constructor(readonly element: HTMLElement, private readonly onToggle: (open: boolean) => void) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !element.hidden) route.close();
    });
  }

  /** Clears the drawer for something new; the signal aborts what the last content still loads. */
  open(label: string): { body: HTMLElement; signal: AbortSignal } {
    this.cancel.abort();
    this.cancel = new AbortController();
    const wasHidden = this.element.hidden;
    if (wasHidden) this.cameFrom = document.activeElement;
    const close = h("button.icon-button.close" as "button.x", { type: "button", "aria-label": "Close", title: "Close (Escape)", onclick: () => route.close() });
    close.append("✕");
    const body = h("div.drawer-body");
    this.element.setAttribute("aria-label", label);
    this.element.replaceChildren(close, body);
    this.element.hidden = false;
    if (wasHidden) this.onToggle(true);
    return { body, signal: this.cancel.signal };
  }

  /** Moves the focus to the heading, unless the reader is walking through the list. */
  focus(): void {
    if (!document.activeElement?.closest(".rows")) this.element.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  close(): void {
    this.cancel.abort();
    if (this.element.hidden) return;
    const held = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.element.replaceChildren();
    if (held && this.cameFrom instanceof HTMLElement) this.cameFrom.focus();
    this.onToggle(false);
  }
}
