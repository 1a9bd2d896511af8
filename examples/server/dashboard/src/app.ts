/** The dashboard's entry: joins the live socket, the map, the lists and the drawer. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./style/base.css";
import "./style/app.css";
import "./style/detail.css";
import { Alerts } from "./alerts";
import { byId, setText } from "./dom";
import { Drawer } from "./drawer";
import { expose } from "./hook";
import { Live } from "./live";
import { CityMap } from "./map";
import { interact } from "./mapinput";
import { MetricCards } from "./metrics";
import { Motion } from "./motion";
import { PartnerView } from "./partner";
import { PartnerList } from "./partners";
import * as route from "./route";
import * as sheet from "./sheet";
import { ShipmentView } from "./shipment";
import { ShipmentList } from "./shipments";
import { Store } from "./store";
import * as tabs from "./tabs";
import * as theme from "./theme";
import { sentence } from "./words";
import { loadZones } from "./zones";

theme.start(byId("theme"));
const motion = new Motion();
const still = matchMedia("(prefers-reduced-motion: reduce)");
motion.still = still.matches;
still.addEventListener("change", () => (motion.still = still.matches));

const store = new Store(motion);
const panel = byId("panel");
const drawerElement = byId("drawer");
const announce = (text: string) => setText(byId("announce"), text);
const zoneNames = new Map<string, string>();
const zoneName = (id: string) => zoneNames.get(id) ?? id;

/** The part of the map that nothing covers. */
function padding() {
  if (sheet.isPhone()) {
    const covered = drawerElement.hidden ? panel.offsetHeight : Math.max(panel.offsetHeight, drawerElement.offsetHeight);
    return { top: 56, left: 20, right: 20, bottom: Math.min(covered, innerHeight * 0.6) + 16 };
  }
  return { top: 40, bottom: 40, left: panel.offsetWidth + 40, right: drawerElement.hidden ? 72 : drawerElement.offsetWidth + 72 };
}

const map = new CityMap(byId("map"), motion, padding, (id, status) => partners.shows(id, status));
const partners: PartnerList = new PartnerList(byId("list-partners"), store, () => map.repaint());
const shipments = new ShipmentList(byId("list-shipments"), store, announce);
const alerts = new Alerts(byId("list-alerts"), byId("alert-count"), store, zoneName);
const hooks = { zoneName, show: (place: { lat: number; lon: number }) => { map.showPin(place, "Place of the event"); map.fit([place]); } };
const drawer = new Drawer(drawerElement, (open) => document.body.classList.toggle("has-drawer", open));
const shipmentView = new ShipmentView(drawer, store, map, hooks);
const partnerView = new PartnerView(drawer, store, map, hooks);
const show = tabs.start(["shipments", "partners", "alerts"], (tab) => {
  if (tab === "partners") partners.draw();
  if (tab === "alerts") alerts.seen();
});
new MetricCards(byId("metrics"), store, (status) => {
  show("partners");
  partners.filter(status);
});
sheet.start(panel, byId("grip"), () => undefined);
interact(map, store, byId("tooltip"));

let loaded = new Map<string, number>();
store.on("cities", () => {
  setText(byId("city"), [...store.cities.keys()].map(sentence).join(", ") || "No zones yet");
  for (const [city, version] of store.cities) {
    if (loaded.get(city) === version) continue;
    loaded.set(city, version);
    loadZones(city, version).then((set) => {
      for (const zone of set.zones) zoneNames.set(zone.id, zone.name);
      return map.setZones(city, set);
    }).catch(() => loaded.delete(city));
  }
  if (store.cities.size === 0) void map.ready.then(() => map.fitAll(false));
});

let begun = false;
store.on("partners", () => {
  if (begun) return;
  begun = true;
  void alerts.begin();
  // A deep link to a partner needs to know it first.
  follow();
});

function follow(): void {
  const target = route.current();
  shipments.choose(target.kind === "shipment" ? target.id : null);
  partners.choose(target.kind === "partner" ? target.id : null);
  partnerView.leave();
  shipmentView.leave();
  if (target.kind === "none") return drawer.close();
  if (begun) void (target.kind === "shipment" ? shipmentView : partnerView).open(target.id);
}
window.addEventListener("hashchange", follow);

const connection = byId("connection");
const live = new Live((message) => store.receive(message), () => {
  connection.dataset["state"] = live.state;
  const seconds = Math.max(1, Math.round((live.retryAt - Date.now()) / 1000));
  const text = live.state === "live" ? "Live" : live.state === "connecting" ? "Connecting" : `Offline, retry in ${seconds} s`;
  setText(connection.lastElementChild as HTMLElement, text);
  connection.title = live.state === "waiting" ? "Try again now" : "";
  if (live.state !== "connecting") announce(live.state === "live" ? "Connected" : "Connection lost");
  if (live.state === "live") void shipments.load();
});
connection.addEventListener("click", () => live.retryNow());
live.connect();
expose(store, motion, map, live);
