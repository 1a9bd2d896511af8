/** On a phone the panel is a sheet at the bottom: pulled or tapped between three heights. */

export const isPhone = () => matchMedia("(max-width: 760px)").matches;

const STOPS = ["peek", "half", "full"] as const;
type Stop = (typeof STOPS)[number];

export function start(panel: HTMLElement, grip: HTMLElement, onChange: () => void): { set: (stop: Stop) => void } {
  const heights = (): Record<Stop, number> => ({ peek: 138, half: Math.round(innerHeight * 0.5), full: innerHeight - 48 });
  let current: Stop = "half";
  const set = (stop: Stop) => {
    current = stop;
    panel.dataset["sheet"] = stop;
    panel.style.setProperty("--sheet", `${heights()[stop]}px`);
    grip.setAttribute("aria-expanded", String(stop !== "peek"));
    onChange();
  };
  let drag: { y: number; height: number; moved: boolean } | null = null;
  grip.addEventListener("pointerdown", (event) => {
    drag = { y: event.clientY, height: panel.offsetHeight, moved: false };
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const by = drag.y - event.clientY;
    drag.moved ||= Math.abs(by) > 5;
    if (drag.moved) panel.style.setProperty("--sheet", `${Math.max(80, drag.height + by)}px`);
  });
  grip.addEventListener("pointerup", () => {
    if (drag?.moved) {
      const height = panel.offsetHeight;
      const all = heights();
      set([...STOPS].sort((a, b) => Math.abs(all[a] - height) - Math.abs(all[b] - height))[0] ?? "half");
    }
    // The click that follows a drag must not count as a tap.
    window.setTimeout(() => (drag = null));
  });
  grip.addEventListener("click", () => {
    if (!drag?.moved) set(STOPS[(STOPS.indexOf(current) + 1) % STOPS.length] ?? "half");
  });
  window.addEventListener("resize", () => set(current));
  set("half");
  return { set };
}
