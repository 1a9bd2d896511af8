/** Elements in one call; text is always text, never markup. */

type Child = Node | string | number | null | undefined | false;
type Properties = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** `h("a.row", { href }, "text")`: classes after dots, `on…` functions are listeners, null leaves out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`, properties?: Properties | null, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name as K);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map((child) =>
    child instanceof Node ? child : String(child)));
  return element;
}

/** The element with this id; the page is ours, so a missing one is a mistake. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** Sets text only when it differs, so that screen readers and layout are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** At most one call per `wait` milliseconds, the last one never lost. */
export function throttle(wait: number, run: () => void): () => void {
  let timer: number | undefined;
  let last = -Infinity;
  return () => {
    if (timer !== undefined) return;
    const delay = Math.max(0, last + wait - performance.now());
    timer = window.setTimeout(() => {
      timer = undefined;
      last = performance.now();
      run();
    }, delay);
  };
}
