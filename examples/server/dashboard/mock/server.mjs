#!/usr/bin/env node
// A stand-in for logistics-server, for work on the dashboard alone: serves dist/ and the parts of
// the HTTP and live contract that the pages use, over a seeded moving fleet. Nothing is stored.
//   npm run dev        builds, then serves on http://127.0.0.1:8080/
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { World } from "./world.mjs";

const dist = process.env.OUT ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "dist");
const address = process.argv[process.argv.indexOf("--http") + 1] ?? "127.0.0.1:0";
const world = new World({ partners: Number(process.env.PARTNERS ?? 100) });
world.run();

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const view = ({ at: _at, to: _to, share: _share, leg: _leg, ...partner }) => partner;
const page = (items, limit = items.length) => ({ items: items.slice(0, limit), next: null });

function shipmentList(query) {
  const wanted = (name, value) => !query.get(name) || query.get(name) === value;
  const all = [...world.shipments.values()].filter((s) => wanted("status", s.status) && wanted("partner", s.partner)).sort((a, b) => b.created_at.localeCompare(a.created_at));
  const start = Number(query.get("after") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  return { items: all.slice(start, start + limit), next: start + limit < all.length ? String(start + limit) : null };
}

function shipmentEvents(id, query) {
  const own = world.events.get(id);
  if (!own) return null;
  const version = Number(query.get("version") ?? Infinity);
  return page(own.filter((event) => event.version <= version));
}

function tracking(token) {
  const shipment = world.shipments.get(world.tokens.get(token));
  if (!shipment) return null;
  const out = shipment.status === "out_for_delivery";
  const delivered = shipment.status === "delivered";
  const texts = { ShipmentCreated: "Order received", PickupConfirmed: "Picked up from the sender", HubArrived: "Arrived at our hub", AssignedToPartner: "Given to a courier", OutForDelivery: "Out for delivery", DeliveryConfirmed: "Delivered", DeliveryAttempted: "We could not deliver" };
  return {
    status: shipment.status, promise: shipment.promise, eta: delivered ? null : new Date(Date.now() + 35 * 60e3).toISOString(), delivered_at: delivered ? shipment.updated_at : null,
    history: world.events.get(shipment.id).map((event) => ({ at: event.occurred_at, event: event.type, text: texts[event.type] })),
    position: out ? (({ lat, lon, ts }) => ({ lat, lon, ts }))(world.partners.get(shipment.partner).position) : null,
  };
}

function api(parts, query) {
  const [kind, id, part] = parts;
  switch (kind) {
    case "shipments": return id === undefined ? shipmentList(query) : part === "events" ? shipmentEvents(id, query) : world.shipments.get(id);
    case "partners": {
      if (id === undefined) return page([...world.partners.values()].map(view));
      const partner = world.partners.get(id);
      if (!partner) return null;
      if (part === "route") return { partner: id, date: world.date, fixes: world.trails.get(id).length, geojson: { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: world.trails.get(id).slice(-400) } } };
      return part === "events" ? page(world.shift.get(id)) : view(partner);
    }
    case "manifests": return world.partners.has(id) ? world.manifest(id) : null;
    case "zones": return id === undefined ? page([{ city: "pune", version: 1, zones: world.city.collection.features.length, hash: "" }]) : world.city.collection;
    case "track": return tracking(id);
    default: return null;
  }
}

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
  if (parts[0] === "v1") {
    const body = api(parts.slice(1), url.searchParams);
    const type = body ? "application/json" : "application/problem+json";
    response.writeHead(body ? 200 : 404, { "content-type": type }).end(JSON.stringify(body ?? { type: "about:blank", title: "Not found", status: 404, detail: "There is no such thing." }));
    return;
  }
  const file = parts[0] === "" ? "index.html" : parts[0] === "t" ? "track.html" : path.join("assets", path.basename(url.pathname));
  const content = await readFile(path.join(dist, file)).catch(() => null);
  response.writeHead(content ? 200 : 404, { "content-type": TYPES[path.extname(file)] ?? "text/plain", "content-security-policy": POLICY }).end(content ?? "not found");
}

const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ server, path: "/v1/live" });
sockets.on("connection", (socket) => {
  socket.once("message", () => {
    const snapshot = { t: "snapshot", rev: world.rev, server_time: new Date().toISOString(), partners: [...world.partners.values()].map(view), metrics: world.metrics(), cities: [{ city: "pune", version: 1 }] };
    socket.send(JSON.stringify(snapshot));
    const send = (message) => socket.send(JSON.stringify(message));
    world.listeners.add(send);
    socket.on("close", () => world.listeners.delete(send));
  });
});
const [host, port] = address.split(":");
server.listen(Number(port), host, () => {
  const base = `http://${host}:${server.address().port}`;
  const out = [...world.tokens].find(([, id]) => world.shipments.get(id).status === "out_for_delivery");
  console.log(`dashboard  ${base}/\ntracking   ${base}/t/${out?.[0] ?? "demo-token-1"}`);
});
