/** Times in the reader's words: local by default, with the zone named where it matters. */

export type Instant = string | number | Date;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minuteFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

export const clock = (at: Instant) => clockFormat.format(new Date(at));
export const minutes = (at: Instant) => minuteFormat.format(new Date(at));
export const day = (at: Instant) => dayFormat.format(new Date(at));

/** The reader's zone as it is called today, such as "GMT+5:30" or "CET". */
export function zoneName(): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "local time";
}

export const iso = (at: Instant) => new Date(at).toISOString();

/** "now", "12 s", "4 min", "3 h", "2 d": how long ago. */
export function ago(at: Instant, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** The UTC date of now, which is what manifests and trails are filed under when nothing says otherwise. */
export const today = () => new Date().toISOString().slice(0, 10);

function dayKey(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
}

/** "Today", "Tomorrow", "Yesterday", or "Monday 23 November", in that zone. */
export function dayInWords(at: Instant, timeZone: string, now = new Date()): string {
  const date = new Date(at);
  const key = dayKey(date, timeZone);
  for (const [offset, word] of [[0, "Today"], [1, "Tomorrow"], [-1, "Yesterday"]] as const) {
    if (key === dayKey(new Date(now.getTime() + offset * 86_400_000), timeZone)) return word;
  }
  return new Intl.DateTimeFormat(undefined, { timeZone, weekday: "long", day: "numeric", month: "long" }).format(date);
}

export const timeIn = (at: Instant, timeZone: string) =>
  new Intl.DateTimeFormat(undefined, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** "Today, 10:00 – 13:00", in the zone it was promised in. */
export function windowInWords(window: { start: string; end: string; time_zone: string }): string {
  const zone = validZone(window.time_zone);
  const first = dayInWords(window.start, zone);
  const last = dayInWords(window.end, zone);
  const from = timeIn(window.start, zone);
  const to = timeIn(window.end, zone);
  return first === last ? `${first}, ${from} – ${to}` : `${first} ${from} – ${last} ${to}`;
}

/** "Kolkata time" when a clock there shows something else than the reader's; otherwise null. */
export function zoneInWords(at: Instant, timeZone: string): string | null {
  if (timeIn(at, timeZone) === timeIn(at, localZone())) return null;
  return `${(timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ")} time`;
}

export const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function validZone(timeZone: string | null | undefined): string {
  try {
    // Not the resolved name: browsers still call Asia/Kolkata by its old one.
    if (timeZone) return new Intl.DateTimeFormat(undefined, { timeZone }) && timeZone;
  } catch {
    // An unknown zone falls through to the reader's own.
  }
  return localZone();
}
