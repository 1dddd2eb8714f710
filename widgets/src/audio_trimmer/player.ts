/**
 * Play what would be saved: a sound of its own that begins and ends where the cut does.
 *
 * So nothing has to be stopped at the right moment: the element reaches the end by itself.
 */
import { on } from "../dom";
import { atEnd } from "../view";

export class Player {
  readonly element = new Audio();
  #key = "";
  #blob = "";

  /** @param fetchSound gives an address, or the bytes where the page has none */
  constructor(
    readonly fetchSound: (key: string) => Promise<string | ArrayBuffer>,
    readonly moved: () => void,
    signal: AbortSignal,
  ) {
    const tick = (): void => {
      if (signal.aborted || this.element.paused) return moved();
      moved();
      requestAnimationFrame(tick);
    };
    on(this.element, "play", tick, signal);
    on(this.element, "pause ended seeked", moved, signal);
    atEnd(signal, () => this.forget());
  }

  get playing(): boolean {
    return !this.element.paused && !this.element.ended;
  }

  /** Seconds since the beginning of the cut. */
  get at(): number {
    return this.element.currentTime;
  }

  /** Play or pause. `key` names the cut: another one is fetched anew. */
  async toggle(key: string): Promise<void> {
    if (this.playing) return this.element.pause();
    if (key !== this.#key) {
      this.forget();
      const sound = await this.fetchSound(key);
      this.#blob = typeof sound === "string" ? "" : URL.createObjectURL(new Blob([sound]));
      this.element.src = typeof sound === "string" ? sound : this.#blob;
      this.#key = key;
    }
    await this.element.play();
  }

  /** Stop, and let go of what was fetched. */
  forget(): void {
    this.#key = "";
    this.element.pause();
    this.element.removeAttribute("src");
    if (this.#blob) URL.revokeObjectURL(this.#blob);
    this.#blob = "";
  }
}
