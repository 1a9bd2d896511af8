"""A phone that has much to say: publishes fix after fix with paho-mqtt, at QoS 1 over TLS, and
connects again whenever the link breaks. Prints a line for each connection and, once it is
acknowledged, the time of each fix. Ends when its input has ended and all is acknowledged."""

import json
import queue
import sys
import threading

import paho.mqtt.client as mqtt

host, port, version, partner, authority, certificate, key, first_ms = sys.argv[1:]

# So many wait for their acknowledgement at once.
WINDOW = 20

acknowledged = queue.SimpleQueue()


def on_connect(client, userdata, flags, reason, properties):
    print("failed" if reason.is_failure else "connected", flush=True)


def on_publish(client, userdata, mid, reason, properties):
    acknowledged.put((mid, reason.is_failure))


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id=partner,
    protocol=mqtt.MQTTv5 if version == "mqttv5" else mqtt.MQTTv311,
)
client.on_connect, client.on_publish = on_connect, on_publish
client.tls_set(authority, certificate, key)
client.max_inflight_messages_set(WINDOW)
client.reconnect_delay_set(0.05, 0.2)
client.connect_async(host, int(port))
client.loop_start()

ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()

waiting, ts = {}, int(first_ms)
while waiting or not ended.is_set():
    while len(waiting) < WINDOW and not ended.is_set():
        fix = {"lat": 18.52, "lon": 73.85, "acc": 6.0, "ts": ts}
        sent = client.publish(f"logistics/dp/{partner}/location", json.dumps(fix), qos=1)
        waiting[sent.mid] = ts
        ts += 1
    try:
        mid, failed = acknowledged.get(timeout=0.05)
    except queue.Empty:
        continue
    fix_ts = waiting.pop(mid)
    print("refused" if failed else fix_ts, flush=True)
client.disconnect()
client.loop_stop()
