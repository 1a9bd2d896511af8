/** Deep links: `#/shipments/{id}` and `#/partners/{id}` say what the drawer shows. */

export type Route = { kind: "shipment" | "partner"; id: string } | { kind: "none" };

export function current(): Route {
  const [, kind, id] = /^#\/(shipments|partners)\/(.+)$/.exec(location.hash) ?? [];
  if (!kind || !id) return { kind: "none" };
  try {
    return { kind: kind === "shipments" ? "shipment" : "partner", id: decodeURIComponent(id) };
  } catch {
    return { kind: "none" };
  }
}

export const toShipment = (id: string) => `#/shipments/${encodeURIComponent(id)}`;
export const toPartner = (id: string) => `#/partners/${encodeURIComponent(id)}`;

export function go(hash: string): void {
  location.hash = hash;
}

/** Closing leaves no `#` behind and adds no step to the history. */
export function close(): void {
  history.replaceState(null, "", location.pathname + location.search);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
