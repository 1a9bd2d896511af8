/** The live socket: snapshot, then changes; comes back by itself and asks for what it missed. */
import type { LiveMessage } from "./contract";

export type Connection = "connecting" | "live" | "waiting";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export class Live {
  rev = 0;
  state: Connection = "connecting";
  /** When the next try comes (epoch ms), while waiting. */
  retryAt = 0;
  private socket: WebSocket | null = null;
  private failures = 0;
  private timer: number | undefined;

  constructor(private readonly onMessage: (message: LiveMessage) => void, private readonly onState: () => void) {
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  connect(): void {
    window.clearTimeout(this.timer);
    this.become("connecting");
    const url = new URL("/v1/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ auth: null, zones: ["*"], ...(this.rev > 0 ? { from_rev: this.rev } : {}) }));
      if (this.rev > 0) this.become("live");
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(String(event.data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.wait();
    });
  }

  retryNow(): void {
    if (this.state === "waiting") this.connect();
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as LiveMessage;
    this.rev = message.rev;
    this.failures = 0;
    if (this.state !== "live") this.become("live");
    this.onMessage(message);
  }

  /** Doubling waits with jitter, so that a restarted server does not meet everyone at once. */
  private wait(): void {
    this.socket = null;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures) * (0.7 + 0.6 * Math.random());
    this.failures++;
    this.retryAt = Date.now() + wait;
    this.timer = window.setTimeout(() => this.connect(), wait);
    this.become("waiting");
  }

  private become(state: Connection): void {
    this.state = state;
    this.onState();
  }
}
