/** Light and dark: the system's choice until the reader makes one, which is kept. */

export type Choice = "system" | "light" | "dark";
const KEY = "logistics-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function stored(): Choice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

export const isDark = () => (stored() === "system" ? dark.matches : stored() === "dark");

function apply(): void {
  document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", colour("--panel"));
  for (const listener of listeners) listener();
}

/** Starts following the system and wires the toggle. */
export function start(button: HTMLElement): void {
  dark.addEventListener("change", apply);
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    try {
      // Choosing what the system says means following it again.
      if ((next === "dark") === dark.matches) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset["theme"] = next;
    }
    apply();
  });
  apply();
}

export const onChange = (listener: () => void) => void listeners.add(listener);

/** A colour token of the style sheet, as written there (hex). */
export const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function rgb(name: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour(name))?.[1] ?? "808080";
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16) / 255) as [number, number, number];
}
