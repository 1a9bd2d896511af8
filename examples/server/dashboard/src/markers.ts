/**
 * The partners as one WebGL layer: a single draw call for all of them, whatever their number.
 * Each status has its own shape besides its colour (circle, diamond, triangle, ring), and a
 * moving partner has a nose that points where it is going.
 */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { PartnerStatus } from "./contract";
import { mercatorX, mercatorY } from "./geometry";
import { angleAt, at, type Motion } from "./motion";

const DRAW_ORDER: readonly PartnerStatus[] = ["grey", "green", "amber", "red"];
const FLOATS = 5;
/** Half the side of a marker's square in CSS pixels, with room for nose and selection ring. */
const HALF = 17;

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_size;
in vec2 a_place;
in vec3 a_look;
flat out int v_status;
flat out vec2 v_heading;
flat out float v_flags;
void main() {
  gl_Position = u_matrix * vec4(a_place, 0.0, 1.0);
  gl_PointSize = u_size;
  v_status = int(a_look.x + 0.5);
  v_heading = vec2(sin(a_look.y), cos(a_look.y));
  v_flags = a_look.z;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 u_colours[4];
uniform vec3 u_casing;
uniform vec3 u_accent;
uniform float u_pixel;
flat in int v_status;
flat in vec2 v_heading;
flat in float v_flags;
out vec4 colour;
float triangle(vec2 p, float r) {
  const float k = 1.7320508;
  p.y = -p.y;
  p.x = abs(p.x) - r;
  p.y = p.y + r / k;
  if (p.x + k * p.y > 0.0) p = vec2(p.x - k * p.y, -k * p.x - p.y) / 2.0;
  p.x -= clamp(p.x, -2.0 * r, 0.0);
  return -length(p) * sign(p.y);
}
float shape(vec2 p) {
  if (v_status == 0) return length(p) - 4.6;
  if (v_status == 1) return length(p) - 5.6;
  if (v_status == 2) return (abs(p.x) + abs(p.y)) * 0.7071 - 4.9;
  return triangle(p, 5.4) - 1.2;
}
void over(inout vec4 below, vec3 top, float cover) {
  below = vec4(top * cover + below.rgb * (1.0 - cover), cover + below.a * (1.0 - cover));
}
void main() {
  vec2 p = (gl_PointCoord * 2.0 - 1.0) * ${HALF.toFixed(1)};
  bool moving = mod(v_flags, 2.0) > 0.5;
  bool chosen = v_flags > 1.5;
  float d = shape(p);
  if (moving) {
    vec2 q = vec2(p.x * v_heading.y + p.y * v_heading.x, -p.x * v_heading.x + p.y * v_heading.y);
    // Grown out of the circle; set apart from the other shapes, which it would make unreadable.
    float nose = v_status == 1
      ? max((abs(q.x) * 9.6 - 4.9 * (q.y + 12.6)) / 10.78, q.y + 3.0)
      : max((abs(q.x) * 4.6 - 4.2 * (q.y + 14.2)) / 6.23, q.y + 9.6);
    d = min(d, nose);
  }
  if (!chosen && d > 1.7 + u_pixel) discard;
  colour = vec4(0.0);
  if (chosen) {
    float ring = length(p);
    over(colour, u_accent, 0.18 * (1.0 - smoothstep(15.0, 16.0, ring)));
    over(colour, u_accent, 1.0 - smoothstep(0.7, 0.7 + u_pixel, abs(ring - 15.2)));
  }
  over(colour, u_casing, 1.0 - smoothstep(-u_pixel, u_pixel, d - 1.7));
  over(colour, u_colours[v_status], 1.0 - smoothstep(-u_pixel, u_pixel, d));
  if (v_status == 0) over(colour, u_casing, 1.0 - smoothstep(-u_pixel, u_pixel, length(p) - 2.3));
}`;

type Rgb = [number, number, number];
export interface MarkerColours { status: Record<PartnerStatus, Rgb>; casing: Rgb; accent: Rgb }

export class MarkerLayer implements CustomLayerInterface {
  readonly id = "partners";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  chosen: string | null = null;
  frames = 0;
  private map: MapLibre | null = null;
  private program: WebGLProgram | null = null;
  private buffer: WebGLBuffer | null = null;
  private array: WebGLVertexArrayObject | null = null;
  private data = new Float32Array(FLOATS * 256);
  private readonly places = new Map<string, WebGLUniformLocation | null>();

  constructor(private readonly motion: Motion, private colours: MarkerColours, private readonly shown: (id: string, status: PartnerStatus) => boolean) {}

  recolour(colours: MarkerColours): void {
    this.colours = colours;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(kind);
      if (!shader) return;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`markers: ${gl.getProgramInfoLog(program)}`);
    }
    for (const name of ["u_matrix", "u_size", "u_colours", "u_casing", "u_accent", "u_pixel"]) {
      this.places.set(name, gl.getUniformLocation(program, name));
    }
    this.program = program;
    this.buffer = gl.createBuffer();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    for (const [name, size, offset] of [["a_place", 2, 0], ["a_look", 3, 8]] as const) {
      const location = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, FLOATS * 4, offset);
    }
    gl.bindVertexArray(null);
  }

  onRemove(_map: MapLibre, gl: WebGL2RenderingContext): void {
    gl.deleteProgram(this.program);
    gl.deleteBuffer(this.buffer);
    gl.deleteVertexArray(this.array);
  }

  render(gl: WebGL2RenderingContext | WebGLRenderingContext, input: CustomRenderMethodInput): void {
    if (!this.program || !this.map || !("bindVertexArray" in gl)) return;
    const centre = this.map.getCenter();
    const originX = mercatorX(centre.lng);
    const originY = mercatorY(centre.lat);
    const many = this.fill(originX, originY, performance.now());
    const ratio = this.map.getPixelRatio();
    const scale = Math.max(0.72, Math.min(1.15, 0.72 + (this.map.getZoom() - 9.5) * 0.09));
    gl.useProgram(this.program);
    gl.uniformMatrix4fv(this.place("u_matrix"), false, moved(input.defaultProjectionData.mainMatrix, originX, originY));
    gl.uniform1f(this.place("u_size"), 2 * HALF * ratio * scale);
    gl.uniform1f(this.place("u_pixel"), 0.75 / (ratio * scale));
    gl.uniform3fv(this.place("u_colours"), DRAW_ORDER.flatMap((status) => this.colours.status[status]));
    gl.uniform3fv(this.place("u_casing"), this.colours.casing);
    gl.uniform3fv(this.place("u_accent"), this.colours.accent);
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.data.subarray(0, many * FLOATS), gl.STREAM_DRAW);
    gl.drawArrays(gl.POINTS, 0, many);
    gl.bindVertexArray(null);
    this.frames++;
  }

  private place(name: string): WebGLUniformLocation | null {
    return this.places.get(name) ?? null;
  }

  /** Places relative to an origin near the view: single precision alone would be metres off. */
  private fill(originX: number, originY: number, now: number): number {
    const needed = (this.motion.tracks.size + 1) * FLOATS;
    if (this.data.length < needed) this.data = new Float32Array(needed * 2);
    let many = 0;
    const push = (id: string, look: number, flags: number): void => {
      const track = this.motion.tracks.get(id);
      if (!track) return;
      const [x, y] = at(track, now);
      this.data.set([x - originX, y - originY, look, angleAt(track, now), flags + (track.moving && track.status !== "grey" ? 1 : 0)], many * FLOATS);
      many++;
    };
    for (const [look, status] of DRAW_ORDER.entries()) {
      for (const track of this.motion.tracks.values()) {
        if (track.status === status && track.id !== this.chosen && this.shown(track.id, status)) push(track.id, look, 0);
      }
    }
    const chosen = this.chosen === null ? undefined : this.motion.tracks.get(this.chosen);
    if (chosen) push(chosen.id, DRAW_ORDER.indexOf(chosen.status), 2);
    return many;
  }
}

/** `matrix` after a shift to the origin, worked out in double precision. */
function moved(matrix: ArrayLike<number>, x: number, y: number): Float32Array {
  const out = Float32Array.from(matrix);
  for (let row = 0; row < 4; row++) {
    out[12 + row] = (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[12 + row] ?? 0);
  }
  return out;
}
