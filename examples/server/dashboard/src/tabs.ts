/** Tabs as the ARIA practice describes them: arrows move, one is in the tab order. */
import { byId } from "./dom";

export function start<T extends string>(names: readonly T[], onShow: (name: T) => void): (name: T) => void {
  const show = (name: T) => {
    for (const each of names) {
      const tab = byId(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      byId(`list-${each}`).hidden = each !== name;
    }
    onShow(name);
  };
  for (const [index, name] of names.entries()) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener("click", () => show(name));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = by === undefined ? undefined : names[(index + by + names.length) % names.length];
      if (!next) return;
      event.preventDefault();
      show(next);
      byId(`tab-${next}`).focus();
    });
  }
  return show;
}
